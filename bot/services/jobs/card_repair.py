"""Repairs a card where an edit of this process may have come after the edit of another process.

A process that was paused, or whose edit waited for Discord, may write "Making your image" over the image that another
process has shown meanwhile. Only the process that sent the late edit can know. So a process that lost a job, or edited
the card of a job that moves on without it, checks the job again when it has ended, and shows the ending once more. A
process that took over a started job does the same, a little later, because the other process may be dead by then.
Within one process edits never overtake each other.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace

from bot.domain.errors import DeliveryError, FilesUnavailable, ImageError, StorageError
from bot.domain.job import Job, JobState
from bot.services.jobs.delays import Delays
from bot.services.jobs.delivery import DeliverySteps
from bot.services.jobs.job_steps import JobSteps, StopRequested
from bot.services.jobs.messenger import Messenger
from bot.storage.engine.store import Store
from bot.storage.orders import jobs

log = logging.getLogger(__name__)

GIVE_UP_MS = 60 * 60_000  # after the order: no edit takes longer


class CardRepair:
    """`run` goes on until `JobSteps.stop`."""

    def __init__(
        self, store: Store, steps: JobSteps, messenger: Messenger, delivery: DeliverySteps, *, delays: Delays
    ) -> None:
        self._store = store
        self._steps = steps
        self._messenger = messenger
        self._delivery = delivery
        self._delays = delays
        self._rechecks: dict[str, tuple[Job, int]] = {}

    def recheck(self, job: Job, *, after_seconds: float = 0) -> None:
        """Look at the card again after the delay. `job` is as this process knew it at its last edit, with its token."""
        if self._store.shared:
            self._rechecks[job.id] = job, self._steps.now() + int(after_seconds * 1000)

    def took_over(self, job: Job) -> None:
        """Another process had this job, and may still have an edit on its way. `job` is as it was claimed."""
        self.recheck(job, after_seconds=self._delays.card_repair)

    async def run(self) -> None:
        with suppress(StopRequested):
            while True:
                await self._steps.pause(self._delays.aftercare)
                due = [job for job, at in self._rechecks.values() if at <= self._steps.now()]
                for job in due:
                    try:
                        done = await self._repair(job)
                    except (StorageError, DeliveryError, ImageError, FilesUnavailable) as error:
                        log.info("job %s: whether its card is right is not known yet: %s", job.id, error)
                        done = self._steps.now() - job.created_at > GIVE_UP_MS
                    if done:
                        self._rechecks.pop(job.id, None)

    async def _repair(self, ours: Job) -> bool:
        """Show the ending once more. Returns False while the job has not ended."""
        job = await self._store.read(jobs.get(ours.id))
        if job is None or job.state in {JobState.HELD, JobState.AWAITING}:
            return True  # the process that takes it up edits its card after us
        if not job.state.ended:
            return False
        known = replace(job, token=ours.token, token_until=ours.token_until)  # a delivered job's row has none
        if job.state is JobState.RELEASED:
            return await self._messenger.tell_released(known)
        if job.image is not None and not job.deleted:
            await self._delivery.show_once(known, job.image)
        return True
