"""The steps held -> submitting -> running -> stored: the image is ordered from the supplier and downloaded.

One POST orders the image, and it may never be repeated. So nothing but this POST lies between the commit of submitting
and the commit of running; everything that may be repeated comes before or after.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.errors import (
    BrokenImage,
    ContentRefused,
    DiscordUnavailable,
    FilesUnavailable,
    FileTooLarge,
    PredictionLost,
    SubmitUnknown,
    SupplierBusy,
    SupplierClosed,
    SupplierError,
    SupplierRejected,
    SupplierUnreachable,
)
from bot.domain.failure import Failure
from bot.domain.job import Job, JobState, ReleaseReason, StoredImage, reason_of
from bot.domain.models import WhyClosed
from bot.domain.pricing import Pricing
from bot.domain.recipe import AttachedVideo, Recipe, size_of
from bot.media.fit import Fitter, ImageFacts
from bot.providers.base import Completed, Failed, ImageSupplier, Output, OutputUrl, Prediction, Submission, Waiting
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.closed_models import ClosedModels
from bot.services.jobs.delays import Delays
from bot.services.jobs.job_steps import JobSteps
from bot.services.jobs.messenger import Messenger
from bot.services.jobs.poll_schedule import PollSchedule
from bot.services.jobs.rate_limits import RateLimiter
from bot.storage.files.base import Files, sha256_of
from bot.storage.orders import jobs
from bot.telemetry.log_context import bind_log_context
from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

WAIT_LIMIT_SECONDS = 10 * 60.0  # for an image; the supplier's own limit is not known
FOUND_RUNNING_SECONDS = 2.0  # older than this, a job was not submitted by this run of the process
TURN_LIMIT_MS = 60 * 60_000  # how long a job waits for its turn
DOWNLOAD_TRIES = 3  # for an image that comes broken, or not at all


@dataclass(frozen=True, slots=True)
class RateLimiters:
    """The limits that all jobs share."""

    polls: RateLimiter
    submits: RateLimiter


_CLOSED_FOR = {
    WhyClosed.GONE: ReleaseReason.MODEL_GONE,
    WhyClosed.FAILING: ReleaseReason.MODEL_FAILING,
}


class CannotPrepare(Exception):
    """The order can't be sent: a file is not kept any more, or its model is no row any more."""

    def __init__(self, reason: ReleaseReason) -> None:
        super().__init__(reason)
        self.reason = reason


