"""The real app for tests, in this process or in its own, between stand-ins for Discord and the supplier on loopback."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from pydantic import SecretStr
from yarl import URL

from bot.app import App, open_app
from bot.discord.client import log_in, stay_connected
from bot.domain.preferences import NEVER_ASK
from bot.domain.wallet import Balance, WalletKey
from bot.services.jobs.poll_schedule import PollSchedule
from bot.storage.credits import ledger
from sandbox.atlas import Latency, StandIn, serve
from tests.support import discord_rules
from tests.support.factories import HASTY, NO_BUDGET, TYPICAL_SECONDS
from tests.support.forked import ForkedProcess, fork_bot
from tests.support.house import API_KEY, LINK, PATIENCE_SECONDS, RunningApp, draw_at_once, settings_for
from tests.wire import WireDiscord, serve_discord

ROOT = Path(__file__).parents[2]
TOKEN = "bot-token-of-the-tests"
ORDER = {"prompt": "A poster", "video": LINK, "start": "0:14-0:17"}
START_SECONDS = 60.0  # of a process, on a machine that has much else to do
PAUSES_FACTOR = 0.01  # of what discord.py itself waits between its tries
START_CREDITS = 300

BotProcess = asyncio.subprocess.Process | ForkedProcess


@dataclass
class WireHouse(RunningApp):
    wire: WireDiscord

    async def imagine(self, **options: Any) -> int:
        """Ann orders in #images; `user_id`, `channel_id` and any option may differ. Returns the interaction's id."""
        who_and_where = {name: options.pop(name) for name in ("user_id", "channel_id") if name in options}
        given = {name: value for name, value in {**ORDER, **options}.items() if value is not None}
        return await self.wire.imagine(given, **who_and_where)

    async def balance(self) -> Balance | None:
        """Ann's balance."""
        key = WalletKey(self.wire.world.guild_id, self.wire.world.ann.id)
        return await self.app.store.read(ledger.balance(key))


async def until(true: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something holds at a stand-in or in another process."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # the other side sends no signal
            await asyncio.sleep(0.01)


@contextmanager
def pointed_at(wire: WireDiscord) -> Iterator[None]:
    """Every client of discord.py in this process, and its webhooks, go to the stand-in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord.http.Route, "BASE", wire.base_url)
        patch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", URL(wire.gateway_url))
        yield


@contextmanager
def hurried_discord_py() -> Iterator[None]:
    """Inside, discord.py waits a hundredth of its own pauses, which proves the same.

    It waits 25 s in all before it gives a 5xx up, and up to 2 s before it connects again.
    """

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds * PAUSES_FACTOR)

    hurried = SimpleNamespace(**{**vars(asyncio), "sleep": sleep})
    with pytest.MonkeyPatch.context() as patch:
        for module in (discord.http, discord.webhook.async_, discord.client):
            patch.setattr(module, "asyncio", hurried)
        yield


@asynccontextmanager
async def open_wire_house(
    folder: Path, *, latency: Latency | None = None, wire: WireDiscord | None = None, **changes: Any
) -> AsyncIterator[WireHouse]:
    """`wire` is a stand-in that runs already, `draw` makes the supplier's images, and other `changes` are settings."""
    draw = changes.pop("draw", draw_at_once)
    async with (
        _given_or_new(wire) as discord_,
        serve(api_key=API_KEY, latency=latency or Latency.instant(), draw=draw) as standin,
        open_app(
            settings_for(folder, standin.base_url, **{"starting_credits": START_CREDITS, **changes}),
            api_key=SecretStr(API_KEY),
            delays=HASTY,
            poll_schedule=PollSchedule(typical_seconds=TYPICAL_SECONDS),
        ) as app,
        _running(app, discord_),
    ):
        yield WireHouse(app, standin, discord_)
    assert discord_.violations == []
    assert standin.violations == []


@asynccontextmanager
async def _given_or_new(wire: WireDiscord | None) -> AsyncIterator[WireDiscord]:
    if wire:
        yield wire
    else:
        async with serve_discord(token=TOKEN, judge=discord_rules.broken) as new:
            yield new


@asynccontextmanager
async def _running(app: App, wire: WireDiscord) -> AsyncIterator[None]:
    """Run the app as `app.serve` does, without its handlers of signals."""
    with pointed_at(wire):
        async with app.bot:
            await log_in(app.bot, TOKEN)
            running = [asyncio.create_task(app.work()), asyncio.create_task(stay_connected(app.bot))]
            try:
                await asyncio.wait_for(wire.connected(), PATIENCE_SECONDS)
                yield
            finally:
                await app.stop()
                await app.bot.close()
                await asyncio.gather(*running)


@asynccontextmanager
async def a_bot_process(
    wire: WireDiscord, standin: StandIn, folder: Path, **environment: str
) -> AsyncIterator[BotProcess]:
    """`stillframe run`, connected. The test ends it as it likes; its log is `folder / "bot.log"`."""
    connections = wire.identified + wire.resumed
    async with a_process(wire, standin, folder, "run", **environment) as process:
        ready = asyncio.create_task(wire.connected(times=connections + 1))
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({ready, ended}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            assert ready.done(), f"the bot did not come up: {(folder / 'bot.log').read_text()}"
            yield process
        finally:
            ready.cancel()
            ended.cancel()


@asynccontextmanager
async def a_process(
    wire: WireDiscord, standin: StandIn, folder: Path, *command: str, log: str = "bot.log", **environment: str
) -> AsyncIterator[BotProcess]:
    """`stillframe` with this command. To be ended by the test, in whatever way; its log is `folder / log`.

    With PYTHONPATH, an interpreter of its own imports the code that is there; without it, the process is forked.
    """
    facts = {
        "WIRE_BASE": wire.base_url,
        "WIRE_GATEWAY": wire.gateway_url,
        "WIRE_HASTY": "1",
        "DISCORD_TOKEN": TOKEN,
        "ATLASCLOUD_API_KEY": API_KEY,
        "ATLASCLOUD_BASE_URL": standin.base_url,
        "STARTING_CREDITS_ACCOUNT_DAYS": "0",
        "DATABASE_URL": f"sqlite:///{folder / 'stillframe.db'}",
        "DATA_DIR": str(folder),
        "LOG_FORMAT": "json",
        "CONFIRM_FROM_CREDITS": str(NEVER_ASK),
        "VIDEO_TITLES": "false",
        **{name.upper(): value for name, value in NO_BUDGET.items()},
    }
    given = {**os.environ, **facts, **environment}
    if "PYTHONPATH" not in environment:
        process: BotProcess = fork_bot(command, given, folder, folder / log)
    else:
        with (folder / log).open("ab") as written:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.support.bot_process",
                *command,
                env=given,
                cwd=folder,
                stdout=written,
                stderr=written,
            )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
