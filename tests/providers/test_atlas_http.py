"""What only a real socket can show, and how the client is set up."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr

from bot.domain.errors import SubmitUnknown, SupplierBusy, SupplierClosed, SupplierUnreachable
from bot.providers import atlas_http
from bot.providers.atlas import ANSWER_LIMIT_BYTES, PREDICTION_LIMIT_BYTES, AtlasSupplier, open_atlas
from bot.providers.atlas_http import open_client, user_agent
from bot.providers.base import OutputUrl, Waiting
from tests.providers.atlas_seams import (
    BASE_URL,
    ID,
    IMAGE,
    IMAGE_URL,
    KEY,
    LATER,
    MINIMAL,
    Respond,
    a_loopback,
    completed,
    prediction,
)

SHORT_SECONDS = 0.2


async def fetch_for_ever(url: str, /, *, limit_bytes: int) -> bytes:
    await asyncio.sleep(3_600)
    return b""


@asynccontextmanager
async def atlas_at(
    url: str, *, deadline_seconds: float = 30.0, pauses: list[float] | None = None
) -> AsyncIterator[AtlasSupplier]:
    async def sleep(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)

    async with open_atlas(
        base_url=url, api_key=SecretStr(KEY), fetch=fetch_for_ever, deadline_seconds=deadline_seconds, sleep=sleep
    ) as supplier:
        yield supplier


def http(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


async def complete(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(http(json.dumps(completed()).encode()))
    await writer.drain()


async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ends the connection politely, without an answer."""


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    linger_zero = struct.pack("ii", 1, 0)  # makes close() send a RST
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)


