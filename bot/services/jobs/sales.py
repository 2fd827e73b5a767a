"""Is the shop open? What one process finds out at the supplier, all that share the database keep to."""

from __future__ import annotations

import asyncio
import logging
from typing import get_args

from bot.domain.errors import StorageError
from bot.services.jobs.circuit_breaker import ClosedFor, Shop
from bot.storage.engine import locks
from bot.storage.engine.store import Store
from bot.storage.processes import facts

log = logging.getLogger(__name__)

FACT = "sales closed for"  # empty while they are open
LOOK_SECONDS = 5.0  # the net under the calls
_REASONS: dict[str, ClosedFor] = {reason: reason for reason in get_args(ClosedFor)}


class Sales:
    """`follow` until `stop`."""

    def __init__(self, store: Store, shop: Shop) -> None:
        self._store = store
        self._shop = shop
        self._called = asyncio.Event()
        self._stopping = False
        store.listen(locks.SALES, self._called.set)

    async def tell(self) -> bool:
        """Tell the others what the shop is now. False where they know: then somebody else has found it out first.

        Raises `StorageError`.
        """
        if not self._store.shared:
            return True
        return await self._store.run(facts.put(FACT, self._shop.closed_for or "", channel=locks.SALES))

    async def follow(self) -> None:
        if not self._store.shared:
            return
        while not self._stopping:
            self._called.clear()
            try:
                closed_for = await self._store.read(facts.get(FACT))
            except StorageError as error:
                log.warning("whether sales are open could not be read: %s", error)
            else:
                self._shop.follow(_REASONS.get(closed_for or ""))
            try:
                await asyncio.wait_for(self._called.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    def stop(self) -> None:
        self._stopping = True
        self._called.set()
