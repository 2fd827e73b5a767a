"""Goes round every few seconds: says the places in the line, tells endings again, brings late images as gifts."""

from __future__ import annotations

import logging
from contextlib import suppress

from bot.domain.errors import DeliveryError, FilesUnavailable, ImageError, Refusal, StorageError, SupplierError
from bot.domain.job import Job, JobState
from bot.providers.base import Completed, Failed, ImageSupplier
from bot.services.jobs.card_repair import CardRepair
from bot.services.jobs.delays import Delays
from bot.services.jobs.delivery import DeliverySteps
from bot.services.jobs.job_steps import JobSteps, Stopping
from bot.services.jobs.messenger import Messenger
from bot.services.jobs.submission import SubmissionSteps
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.orders import jobs
from bot.telemetry.log_context import stamping

log = logging.getLogger(__name__)

TOLD_PLACES = 10  # whose cards follow the line; farther back, a place says little, and edits are many
AT_ONCE = 20  # endings looked after in one round
TELL_UNTIL_MS = 24 * 3_600_000
LATE_PAUSE_MS = 10 * 60_000


class Aftercare:
    """`run` until `JobSteps.stop`."""

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
        self._delays = delays
        self._told: dict[str, int] = {}

    async def run(self) -> None:
        with suppress(Stopping):
            while True:
                await self._steps.pause(self._delays.round)
                try:
                    if not await self._lease.is_leader("caretaker"):
                        continue
                    await self._tell_places()
                    for job in await self._store.read(jobs.aftercare(limit=AT_ONCE, now=self._steps.now())):
                        with stamping(job=job.id, guild=job.wallet.guild_id, prediction=job.prediction_id):
                            await self._look_after(job)
                except StorageError:
                    log.exception("a round was cut short")

    async def _tell_places(self) -> None:
        """On change only. The first card, when the order is placed, says the place by itself."""
        line = await self._store.read(jobs.line())
        front = {job_id: place for job_id, place in line.items() if place <= TOLD_PLACES}
        moved = {job_id: place for job_id, place in front.items() if self._told.get(job_id, place) != place}
        self._told = front
        for job_id, place in moved.items():
            job = await self._store.read(jobs.get(job_id))
            if job and job.state is JobState.HELD and job.message_id:
                with stamping(job=job.id, guild=job.wallet.guild_id):
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
        """How many looks are left; None where the image was brought, as a gift, and that is written down."""
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
        except FilesUnavailable as error:  # it costs no look, and others are looked after all the same
            log.warning("job %s: a late image can't be kept or read: %s", job.id, error)
            return job.late_looks
        log.info("job %s: its image came late, and was given", job.id)
        await self._store.run(
            jobs.gifted(job, channel_id=shown.channel_id, message_id=shown.message_id, now=self._steps.now())
        )
        return None
