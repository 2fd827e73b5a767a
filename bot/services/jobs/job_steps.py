"""What every step of a job needs: to commit it, to wait, to release the job, and to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from bot.domain.errors import DatabaseUnavailable, StorageError
from bot.domain.job import Job, ReleaseReason
from bot.services.jobs.messenger import Messenger
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Script, Store
from bot.storage.orders import jobs
from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

COMMIT_PAUSE_SECONDS = 2.0


class StopRequested(Exception):
    """This process is about to stop: the job stays as its row says, for the next run."""


class JobSteps:
    """`clock` gives Unix milliseconds."""

    def __init__(
        self,
        store: Store,
        messenger: Messenger,
        lease: ProcessLease,
        *,
        clock: Callable[[], int],
        metrics: Metrics | None = None,
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._lease = lease
        self._clock = clock
        self._metrics = metrics or Metrics()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End all waiting. A step that has begun is done to its end."""
        self._stopping.set()

    def now(self) -> int:
        return self._clock()

    async def write(self, step: Callable[[int], Script[Job]]) -> Job:
        """Commit the step that `step` makes for the present time. It is tried again while the database does not answer,
        because what it tells of has already happened.

        Raises `LeaseLost`, and `DatabaseUnavailable` when `stop` was called meanwhile.
        """
        while True:
            try:
                return await self._store.run(step(self._clock()))
            except DatabaseUnavailable:
                if self._stopping.is_set():
                    raise
                log.exception("a step could not be written; it is tried again")
                with suppress(StopRequested):
                    await self.pause(COMMIT_PAUSE_SECONDS)

    async def still_ours(self, job: Job) -> None:
        """Ask the database whether this process still owns the job, if its lease has expired meanwhile.

        It is called right before an act that can't be repeated. Raises `LeaseLost`, and `DatabaseUnavailable` when
        `stop` was called meanwhile.
        """
        while self._lease.expired:
            try:
                await self._lease.renew()
                await self._store.run(jobs.still_ours(job))
            except DatabaseUnavailable:
                if self._stopping.is_set():
                    raise
                log.exception("job %s: whether it is still ours could not be asked; it is tried again", job.id)
                with suppress(StopRequested):
                    await self.pause(COMMIT_PAUSE_SECONDS)

    async def release(self, job: Job, reason: ReleaseReason) -> Job:
        """End the job without a charge, and tell the member."""
        log.warning("job %s is released: %s", job.id, reason)
        released = await self.write(lambda now: jobs.released(job, reason, now=now))
        self._metrics.ended(released, now=self._clock())
        await self.tell(released)
        return released

    async def tell(self, released: Job) -> None:
        """Tell the member how it ended, and commit that. Where that fails, the aftercare tries again."""
        if await self._messenger.tell_released(released):
            with suppress(StorageError):
                await self._store.run(
                    jobs.care(
                        released,
                        told=True,
                        late_looks=released.late_looks,
                        next_at=self.now() + jobs.TELL_AGAIN_MS,
                        now=self.now(),
                    )
                )

    async def park(self, job: Job, seconds: float) -> None:
        """Leave the job in its state. It may be claimed again after so many seconds."""
        pause_ms = int(seconds * 1000)
        await self.write(lambda now: jobs.park(job, next_at=now + pause_ms, now=now))

    async def pause(self, seconds: float, *, unless: asyncio.Event | None = None) -> None:
        """Wait for so many seconds, or until `unless` is set. Raises `StopRequested` after `stop`."""
        if unless is not None:
            await self._pause_unless(seconds, unless)
        elif seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
        self.check()

    async def _pause_unless(self, seconds: float, unless: asyncio.Event) -> None:
        waits = {asyncio.create_task(event.wait()) for event in (self._stopping, unless)}
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def check(self) -> None:
        """Raises `StopRequested` after `stop`."""
        if self._stopping.is_set():
            raise StopRequested
