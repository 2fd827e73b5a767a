"""The gateway's side of the stand-in for Discord: sessions that can be dropped, resumed and refused."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from http import HTTPStatus
from typing import Any

import zstandard
from aiohttp import web

from tests.wire import payloads
from tests.wire.components import Json
from tests.wire.world import TIME_SHIFT, World

EVENTS_LIMIT = 10_000  # kept for a session that may come back
HEARTBEAT_MS = 41_250
CLOSE_SECONDS = 1.0  # for the other side of a close
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
CLOSE_BAD_TOKEN = 4004
CLOSE_BAD_INTENTS = 4014


class Op(IntEnum):
    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    RESUME = 6
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Pipe:
    """One connection, compressed as its client asked: `zstd-stream`, `zlib-stream` or not at all."""

    def __init__(self, request: web.Request) -> None:
        self.socket = web.WebSocketResponse(timeout=CLOSE_SECONDS)
        self._request = request
        self._squeeze = _squeezer(request.query.get("compress"))

    async def send(self, text: str) -> None:
        with suppress(ConnectionError):  # the loop that reads from a client notices that it has gone
            if self._squeeze:
                await self.socket.send_bytes(self._squeeze(text.encode()))
            else:
                await self.socket.send_str(text)

    async def op(self, op: Op, data: object = None) -> None:
        await self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def cut(self) -> None:
        """End the connection without a close frame."""
        if self._request.transport is not None:
            self._request.transport.abort()


class Session:
    """Its events are numbered, and kept for a client that comes back for them."""

    def __init__(self, *, here: bool) -> None:
        self.id = secrets.token_hex(16)
        self.here = here  # the one server belongs to its shard
        self.pipe: Pipe | None = None
        self._number = 0
        self._events: deque[tuple[int, str]] = deque(maxlen=EVENTS_LIMIT)
        self._in_order = asyncio.Lock()

    async def dispatch(self, event: str, data: Json) -> None:
        async with self._in_order:
            self._number += 1
            text = json.dumps({"op": Op.DISPATCH, "d": data, "s": self._number, "t": event})
            self._events.append((self._number, text))
            if self.pipe:
                await self.pipe.send(text)

    async def resume(self, pipe: Pipe, after: int) -> None:
        async with self._in_order:
            for number, text in self._events:
                if number > after:
                    await pipe.send(text)
            self.pipe = pipe
        await self.dispatch("RESUMED", {})


class Gateway:
    """`address` is where clients connect; `token` None lets any client in. `identified` and `resumed` count."""

    def __init__(self, world: World, *, token: str | None, address: Callable[[], str]) -> None:
        self.identified = 0
        self.shards: list[tuple[int, int]] = []  # that sessions were begun for: a number, of how many
        self.resumed = 0
        self._world = world
        self._token = token
        self._address = address
        self._sessions: dict[str, Session] = {}
        self._pipes: set[Pipe] = set()
        self._refusals = 0
        self._change = asyncio.Condition()

    async def dispatch(self, event: str, data: Json) -> None:
        """Send an event to the sessions of the server's shard, also to one that is away. Without any, it is lost."""
        for session in list(self._sessions.values()):
            if session.here:
                await session.dispatch(event, data)

    async def add_bot(self) -> None:
        """The server adds the bot. Discord then tells of the server without saying whether it is available."""
        self._world.added = True
        told = payloads.guild(self._world)
        del told["unavailable"]
        await self.dispatch("GUILD_CREATE", told)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something holds of the connections."""
        async with self._change:
            await self._change.wait_for(true)

    @property
    def connected(self) -> bool:
        return any(session.pipe for session in self._sessions.values())

    async def drop(self, *, resumable: bool, code: int | None) -> None:
        """Cut every connection, or with `code` close it in good order."""
        if not resumable:
            self._sessions.clear()
        dropped = set(self._pipes)  # the bot may be back before we look again
        for pipe in dropped:
            if code is None:
                pipe.cut()
            else:
                await pipe.socket.close(code=code)
        await self.until(lambda: dropped.isdisjoint(self._pipes))

    def refuse(self, times: int) -> None:
        """The next connections are not taken."""
        self._refusals = times

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if self._refusals:
            self._refusals -= 1
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        pipe = Pipe(request)
        await pipe.socket.prepare(request)
        self._pipes.add(pipe)
        try:
            await pipe.op(Op.HELLO, {"heartbeat_interval": HEARTBEAT_MS})
            async for frame in pipe.socket:
                await self._hear(pipe, json.loads(frame.data))
        finally:
            await self._leave(pipe)
        return pipe.socket

    async def _hear(self, pipe: Pipe, said: Json) -> None:
        match said["op"]:
            case Op.HEARTBEAT:
                await pipe.op(Op.HEARTBEAT_ACK)
            case Op.IDENTIFY:
                await self._identify(pipe, said["d"])
            case Op.RESUME:
                await self._resume(pipe, said["d"])

    async def _identify(self, pipe: Pipe, said: Json) -> None:
        if self._token not in {None, said["token"]}:
            await pipe.socket.close(code=CLOSE_BAD_TOKEN)
            return
        if said["intents"] & PRIVILEGED_INTENTS:
            await pipe.socket.close(code=CLOSE_BAD_INTENTS)
            return
        # A client that begins anew does not come back for an older session.
        self._sessions = {key: each for key, each in self._sessions.items() if each.pipe}
        shard, count = said.get("shard") or (0, 1)
        self.shards.append((shard, count))
        session = Session(here=(self._world.guild_id >> TIME_SHIFT) % count == shard)
        session.pipe = pipe
        await session.dispatch("READY", {**self._ready(session), "shard": [shard, count]})
        if session.here and self._world.added and not self._world.silent:
            await session.dispatch("GUILD_CREATE", payloads.guild(self._world))
        self._sessions[session.id] = session
        self.identified += 1
        await self._changed()

    async def _resume(self, pipe: Pipe, said: Json) -> None:
        session = self._sessions.get(said["session_id"])
        if session is None:
            await pipe.op(Op.INVALID_SESSION, data=False)
            return
        await session.resume(pipe, said["seq"] or 0)
        self.resumed += 1
        await self._changed()

    async def _leave(self, pipe: Pipe) -> None:
        self._pipes.discard(pipe)
        for session in self._sessions.values():
            if session.pipe is pipe:
                session.pipe = None
        await self._changed()

    async def _changed(self) -> None:
        async with self._change:
            self._change.notify_all()

    def _ready(self, session: Session) -> Json:
        is_in = session.here and self._world.added
        return {
            "v": 10,
            "user": payloads.user(self._world.bot),
            "guilds": [{"id": str(self._world.guild_id), "unavailable": True}] if is_in else [],
            "session_id": session.id,
            "resume_gateway_url": self._address(),
            "application": {"id": str(self._world.bot.id), "flags": 0},
        }


def _squeezer(kind: str | None) -> Callable[[bytes], bytes] | None:
    """The compression of one connection: one stream, flushed at the end of each message."""
    stream: Any
    match kind:
        case None:
            return None
        case "zstd-stream":
            stream = zstandard.ZstdCompressor().compressobj()
            return lambda data: stream.compress(data) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        case "zlib-stream":
            stream = zlib.compressobj()
            return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)
        case _:
            raise web.HTTPBadRequest(text=f"compress={kind} is not known")
