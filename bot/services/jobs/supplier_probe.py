"""Looks at the supplier's balance, trips the circuit breaker in time, and resets it when the supplier works again."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from bot.domain.errors import StorageError, SupplierClosed, SupplierError
from bot.domain.job import ReleaseReason
from bot.domain.operator_budget import MICROS
from bot.providers.base import ImageSupplier
from bot.services.jobs.circuit_breaker import CircuitBreaker, TripReason
from bot.services.jobs.delays import Delays
from bot.services.jobs.job_steps import JobSteps, StopRequested
from bot.services.jobs.messenger import Messenger
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.orders import jobs
from bot.storage.processes import shared_state
from bot.telemetry.log_context import bound_log_context
from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

LONGEST_PROBE_FACTOR = 60  # half an hour, with the usual delays
LOW = "supplier's balance is low"  # the name of the shared state in the database; empty while it is not
LEADER_LOCK = "watch"  # its name in the database, which older versions know too

_WHY: dict[TripReason, str] = {
    "key": "the image service does not accept the key (401): check ATLASCLOUD_API_KEY and ATLASCLOUD_BASE_URL",
    "funds": "the image service says that the balance is too low (402): top it up",
    "region": "the image service is closed to this region (451)",
    "forbidden": "the image service does not let this key in (403)",
    "balance": "the balance at the image service is too low (see SUPPLIER_BALANCE_STOP_USD): top it up",
    "down": "the image service has not answered properly several times in a row",
}


class SupplierProbe:
    """`run` goes on until `JobSteps.stop`.

    `warn_micros`: under this balance the operator is told; `least_micros`: under this one the breaker trips; 0 for
    never.
    """

    def __init__(
        self,
        store: Store,
        steps: JobSteps,
        supplier: ImageSupplier,
        messenger: Messenger,
        breaker: CircuitBreaker,
        lease: ProcessLease,
        *,
        warn_micros: int,
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
        self._warn_micros = warn_micros
        self._least_micros = least_micros
        self._delays = delays
        self._metrics = metrics
        self._probes = 0

    async def run(self) -> None:
        with suppress(StopRequested):
            await self._look()
            while True:
                await self._pause()
                if self._breaker.changed.is_set():
                    self._breaker.changed.clear()
                    await self._announce()
                else:
                    await self._look()

    async def _pause(self) -> None:
        """Wait until it is time to look again, or the circuit breaker has changed."""
        factor = min(2**self._probes, LONGEST_PROBE_FACTOR)
        seconds = self._delays.probe * factor if self._breaker.tripped_for else self._delays.balance
        await self._steps.pause(seconds, unless=self._breaker.changed)

    async def _look(self) -> None:
        """Trip the breaker where the balance is too low; reset it where the balance can be read and is enough."""
        if not await self._is_leader():
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
            await self._warn(micros, stopped=not enough)
        if self._breaker.tripped_for and enough:
            self._breaker.reset()
        elif self._breaker.tripped_for:
            self._probes += 1

    async def _warn(self, micros: int, *, stopped: bool) -> None:
        """Tell the operator once when the balance falls under the warning, also where the process starts anew."""
        is_low = micros < self._warn_micros
        try:
            is_news = await self._store.run(shared_state.put(LOW, "1" if is_low else ""))
        except StorageError as error:
            log.warning("whether the operator was warned of the balance could not be written down: %s", error)
            return
        if is_low and is_news and not stopped:  # where orders stop, `_announce` says so
            words = (
                f"The balance at the image service is US$ {micros / MICROS:.2f}, under SUPPLIER_BALANCE_WARN_USD: "
                "top it up. Images are still made."
            )
            log.warning("%s", words)
            await self._messenger.tell_operator(words)

    async def _announce(self) -> None:
        """Tell each change once, in the log and in the operator's channel. Members read it with their next order."""
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
            # Tripped again before an order was accepted: the reset was too early, so the next one comes later.
            self._probes = 0 if self._breaker.accepted_since_reset else self._probes + 1
            await self._release_waiting()
        await self._messenger.tell_operator(words)

    async def _is_leader(self) -> bool:
        """One process looks for all. While the database does not answer, each process looks for itself."""
        try:
            return await self._lease.is_leader(LEADER_LOCK)
        except StorageError:
            return True

    async def _is_news(self) -> bool:
        try:
            return await self._breaker.share()
        except StorageError as error:
            log.warning("other processes could not be told: %s", error)
            return True

    async def _release_waiting(self) -> None:
        """Release the jobs that wait in the line: they would wait in vain."""
        try:
            for job_id in await self._store.read(jobs.line()):
                now = self._steps.now()
                job = await self._store.run(jobs.withdraw(job_id, ReleaseReason.CLOSED, now=now))
                if job:
                    self._metrics.ended(job, now=now)
                    with bound_log_context(job=job.id, guild=job.wallet.guild_id):
                        await self._steps.tell(job)
                await asyncio.sleep(0)
        except StorageError:
            log.exception("those who wait could not be sent home; each is, when its turn comes")
