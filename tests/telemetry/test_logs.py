"""The log has one line for each event, with the log context as fields, and never a secret."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bot.telemetry.log_context import bind_log_context, bound_log_context
from bot.telemetry.logs import set_up_logs
from bot.telemetry.redaction import REDACTED, Redactor
from tests.support.factories import an_order

TOKEN = "MTIzNDU2Nzg5.discord.token-of-the-tests"
KEY = "apikey-0123456789abcdef"
INTERACTION = "aW50ZXJhY3Rpb246MTIzOjQ1Njpz"
BARE = INTERACTION * 7  # as long as Discord's are


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level


def set_up(*, level: str = "INFO", as_json: bool = True) -> None:
    set_up_logs(level=level, as_json=as_json, redactor=Redactor([TOKEN, KEY]))


def logged(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


LEAKS = [
    f"logging in with {TOKEN}",
    f"Authorization: Bearer {KEY}",
    f"{{'authorization': 'bearer {INTERACTION}'}}",
    f"PATCH https://discord.com/api/v10/webhooks/123/{INTERACTION}/messages/@original",
    f"POST https://discord.com/api/v10/interactions/123/{INTERACTION}/callback",
    f"{{'id': '123', 'token': '{BARE}'}}",
    f"https://cdn.discordapp.com/attachments/1/2/a.mp4?ex=65f0c0de&is=65f0c0de&hm={INTERACTION.encode().hex()}",
    "postgresql://stillframe:65f0c0de@localhost/stillframe",
]


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_never_reaches_a_log_line(capsys: pytest.CaptureFixture[str], as_json: bool, leak: str) -> None:
    set_up(as_json=as_json)
    logging.getLogger("discord.http").warning("it said: %s", leak)
    logging.getLogger("bot").error("failed", exc_info=ValueError(leak))
    logging.getLogger("bot").error("failed: %r", {"nested": [leak]}, stack_info=True)
    with bound_log_context(command=leak):
        logging.getLogger("bot").error("failed")
    printed = capsys.readouterr().err
    for secret in (TOKEN, KEY, INTERACTION, "65f0c0de"):
        assert secret not in printed
    assert printed.count(REDACTED) >= 4


@pytest.mark.parametrize("leak", LEAKS)
def test_no_value_is_too_deep_or_too_strange_to_be_cleaned(leak: str) -> None:
    class Strange:
        def __repr__(self) -> str:
            return leak

    clean = Redactor([TOKEN, KEY]).value({"a": [{"b": (leak, {leak})}], leak: Strange(), "n": 7, "fine": True})
    assert isinstance(clean, dict)
    assert (clean["n"], clean["fine"]) == (7, True)
    assert leak not in repr(clean)
    for secret in (TOKEN, KEY, INTERACTION, "65f0c0de"):
        assert secret not in repr(clean)


def test_words_that_only_look_long_stay_readable() -> None:
    for words in (
        "a" * 64,
        "job 1309844660000021251 is held",
        "the bot of a-very-long-name-that-is-no-secret",
        "é" * 200,
    ):
        assert Redactor(["short"]).text(words) == words


def test_a_job_that_is_printed_says_nothing_of_its_token() -> None:
    assert "interaction-token" not in repr(an_order())


def test_a_json_line_is_one_object_that_begins_with_time_level_logger_and_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up()
    with bound_log_context(job="7", guild=1187423904511230042):
        logging.getLogger("bot.services.jobs.worker").info("job %s is %s", 7, "held")
    (event,) = logged(capsys)
    assert list(event) == ["ts", "level", "logger", "event", "guild", "job"]
    assert (event["event"], event["level"], event["logger"]) == ("job 7 is held", "info", "bot.services.jobs.worker")
    assert (event["job"], event["guild"]) == ("7", "1187423904511230042")
    assert event["ts"].endswith("Z")


async def test_what_a_task_is_about_stands_on_its_lines_and_on_nobody_elses(capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    log = logging.getLogger("bot")

    async def drive(job_id: str) -> None:
        bind_log_context(job=job_id, prediction=None, guild=0)
        await asyncio.sleep(0)
        log.info("one")
        bind_log_context(prediction=f"p{job_id}")
        log.info("two")

    await asyncio.gather(asyncio.create_task(drive("1")), asyncio.create_task(drive("2")))
    log.info("three")
    events = logged(capsys)
    found = [(event["event"], event.get("job"), event.get("prediction")) for event in events]
    assert sorted(found[:-1]) == [("one", "1", None), ("one", "2", None), ("two", "1", "p1"), ("two", "2", "p2")]
    assert found[-1] == ("three", None, None)
    assert not any("guild" in event for event in events)


def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(level="WARNING", as_json=False)
    logging.getLogger("bot").info("chatter")
    assert capsys.readouterr().err == ""
