"""A real process is watched by its pages and its log, and neither holds a secret."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.status.http_server import Response, serve_pages
from bot.telemetry.redaction import REDACTED
from sandbox.atlas import Latency, StandIn, serve
from tests.status.test_http_server import HERE, asked
from tests.support.house import API_KEY, a_png, draw_at_once
from tests.support.scrape import Scrape, a_free_port
from tests.support.wire_house import (
    ORDER,
    ROOT,
    TOKEN,
    WireHouse,
    a_bot_process,
    hurried_discord_py,
    open_wire_house,
    until,
)
from tests.wire import WireDiscord, WireLimits, serve_discord

EDIT = ("PATCH", "/webhooks/*")
SEND = ("POST", "/channels/*/messages")
ENDINGS = ("ok", "failed_200", "submit_accept_then_reset", "submit_503", "moderated_1039", "url_dead")
STOP_SECONDS = 10
LARGE = a_png(1_024, 1_024, noise=True)  # 3 MB


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    with hurried_discord_py():
        yield


async def draw_large(*_: object, **__: object) -> bytes:
    return LARGE


def at_once(seconds: float = 0) -> AbstractAsyncContextManager[StandIn]:
    return serve(api_key=API_KEY, latency=Latency.fixed(seconds), draw=draw_at_once)


@asynccontextmanager
async def a_house(folder: Path, **changes: Any) -> AsyncIterator[WireHouse]:
    async with open_wire_house(folder, starting_credits=10_000, **changes) as house:
        yield house


async def scraped(house: WireHouse) -> Scrape:
    return Scrape((await house.app.endpoints.metrics()).body.decode())


async def scraped_at(port: int) -> Scrape:
    status, page = await asked(port, "GET", "/metrics")
    assert status == 200
    return Scrape(page)


def events(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


# --- what is counted ----------------------------------------------------------------------------------


async def test_a_whole_order_is_counted_from_the_first_answer_to_the_image(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        await house.imagine()
        (job,) = await house.ended()
        await house.app.bot.wait_until_ready()
        found = await scraped(house)
    assert found["jobs_total", "delivered"] == found["deliveries_total", "answer"] == 1
    assert found["job_seconds_count"] == found["provider_seconds_count"] == 1
    assert found["credits_charged_total"] == job.charge
    assert found["provider_spent_usd_total"] == pytest.approx(0.15)
    assert found["acknowledgement_seconds_count"] == 1
    assert 0 < found["acknowledgement_seconds_sum"] < 3
    assert found["provider_requests_total", "200"] >= 3  # a balance, a submit, a look
    assert found["provider_balance_usd"] > 0
    assert "discord_errors_total" not in found
    assert (found["ready", "gateway"], found["sales_open"], found["servers"]) == (1, 1, 1)
    assert (found["credits_held"], found["oldest_open_job_seconds"]) == (0, 0)


async def test_each_rung_that_an_image_takes_is_counted_with_what_discord_said(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        house.wire.fail(*EDIT, status=404, code=10015)
        await house.imagine()
        await house.ended()
        house.wire.fail(*SEND, status=403, code=50013, times=1)
        await house.imagine()
        await house.ended(count=2)
        found = await scraped(house)
    assert (found["deliveries_total", "channel"], found["deliveries_total", "direct"]) == (1, 1)
    assert found["discord_errors_total", "403"] == 1
    assert found["discord_errors_total", "404"] >= 2


async def test_a_connection_that_discord_drops_is_counted_too(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        house.wire.reset(*EDIT, when="before", times=1)
        await house.imagine()
        await house.ended()
        found = await scraped(house)
    assert found["discord_errors_total", "dropped"] == 1


async def test_an_image_too_large_for_discord_is_counted_as_reencoded(tmp_path: Path) -> None:
    async with (
        serve_discord(token=TOKEN, limits=WireLimits(file_bytes=2_000_000)) as wire,
        a_house(tmp_path, wire=wire, draw=draw_large) as house,
    ):
        await house.imagine()
        await house.ended()
        found = await scraped(house)
    assert found["image_reencoded_total"] == 1


@pytest.mark.parametrize(
    ("scenario", "outcome", "code"),
    [
        ("submit_accept_then_reset", "unknown", "dropped"),
        ("failed_200", "failed", "200"),
        ("moderated_1039", "content_refused", "200"),
        ("submit_500", "unknown", "500"),
        ("submit_402", "closed", "402"),
    ],
)
async def test_an_ending_without_an_image_is_counted_by_its_reason(
    tmp_path: Path, scenario: str, outcome: str, code: str
) -> None:
    async with a_house(tmp_path) as house:
        house.standin.use(scenario, times=1)
        await house.imagine()
        await house.ended()
        await asyncio.sleep(0.05)
        found = await scraped(house)
    assert found["jobs_total", outcome] == 1
    assert found["provider_unknown_total"] == (outcome == "unknown")
    assert found["provider_requests_total", code] >= 1
    assert found["job_seconds_count"] == 0


async def test_a_cancelled_order_is_counted_and_those_that_a_closed_shop_sends_home(tmp_path: Path) -> None:
    async with a_house(tmp_path, latency=Latency.fixed(2.0), supplier_max_running=1, member_max_running=1) as house:
        first, second, _third = [await house.imagine() for _ in range(3)]
        await until(lambda: house.wire.answer(second))
        waiting = house.wire.answer(second)
        assert waiting
        await house.wire.press(waiting.id, f"cancel:{second}")
        house.app.bot.services.breaker.trip("funds")
        await house.ended(count=3)
        await asyncio.sleep(0.05)
        found = await scraped(house)
    assert first
    assert found["jobs_total", "cancelled"] == 1
    assert found["jobs_total", "closed"] >= 1


# --- a process ----------------------------------------------------------------------------------------


async def stillframe(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run a command beside the bot. Returns its exit code and its output."""
    return await run(folder, "-m", "bot", *arguments, **environment)


