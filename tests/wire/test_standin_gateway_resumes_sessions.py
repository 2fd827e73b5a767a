"""The gateway of the stand-in compresses, resumes, and refuses as Discord's does."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

import aiohttp
import pytest
import zstandard

from tests.wire import WireDiscord
from tests.wire.plain_client import PING, TOKEN, Client, identify


@pytest.mark.parametrize("compress", ["zlib-stream", "zstd-stream"])
async def test_the_gateway_compresses_as_it_is_asked_to(wire: WireDiscord, compress: str) -> None:
    stream: Any = zlib.decompressobj() if compress == "zlib-stream" else zstandard.ZstdDecompressor().decompressobj()
    async with aiohttp.ClientSession() as session:
        bot = Client(wire, session)
        async with session.ws_connect(f"{wire.gateway_url}?compress={compress}") as socket:
            listening = asyncio.create_task(bot.listen(socket, stream.decompress))
            await identify(socket)
            ready = await bot.next("READY")
            guild = await bot.next("GUILD_CREATE")
        await listening
    assert ready["guilds"] == [{"id": guild["id"], "unavailable": True}]
    assert [channel["name"] for channel in guild["channels"]] == ["images", "late-night"]


async def test_an_unknown_compression_is_refused(wire: WireDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{wire.gateway_url}?compress=gzip")


@pytest.mark.parametrize(("token", "intents", "code"), [("wrong", 1, 4004), (TOKEN, 1 << 1, 4014)])
async def test_a_wrong_token_and_privileged_intents_are_shown_the_door(
    wire: WireDiscord, token: str, intents: int, code: int
) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(wire.gateway_url) as socket:
        await socket.receive()
        await identify(socket, token=token, intents=intents)
        await socket.receive()
        assert socket.close_code == code


async def test_a_resumed_session_gets_what_it_has_missed_in_order(wire: WireDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        first, second = Client(wire, session), Client(wire, session)
        async with session.ws_connect(wire.gateway_url) as socket:
            listening = asyncio.create_task(first.listen(socket, bytes))
            await identify(socket)
            ready = await first.next("READY")
            await first.next("GUILD_CREATE")
        await listening
        await first.ask("PUT", f"/applications/{wire.world.bot.id}/commands", [PING])
        orders = [await wire.slash("ping", {"word": str(number)}) for number in range(3)]
        async with session.ws_connect(wire.gateway_url) as socket:
            listening = asyncio.create_task(second.listen(socket, bytes))
            resume = {"op": 6, "d": {"token": TOKEN, "session_id": ready["session_id"], "seq": 3}}
            await socket.send_json({"op": 1, "d": 3})
            await socket.send_json(resume)
            async with asyncio.timeout(5):
                while len(second.events) < 5:  # noqa: ASYNC110  # read by a task of its own
                    await asyncio.sleep(0.005)
        await listening
    heard = [(each["op"], each["t"], each["s"]) for each in second.events]
    assert heard == [
        (10, None, None),
        (11, None, None),
        (0, "INTERACTION_CREATE", 4),
        (0, "INTERACTION_CREATE", 5),
        (0, "RESUMED", 6),
    ]
    assert [each["d"]["id"] for each in second.events[2:4]] == [str(order) for order in orders[1:]]


async def test_a_forgotten_session_is_invalid_and_a_refused_connection_is_a_503(wire: WireDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        wire.refuse_gateway(1)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(wire.gateway_url)
        async with session.ws_connect(wire.gateway_url) as socket:
            await socket.receive()
            await socket.send_json({"op": 6, "d": {"token": TOKEN, "session_id": "unknown", "seq": 1}})
            assert (await socket.receive_json())["op"] == 9
