"""The line between discord.py and Discord stands where aiohttp's session would, and loses things.

So discord.py really repeats what it repeats, and sleeps in virtual time. A request may fail before it arrives, or after
Discord has done what it asks for: then the bot does not know.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict

from tests.simulation.simulated_discord import SimulatedDiscord
from tests.simulation.trace import Trace
from tests.wire.handlers import Call
from tests.wire.messages import Upload
from tests.wire.server import upload_number

API = "/api/v10"
HANG_SECONDS = 300.0  # until aiohttp gives up by itself
_JSON = "application/json"
_TOKEN = re.compile(r"[0-9a-f]{100,}")

Fault = str  # "500 before", "reset after" ...
_FAULTS: tuple[Fault, ...] = (
    "500 before", "502 before", "503 before", "500 after", "503 after", "reset before", "reset after",
    "429 before", "ban before", "hang before", "hang after", "slow",
)  # fmt: skip
_WHEN_DOWN: tuple[Fault, ...] = ("503 before", "500 before", "reset before", "hang before")
_WHEN_LOSING: tuple[Fault, ...] = ("500 after", "503 after", "reset after", "504 after", "none")


class Response:
    """As much of `aiohttp.ClientResponse` as discord.py reads."""

    def __init__(self, status: int, body: Any, **headers: str) -> None:
        self.status = status
        self.reason = "simulated"
        self.headers = CIMultiDict({"content-type": _JSON, "Via": "1.1 simulated", **headers})
        self._body = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def text(self, encoding: str = "utf-8") -> str:
        return self._body.decode(encoding)

    async def read(self) -> bytes:
        return self._body


class Line:
    """The line of one process. `edge` is awaited around what happens outside: there the process may die."""

    def __init__(
        self, server: SimulatedDiscord, trace: Trace, edge: Callable[[], Awaitable[None]], *, seed: str, rate: float
    ) -> None:
        self._server = server
        self._trace = trace
        self._edge = edge
        self._rng = random.Random(seed)  # noqa: S311  # seeded on purpose
        self._rate = rate

    def request(self, method: str, url: str, **options: Any) -> _Exchange:
        return _Exchange(self._exchange(method, url, **options))

    def get(self, url: str, **options: Any) -> _Exchange:
        """A file from Discord's CDN, where nothing is lost."""
        return _Exchange(self._file(url))

    async def close(self) -> None:
        """There is nothing to close."""

    async def _file(self, url: str) -> Response:
        await asyncio.sleep(self._rng.uniform(0.1, 1.0))
        await self._edge()
        reply = self._server.take(Call("GET", urlsplit(url).path))
        return Response(reply.status, reply.body)

    async def _exchange(self, method: str, url: str, **options: Any) -> Response:
        call = await _read(method, url, **options)
        self._server.notice(call)
        fault = self._fault()
        kind, _, moment = fault.partition(" ")
        seconds = HANG_SECONDS if kind == "hang" else self._rng.choice((0.05, 0.2, 0.8))
        seconds = self._rng.uniform(2, 40) if kind == "slow" else seconds
        at_once = self._rng.random() < 0.5  # it happens now, and the answer travels; or the request travels first
        await self._edge()
        if not at_once:
            await asyncio.sleep(seconds)
            await self._edge()
        answer = None if moment == "before" else self._take(call, fault)
        await self._edge()
        if at_once:
            await asyncio.sleep(seconds)
            await self._edge()
        return answer if answer and moment != "after" else self._fail(call, kind)

    def _take(self, call: Call, fault: Fault) -> Response:
        reply = self._server.take(call)
        code = f" {reply.body['code']}" if reply.status >= 400 else ""  # HTTP's
        lost = " and the answer is lost" if fault.endswith("after") else ""
        files = "".join(f" with {each.name}, {len(each.data)} bytes" for each in call.uploads.values())
        self._trace.note(f"discord: {_short(call)}{files} -> {reply.status}{code}{lost}")
        return Response(reply.status, reply.body)

    def _fail(self, call: Call, kind: str) -> Response:
        self._trace.note(f"discord: {_short(call)} -> {kind}")
        match kind:
            case "reset":
                raise aiohttp.ClientOSError(104, "Connection reset by peer")
            case "hang":
                raise TimeoutError
            case "429":
                return Response(
                    429, {"retry_after": self._rng.choice((0.5, 5.0, 90.0)), "global": False, "message": ""}
                )
            case "ban":
                answer = Response(429, "error code: 1015")
                del answer.headers["Via"]
                return answer
            case _:
                return Response(int(kind), {"message": "simulated"})

    def _fault(self) -> Fault:
        if self._server.under("discord_down"):
            return self._rng.choice(_WHEN_DOWN)
        if self._server.under("discord_limits") and self._rng.random() < 0.7:
            return "429 before"
        if self._server.under("discord_loses_answers"):
            return self._rng.choice(_WHEN_LOSING)
        return self._rng.choice(_FAULTS) if self._rng.random() < self._rate else "none"


class _Exchange:
    """`async with session.request(...) as response`"""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange

    async def __aenter__(self) -> Response:
        answer: Response = await self._exchange
        return answer

    async def __aexit__(self, *_: object) -> None:
        """There is no connection to give back."""


async def _read(method: str, url: str, **options: Any) -> Call:
    """A request of discord.py, as the handlers want it."""
    data = options.get("data")
    uploads: dict[int, Upload] = {}
    body: Any = None
    if isinstance(data, aiohttp.FormData):
        writer: Any = data()
        for part, *_ in writer:
            content = await part.as_bytes()
            _, named = aiohttp.parse_content_disposition(part.headers["Content-Disposition"])
            if "filename" in named:
                uploads[upload_number(named["name"])] = Upload(named["filename"], content)
            else:
                body = json.loads(content)
    elif data is not None:
        body = json.loads(data)
    query = {name: str(value) for name, value in (options.get("params") or {}).items()}
    authorization = (options.get("headers") or {}).get("Authorization", "")
    return Call(method, urlsplit(url).path.removeprefix(API), body, query, uploads, authorization)


def _short(call: Call) -> str:
    """The request without most of a token."""
    return f"{call.method} {_TOKEN.sub('token', call.path)}"
