"""Looks every few seconds after jobs that wait and jobs that have ended.

It shows new places in the line, tells a release again where that failed, gives an image away that came late, and
deletes the messages of deleted images that are left.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from bot.domain.errors import DeliveryError, FilesUnavailable, ImageError, Refusal, StorageError, SupplierError
from bot.domain.job import Job, JobState
from bot.domain.showing import Showing
from bot.providers.base import Completed, Failed, ImageSupplier
from bot.services.jobs.card_repair import CardRepair
from bot.services.jobs.delays import Delays
from bot.services.jobs.delivery import DeliverySteps
from bot.services.jobs.job_steps import JobSteps, StopRequested
from bot.services.jobs.messenger import Messenger
from bot.services.jobs.showings import Showings
from bot.services.jobs.submission import SubmissionSteps
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Script, Store
from bot.storage.orders import jobs, showings
from bot.telemetry.log_context import bound_log_context

log = logging.getLogger(__name__)

TOLD_PLACES = 10  # only the cards of these are edited as the line moves: farther back there would be many edits
LEADER_LOCK = "caretaker"  # its name in the database, which older versions know too
AT_ONCE = 20  # ended jobs that one pass looks after
REMOVALS_AT_ONCE = 10  # messages that one pass deletes
TELL_UNTIL_MS = 24 * 3_600_000
LATE_PAUSE_MS = 10 * 60_000


class Aftercare:
    """`run` goes on until `JobSteps.stop`. One process at a time does it for all that share the database."""

    def __init__(
        self,
        store: Store,
        steps: JobSteps,
        supplier: ImageSupplier,
        messenger: Messenger,
        submission: SubmissionSteps,
        delivery: DeliverySteps,
        lease: ProcessLease,
        card_repair: CardRepair,
        shown: Showings,
        *,
        delays: Delays,
    ) -> None:
        self._store = store
        self._steps = steps
        self._supplier = supplier
        self._messenger = messenger
        self._submission = submission
        self._delivery = delivery
        self._lease = lease
        self._card_repair = card_repair
        self._showings = shown
        self._delays = delays
        self._told: dict[str, int] = {}

    async def run(self) -> None:
        with suppress(StopRequested):
            while True:
                await self._steps.pause(self._delays.aftercare)
                try:
                    if not await self._lease.is_leader(LEADER_LOCK):
                        continue
                    await self._tell_places()
                    ended, due = await self._store.read(_to_do(self._steps.now()))
                    for job in ended:
                        with bound_log_context(job=job.id, guild=job.wallet.guild_id, prediction=job.prediction_id):
                            await self._look_after(job)
                    await self._showings.remove(due)
                except StorageError:
                    log.exception("a round was cut short")

    async def _tell_places(self) -> None:
        """Edit the cards whose place has changed. The first card, sent with the order, already says its place."""
        line = await self._store.read(jobs.line())
        front = {job_id: place for job_id, place in line.items() if place <= TOLD_PLACES}
        moved = {job_id: place for job_id, place in front.items() if self._told.get(job_id, place) != place}
        self._told = front
        for job_id, place in moved.items():
            job = await self._store.read(jobs.get(job_id))
            if job and job.state is JobState.HELD and job.message_id:
                with bound_log_context(job=job.id, guild=job.wallet.guild_id):
                    await self._messenger.show_waiting(job, place)
                    self._card_repair.recheck(job)

    async def _look_after(self, job: Job) -> None:
        now = self._steps.now()
        too_old = now - job.created_at > TELL_UNTIL_MS
        told = job.told or too_old or await self._messenger.tell_released(job)
        looks: int | None = job.late_looks
        if looks and told:
            looks = await self._look_for_a_late_image(job)
        if looks is None:
            return
        pause_ms = LATE_PAUSE_MS if told else jobs.TELL_AGAIN_MS
        await self._store.run(jobs.care(job, told=told, late_looks=looks, next_at=now + pause_ms, now=now))

    async def _look_for_a_late_image(self, job: Job) -> int | None:
        """Returns how many looks are left; None where the image was shown without a charge, and that is committed."""
        try:
            age_seconds = (self._steps.now() - job.created_at) / 1000
            prediction = await self._supplier.poll(job.prediction_id or "", age_seconds=age_seconds)
            if isinstance(prediction, Failed):
                return 0
            if not isinstance(prediction, Completed):
                return job.late_looks - 1
            image = job.image or await self._submission.download_image(job, prediction)
            if image is None:
                return job.late_looks - 1
            if job.image is None:
                job = await self._store.run(jobs.gift(job, image, now=self._steps.now()))
            shown = await self._delivery.show_once(job, image)
        except (SupplierError, DeliveryError, ImageError, Refusal) as error:
            log.info("job %s: no late image: %s", job.id, error)
            return job.late_looks - 1
        except FilesUnavailable as error:  # this does not count as a look, and the other jobs go on
            log.warning("job %s: a late image can't be kept or read: %s", job.id, error)
            return job.late_looks
        log.info("job %s: its image came late, and was given", job.id)
        await self._store.run(
            jobs.gifted(job, channel_id=shown.channel_id, message_id=shown.message_id, now=self._steps.now())
        )
        return None


def _to_do(now: int) -> Script[tuple[list[Job], list[Showing]]]:
    """What one pass has to look after, in one trip."""
    ended = yield from jobs.aftercare(limit=AT_ONCE, now=now)
    return ended, (yield from showings.due(now=now, limit=REMOVALS_AT_ONCE))
