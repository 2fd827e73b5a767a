"""Logs: one line an event, and no secret in any of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import set_up_logs

TOKEN = "MTIzNDU2Nzg5.discord.token-of-the-tests"
KEY = "apikey-0123456789abcdef"


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level


@pytest.mark.parametrize(
    "leak",
    [
        f"logging in with {TOKEN}",
        f"Authorization: Bearer {KEY}",
        "PATCH https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb246MTIzOjQ1Njpz/messages/@original",
        "POST https://discord.com/api/v10/interactions/123/aW50ZXJhY3Rpb246MTIzOjQ1Njpz/callback",
        "https://cdn.discordapp.com/attachments/1/2/a.mp4?ex=65f0c0de&is=65f0c0de&hm=aW50ZXJhY3Rpb24abcdef0123456789",
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_never_reaches_a_log_line(capsys: pytest.CaptureFixture[str], as_json: bool, leak: str) -> None:
    set_up_logs(level="INFO", as_json=as_json, secrets=[TOKEN, KEY])
    logging.getLogger("discord.http").warning("it said: %s", leak)
    logging.getLogger("bot").error("failed", exc_info=ValueError(leak))
    printed = capsys.readouterr().err
    for secret in (TOKEN, KEY, "aW50ZXJhY3Rpb246MTIzOjQ1Njpz", "65f0c0de"):
        assert secret not in printed
    assert "[redacted]" in printed


def test_a_json_line_is_one_object_with_level_logger_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(level="INFO", as_json=True, secrets=[])
    logging.getLogger("bot.services.worker").info("job %s is %s", 7, "held")
    event = json.loads(capsys.readouterr().err)
    assert (event["event"], event["level"], event["logger"]) == ("job 7 is held", "info", "bot.services.worker")
    assert event["timestamp"].endswith("Z")


def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(level="WARNING", as_json=False, secrets=[])
    logging.getLogger("bot").info("chatter")
    assert capsys.readouterr().err == ""
