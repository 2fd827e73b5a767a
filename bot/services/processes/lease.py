"""This process among those that share the database: it says that it is alive, and which duties are its own.

A process renews its row, by the database's clock, long before it ends. When one has not, the others take its jobs and
duties; whoever was only paused finds each job's fencing epoch raised, and lets go. On SQLite one process owns the file,
and knows without asking that every other one is dead.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress

from bot.domain.errors import StorageError
from bot.storage.engine.store import Store
from bot.storage.processes import leases

log = logging.getLogger(__name__)

LEASE_SECONDS = 30.0
BEATS_PER_LEASE = 4
_FOREVER_MS = 2**61


class ProcessLease:
    """`kind`: what this process is, for people. `clock` gives Unix milliseconds. `begin`, `run`, at the end `stop`."""

    def __init__(
        self, store: Store, *, kind: str, clock: Callable[[], int], lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self.id = secrets.token_hex(8)
        self._store = store
        self._about = f"{kind} {socket.gethostname()} {os.getpid()}"
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._steady_since = 0.0  # by the loop's clock: from then on no beat was missed
        self._beat_at = 0.0
        self._stopping = asyncio.Event()

    async def begin(self) -> None:
        """Also where the database does not answer just now: then `run` says it as soon as it does."""
        try:
            if not self._store.shared:
                await self._store.run(leases.alone(self.id))
                return
            await self.renew()
            others = await self._store.read(leases.living(now=self._clock()))
        except StorageError as error:
            log.warning("this process could not say that it is alive: %s", error)
        else:
            log.info("%s; alive: %s", self._about, ", ".join(others))

    async def run(self) -> None:
        """Renew until `stop`."""
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._lease_seconds / BEATS_PER_LEASE)
            if self._store.shared and not self._stopping.is_set():
                try:
                    await self.renew()
                except StorageError as error:
                    log.warning("this process could not say that it is alive: %s", error)

    async def renew(self) -> None:
        """Raises `StorageError`."""
        began = _loop_seconds()
        lease_ms = int(self._lease_seconds * 1000)
        await self._store.run(leases.renew(self.id, about=self._about, lease_ms=lease_ms, now=self._clock()))
        if self.expired:
            self._steady_since = began
        self._beat_at = began

    async def stop(self) -> None:
        """What this process had in hand is free for the others at once."""
        self._stopping.set()
        if self._store.shared:
            with suppress(StorageError):
                await self._store.run(leases.leave(self.id))

    @property
    def expired(self) -> bool:
        """May others think that this process is dead?"""
        return self._store.shared and _loop_seconds() - self._beat_at > self._lease_seconds

    @property
    def grace_ms(self) -> int:
        """How long after its time another process still counts as alive.

        Whoever has just come, or has just lost the database for a while, gives the others the time to beat again.
        """
        if not self._store.shared:
            return 0
        steady = _loop_seconds() - self._steady_since > self._lease_seconds and not self.expired
        return 0 if steady else _FOREVER_MS

    async def is_leader(self, name: str) -> bool:
        """Is it this process that goes this round? At any time one does, of those that ask. Raises `StorageError`."""
        if not self._store.shared:
            return True
        return await self._store.run(leases.take_leadership(name, self.id, grace_ms=self.grace_ms, now=self._clock()))


def _loop_seconds() -> float:
    return asyncio.get_running_loop().time()
