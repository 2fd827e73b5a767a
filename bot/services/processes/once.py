"""Acts that are done once for all processes of a bot, even when many start at the same moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.processes import shared_state

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0


class Once:
    def __init__(self, store: Store, lease: ProcessLease) -> None:
        self._store = store
        self._lease = lease

    async def run_once_per_deployment(
        self, name: str, digest: Callable[[], Awaitable[str]], act: Callable[[], Awaitable[object]]
    ) -> None:
        """Call `act` and write down that `name` has this digest now, unless that is written already.

        While another process does it, wait for that. A process that is alone does it at each start. Raises
        `StorageError`, and what `act` raises: then it counts as not done, and the next process tries.
        """
        if not self._store.shared:
            await act()
            return
        value = await digest()
        while await self._store.read(shared_state.get(name)) != value:
            if await self._lease.is_leader(name):
                await act()
                await self._store.run(shared_state.put(name, value))
                log.info("%s: done by this process", name)
                return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
