"""An unforeseen error is reported once and redacted; a refusal is not reported."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.telemetry.redaction import REDACTED, Redactor
from bot.telemetry.sentry import REPEAT_SECONDS, SentryMissing, reporting
from bot.version import VERSION
from sandbox.atlas import Latency, serve
from tests.status.test_endpoints_over_the_wire import stillframe
from tests.status.test_http_server import HERE
from tests.support.house import API_KEY, draw_at_once
from tests.support.scrape import a_free_port
from tests.support.wire_house import ORDER, ROOT, TOKEN, a_bot_process, until
from tests.wire import serve_discord

KEY = "0123456789abcdef0123456789abcdef"
STOP_SECONDS = 10
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass
class Sentry:
    """A server in the place of Sentry. `bodies`: what it was sent; `events`: the same, parsed."""

    port: int
    bodies: list[bytes] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        return f"http://{KEY}@{HERE}:{self.port}/1"

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = [line for body in self.bodies for line in body.splitlines()]
        return [event for event in map(json.loads, lines) if "level" in event]

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()  # unpacked by the server
        self.bodies.append(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        return web.json_response({"id": "0" * 32})


@asynccontextmanager
async def a_sentry() -> AsyncIterator[Sentry]:
    sentry = Sentry(a_free_port())
    app = web.Application()
    app.router.add_post("/api/1/envelope/", sentry.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HERE, sentry.port).start()
    try:
        yield sentry
    finally:
        await runner.cleanup()


async def test_what_nobody_foresaw_arrives_once_and_clean_and_a_refusal_does_not(tmp_path: Path) -> None:
    async with (
        a_sentry() as sentry,
        serve_discord(token=TOKEN) as wire,
        serve(api_key=API_KEY, latency=Latency.instant(), draw=draw_at_once) as standin,
    ):
        leaking = {"SENTRY_DSN": sentry.dsn, "PLANT_BUG": f"bug {TOKEN} {API_KEY}"}
        async with a_bot_process(wire, standin, tmp_path, **leaking) as process:
            refused = await wire.imagine({**ORDER, "video": "not a link"})
            await until(lambda: wire.answer(refused))
            order = await wire.imagine(ORDER)
            await until(lambda: sentry.events)
            process.terminate()
            assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0
        tokens = [each.token for each in wire._state.interactions.all.values()]
    (event,) = sentry.events
    assert event["level"] == "error"
    assert event["release"] == f"stillframe@{VERSION}"
    (raised,) = event["exception"]["values"]
    assert (raised["type"], raised["value"]) == ("RuntimeError", f"bug {REDACTED} {REDACTED} {REDACTED}")
    assert not [frame for frame in raised["stacktrace"]["frames"] if "vars" in frame]
    assert event["tags"]["job"] == str(order)
    assert event["tags"]["guild"] == str(wire.world.guild_id)
    assert not {"user", "request"} & event.keys()
    sent = b"".join(sentry.bodies).decode()
    assert [secret for secret in (TOKEN, API_KEY, *tokens) if secret in sent] == []
    said = (tmp_path / "bot.log").read_text()
    assert "nobody foresaw" in said
    assert KEY not in said


async def test_an_error_that_ends_the_process_is_reported_before_it_ends(tmp_path: Path) -> None:
    script = """
import asyncio, os
import typer
from bot.cli.exits import finish
from bot.cli.process import reporting_errors
from bot.settings import Settings

async def ends():
    raise RuntimeError("the end")

try:
    with reporting_errors(Settings()):
        finish(ends())
except typer.Exit as ending:
    raise SystemExit(ending.exit_code)
"""
    async with a_sentry() as sentry:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, cwd=tmp_path, env={**ENVIRONMENT, "SENTRY_DSN": sentry.dsn},
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await process.communicate()
    assert process.returncode == 1
    assert said.decode().count("RuntimeError: the end") == 1
    (event,) = sentry.events
    assert event["level"] == "fatal"
    assert event["exception"]["values"][0]["value"] == "the end"


async def test_the_same_error_again_and_again_is_one_report_until_some_time_has_passed() -> None:
    log, now = logging.getLogger("tests.sentry"), 0.0

    def fail(reason: str) -> None:
        try:
            Path(f"/nowhere/{reason}").read_text()
        except OSError:
            log.exception("job %s could not be written", reason)

    async with a_sentry() as sentry:
        with reporting(sentry.dsn, Redactor(), clock=lambda: now):
            for number in range(20):
                fail(f"{number}")
            log.error("something else")
            log.warning("no error")
            now = REPEAT_SECONDS
            fail("later")
            await until(lambda: len(sentry.events) == 3)
    words = sorted(event["logentry"].get("formatted", event["logentry"]["message"]) for event in sentry.events)
    assert words == ["job 0 could not be written", "job later could not be written", "something else"]


async def test_without_a_dsn_nothing_is_loaded_and_nothing_is_sent() -> None:
    script = "import sys; import bot.cli.main; print('sentry_sdk' in sys.modules)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, env=ENVIRONMENT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said.decode() == "False\n"
    with reporting(None, Redactor()):
        logging.getLogger("tests.sentry").error("nobody hears this")


def test_a_dsn_without_the_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telemetry.sentry.find_spec", lambda _name: None)
    with pytest.raises(SentryMissing), reporting(f"http://{KEY}@{HERE}/1", Redactor()):
        raise AssertionError


async def test_a_dsn_without_the_library_is_one_line_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'sentry_sdk' else found(name, *more)\n"
    )
    settings = {"SENTRY_DSN": f"http://{KEY}@{HERE}/1", "DISCORD_TOKEN": "token", "ATLASCLOUD_API_KEY": API_KEY}
    code, words = await stillframe(tmp_path, "run", PYTHONPATH=f"{tmp_path}:{ENVIRONMENT['PYTHONPATH']}", **settings)
    assert code == 2
    assert words == ("SENTRY_DSN is set, but sentry-sdk is not installed here: pip install 'stillframe[sentry]'.\n")
