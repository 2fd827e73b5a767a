"""The circuit breaker in front of the supplier: while it is tripped, the bot takes no new orders.

It trips when the supplier refuses the key, the funds or the region, when the balance is too low, and after several
requests in a row without a proper answer. All processes that share the database follow the one that finds out.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Literal, get_args

from bot.domain.errors import (
    Restarting,
    SalesPaused,
    StorageError,
    SubmitUnknown,
    SupplierClosed,
    SupplierError,
    SupplierUnreachable,
)
from bot.storage.engine import locks
from bot.storage.engine.store import Store
from bot.storage.processes import shared_state

log = logging.getLogger(__name__)

TROUBLES = 5  # requests in a row without a proper answer: then the supplier is down
LOOK_SECONDS = 5.0  # how often the shared state is read, in case a notification was lost
FACT = "sales closed for"  # the name of the shared state in the database; its value is empty while orders are taken

TripReason = Literal["key", "funds", "region", "forbidden", "balance", "down"]
_REASONS: dict[str, TripReason] = {reason: reason for reason in get_args(TripReason)}


class CircuitBreaker:
    """The code that calls the supplier reports each outcome here. `changed` is set at each trip and each reset.

    Run `follow` beside the commands until `stop`, where several processes share the database.
    """

    def __init__(self, store: Store) -> None:
        self.tripped_for: TripReason | None = None
        self.changed = asyncio.Event()
        self.accepted_since_reset = True  # the supplier has accepted an order since the last reset
        self._store = store
        self._troubles = 0
        self._stopping = False
        self._notified = asyncio.Event()
        store.listen(locks.SALES, self._notified.set)

    def check(self) -> None:
        """Raises `Restarting` and `SalesPaused`."""
        self.check_running()
        if self.tripped_for is not None:
            raise SalesPaused

    def check_running(self) -> None:
        """Raises `Restarting`."""
        if self._stopping:
            raise Restarting

    def stop(self) -> None:
        """The process is about to stop: from now on it takes no orders, and `follow` ends."""
        self._stopping = True
        self._notified.set()

    def answered(self) -> None:
        """The supplier has answered."""
        self._troubles = 0

    def accepted(self) -> None:
        """The supplier has accepted an order, so the reason of the last trip is over."""
        self._troubles = 0
        self.accepted_since_reset = True

    def failed(self, error: SupplierError) -> None:
        """A call to the supplier has raised `error`."""
        if isinstance(error, SupplierClosed):
            self.trip(error.because)
        elif isinstance(error, SubmitUnknown | SupplierUnreachable):
            self._troubles += 1
            if self._troubles >= TROUBLES:
                self.trip("down")

    def trip(self, because: TripReason) -> None:
        """Take no more orders. The first reason stays until the reset."""
        if self.tripped_for is None:
            self.tripped_for = because
            self.changed.set()

    def reset(self) -> None:
        """Take orders again."""
        self._troubles = 0
        if self.tripped_for is not None:
            self.tripped_for = None
            self.accepted_since_reset = False
            self.changed.set()

    async def share(self) -> bool:
        """Write the present state for the other processes. False where they know it: another process was first.

        Raises `StorageError`.
        """
        if not self._store.shared:
            return True
        return await self._store.run(shared_state.put(FACT, self.tripped_for or "", channel=locks.SALES))

    async def follow(self) -> None:
        """Take over what other processes share, until `stop`."""
        if not self._store.shared:
            return
        while not self._stopping:
            self._notified.clear()
            try:
                reason = await self._store.read(shared_state.get(FACT))
            except StorageError as error:
                log.warning("whether sales are open could not be read: %s", error)
            else:
                self._take_over(_REASONS.get(reason or ""))
            try:
                await asyncio.wait_for(self._notified.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    def _take_over(self, reason: TripReason | None) -> None:
        """What this process has found out itself is shared first, before anything of another process counts here."""
        if reason != self.tripped_for and not self.changed.is_set():
            self._troubles = 0
            self.tripped_for = reason
            self.changed.set()
