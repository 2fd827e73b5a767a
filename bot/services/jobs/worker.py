"""Takes jobs up and takes each through its states. Each step is committed before the next begins.

A job that is taken up again after a crash goes through the same code: its row decides what is safe to do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from bot.domain.errors import DatabaseUnavailable, LeaseLost, StorageError
from bot.domain.job import Job, JobState
from bot.services.jobs.card_repair import CardRepair
from bot.services.jobs.delivery import DeliverySteps
from bot.services.jobs.job_steps import JobSteps, StopRequested
from bot.services.jobs.submission import SubmissionSteps
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.orders import jobs
from bot.telemetry.log_context import bind_log_context

log = logging.getLogger(__name__)

IDLE_LOOK_SECONDS = 30.0  # in case a wake-up call was lost
SHARED_LOOK_SECONDS = 5.0  # also for jobs of processes that died, which send no call
TROUBLE_PAUSE_SECONDS = 5.0
BUG_PAUSE_SECONDS = 60.0  # after an error of our own code
AT_SUPPLIER = frozenset({JobState.HELD, JobState.SUBMITTING, JobState.RUNNING})

Step = Callable[[Job], Awaitable[Job | None]]


class Worker:
    """One per process: `run` goes on until `stop`. `work` is set when a job is placed or answered.

    `supplier_limit`: how many jobs of all processes may be at the supplier at once; `member_limit`: of one member.
    `stop_seconds`: how long a stop waits for steps that are being done.
    """

    def __init__(
        self,
        store: Store,
        steps: JobSteps,
        submission: SubmissionSteps,
        delivery: DeliverySteps,
        lease: ProcessLease,
        card_repair: CardRepair,
        *,
        work: asyncio.Event,
        supplier_limit: int,
        member_limit: int,
        stop_seconds: float,
    ) -> None:
        self._store = store
        self._steps = steps
        self._step_of: Mapping[JobState, Step] = {
            JobState.HELD: submission.held,
            JobState.SUBMITTING: submission.submitting,
            JobState.RUNNING: submission.running,
            JobState.STORED: delivery.stored,
            JobState.POSTING: delivery.posting,
            JobState.AWAITING: delivery.awaiting,
        }
        self._supplier_limit = supplier_limit
        self._member_limit = member_limit
        self._stop_seconds = stop_seconds
        self._lease = lease
        self._card_repair = card_repair
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_supplier: set[str] = set()
        self._work = work
        self._first = True
        self._unsure = False  # whether a claim was committed
        self._driving: set[str] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Returns after `stop`."""
        while not self._stopping.is_set():
            self._work.clear()
            try:
                pause_seconds = await self._take_up()
            except DatabaseUnavailable:
                log.exception("the database does not answer: no job is taken up")
                self._unsure = True
                pause_seconds = TROUBLE_PAUSE_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(self._work.wait(), pause_seconds)

    async def stop(self) -> None:
        """Take no more jobs up, and let each job finish the step it is in. The next run goes on from there."""
        self._stopping.set()
        self._steps.stop()
        self._work.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._stop_seconds)
            for task in late:
                log.warning("%s did not finish its step in time", task.get_name())
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _take_up(self) -> float:
        """Start what is due. Returns the seconds until something else may be."""
        if self._lease.expired:  # a claim of a process without a lease is not respected by others
            await self._lease.renew()
        if self._unsure:  # a claim may be committed though its answer was lost: its jobs would wait for ever
            if loose := await self._store.run(jobs.let_go(self._lease.id, but=self._driving)):
                log.warning("%d jobs were claimed without our knowing, and are free again", loose)
            self._unsure = False
        now, owner, grace_ms = self._steps.now(), self._lease.id, self._lease.grace_ms
        limits = {"at_supplier": self._supplier_limit, "each": self._member_limit}
        claimed, due = await self._store.run(jobs.take_up(owner, **limits, grace_ms=grace_ms, now=now))
        if self._first and claimed:
            log.info("%d unfinished jobs are taken up again", len(claimed))
        self._first = False
        for job in claimed:
            self._driving.add(job.id)
            if job.state in AT_SUPPLIER:
                self._at_supplier.add(job.id)
            task = asyncio.create_task(self._drive(job), name=f"job {job.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        idle_seconds = SHARED_LOOK_SECONDS if self._store.shared else IDLE_LOOK_SECONDS
        if due is None or len(self._at_supplier) >= self._supplier_limit:  # a job that leaves the supplier wakes us
            return idle_seconds
        return min(idle_seconds, max(0.0, (due - self._steps.now()) / 1000))

    async def _drive(self, job: Job) -> None:
        """Do the job's steps until it has ended, is parked, or the process stops. Never raises."""
        bind_log_context(job=job.id, guild=job.wallet.guild_id, prediction=job.prediction_id)
        current: Job | None = job
        try:
            while current and not current.state.ended:
                log.info("job %s is %s", job.id, current.state)
                if current.state not in AT_SUPPLIER:
                    self._leave_supplier(job.id)
                self._steps.check()
                current = await self._step_of[current.state](current)
            log.info("job %s is %s", job.id, current.state if current else "parked")
            if job.state is not JobState.HELD:
                self._card_repair.took_over(job)
        except StopRequested:
            log.info("job %s waits for the next run", job.id)
        except LeaseLost:
            log.warning("job %s was taken up by somebody else", job.id)
            self._card_repair.recheck(job)
        except Exception:
            log.exception("job %s met an error that nobody foresaw; it is taken up again", job.id)
            with suppress(StorageError):  # then the next run takes it up
                await self._steps.park(job, BUG_PAUSE_SECONDS)
        finally:
            self._driving.discard(job.id)
            self._leave_supplier(job.id)

    def _leave_supplier(self, job_id: str) -> None:
        self._at_supplier.discard(job_id)
        self._work.set()
