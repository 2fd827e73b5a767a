"""The steps stored -> posting -> delivered: the image is shown to the member, and only then charged.

An image that can be shown nowhere is `awaiting`: its credits stay on hold, and it is tried again a few times.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from bot.domain.awaiting import next_look
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
from bot.services.jobs.job_steps import JobSteps, StopRequested
from bot.services.jobs.messenger import Messenger
from bot.storage.files.base import Files
from bot.storage.orders import jobs
from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

DELIVERY_LIMIT_MS = 60 * 60_000  # how long a job waits for Discord, or for the place where images are kept
SMALLER = 0.6  # the next copy has so many of the bytes that Discord did not take
TELL_AGAIN = 8  # times, each after twice the pause: an hour in all


class DeliverySteps:
    def __init__(
        self,
        steps: JobSteps,
        messenger: Messenger,
        *,
        images: Files,
        fitter: Fitter,
        delays: Delays,
        awaiting_ms: int,
        metrics: Metrics,
    ) -> None:
        """`awaiting_ms`: how long an image that can be shown nowhere waits until it is given up."""
        self._steps = steps
        self._messenger = messenger
        self._images = images
        self._fitter = fitter
        self._delays = delays
        self._awaiting_ms = awaiting_ms
        self._metrics = metrics

    async def stored(self, job: Job) -> Job | None:
        """Commit that the image is about to be shown, then show it: a crash in between is found by its state.

        Returns None where the job has to wait for Discord, or for the place where images are kept.
        """
        try:
            if not await self._may_be_shown(job):
                return await self._steps.release(job, ReleaseReason.UNSAFE)
        except DiscordUnavailable:
            await self._steps.park(job, self._delays.discord)
            return None
        return await self._show(job, look_first=False)

    async def posting(self, job: Job) -> Job | None:
        """A job is found in this state only after a crash while it was shown: look first whether it was."""
        return await self._show(job, look_first=True)

    async def awaiting(self, job: Job) -> Job | None:
        """Try once more to show an image that could be shown nowhere. After a long time, give it up.

        An earlier try may have shown it, if Discord's answer was lost: so look first.
        """
        if job.awaiting_since is None or self._steps.now() >= job.awaiting_since + self._awaiting_ms:
            return await self.give_up(job)
        try:
            allowed = await self._may_be_shown(job)
        except DiscordUnavailable:
            allowed = False
        if not allowed:
            await self._wait_on(job)
            return None
        return await self._show(job, look_first=True)

    async def give_up(self, job: Job) -> Job | None:
        """Erase an image that waits and give the credits back. Returns None where that can't be done just now."""
        return await self._end(job, ReleaseReason.GIVEN_UP)

    async def show_once(self, job: Job, image: StoredImage) -> Shown:
        """Show the image by one try, without a charge: for an image that came after the release.

        Raises `DeliveryError`, `ImageError` and `FilesUnavailable`.
        """
        data = await self._images.read(image.name)
        if data is None or (image.unsafe and not await self._messenger.may_show_unsafe(job)):
            raise Undeliverable(detail="gone, or not to be shown here")
        picture = await self._picture(data, job.file_limit_bytes)
        shown = await self._messenger.deliver(job, picture, look_first=True)
        await self._messenger.tell_where(job, shown)
        return shown

    async def _may_be_shown(self, job: Job) -> bool:
        """Is the channel age-restricted, where the image needs that? Raises `DiscordUnavailable`."""
        return not (job.image and job.image.unsafe) or await self._messenger.may_show_unsafe(job)

    async def _show(self, job: Job, *, look_first: bool) -> Job | None:
        image = job.image
        try:
            data = await self._images.read(image.name) if image else None
        except FilesUnavailable as error:
            await self._put_off(job, error)
            return None
        if image is None or data is None:
            return await self._end(job, _reason_without_file(job))
        job = await self._begin_posting(job)
        try:
            return await self._hand_over(job, image, data, look_first=look_first)
        except BrokenImage:
            return await self._end(job, _reason_without_file(job))
        except (CannotFit, Undeliverable) as error:
            log.warning("job %s can't be shown: %s", job.id, error)
            await self._await(job, in_doubt=isinstance(error, Undeliverable) and error.in_doubt)
            return None

    async def _end(self, job: Job, reason: ReleaseReason) -> Job | None:
        """End the job without a charge, unless an earlier try has shown the image after all: then charge it.

        The file goes before the row. Returns None where that can't be known, or not be done, just now.
        """
        try:
            shown = None if job.state is JobState.STORED else await self._messenger.find_image(job)
            if shown is None and job.image and reason is ReleaseReason.GIVEN_UP:
                await self._images.erase(job.image.name)
        except (DiscordUnavailable, FilesUnavailable) as error:
            log.warning("job %s can't be ended yet: %s", job.id, error)
            await self._steps.park(job, self._delays.busy)
            return None
        if shown is None:
            return await self._steps.release(job, reason)
        await self._messenger.tell_where(job, shown)
        return await self._charge(await self._begin_posting(job), shown)

    async def _begin_posting(self, job: Job) -> Job:
        if job.state is JobState.POSTING:
            return job
        return await self._steps.write(lambda now: jobs.posting(job, now=now))

    async def _await(self, job: Job, *, in_doubt: bool = False) -> None:
        """Keep the image and its hold until it is tried again, and let the card say so.

        The card comes first, while the job is ours: later, this edit might take the place of the image.
        """
        await self._messenger.tell_awaiting(job)
        await self._steps.write(
            lambda now: jobs.awaiting(job, next_at=self._next_look(job, now, in_doubt=in_doubt), now=now)
        )

    async def _wait_on(self, job: Job) -> None:
        """Leave the image where it is until the next try."""
        await self._steps.write(lambda now: jobs.park(job, next_at=self._next_look(job, now), now=now))

    def _next_look(self, job: Job, now: int, *, in_doubt: bool = False) -> int:
        since = now if job.awaiting_since is None else job.awaiting_since
        return next_look(since, longest_ms=self._awaiting_ms, now=now, in_doubt=in_doubt)

    async def _put_off(self, job: Job, error: FilesUnavailable) -> None:
        log.warning("job %s: its image can't be read, it waits: %s", job.id, error)
        if job.state is JobState.AWAITING:
            await self._wait_on(job)
        elif self._is_late(job):
            await self._await(job)
        else:
            await self._steps.park(job, self._delays.busy)

    def _is_late(self, job: Job) -> bool:
        """Was Discord, or the place of the images, waited for long enough? A token that works is always tried on."""
        return self._steps.now() > max(job.created_at + DELIVERY_LIMIT_MS, job.token_until)

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
                if self._is_late(job):
                    raise Undeliverable(detail="Discord did not answer for too long", in_doubt=True) from error
                await self._steps.pause(max(self._delays.discord, error.wait_seconds))
                look_first = True
            else:
                return await self._finish(job, shown)

    async def _finish(self, job: Job, shown: Shown) -> Job:
        """Charge the image. If another message shows it, our answer says so, at once or some time after the charge."""
        told = await self._messenger.tell_where(job, shown)  # first: after a crash, a job in `posting` is looked after
        delivered = await self._charge(job, shown)
        with suppress(StopRequested):
            for number in range(TELL_AGAIN):
                if told:
                    break
                await self._steps.pause(self._delays.busy * 2**number)
                told = await self._messenger.tell_where(job, shown)
        return delivered

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


def _reason_without_file(job: Job) -> ReleaseReason:
    """The file is gone or damaged: one that waits for its member may be missing in a restored backup."""
    return ReleaseReason.NO_IMAGE if job.awaiting_since is None else ReleaseReason.GIVEN_UP


def as_picture(fitted: Fitted) -> Picture:
    return Picture(
        data=fitted.data,
        extension=fitted.extension,
        width=fitted.width,
        height=fitted.height,
        shrunk=fitted.reencoded,
        content_credentials=fitted.content_credentials,
    )
