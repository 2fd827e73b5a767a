"""Watches the supplier's door: closes the shop before members meet a closed one, and opens it again by itself."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from bot.domain.errors import StorageError, SupplierClosed, SupplierError
from bot.domain.job import ReleaseReason
from bot.providers.base import ImageSupplier
from bot.services.jobs.circuit_breaker import CircuitBreaker, TripReason
from bot.services.jobs.delays import Delays
from bot.services.jobs.job_steps import JobSteps, Stopping
from bot.services.jobs.messenger import Messenger
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.orders import jobs
from bot.telemetry.log_context import stamping
from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

LONGEST_PROBE_FACTOR = 60  # half an hour, at the usual pace

_WHY: dict[TripReason, str] = {
    "key": "the image service does not accept the key (401): check ATLASCLOUD_API_KEY and ATLASCLOUD_BASE_URL",
    "funds": "the image service says that the balance is too low (402): top it up",
    "region": "the image service is closed to this region (451)",
    "forbidden": "the image service does not let this key in (403)",
    "balance": "the balance at the image service is under SUPPLIER_BALANCE_WARN_USD: top it up",
    "down": "the image service has not answered properly several times in a row",
}


class SupplierProbe:
    """`run` until `JobSteps.stop`. `least_micros`: the balance under which the shop closes; 0 for never."""

    def __init__(
        self,
        store: Store,
        steps: JobSteps,
        supplier: ImageSupplier,
        messenger: Messenger,
        breaker: CircuitBreaker,
        lease: ProcessLease,
        *,
        least_micros: int,
        delays: Delays,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._steps = steps
        self._supplier = supplier
        self._messenger = messenger
        self._breaker = breaker
        self._lease = lease
        self._least_micros = least_micros
        self._delays = delays
        self._metrics = metrics
        self._probes = 0

    async def run(self) -> None:
        with suppress(Stopping):
            await self._look()
            while True:
                await self._pause()
                if self._breaker.changed.is_set():
                    self._breaker.changed.clear()
                    await self._announce()
                else:
                    await self._look()

    async def _pause(self) -> None:
        """Until it is time to look again, or the shop has closed."""
        factor = min(2**self._probes, LONGEST_PROBE_FACTOR)
        seconds = self._delays.probe * factor if self._breaker.tripped_for else self._delays.balance
        await self._steps.pause(seconds, unless=self._breaker.changed)

    async def _look(self) -> None:
        """A closed shop opens when the balance can be read and is enough; an open one closes when it is not."""
        if not await self._on_duty():
            return
        try:
            micros = (await self._supplier.balance()).available_micros
        except SupplierClosed as error:
            # A key may lack the right to read the balance, and still buy images: that alone closes nothing.
            unreadable = error.because == "forbidden" and self._breaker.tripped_for != "key"
            enough = unreadable
            log.info("the supplier's balance can't be read: %s", error)
        except SupplierError as error:
            log.info("the supplier's balance can't be read: %s", error)
            enough = False
        else:
            self._metrics.supplier_has(micros)
            enough = micros >= self._least_micros
            if not enough:
                self._breaker.trip("balance")
        if self._breaker.tripped_for and enough:
            self._breaker.reset()
        elif self._breaker.tripped_for:
            self._probes += 1

    async def _announce(self) -> None:
        """Once for each change, to the log and to the operator's channel; members read it with their next order."""
        if not await self._is_news():
            self._probes = 0
            return
        because = self._breaker.tripped_for
        if because is None:
            words = "New images are made again."
            log.warning("open: %s", words)
        else:
            words = f"No new images are made: {_WHY[because]}. Members were told, and lost nothing."
            log.error("closed: %s", words)
            # Closed again before an order was accepted: opening was too early, and the next time comes later.
            self._probes = 0 if self._breaker.proved else self._probes + 1
            await self._send_home()
        await self._messenger.tell_operator(words)

    async def _on_duty(self) -> bool:
        """One process looks for all. Where the database does not answer, each looks for itself."""
        try:
            return await self._lease.is_leader("watch")
        except StorageError:
            return True

    async def _is_news(self) -> bool:
        try:
            return await self._breaker.share()
        except StorageError as error:
            log.warning("other processes could not be told: %s", error)
            return True

    async def _send_home(self) -> None:
        """Whoever waits in the line would wait for nothing."""
        try:
            for job_id in await self._store.read(jobs.line()):
                now = self._steps.now()
                job = await self._store.run(jobs.withdraw(job_id, ReleaseReason.CLOSED, now=now))
                if job:
                    self._metrics.ended(job, now=now)
                    with stamping(job=job.id, guild=job.wallet.guild_id):
                        await self._steps.tell(job)
                await asyncio.sleep(0)
        except StorageError:
            log.exception("those who wait could not be sent home; each is, when its turn comes")
