"""Faults that a test switches on: refusals, resets and delays, by method and path."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Literal

from aiohttp import web

from tests.wire.errors import words_for

CLOUDFLARE_BAN = "error code: 1015"
VIA = {"Via": "1.1 google"}  # on every answer that comes from Discord itself, and not from Cloudflare before it

Moment = Literal["before", "during_body", "after_handling"]
Handle = Callable[[], Awaitable[web.StreamResponse]]


@dataclass(slots=True, kw_only=True)
class Fault(ABC):
    """`path` is a pattern in which `*` stands for anything. `times` None lasts until `mend`; `met` counts requests."""

    method: str
    path: str
    times: int | None
    met: int = 0

    def concerns(self, request: web.Request) -> bool:
        left = self.times is None or self.met < self.times
        return left and self.method in {"*", request.method} and fnmatchcase(request.path, self.path)

    @abstractmethod
    async def happen(self, request: web.Request, handle: Handle, /) -> web.StreamResponse | None:
        """Returns None where the connection is gone, so that no answer can be sent."""
        ...


@dataclass(slots=True, kw_only=True)
class Failure(Fault):
    """With `via` False the answer is Cloudflare's; with `handled` the stand-in does what was asked, and denies it."""

    status: int
    code: int
    via: bool
    retry_after: float
    handled: bool
    headers: Mapping[str, str] = field(default_factory=dict)

    async def happen(self, request: web.Request, handle: Handle, /) -> web.StreamResponse:
        if self.handled:
            await handle()
        else:
            await request.read()
        if not self.via:
            return web.Response(status=self.status, text=CLOUDFLARE_BAN, headers=self.headers)
        body: dict[str, object] = {"message": self._words(), "code": self.code}
        headers = {**VIA, **self.headers}
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            body.update(retry_after=self.retry_after, **{"global": False})
            headers["Retry-After"] = str(int(self.retry_after + 1))
        return as_json(body, status=self.status, headers=headers)

    def _words(self) -> str:
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            return "You are being rate limited."
        if not self.code:
            return f"{self.status}: {HTTPStatus(self.status).phrase}"
        return words_for(self.code)


@dataclass(slots=True, kw_only=True)
class Reset(Fault):
    """The connection is reset before the request is read, in the middle of its body, or in the place of the answer."""

    when: Moment

    async def happen(self, request: web.Request, handle: Handle, /) -> None:
        if self.when == "during_body":
            await request.content.readany()
        elif self.when == "after_handling":
            await handle()
        reset(request)


@dataclass(slots=True, kw_only=True)
class Delay(Fault):
    seconds: float

    async def happen(self, _request: web.Request, handle: Handle, /) -> web.StreamResponse:
        await asyncio.sleep(self.seconds)
        return await handle()


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def meet(self, request: web.Request) -> Fault | None:
        """The oldest fault that concerns the request; it counts as met."""
        for fault in self._faults:
            if fault.concerns(request):
                fault.met += 1
                return fault
        return None


def as_json(body: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """discord.py compares the content type with exactly this, without a charset."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type="application/json")


def reset(request: web.Request) -> None:
    """End the connection without lingering, so that the other side gets a TCP reset and no orderly end."""
    if request.transport is not None:
        linger = struct.pack("ii", 1, 0)
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        request.transport.abort()
