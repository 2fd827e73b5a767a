"""Starting against a Discord that can't be reached yet: real discord.py, real HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import discord
import pytest
from aiohttp import web
from yarl import URL

from bot.discord import client
from bot.discord.client import log_in, stay_connected

ME = {"id": "1", "username": "stillframe", "discriminator": "0", "avatar": None, "bot": True, "global_name": None}
APPLICATION = {
    "id": "1", "name": "Stillframe", "icon": None, "description": "", "bot_public": True,
    "bot_require_code_grant": False, "verify_key": "", "flags": 0, "team": None, "summary": "",
    "owner": ME, "hook": True, "is_monetized": False,
}  # fmt: skip


def as_json(value: object, *, status: int = 200) -> web.Response:
    """discord.py compares the content type with exactly this, without a charset."""
    return web.Response(body=json.dumps(value).encode(), status=status, content_type="application/json")


class Discord:
    """Enough of Discord's HTTP to log in; its gateway refuses every connection."""

    def __init__(self) -> None:
        self.refusals: list[int] = []  # statuses to answer a log-in with first
        self.log_ins = 0
        self.connections = 0

    async def me(self, _request: web.Request) -> web.Response:
        self.log_ins += 1
        if self.refusals:
            return as_json({"message": "no", "code": 0}, status=self.refusals.pop(0))
        return as_json(ME)

    async def application(self, _request: web.Request) -> web.Response:
        return as_json(APPLICATION)

    async def gateway(self, _request: web.Request) -> web.Response:
        self.connections += 1
        return web.Response(status=503)


@pytest.fixture
async def discord_api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    fake = Discord()
    app = web.Application()
    app.router.add_get("/users/@me", fake.me)
    app.router.add_get("/oauth2/applications/@me", fake.application)
    app.router.add_get("/gateway", fake.gateway)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    here = f"127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setattr(discord.http.Route, "BASE", f"http://{here}")
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", URL(f"ws://{here}/gateway"))
    monkeypatch.setattr(client, "CONNECT_PAUSES_SECONDS", (0.01,))
    yield fake
    await runner.cleanup()


def a_client() -> discord.Client:
    return discord.Client(intents=discord.Intents.none())


async def test_a_log_in_that_is_refused_for_a_while_is_repeated_until_it_works(discord_api: Discord) -> None:
    discord_api.refusals = [403, 404, 418]  # discord.py itself repeats only 5xx and 429
    async with a_client() as bot:
        await log_in(bot, "token")
        assert bot.user
    assert discord_api.log_ins == 4


async def test_a_log_in_waits_for_a_network_that_is_not_there_yet(
    discord_api: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable = discord.http.Route.BASE
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:9")
    async with a_client() as bot:
        logging_in = asyncio.create_task(log_in(bot, "token"))
        await asyncio.sleep(0.1)
        assert not logging_in.done()
        monkeypatch.setattr(discord.http.Route, "BASE", reachable)
        await asyncio.wait_for(logging_in, 10)


async def test_a_wrong_token_is_said_at_once(discord_api: Discord) -> None:
    discord_api.refusals = [401]
    async with a_client() as bot:
        with pytest.raises(discord.LoginFailure):
            await log_in(bot, "wrong")
    assert discord_api.log_ins == 1


async def test_a_first_connection_that_fails_is_tried_again_and_not_the_end(discord_api: Discord) -> None:
    async with a_client() as bot:
        await log_in(bot, "token")
        connected = asyncio.create_task(stay_connected(bot))
        async with asyncio.timeout(20):
            while discord_api.connections < 3:  # noqa: ASYNC110  # counted by the other side
                await asyncio.sleep(0.02)
        assert not connected.done()
        await bot.close()
        connected.cancel()
        await asyncio.gather(connected, return_exceptions=True)


async def test_an_error_that_is_not_of_the_connection_is_not_hidden(
    discord_api: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(**_: object) -> None:
        bot.ws = object()  # type: ignore[assignment]  # as after a first connection
        raise AttributeError("a bug of ours")

    async with a_client() as bot:
        await log_in(bot, "token")
        monkeypatch.setattr(bot, "connect", broken)
        with pytest.raises(AttributeError, match="a bug of ours"):
            await stay_connected(bot)
        bot.ws = None  # type: ignore[assignment]  # nothing to close
