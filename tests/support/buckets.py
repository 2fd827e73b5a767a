"""S3 on loopback: moto's server for what a store does, and one that answers what a test says for what goes wrong."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from moto.server import ThreadedMotoServer

from bot.storage.files.s3 import S3Keys, S3Place

KEY_ID, SECRET = "AKIA-OF-THE-TESTS", "a-secret-of-the-tests"


@dataclass
class Buckets:
    """A server in a thread, with a new bucket for whoever asks."""

    url: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new(self) -> str:
        name = f"stills-{next(self._numbers)}"
        self._ask("PUT", name)
        return name

    def put(self, bucket: str, key: str, data: bytes) -> None:
        """As somebody else would."""
        self._ask("PUT", f"{bucket}/{key}", data)

    def keys(self, bucket: str) -> list[str]:
        return re.findall("<Key>([^<]+)</Key>", self._ask("GET", f"{bucket}?list-type=2"))

    @contextmanager
    def asking_for_keys(self) -> Iterator[None]:
        """Of people whom it knows: nobody."""
        self._ask("POST", "moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            self._ask("POST", "moto-api/reset-auth", b"inf")

    def _ask(self, method: str, path: str, data: bytes = b"") -> str:
        return httpx.request(method, f"{self.url}/{path}", content=data, trust_env=False).raise_for_status().text


@contextmanager
def serve_buckets() -> Iterator[Buckets]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Buckets(f"http://{host}:{port}")
    finally:
        server.stop()


def a_place(url: str, bucket: str = "stills", *, prefix: str = "", ours: bool = True) -> S3Place:
    """`ours`: with keys of our own."""
    keys = S3Keys(KEY_ID, SECRET) if ours else None
    return S3Place(bucket=bucket, prefix=prefix, region="us-east-1", endpoint_url=url, keys=keys)


def settings_of(url: str, bucket: str, *, prefix: str = "") -> dict[str, Any]:
    return {
        "files_url": f"s3://{bucket}/{prefix}",
        "s3_endpoint_url": url,
        "s3_access_key_id": KEY_ID,
        "s3_secret_access_key": SECRET,
    }


@dataclass
class Answering:
    """What was asked (first lines and heads), and where."""

    url: str
    requests: list[str] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def lines(self) -> list[str]:
        return [request.partition(" HTTP/")[0] for request in self.requests]


@asynccontextmanager
async def serve_answers(*answers: bytes) -> AsyncIterator[Answering]:
    """One after another, and the last again and again; without any, a server that takes all and says nothing."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _talk(reader, writer, served, answers)
        except (ConnectionError, asyncio.IncompleteReadError):
            served.left.set()
        finally:
            writer.close()

    served = Answering("")
    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield served


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, served: Answering, answers: Sequence[bytes]
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
    await reader.readexactly(int(length[1]) if length else 0)
    served.requests.append(head)
    if not answers:
        await reader.readexactly(1)  # which never comes
    writer.write(answers[min(len(served.requests), len(answers)) - 1])
    await writer.drain()


def an_answer(status: str, body: str = "", **heads: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in heads.items()]
    return "\r\n".join([*lines, "", body]).encode()


def a_refusal(status: str, code: str, message: str = "Words of the store.") -> bytes:
    return an_answer(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>")