class SubmissionSteps:
    def __init__(
        self,
        steps: JobSteps,
        supplier: ImageSupplier,
        messenger: Messenger,
        *,
        clips: Files,
        images: Files,
        fitter: Fitter,
        breaker: CircuitBreaker,
        closed_models: ClosedModels,
        poll_schedule: PollSchedule,
        rate_limiters: RateLimiters,
        pricing: Pricing,
        delays: Delays,
        metrics: Metrics,
    ) -> None:
        self._steps = steps
        self._supplier = supplier
        self._messenger = messenger
        self._clips = clips
        self._images = images
        self._fitter = fitter
        self._breaker = breaker
        self._closed_models = closed_models
        self._poll_schedule = poll_schedule
        self._rate_limiters = rate_limiters
        self._pricing = pricing
        self._delays = delays
        self._metrics = metrics

    # --- held -> submitting -> running --------------------------------------------------------------------

    async def held(self, job: Job) -> Job | None:
        """Order the image. Returns None where the job has to wait for another turn."""
        if self._steps.now() - job.created_at > TURN_LIMIT_MS:
            return await self._steps.release(job, ReleaseReason.BUSY)
        if job.message_id is None:
            return await self._find_answer(job)
        try:
            submission = await self._prepare(job.recipe)
        except CannotPrepare as error:
            return await self._steps.release(job, error.reason)
        except FilesUnavailable as error:
            log.warning("job %s: what it is made from can't be read, it waits: %s", job.id, error)
            await self._steps.park(job, self._delays.busy)
            return None
        except SupplierError as error:
            return await self._not_accepted(job, error)
        await self._steps.pause(await self._rate_limiters.submits.reserve())
        submitting = await self._steps.write(lambda now: jobs.submitting(job, now=now))
        return await self._submit(submitting, submission)

    async def submitting(self, job: Job) -> Job:
        """A job is found in this state only after a crash. The POST may have been sent, so it is not sent again."""
        return await self._steps.release(job, ReleaseReason.UNKNOWN)

    async def _find_answer(self, job: Job) -> Job | None:
        """The process ended after the hold and before it knew whether Discord has our answer: ask Discord."""
        try:
            message_id = await self._messenger.find_answer(job)
        except DiscordUnavailable:
            await self._steps.park(job, self._delays.busy)
            return None
        if message_id is None:
            return await self._steps.release(job, ReleaseReason.UNANSWERED)
        return await self._steps.write(lambda now: jobs.found_answer(job, message_id, now=now))

    async def _prepare(self, recipe: Recipe) -> Submission:
        """Upload the recipe's files to the supplier. Raises `CannotPrepare`, `FilesUnavailable` and `SupplierError`."""
        model = self._pricing.models.get(recipe.model)
        if not model.wire_id:
            log.error("model %s is no row any more: see MODELS_FILE", recipe.model)
            raise CannotPrepare(ReleaseReason.CLOSED)
        if closed := self._closed_models.closed.get(model.key):
            raise CannotPrepare(_CLOSED_FOR[closed.because])
        video = recipe.clip.video if recipe.clip else None
        video_url: str | None
        if isinstance(video, AttachedVideo):
            video_url = await self._lend(video.sha256, video.name, video.content_type)
        else:
            video_url = video.url if video else None
        references = [await self._lend(each.sha256, each.name, each.content_type) for each in recipe.references]
        return Submission(recipe=recipe, model=model, video_url=video_url, reference_urls=tuple(references))

    async def _lend(self, sha256: str, name: str, content_type: str) -> str:
        data = await self._clips.read(sha256)
        if data is None:
            raise CannotPrepare(ReleaseReason.CLIP_GONE)
        return await self._supplier.upload(data, name=name, content_type=content_type)

    async def _submit(self, job: Job, submission: Submission) -> Job | None:
        await self._steps.still_ours(job)
        try:
            submitted = await self._supplier.submit(submission)
        except SupplierError as error:
            return await self._not_accepted(job, error)
        self._breaker.accepted()
        bind_log_context(prediction=submitted.prediction_id, request=submitted.request_id)
        log.info("job %s: prediction %s, request %s", job.id, submitted.prediction_id, submitted.request_id)
        running = await self._steps.write(lambda now: jobs.running(job, submitted.prediction_id, now=now))
        return await self._judge(running, submitted.prediction) or running

    async def _not_accepted(self, job: Job, error: SupplierError) -> Job | None:
        bind_log_context(request=error.request_id)
        log.warning("job %s: not accepted: %s", job.id, error)
        self._breaker.failed(error)
        if isinstance(error, SupplierBusy):
            await self._wait_for_a_turn(job)
            return None
        if isinstance(error, SupplierRejected) and error.failure is not Failure.OTHER:
            await self._closed_models.failed(job.recipe.model, error.failure)
            return await self._steps.release(job, reason_of(error.failure, job.recipe))
        reasons: dict[type[SupplierError], ReleaseReason] = {
            ContentRefused: ReleaseReason.CONTENT_REFUSED,
            SupplierRejected: ReleaseReason.REJECTED,
            SupplierClosed: ReleaseReason.CLOSED,
            SubmitUnknown: ReleaseReason.UNKNOWN,
        }
        return await self._steps.release(job, reasons.get(type(error), ReleaseReason.UNREACHABLE))

    async def _wait_for_a_turn(self, job: Job) -> None:
        """The supplier has surely accepted nothing: the job may be tried again."""
        pause_ms = int(self._delays.busy * 1000)
        if job.state is JobState.SUBMITTING:
            await self._steps.write(lambda now: jobs.back_to_held(job, next_at=now + pause_ms, now=now))
        else:
            await self._steps.park(job, self._delays.busy)

    # --- running -> stored --------------------------------------------------------------------------------

    async def running(self, job: Job) -> Job:
        """Poll until the image is there or has failed, or the time is over."""
        looked_at, told = 0.0, False
        while True:
            age_seconds = self._age_seconds(job)
            if age_seconds > WAIT_LIMIT_SECONDS:
                return await self._steps.release(job, ReleaseReason.TIMED_OUT)
            if looked_at or age_seconds < FOUND_RUNNING_SECONDS:  # else it runs since an earlier process: poll at once
                await self._steps.pause(self._poll_schedule.next_look(job.recipe, age_seconds) - age_seconds)
            await self._steps.pause(await self._rate_limiters.polls.reserve())
            age_seconds = self._age_seconds(job)
            following = await self._look(job, age_seconds=age_seconds, looked_at=looked_at)
            if following is not None:
                return following
            looked_at = age_seconds
            if not told:  # only after the first poll: a quick image needs no such edit
                await self._messenger.show_working(job)
                told = True

    async def _look(self, job: Job, *, age_seconds: float, looked_at: float) -> Job | None:
        """Returns None where the image is not ready, or not to be had just now: poll again."""
        try:
            prediction = await self._supplier.poll(job.prediction_id or "", age_seconds=age_seconds)
        except SupplierUnreachable as error:
            log.info("job %s: no answer to a look: %s", job.id, error)
            self._breaker.failed(error)
            return None
        except (PredictionLost, SupplierClosed) as error:
            log.warning("job %s: the supplier tells no more of it: %s", job.id, error)
            self._breaker.failed(error)
            closed = isinstance(error, SupplierClosed)
            return await self._steps.release(job, ReleaseReason.CLOSED if closed else ReleaseReason.NO_IMAGE)
        if not (isinstance(prediction, Failed) and prediction.failure.is_outage):
            self._breaker.answered()
        if isinstance(prediction, Completed):
            self._poll_schedule.learn(job.recipe, (looked_at + age_seconds) / 2)
        return await self._judge(job, prediction)

    def _age_seconds(self, job: Job) -> float:
        return (self._steps.now() - (job.submitted_at or job.created_at)) / 1000

    async def _judge(self, job: Job, prediction: Prediction) -> Job | None:
        """Returns None where the image is not ready, or not to be had just now: poll again."""
        match prediction:
            case Waiting():
                return None
            case Failed(failure=failure, detail=detail):
                log.warning("job %s: failed at the supplier (%s): %s", job.id, failure, detail)
                await self._closed_models.failed(job.recipe.model, failure)
                return await self._steps.release(job, reason_of(failure, job.recipe))
            case Completed():
                self._closed_models.made(job.recipe.model)
                try:
                    image = await self.download_image(job, prediction)
                except FilesUnavailable as error:  # the supplier keeps it for days: poll again until there is room
                    log.error("job %s: its image can't be kept: %s", job.id, error)  # noqa: TRY400  # no bug of ours
                    return None
                if image is None:
                    return await self._steps.release(job, ReleaseReason.NO_IMAGE)
                return await self._keep(job, image)

    async def _keep(self, job: Job, image: StoredImage) -> Job:
        """Commit the image, with its final price: a smaller image than ordered gives credits back."""
        made = size_of(image.width, image.height)
        refund = self._pricing.refund(job.cost, job.recipe, made=made)
        if refund:
            log.warning("job %s: %s ordered, %dx%d came", job.id, job.recipe.size, image.width, image.height)
        return await self._steps.write(lambda now: jobs.stored(job, image, refund=refund, now=now))

    async def download_image(self, job: Job, completed: Completed) -> StoredImage | None:
        """Download the image and keep it; None where no whole image can be had. Raises `FilesUnavailable`.

        Of several outputs it is the last one that is whole: those before it may be drafts.
        """
        for output in reversed(completed.outputs):
            found = await self._download(job, output)
            if found is not None:
                break
        else:
            return None
        data, facts = found
        image = StoredImage(
            name=f"{job.id}.{facts.extension}",
            sha256=await sha256_of(data),
            width=facts.width,
            height=facts.height,
            unsafe=completed.unsafe,
            output_url=output.url if isinstance(output, OutputUrl) else None,
            price_micros=completed.price_micros,
        )
        await self._images.keep(image.name, data)
        list_price = self._pricing.supplier_micros(job.recipe)
        self._metrics.bought(image.price_micros or list_price, seconds=self._age_seconds(job))
        return image

    async def _download(self, job: Job, output: Output) -> tuple[bytes, ImageFacts] | None:
        """Returns the bytes of a whole image, after decoding it; None after `DOWNLOAD_TRIES` tries."""
        for attempt in range(1, DOWNLOAD_TRIES + 1):
            try:
                data = await self._supplier.download(output)
                facts = await self._fitter.inspect(data)
            except (SupplierError, BrokenImage, FileTooLarge) as error:
                log.warning("job %s: no whole image, try %d of %d: %s", job.id, attempt, DOWNLOAD_TRIES, error)
                if attempt < DOWNLOAD_TRIES:
                    await self._steps.pause(self._delays.download)
            else:
                return data, facts
        return None
