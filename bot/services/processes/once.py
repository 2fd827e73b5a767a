"""What is to be done once for a whole bot, however many processes start at the same moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.services.processes.lease import Presence
from bot.storage.engine.store import Store
from bot.storage.processes import facts

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0


class Once:
    def __init__(self, store: Store, presence: Presence) -> None:
        self._store = store
        self._presence = presence

    async def do(self, name: str, value: str, act: Callable[[], Awaitable[object]]) -> None:
        """Make `name` be `value` by this act, unless it was done already; else wait until another process has.

        A process that is alone does it at each start. Raises `StorageError`, and what the act raises: then it is not
        done, and the next one tries.
        """
        if not self._store.shared:
            await act()
            return
        while await self._store.read(facts.get(name)) != value:
            if await self._presence.has_duty(name):
                await act()
                await self._store.run(facts.put(name, value))
                log.info("%s: done by this process", name)
                return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
