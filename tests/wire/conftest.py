"""The stand-in with a plain client, and the real bot between both stand-ins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from sandbox.atlas import Latency
from tests.support.wire_house import WireHouse, hurried_discord_py, open_wire_house
from tests.wire import WireDiscord, WireLimits, serve_discord
from tests.wire.plain_client import TOKEN, Client, identify


@pytest.fixture
async def wire() -> AsyncIterator[WireDiscord]:
    async with serve_discord(token=TOKEN, limits=WireLimits(answer_seconds=0.2, file_bytes=1_000)) as served:
        yield served


@pytest.fixture
async def client(wire: WireDiscord) -> AsyncIterator[Client]:
    """Connected to the gateway, uncompressed."""
    async with aiohttp.ClientSession() as session:
        bot = Client(wire, session)
        async with session.ws_connect(wire.gateway_url) as socket:
            listening = asyncio.create_task(bot.listen(socket, bytes))
            await identify(socket)
            await wire.connected()
            yield bot
        await listening


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    with hurried_discord_py():
        yield


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[WireHouse]:
    async with open_wire_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def slow_house(tmp_path: Path) -> AsyncIterator[WireHouse]:
    """An image takes a while here, so that something can happen while it is made."""
    async with open_wire_house(tmp_path, latency=Latency.fixed(0.3)) as opened:
        yield opened
