"""The lease of this process among those that share the database, and its leader locks.

A process renews its lease, by the database's clock, long before the lease expires. When it has expired, the other
processes take its jobs and leader locks. A process that was only paused then finds that the fencing epoch of each
job was raised, and stops working on it. On SQLite one process owns the file: all others are known to be dead.
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
RENEWALS_PER_LEASE = 4
_FOREVER_MS = 2**61


class ProcessLease:
    """Call `begin`, then `run`, and `stop` at the end.

    `kind`: what this process is, for people. `clock` gives Unix milliseconds.
    """

    def __init__(
        self, store: Store, *, kind: str, clock: Callable[[], int], lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self.id = secrets.token_hex(8)
        self._store = store
        self._about = f"{kind} {socket.gethostname()} {os.getpid()}"
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._steady_since = 0.0  # by the loop's clock: since then the lease has not expired
        self._renewed_at = 0.0
        self._stopping = asyncio.Event()

    async def begin(self) -> None:
        """Take the lease. Where the database does not answer, `run` takes it as soon as it does."""
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
        """Renew the lease until `stop`."""
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._lease_seconds / RENEWALS_PER_LEASE)
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
        self._renewed_at = began

    async def stop(self) -> None:
        """Give up the lease, so that the other processes may take the jobs and leader locks at once."""
        self._stopping.set()
        if self._store.shared:
            with suppress(StorageError):
                await self._store.run(leases.leave(self.id))

    @property
    def expired(self) -> bool:
        """Whether the other processes may take this one for dead."""
        return self._store.shared and _loop_seconds() - self._renewed_at > self._lease_seconds

    @property
    def grace_ms(self) -> int:
        """How long after its lease has expired another process still counts as alive.

        A process that has just started, or could not reach the database for a while, gives the others time to renew.
        """
        if not self._store.shared:
            return 0
        steady = _loop_seconds() - self._steady_since > self._lease_seconds and not self.expired
        return 0 if steady else _FOREVER_MS

    async def is_leader(self, name: str) -> bool:
        """Returns whether this process has the leader lock `name`, which one process has at a time.

        Raises `StorageError`.
        """
        if not self._store.shared:
            return True
        return await self._store.run(leases.take_leadership(name, self.id, grace_ms=self.grace_ms, now=self._clock()))


def _loop_seconds() -> float:
    return asyncio.get_running_loop().time()
