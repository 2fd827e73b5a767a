"""Rate limiters for calls to the supplier: of this process alone, or of all processes that share the database."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Protocol

from bot.domain.errors import StorageError
from bot.storage.engine.store import Store
from bot.storage.processes import shared_state

log = logging.getLogger(__name__)


class TokenBucket:
    """At most `per_second` on average, and `burst` at once. `reserve` takes the loop's time in seconds."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._interval_seconds = 1 / per_second
        self._slack_seconds = (burst - 1) * self._interval_seconds
        self._free_at = -math.inf

    def reserve(self, now: float) -> float:
        """Take the next token, and return how many seconds to wait for it."""
        self._free_at = max(self._free_at, now - self._slack_seconds)
        wait = max(0.0, self._free_at - now)
        self._free_at += self._interval_seconds
        return wait


class RateLimiter(Protocol):
    async def reserve(self) -> float:
        """Take the next token, and return how many seconds to wait for it. Never raises."""
        ...


class LocalRateLimiter:
    """At most `per_second` on average, and `burst` at once."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._tokens = TokenBucket(per_second=per_second, burst=burst)

    async def reserve(self) -> float:
        return self._tokens.reserve(asyncio.get_running_loop().time())


class SharedRateLimiter:
    """As `LocalRateLimiter`, for all processes together: it takes tokens from the database, for all callers at once.

    While the database does not answer, this process keeps the limit by itself.
    """

    def __init__(self, store: Store, name: str, *, per_second: float, burst: int, clock: Callable[[], int]) -> None:
        self._store = store
        self._name = name
        self._interval = round(1_000_000 / per_second)  # microseconds
        self._slack = (burst - 1) * self._interval
        self._clock = clock
        self._alone = LocalRateLimiter(per_second=per_second, burst=1)
        self._queue: list[asyncio.Future[float]] = []
        self._asking: asyncio.Task[None] | None = None

    async def reserve(self) -> float:
        place: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name=f"rate limiter {self._name}")
        return await place

    async def _ask(self) -> None:
        while self._queue:
            group, self._queue = self._queue, []
            for place, seconds in zip(group, await self._waits(len(group)), strict=True):
                if not place.done():  # its caller may have been cancelled
                    place.set_result(seconds)

    async def _waits(self, count: int) -> list[float]:
        script = shared_state.reserve(self._name, count, interval=self._interval, slack=self._slack, now=self._clock())
        try:
            first = await self._store.run(script)
        except StorageError as error:
            log.warning("the limit %s can't be shared just now: %s", self._name, error)
            return [await self._alone.reserve() for _ in range(count)]
        return [(first + number * self._interval) / 1_000_000 for number in range(count)]
