"""Open or closed for orders: closed while the supplier would take none, and while the process stops."""

from __future__ import annotations

import asyncio
from typing import Literal

from bot.domain.errors import Restarting, SalesPaused, SubmitUnknown, SupplierClosed, SupplierError, SupplierUnreachable

TROUBLES = 5  # answers of the supplier in a row that were none: then it is down

ClosedFor = Literal["key", "funds", "region", "forbidden", "balance", "down"]


class Shop:
    """Whoever talks to the supplier tells how it went. `changed` is set whenever the shop opens or closes."""

    def __init__(self) -> None:
        self.closed_for: ClosedFor | None = None
        self.changed = asyncio.Event()
        self.proved = True  # an order was accepted since the shop opened last
        self._troubles = 0
        self._stopping = False

    def check(self) -> None:
        """Raises `Restarting` and `SalesPaused`."""
        if self._stopping:
            raise Restarting
        if self.closed_for is not None:
            raise SalesPaused

    def check_running(self) -> None:
        """Raises `Restarting`."""
        if self._stopping:
            raise Restarting

    def stop(self) -> None:
        """The process is about to stop: no orders, no buttons."""
        self._stopping = True

    def answered(self) -> None:
        """The supplier is there."""
        self._troubles = 0

    def accepted(self) -> None:
        """The supplier has taken an order: whatever the shop was closed for is over."""
        self._troubles = 0
        self.proved = True

    def went_wrong(self, error: SupplierError) -> None:
        if isinstance(error, SupplierClosed):
            self.close(error.because)
        elif isinstance(error, SubmitUnknown | SupplierUnreachable):
            self._troubles += 1
            if self._troubles >= TROUBLES:
                self.close("down")

    def follow(self, closed_for: ClosedFor | None) -> None:
        """What another process has found out, and told."""
        if closed_for != self.closed_for and not self.changed.is_set():  # its own news are to be told first
            self._troubles = 0
            self.closed_for = closed_for
            self.changed.set()

    def close(self, because: ClosedFor) -> None:
        if self.closed_for is None:
            self.closed_for = because
            self.changed.set()

    def open(self) -> None:
        self._troubles = 0
        if self.closed_for is not None:
            self.closed_for = None
            self.proved = False
            self.changed.set()
