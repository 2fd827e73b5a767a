"""Puts right what an edit of ours may have spoilt, because it came after another process's.

A process that was paused, or whose edit waited for Discord, may change a card ("Making your image") that another one
has turned into the image meanwhile. Nobody else can know. So whoever lost a job, or edited the card of one that moves
on without it, comes back to it when it has ended, and shows the ending once more. Whoever took a started job over does
so too, a little later: the other one may be dead by then. In one process edits never overtake each other.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace

from bot.domain.errors import DeliveryError, FilesUnavailable, ImageError, StorageError
from bot.domain.job import Job, JobState
from bot.services.jobs.delays import Delays
from bot.services.jobs.delivery import DeliverySteps
from bot.services.jobs.job_steps import JobSteps, Stopping
from bot.services.jobs.messenger import Messenger
from bot.storage.engine.store import Store
from bot.storage.orders import jobs

log = logging.getLogger(__name__)

UNTIL_MS = 60 * 60_000  # after the order: by then every edit is done


class CardRepair:
    """`run` until `JobSteps.stop`."""

    def __init__(
        self, store: Store, steps: JobSteps, messenger: Messenger, delivery: DeliverySteps, *, delays: Delays
    ) -> None:
        self._store = store
        self._steps = steps
        self._messenger = messenger
        self._delivery = delivery
        self._delays = delays
        self._suspects: dict[str, tuple[Job, int]] = {}

    def recheck(self, job: Job, *, after_seconds: float = 0) -> None:
        """`job` as this process knew it when it last edited its card: with its token."""
        if self._store.shared:
            self._suspects[job.id] = job, self._steps.now() + int(after_seconds * 1000)

    def took_over(self, job: Job) -> None:
        """From a process that may still have an edit on its way. `job` as it was when it was claimed."""
        self.recheck(job, after_seconds=self._delays.mend)

    async def run(self) -> None:
        with suppress(Stopping):
            while True:
                await self._steps.pause(self._delays.round)
                due = [job for job, at in self._suspects.values() if at <= self._steps.now()]
                for job in due:
                    try:
                        done = await self._mend(job)
                    except (StorageError, DeliveryError, ImageError, FilesUnavailable) as error:
                        log.info("job %s: whether its card is right is not known yet: %s", job.id, error)
                        done = self._steps.now() - job.created_at > UNTIL_MS
                    if done:
                        self._suspects.pop(job.id, None)

    async def _mend(self, ours: Job) -> bool:
        """False while the job has not ended."""
        job = await self._store.read(jobs.get(ours.id))
        if job is None or job.state is JobState.HELD:
            return True  # whoever takes it up edits its card after us
        if not job.state.ended:
            return False
        known = replace(job, token=ours.token, token_until=ours.token_until)  # a delivered job's is erased
        if job.state is JobState.RELEASED:
            return await self._messenger.tell_released(known)
        if job.image is not None and not job.deleted:
            await self._delivery.show_once(known, job.image)
        return True
