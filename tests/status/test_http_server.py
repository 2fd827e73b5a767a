"""The HTTP server serves its pages to proper requests, and ends a connection that sends anything else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.status import http_server
from bot.status.http_server import PortUnusable, Response, serve_pages
from tests.support.scrape import a_free_port

HERE = "127.0.0.1"


async def hello() -> Response:
    return Response(status=200, body=b"hello\n")


async def broken() -> Response:
    raise RuntimeError("apikey-of-nobody")


@asynccontextmanager
async def a_server() -> AsyncIterator[int]:
    port = a_free_port()
    async with serve_pages({"/hello": hello, "/broken": broken}, host=HERE, port=port):
        yield port


async def asked(port: int, method: str, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.request(method, f"http://{HERE}:{port}{path}") as answer:
        return answer.status, await answer.text()


async def sent(port: int, data: bytes) -> bytes:
    """Returns what the server sends until it closes the connection."""
    reader, writer = await asyncio.open_connection(HERE, port)
    writer.write(data)
    received = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return received


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/hello", 200, "hello\n"),
        ("HEAD", "/hello", 200, ""),
        ("GET", "/hello?name=x", 200, "hello\n"),
        ("POST", "/hello", 405, "405: Method Not Allowed"),
        ("PUT", "/hello", 405, "405: Method Not Allowed"),
        ("GET", "/", 404, "404: Not Found"),
        ("GET", "/hello/", 404, "404: Not Found"),
        ("GET", "/../etc/passwd", 404, "404: Not Found"),
    ],
)
async def test_a_page_is_there_to_be_read_and_nothing_else_is(method: str, path: str, status: int, body: str) -> None:
    async with a_server() as port:
        assert await asked(port, method, path) == (status, body)


async def test_a_page_that_can_not_be_made_says_so_without_saying_why(caplog: pytest.LogCaptureFixture) -> None:
    async with a_server() as port:
        status, body = await asked(port, "GET", "/broken")
    assert (status, body) == (500, http_server.UNFIT)
    assert "apikey-of-nobody" in caplog.text  # the log cleans itself


async def test_a_port_that_is_in_use_is_told_by_its_number() -> None:
    async with a_server() as port:
        with pytest.raises(PortUnusable) as refusal:
            async with serve_pages({}, host=HERE, port=port):
                raise AssertionError
    assert (refusal.value.host, refusal.value.port) == (HERE, port)
    assert "in use" in refusal.value.reason


@pytest.mark.parametrize("line", [b"GET /hel", b"GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_request_that_does_not_come_whole_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    monkeypatch.setattr(http_server, "REQUEST_SECONDS", 0.3)
    async with a_server() as port:
        reader, writer = await asyncio.open_connection(HERE, port)
        async with asyncio.timeout(5):
            for byte in line:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.002)
            assert await reader.read() == b""
        writer.close()
        assert await asked(port, "GET", "/hello") == (200, "hello\n")


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a client that wants TLS
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /hello HTTP/1.1\r\nHost: x\r\nX-Large: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
)
async def test_a_request_that_makes_no_sense_is_refused_and_fills_no_log(
    caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    caplog.set_level(logging.INFO)
    async with a_server() as port:
        assert (await sent(port, data)).startswith(b"HTTP/1.0 400 ")
        assert await asked(port, "GET", "/hello") == (200, "hello\n")
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_the_server_does_not_say_what_it_is_made_of() -> None:
    async with (
        a_server() as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://{HERE}:{port}/hello") as answer,
    ):
        assert answer.headers["Server"] == "stillframe"
        assert answer.headers["Cache-Control"] == "no-store"