async def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def ready(port: int, *, status: int = 200) -> None:
    """Wait until the process is ready, or is not any more."""
    async with asyncio.timeout(5):
        while (await asked(port, "GET", "/readyz"))[0] != status:  # noqa: ASYNC110  # what it waits for is over there
            await asyncio.sleep(0.01)


async def test_a_process_shows_its_pages_and_says_that_it_stops_for_as_long_as_it_does(tmp_path: Path) -> None:
    port = a_free_port()
    pages = {"HTTP_PORT": str(port)}
    async with serve_discord(token=TOKEN) as wire, at_once() as standin:
        async with a_bot_process(wire, standin, tmp_path, **pages) as process:
            assert await asked(port, "GET", "/healthz") == (200, "ok\n")
            await ready(port)
            assert await stillframe(tmp_path, "health", **pages) == (0, "ok\n")
            assert await stillframe(tmp_path, "health", "--ready", **pages) == (
                0,
                "database: ok; gateway: ok; running: ok\n",
            )
            wire.delay(*EDIT, seconds=1.5, times=1)
            await wire.imagine(ORDER)
            await until(lambda: any(each.method == "PATCH" for each in wire.requests))
            assert (await scraped_at(port))["jobs_open", "posting"] == 1
            process.send_signal(signal.SIGTERM)
            await ready(port, status=503)
            status, words = await asked(port, "GET", "/readyz")
            assert (status, "running: stopping" in words) == (503, True)
            assert (await asked(port, "GET", "/healthz"))[0] == 200
            assert (await scraped_at(port))["ready", "running"] == 0
            assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0
        assert len(wire.visible_images()) == 1
        code, words = await stillframe(tmp_path, "health", **pages)
        assert (code, words.startswith(f"No answer on 127.0.0.1, port {port}: ")) == (1, True)


async def test_a_process_without_its_gateway_is_alive_and_not_ready(tmp_path: Path) -> None:
    port = a_free_port()
    async with (
        serve_discord(token=TOKEN) as wire,
        at_once() as standin,
        a_bot_process(wire, standin, tmp_path, HTTP_PORT=str(port)),
    ):
        await ready(port)
        wire.refuse_gateway(100)
        await wire.drop_gateway()
        await ready(port, status=503)
        assert await stillframe(tmp_path, "health", "--ready", HTTP_PORT=str(port)) == (
            1,
            "database: ok; gateway: not connected to Discord; running: ok\n",
        )
        assert (await asked(port, "GET", "/healthz"))[0] == 200


async def test_health_without_a_port_says_what_is_missing(tmp_path: Path) -> None:
    assert await stillframe(tmp_path, "health") == (1, "HTTP_PORT is not set: the bot has no page to ask.\n")
    assert await stillframe(tmp_path, "health", HTTP_PORT="http") == (
        1,
        "HTTP_PORT: must be a whole number, in digits alone: without a unit, a comma or a word\n",
    )


@pytest.mark.parametrize(
    ("options", "code", "words"), [([], 0, "alive\n"), (["--ready"], 1, "database: gone; running: ok\n")]
)
async def test_a_container_asks_the_same_without_the_command_line(
    tmp_path: Path, options: list[str], code: int, words: str
) -> None:
    async def healthz() -> Response:
        return Response(body=b"alive\n")

    async def readyz() -> Response:
        return Response(status=503, body=b"database: gone\nrunning: ok\n")

    port = a_free_port()
    async with serve_pages({"/healthz": healthz, "/readyz": readyz}, host=HERE, port=port):
        settings = {"HTTP_PORT": str(port), "HTTP_HOST": "0.0.0.0"}
        assert await run(tmp_path, "-m", "bot.cli.healthcheck", *options, **settings) == (code, words)
        assert await stillframe(tmp_path, "health", *options, **settings) == (code, words)


