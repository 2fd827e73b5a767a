"""The pipeline of a job, wired once: all parts that move a job from placed to delivered or released.

The bot, the tests and the benches give it what it works with. It knows neither Discord nor the settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.domain.awaiting import longest_ms
from bot.domain.pricing import Pricing
from bot.media.fit import Fitter
from bot.providers.base import ImageSupplier
from bot.services.jobs.aftercare import Aftercare
from bot.services.jobs.card_repair import CardRepair
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.closed_models import ClosedModels
from bot.services.jobs.delays import Delays
from bot.services.jobs.delivery import DeliverySteps
from bot.services.jobs.job_steps import JobSteps
from bot.services.jobs.messenger import Messenger
from bot.services.jobs.poll_schedule import PollSchedule
from bot.services.jobs.rate_limits import LocalRateLimiter, RateLimiter, SharedRateLimiter
from bot.services.jobs.showings import Showings
from bot.services.jobs.submission import RateLimiters, SubmissionSteps
from bot.services.jobs.supplier_probe import SupplierProbe
from bot.services.jobs.worker import Worker
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.files.base import Files
from bot.telemetry.metrics import Metrics

POLL_BURST = 5  # requests at once, before the limit per second counts
SUBMIT_BURST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineLimits:
    """`supplier_running` and the rates count for all processes that share the database, `member_running` for a member.

    `awaiting_ms`: how long an image that can be shown nowhere waits for its member.
    `warn_balance_micros`: the operator is told when the supplier's balance is lower; 0 for never.
    `least_balance_micros`: the circuit breaker trips when the supplier's balance is lower; 0 for never.
    `stop_seconds`: how long a stop waits for steps that are being done.
    """

    supplier_running: int
    member_running: int
    polls_per_second: float
    submits_per_second: float
    awaiting_ms: int = longest_ms(0)
    warn_balance_micros: int = 0
    least_balance_micros: int = 0
    stop_seconds: float


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Each part is made when it is first asked for. `runs` go on until `stop`.

    `work` is set when a job is placed. `clock` gives Unix milliseconds.
    """

    store: Store
    supplier: ImageSupplier
    messenger: Messenger
    lease: ProcessLease
    breaker: CircuitBreaker
    closed_models: ClosedModels
    clips: Files
    images: Files
    fitter: Fitter
    pricing: Pricing
    limits: PipelineLimits
    delays: Delays
    poll_schedule: PollSchedule
    work: asyncio.Event
    clock: Callable[[], int]
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def runs(self) -> Mapping[str, Callable[[], Coroutine[Any, Any, None]]]:
        """What runs side by side until `stop`, by its name."""
        return {
            "worker": self.worker.run,
            "aftercare": self.aftercare.run,
            "supplier probe": self.supplier_probe.run,
            "card repair": self.card_repair.run,
        }

    async def stop(self) -> None:
        """Take no new orders and no more jobs. Each job finishes the step it is in; the next run goes on from there."""
        self.breaker.stop()
        self.closed_models.stop()
        await self.worker.stop()

    @cached_property
    def rate_limiters(self) -> RateLimiters:
        return RateLimiters(
            polls=self._rate_limiter("polls", self.limits.polls_per_second, POLL_BURST),
            submits=self._rate_limiter("submits", self.limits.submits_per_second, SUBMIT_BURST),
        )

    def _rate_limiter(self, name: str, per_second: float, burst: int) -> RateLimiter:
        if self.store.shared:
            return SharedRateLimiter(self.store, name, per_second=per_second, burst=burst, clock=self.clock)
        return LocalRateLimiter(per_second=per_second, burst=burst)

    @cached_property
    def steps(self) -> JobSteps:
        return JobSteps(self.store, self.messenger, self.lease, clock=self.clock, metrics=self.metrics)

    @cached_property
    def submission(self) -> SubmissionSteps:
        return SubmissionSteps(
            self.steps,
            self.supplier,
            self.messenger,
            clips=self.clips,
            images=self.images,
            fitter=self.fitter,
            breaker=self.breaker,
            closed_models=self.closed_models,
            poll_schedule=self.poll_schedule,
            rate_limiters=self.rate_limiters,
            pricing=self.pricing,
            delays=self.delays,
            metrics=self.metrics,
        )

    @cached_property
    def delivery(self) -> DeliverySteps:
        return DeliverySteps(
            self.steps,
            self.messenger,
            images=self.images,
            fitter=self.fitter,
            delays=self.delays,
            awaiting_ms=self.limits.awaiting_ms,
            metrics=self.metrics,
        )

    @cached_property
    def card_repair(self) -> CardRepair:
        return CardRepair(self.store, self.steps, self.messenger, self.delivery, delays=self.delays)

    @cached_property
    def worker(self) -> Worker:
        return Worker(
            self.store,
            self.steps,
            self.submission,
            self.delivery,
            self.lease,
            self.card_repair,
            work=self.work,
            supplier_limit=self.limits.supplier_running,
            member_limit=self.limits.member_running,
            stop_seconds=self.limits.stop_seconds,
        )

    @cached_property
    def aftercare(self) -> Aftercare:
        return Aftercare(
            self.store,
            self.steps,
            self.supplier,
            self.messenger,
            self.submission,
            self.delivery,
            self.lease,
            self.card_repair,
            Showings(self.store, lambda: self.messenger, clock=self.clock),
            delays=self.delays,
        )

    @cached_property
    def supplier_probe(self) -> SupplierProbe:
        return SupplierProbe(
            self.store,
            self.steps,
            self.supplier,
            self.messenger,
            self.breaker,
            self.lease,
            warn_micros=self.limits.warn_balance_micros,
            least_micros=self.limits.least_balance_micros,
            delays=self.delays,
            metrics=self.metrics,
        )
