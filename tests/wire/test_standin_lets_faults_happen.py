"""The stand-in for Discord refuses, resets and delays what a test tells it to."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.wire.plain_client import TOKEN, Client


async def test_a_fault_concerns_its_own_path_as_often_as_told_until_mended(client: Client) -> None:
    fault = client.wire.fail("GET", "/users/*", status=500, times=1)
    client.wire.fail("*", "/channels/*", status=418, code=7, headers={"X-Odd": "1"})
    assert (await client.ask("GET", "/gateway"))[0] == 200
    assert await client.ask("GET", "/users/@me") == (500, {"message": "500: Internal Server Error", "code": 0})
    assert (await client.ask("GET", "/users/@me"))[0] == 200
    assert await client.send({"content": "x"}) == (418, {"message": "error 7", "code": 7})
    client.wire.mend()
    assert (await client.send({"content": "x"}))[0] == 200
    assert fault.met == 1


async def test_a_rate_limit_says_how_long_to_wait_and_a_ban_does_not(client: Client) -> None:
    client.wire.fail("GET", "/users/*", status=429, retry_after=1.5, times=1)
    client.wire.fail("GET", "/users/*", status=429, via=False)
    status, body = await client.ask("GET", "/users/@me")
    assert (status, body["retry_after"], body["global"]) == (429, 1.5, False)
    assert await client.ask("GET", "/users/@me") == (429, "error code: 1015")


async def test_a_reset_may_come_before_or_after_the_work_was_done(client: Client) -> None:
    client.wire.reset("POST", "/channels/*", when="before", times=1)
    client.wire.reset("POST", "/channels/*", when="during_body", times=1)
    client.wire.reset("POST", "/channels/*", when="after_handling", times=1)
    client.wire.fail("POST", "/channels/*", status=503, code=10003, handled=True, times=1)
    for number in range(3):
        with pytest.raises(aiohttp.ClientOSError):
            await client.send({"content": str(number)})
    assert (await client.send({"content": "3"}))[0] == 503
    assert [message.content for message in client.wire.messages()] == ["2", "3"]
    assert [each.status for each in client.wire.requests if each.method == "POST"] == [None, None, None, 503]


async def test_a_client_that_dies_in_the_middle_of_its_upload_has_sent_nothing(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    address, channel_id = urlsplit(client.wire.base_url), client.wire.world.images.id
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"POST /channels/{channel_id}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bot {TOKEN}\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    async with asyncio.timeout(5):
        while client.wire.requests[-1].method != "POST":  # noqa: ASYNC110  # counted by the other side
            await asyncio.sleep(0.005)
    writer.transport.abort()
    assert (await client.send({"content": "x"}))[0] == 200
    assert [each.status for each in client.wire.requests if each.method == "POST"] == [None, 200]
    assert len(client.wire.messages()) == 1
    assert caplog.messages == []


async def test_a_delay_only_delays(client: Client) -> None:
    client.wire.delay("GET", "/gateway", seconds=0.1)
    begun = asyncio.get_running_loop().time()
    assert (await client.ask("GET", "/gateway"))[0] == 200
    assert asyncio.get_running_loop().time() - begun >= 0.1