async def answer_half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(http(json.dumps(prediction()).encode())[:-10])
    await writer.drain()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a byte every 10 ms: no single read takes long, but the whole answer would take minutes."""
    try:
        for byte in http(b" " * 10_000):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)
    except ConnectionError:
        pass


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the other side gives up


@pytest.mark.parametrize("respond", [close, reset, answer_half])
async def test_a_connection_that_ends_before_the_answer_leaves_a_submission_unknown_and_sent_once(
    respond: Respond,
) -> None:
    """submit_accept_then_reset"""
    async with a_loopback(respond) as server, atlas_at(server.url) as supplier:
        with pytest.raises(SubmitUnknown):
            await supplier.submit(MINIMAL)
    assert len(server.requests) == 1
    assert b"A poster" in server.requests[0]


async def test_a_submission_into_a_kept_connection_that_ends_is_unknown_and_sent_once() -> None:
    """The other side closes it just when the submission comes."""

    async def answer_one_more(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await complete(reader, writer)
        server.requests.append(await reader.readuntil(b"\r\n\r\n"))

    async with a_loopback(answer_one_more) as server, atlas_at(server.url) as supplier:
        assert await supplier.poll(ID, age_seconds=LATER) == IMAGE
        with pytest.raises(SubmitUnknown):
            await supplier.submit(MINIMAL)
    assert [request.partition(b" ")[0] for request in server.requests] == [b"GET", b"POST"]


async def test_a_server_that_never_takes_the_connection_got_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas_http, "CONNECT_TIMEOUT_SECONDS", SHORT_SECONDS)
    with socket.socket() as busy, socket.socket() as waiting:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        waiting.connect(busy.getsockname())  # the one place in its line is taken
        pauses: list[float] = []
        async with atlas_at("http://127.0.0.1:{1}".format(*busy.getsockname()), pauses=pauses) as supplier:
            with pytest.raises(SupplierBusy):
                await supplier.submit(MINIMAL)
    assert len(pauses) == 3


@pytest.mark.parametrize("respond", [drip, say_nothing])
async def test_a_submission_is_unknown_at_the_deadline_and_sent_once(respond: Respond) -> None:
    """submit_slow"""
    async with a_loopback(respond) as server, atlas_at(server.url, deadline_seconds=SHORT_SECONDS) as supplier:
        async with asyncio.timeout(5):
            with pytest.raises(SubmitUnknown):
                await supplier.submit(MINIMAL)
    assert len(server.requests) == 1


async def test_a_submission_that_is_cancelled_ends_at_once_and_was_sent_once() -> None:
    arrived = asyncio.Event()

    async def arrive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await say_nothing(reader, writer)

    async with a_loopback(arrive) as server, atlas_at(server.url) as supplier:
        submit = asyncio.create_task(supplier.submit(MINIMAL))
        await arrived.wait()
        submit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await submit
    assert len(server.requests) == 1


async def test_a_refused_connection_is_tried_four_times_and_then_the_supplier_is_busy() -> None:
    with socket.socket() as taken:  # bound and not listening, so no other process can take the port
        taken.bind(("127.0.0.1", 0))
        url = "http://127.0.0.1:{1}".format(*taken.getsockname())
        pauses: list[float] = []
        async with atlas_at(url, pauses=pauses) as supplier:
            with pytest.raises(SupplierBusy):
                await supplier.submit(MINIMAL)
    assert len(pauses) == 3


async def test_a_poll_survives_one_reset() -> None:
    async def reset_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(server.requests) == 1:
            await reset(reader, writer)
        else:
            await complete(reader, writer)

    async with a_loopback(reset_once) as server, atlas_at(server.url) as supplier:
        assert await supplier.poll(ID, age_seconds=LATER) == IMAGE
    assert len(server.requests) == 2


@pytest.mark.parametrize("respond", [drip, say_nothing])
async def test_a_call_without_an_answer_ends_at_the_deadline(respond: Respond) -> None:
    async with a_loopback(respond) as server, atlas_at(server.url, deadline_seconds=SHORT_SECONDS) as supplier:
        async with asyncio.timeout(5):
            with pytest.raises(SupplierUnreachable):
                await supplier.poll(ID, age_seconds=LATER)
            with pytest.raises(SupplierUnreachable):
                await supplier.upload(b"video", name="a.mp4", content_type="video/mp4")
    assert len(server.requests) == 2


async def test_a_download_that_hangs_ends_at_the_deadline() -> None:
    async with atlas_at("http://127.0.0.1", deadline_seconds=0.01) as supplier, asyncio.timeout(5):
        with pytest.raises(SupplierUnreachable, match="TimeoutError"):
            await supplier.download(OutputUrl(IMAGE_URL))


async def test_an_answer_of_20_mb_is_cut_where_no_image_can_be_in_it() -> None:
    sent_bytes = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent_bytes
        chunk = b'"' + b"x" * 99_999
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n")
        try:
            for _ in range(200):
                writer.write(chunk)
                await writer.drain()
                sent_bytes += len(chunk)
        except ConnectionError:
            pass

    async with a_loopback(flood) as server, atlas_at(server.url) as supplier:
        with pytest.raises(SupplierUnreachable, match="not read"):
            await supplier.balance()
    assert ANSWER_LIMIT_BYTES <= sent_bytes < 20_000_000


async def test_an_answer_about_a_prediction_may_be_as_large_as_an_image() -> None:
    async def padded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(json.dumps(prediction(padding="x" * 20_000_000)).encode()))
        await writer.drain()

    async with a_loopback(padded) as server, atlas_at(server.url) as supplier:
        assert (await supplier.submit(MINIMAL)).prediction_id == ID
        assert Waiting() == await supplier.poll(ID, age_seconds=LATER)


async def test_an_answer_about_a_prediction_is_cut_too() -> None:
    chunk_bytes = 1_000_000
    pulled = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pulled
        while True:
            pulled += 1
            yield b" " * chunk_bytes

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=endless())

    transport = httpx.MockTransport(answer)
    async with open_client(base_url=BASE_URL, api_key=SecretStr(KEY), transport=transport) as client:
        supplier = AtlasSupplier(client, fetch=fetch_for_ever)
        with pytest.raises(SupplierUnreachable, match="not read"):
            await supplier.poll(ID, age_seconds=LATER)
    assert PREDICTION_LIMIT_BYTES // chunk_bytes + 1 == pulled


async def test_a_compressed_answer_is_not_read_since_it_could_grow_without_end() -> None:
    async def compressed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(gzip.compress(json.dumps(completed()).encode()), headers="Content-Encoding: gzip\r\n"))
        await writer.drain()

    async with a_loopback(compressed) as server, atlas_at(server.url) as supplier:
        with pytest.raises(SupplierUnreachable, match="not read"):
            await supplier.poll(ID, age_seconds=LATER)
    assert b"accept-encoding: identity\r\n" in server.requests[0].lower()


@pytest.mark.parametrize(
    "bad_key", ["", "two words", "line\nbreak", "k\N{LATIN SMALL LETTER E WITH ACUTE}y", "trailing "]
)
async def test_a_key_that_no_header_can_carry_is_refused_at_the_start_without_being_told(bad_key: str) -> None:
    with pytest.raises(SupplierClosed) as caught:
        open_client(base_url=BASE_URL, api_key=SecretStr(bad_key))
    assert caught.value.because == "key"
    assert not bad_key or bad_key not in str(caught.value)


async def test_the_settings_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would see the key."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async with a_loopback(complete) as server, atlas_at(server.url) as supplier:
        assert await supplier.poll(ID, age_seconds=LATER) == IMAGE


def test_the_user_agent_names_the_version_where_there_is_one() -> None:
    assert user_agent() != "Stillframe/0 (+Discord bot)"
    assert user_agent("no-such-distribution") == "Stillframe/0 (+Discord bot)"
