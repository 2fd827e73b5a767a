"""The line between discord.py and Discord: stands where aiohttp's session would, and loses things.

So discord.py's own patience is real: it repeats what it repeats, and sleeps in virtual time. A request may fail before
it arrives, and after it has happened: then Discord has done it, and nobody here knows.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Generator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict

from tests.simulation.server import CLIP, Request, Server
from tests.simulation.trace import Trace

API = "/api/v10"
HANG_SECONDS = 300.0  # until aiohttp gives up by itself
_JSON = "application/json"

Fault = str  # "500 before", "reset after" ...
_FAULTS: tuple[Fault, ...] = (
    "500 before", "502 before", "503 before", "500 after", "503 after", "reset before", "reset after",
    "429 before", "ban before", "hang before", "hang after", "slow",
)  # fmt: skip
_WHEN_DOWN: tuple[Fault, ...] = ("503 before", "500 before", "reset before", "hang before")
_WHEN_LOSING: tuple[Fault, ...] = ("500 after", "503 after", "reset after", "504 after", "none")


class Answer:
    """As much of `aiohttp.ClientResponse` as discord.py reads."""

    def __init__(self, status: int, body: Any, **headers: str) -> None:
        self.status = status
        self.reason = "simulated"
        self.headers = CIMultiDict({"content-type": _JSON, "Via": "1.1 simulated", **headers})
        self._text = json.dumps(body)

    async def text(self, encoding: str = "utf-8") -> str:
        return self._text

    async def read(self) -> bytes:
        return CLIP


class Line:
    """One process's. `edge` is awaited around whatever happens outside: there the process may die."""

    def __init__(
        self, server: Server, trace: Trace, edge: Callable[[], Awaitable[None]], *, seed: str, rate: float
    ) -> None:
        self._server = server
        self._trace = trace
        self._edge = edge
        self._rng = random.Random(seed)  # seeded on purpose  # noqa: S311  # seeded on purpose
        self._rate = rate

    def request(self, method: str, url: str, **options: Any) -> _Exchange:
        return _Exchange(self._exchange(method, url, **options))

    def get(self, url: str, **options: Any) -> _Exchange:
        """From Discord's store of files."""
        return _Exchange(self._file())

    async def close(self) -> None:
        """There is nothing to close."""

    async def _file(self) -> Answer:
        await asyncio.sleep(self._rng.uniform(0.1, 1.0))
        await self._edge()
        return Answer(200, None)

    async def _exchange(self, method: str, url: str, **options: Any) -> Answer:
        request = await _read(method, url, **options)
        self._server.notice(request)
        fault = self._fault()
        kind, _, moment = fault.partition(" ")
        seconds = HANG_SECONDS if kind == "hang" else self._rng.choice((0.05, 0.2, 0.8))
        seconds = self._rng.uniform(2, 40) if kind == "slow" else seconds
        at_once = self._rng.random() < 0.5  # it happens now, and the answer travels; or the request travels first
        await self._edge()
        if not at_once:
            await asyncio.sleep(seconds)
            await self._edge()
        answer = None if moment == "before" else self._take(request, fault)
        await self._edge()
        if at_once:
            await asyncio.sleep(seconds)
            await self._edge()
        return answer if answer and moment != "after" else self._fail(request, kind)

    def _take(self, request: Request, fault: Fault) -> Answer:
        status, body = self._server.take(request)
        code = f" {body['code']}" if status != 200 else ""  # HTTP's
        lost = " and the answer is lost" if fault.endswith("after") else ""
        files = f" with {request.files[0][0]}, {request.files[0][1]} bytes" if request.files else ""
        self._trace.note(f"discord: {request.method} {request.path}{files} -> {status}{code}{lost}")
        return Answer(status, body)

    def _fail(self, request: Request, kind: str) -> Answer:
        self._trace.note(f"discord: {request.method} {request.path} -> {kind}")
        match kind:
            case "reset":
                raise aiohttp.ClientOSError(104, "Connection reset by peer")
            case "hang":
                raise TimeoutError
            case "429":
                return Answer(429, {"retry_after": self._rng.choice((0.5, 5.0, 90.0)), "global": False, "message": ""})
            case "ban":
                answer = Answer(429, "error code: 1015")
                del answer.headers["Via"]
                return answer
            case _:
                return Answer(int(kind), {"message": "simulated"})

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

    async def __aenter__(self) -> Answer:
        answer: Answer = await self._exchange
        return answer

    async def __aexit__(self, *_: object) -> None:
        """There is no connection to give back."""


async def _read(method: str, url: str, **options: Any) -> Request:
    headers, data = options.get("headers") or {}, options.get("data")
    body: Any = {}
    files: list[tuple[str, int]] = []
    if isinstance(data, aiohttp.FormData):
        writer: Any = data()
        for part, *_ in writer:
            content = await part.as_bytes()
            _, disposition = aiohttp.parse_content_disposition(part.headers["Content-Disposition"])
            if "filename" in disposition:
                files.append((disposition["filename"], len(content)))
            else:
                body = json.loads(content)
    elif data is not None:
        body = json.loads(data)
    return Request(
        method,
        urlsplit(url).path.removeprefix(API),
        {"commands": body} if isinstance(body, list) else body,
        options.get("params") or {},
        tuple(files),
        by_bot="Authorization" in headers,
    )


__all__ = ["Answer", "Generator", "Line"]
