"""The steps stored -> posting -> delivered: the image is shown to the member, and only then charged."""

from __future__ import annotations

import logging

from bot.domain.errors import (
    BrokenImage,
    CannotFit,
    DiscordUnavailable,
    FilesUnavailable,
    PictureTooLarge,
    Undeliverable,
)
from bot.domain.job import Job, JobState, Picture, ReleaseReason, Shown, StoredImage
from bot.media.fit import Fitted, Fitter
from bot.services.jobs.delays import Delays
from bot.services.jobs.job_steps import JobSteps
from bot.services.jobs.messenger import Messenger
from bot.storage.files.base import Files
from bot.storage.orders import jobs
from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

DELIVERY_LIMIT_MS = 60 * 60_000  # how long a job waits for Discord, or for the place where images are kept
SMALLER = 0.6  # the next copy has so many of the bytes that Discord did not take


class DeliverySteps:
    def __init__(
        self,
        steps: JobSteps,
        messenger: Messenger,
        *,
        images: Files,
        fitter: Fitter,
        delays: Delays,
        metrics: Metrics,
    ) -> None:
        self._steps = steps
        self._messenger = messenger
        self._images = images
        self._fitter = fitter
        self._delays = delays
        self._metrics = metrics

    async def stored(self, job: Job) -> Job | None:
        """Commit that the image is about to be shown, then show it: a crash in between is found by its state.

        Returns None where the job has to wait for Discord, or for the place where images are kept.
        """
        try:
            if job.image and job.image.unsafe and not await self._messenger.may_show_unsafe(job):
                return await self._steps.release(job, ReleaseReason.UNSAFE)
        except DiscordUnavailable:
            await self._steps.park(job, self._delays.discord)
            return None
        return await self._show(job, look_first=False)

    async def posting(self, job: Job) -> Job | None:
        """A job is found in this state only after a crash while it was shown: look first whether it was."""
        return await self._show(job, look_first=True)

    async def show_once(self, job: Job, image: StoredImage) -> Shown:
        """Show the image by one try, without a charge: for an image that came after the release.

        Raises `DeliveryError`, `ImageError` and `FilesUnavailable`.
        """
        data = await self._images.read(image.name)
        if data is None or (image.unsafe and not await self._messenger.may_show_unsafe(job)):
            raise Undeliverable(detail="gone, or not to be shown here")
        picture = await self._picture(data, job.file_limit_bytes)
        return await self._messenger.deliver(job, picture, look_first=True)

    async def _show(self, job: Job, *, look_first: bool) -> Job | None:
        image = job.image
        try:
            data = await self._images.read(image.name) if image else None
        except FilesUnavailable as error:
            return await self._put_off(job, error)
        if image is None or data is None:
            return await self._steps.release(job, ReleaseReason.NO_IMAGE)
        if job.state is JobState.STORED:
            stored = job
            job = await self._steps.write(lambda now: jobs.posting(stored, now=now))
        try:
            return await self._hand_over(job, image, data, look_first=look_first)
        except BrokenImage:
            return await self._steps.release(job, ReleaseReason.NO_IMAGE)
        except (CannotFit, Undeliverable) as error:
            log.warning("job %s can't be shown: %s", job.id, error)
            return await self._steps.release(job, ReleaseReason.UNDELIVERABLE)

    async def _put_off(self, job: Job, error: FilesUnavailable) -> Job | None:
        log.warning("job %s: its image can't be read, it waits: %s", job.id, error)
        if self._steps.now() - job.created_at > DELIVERY_LIMIT_MS:
            return await self._steps.release(job, ReleaseReason.UNDELIVERABLE)
        await self._steps.park(job, self._delays.busy)
        return None

    async def _hand_over(self, job: Job, image: StoredImage, data: bytes, *, look_first: bool) -> Job:
        """Show the image: smaller each time that Discord finds it too large, again while it does not answer."""
        limit_bytes = job.file_limit_bytes
        picture = await self._picture(data, limit_bytes)
        while True:
            await self._steps.still_ours(job)
            try:
                shown = await self._messenger.deliver(job, picture, look_first=look_first)
            except PictureTooLarge:
                limit_bytes = int(min(limit_bytes, len(picture.data)) * SMALLER)
                picture = await self._picture(data, limit_bytes)
            except DiscordUnavailable as error:
                log.warning("job %s: Discord does not answer, image %s waits: %s", job.id, image.name, error)
                if self._steps.now() - job.created_at > DELIVERY_LIMIT_MS:
                    raise Undeliverable(detail="Discord did not answer for too long") from error
                await self._steps.pause(self._delays.discord)
                look_first = True
            else:
                return await self._charge(job, shown)

    async def _charge(self, job: Job, shown: Shown) -> Job:
        delivered = await self._steps.write(
            lambda now: jobs.delivered(job, channel_id=shown.channel_id, message_id=shown.message_id, now=now)
        )
        self._metrics.ended(delivered, now=self._steps.now())
        return delivered

    async def _picture(self, data: bytes, limit_bytes: int) -> Picture:
        fitted = await self._fitter.fit(data, limit_bytes=limit_bytes)
        if fitted.reencoded:
            self._metrics.reencoded()
        return as_picture(fitted)


def as_picture(fitted: Fitted) -> Picture:
    return Picture(
        data=fitted.data,
        extension=fitted.extension,
        width=fitted.width,
        height=fitted.height,
        shrunk=fitted.reencoded,
        content_credentials=fitted.content_credentials,
    )