async def test_a_port_in_use_is_one_line_at_the_start(tmp_path: Path) -> None:
    port = a_free_port()
    async with serve_pages({}, host=HERE, port=port):
        code, words = await stillframe(
            tmp_path, "run", "--sandbox-supplier", DISCORD_TOKEN="token", HTTP_PORT=str(port), LOG_LEVEL="ERROR"
        )
    assert code == 2
    (line,) = words.splitlines()
    assert line.startswith(f"HTTP_PORT: nobody can listen on 127.0.0.1, port {port}: ")
    assert "in use" in line


async def test_each_line_about_a_job_or_an_interaction_says_which(tmp_path: Path) -> None:
    async with (
        serve_discord(token=TOKEN) as wire,
        at_once() as standin,
        a_bot_process(wire, standin, tmp_path) as process,
    ):
        order = await wire.imagine(ORDER)
        await until(wire.visible_images)
        strange = await wire.imagine({**ORDER, "video": "not a link"})
        await until(lambda: wire.answer(strange))
        standin.use("submit_402", times=1)
        refused = await wire.imagine(ORDER)
        await until(lambda: "is released" in (tmp_path / "bot.log").read_text())
        process.terminate()
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    lines = events((tmp_path / "bot.log").read_text())
    assert all({"ts", "level", "logger", "event"} <= line.keys() for line in lines)
    (accepted,) = [line for line in lines if "prediction" in line["event"]]
    assert accepted["prediction"] in accepted["event"]
    assert accepted["request"] in accepted["event"]
    guild = str(wire.world.guild_id)
    of_the_order = [line for line in lines if line.get("job") == str(order)]
    assert {line["guild"] for line in of_the_order} == {guild}
    assert f"job {order} is delivered" in {line["event"] for line in of_the_order}
    (delivered,) = [line for line in of_the_order if line["event"].endswith("is delivered")]
    assert delivered["prediction"] == accepted["prediction"]
    (rejected,) = [line for line in lines if "not accepted" in line["event"]]
    assert (rejected["job"], rejected["guild"]) == (str(refused), guild)
    (refusal,) = [line for line in lines if line["event"].startswith("refused: NotAVideoLink")]
    assert (refusal["interaction"], refusal["guild"], refusal["command"]) == (str(strange), guild, "imagine")
    assert not [line for line in lines if line["event"].startswith("job ") and "job" not in line]


async def test_a_whole_life_tells_no_secret_however_much_it_tells(tmp_path: Path) -> None:
    """At DEBUG, where discord.py writes down each address and body: several endings, a kill and a second run."""
    noisy = {"LOG_LEVEL": "DEBUG", "STARTING_CREDITS": "100000", "HTTP_PORT": str(a_free_port())}
    async with serve_discord(token=TOKEN) as wire, at_once(0.2) as standin:
        async with a_bot_process(wire, standin, tmp_path, **noisy) as process:
            for scenario in ENDINGS:
                await wire.imagine({**ORDER, "prompt": f"[scenario:{scenario}]", "private": scenario == "failed_200"})
            await until(lambda: len(standin.submits) == len(ENDINGS))
            await until(wire.visible_images)
            await wire.press(wire.posts_of_images()[0].id, again(wire))
            await wire.imagine({**ORDER, "video": "not a link"})
            await wire.slash("credits balance")
            lost = await wire.imagine(ORDER)
            wire.kill_token(lost)
            wire.fail(*EDIT, status=503, times=2)
            await wire.imagine(ORDER)
            await until(lambda: len(standin.submits) > len(ENDINGS))
            process.kill()
            await process.wait()
        async with a_bot_process(wire, standin, tmp_path, **noisy) as process:
            await until(lambda: len(wire.visible_images()) >= 3)
            process.terminate()
            assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0
        said = (tmp_path / "bot.log").read_text()
        tokens = [each.token for each in wire._state.interactions.all.values()]
    lines = events(said)
    assert {"debug", "info", "warning"} <= {line["level"] for line in lines}
    assert any(line["logger"] == "discord.http" and line["level"] == "debug" for line in lines)
    assert any(line["logger"] == "discord.webhook.async_" for line in lines)
    assert REDACTED in said
    assert len(tokens) >= 10
    assert [secret for secret in (TOKEN, API_KEY, *tokens) if secret in said] == []


def again(wire: WireDiscord) -> str:
    """The button's custom id under the first image."""
    (answer, *_) = [message for message in wire.posts_of_images() if not message.deleted]
    return next(name for name in _custom_ids(answer.components) if name.startswith("again:"))


def _custom_ids(components: Any) -> Iterator[str]:
    for component in components:
        if "custom_id" in component:
            yield component["custom_id"]
        yield from _custom_ids(component.get("components", []))
