"""From an order to a job: understand it, check all that can be checked for free, hold the credits."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.errors import (
    DatabaseUnavailable,
    FileTooLarge,
    NotEnoughCredits,
    NotYours,
    TooLateToCancel,
    VideoMissing,
)
from bot.domain.job import Job, LineLimits, NewJob, Placed, ReleaseReason
from bot.domain.order import Draft, Order, understand
from bot.domain.pricing import Pricing
from bot.domain.recipe import VIDEO_FILE_LIMIT_BYTES, AttachedVideo, VideoLink, YouTubeVideo
from bot.domain.wallet import WalletKey
from bot.media.fetch import VideoFacts
from bot.media.probe import video_type
from bot.services.credits import Credits
from bot.services.shop import Shop
from bot.storage import jobs
from bot.storage.files import Files, sha256_of
from bot.storage.store import Store

log = logging.getLogger(__name__)


class VideoMeter(Protocol):
    async def measure_video(self, url: str, *, limit_bytes: int) -> VideoFacts: ...


@dataclass(frozen=True, slots=True)
class Quote:
    """An order understood, and its price in credits."""

    draft: Draft
    credits: int


class Imagine:
    """`wake` is called when there is a job to start; `clock` gives Unix milliseconds."""

    def __init__(
        self,
        store: Store,
        clips: Files,
        meter: VideoMeter,
        credits: Credits,
        shop: Shop,
        *,
        pricing: Pricing,
        default_span_seconds: float,
        starting_credits: int,
        limits: LineLimits,
        clock: Callable[[], int],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._clips = clips
        self._meter = meter
        self._credits = credits
        self._shop = shop
        self._pricing = pricing
        self._default_span_seconds = default_span_seconds
        self._starting_credits = starting_credits
        self._limits = limits
        self._clock = clock
        self._wake = wake

    def quote(self, order: Order) -> Quote:
        """Pure. Raises the `Refusal` that says what is wrong with the order."""
        draft = understand(order, default_span_seconds=self._default_span_seconds)
        return Quote(draft, self._pricing.credits(draft.size, search=draft.search))

    async def check(self, quote: Quote, wallet: WalletKey) -> None:
        """Raises `Restarting`, `SalesPaused`, and `NotEnoughCredits` with the cheaper choices that would fit."""
        self._shop.check()
        balance = await self._credits.balance(wallet)
        if balance.available < quote.credits:
            raise self.not_enough(quote, available=balance.available, held=balance.held)

    def not_enough(self, quote: Quote, *, available: int, held: int) -> NotEnoughCredits:
        choices = self._pricing.cheaper_than(quote.credits, search=quote.draft.search)
        within = tuple((label, price) for label, price in choices if price <= available)
        return NotEnoughCredits(needed=quote.credits, available=available, held=held, cheaper=within)

    async def check_link(self, draft: Draft) -> YouTubeVideo | VideoLink:
        """Look at a linked file, over the network: size and type. Raises the `Refusal` that fits.

        A YouTube video can't be looked at without an account: there the supplier's answer decides, and a
        failure costs nothing.
        """
        if draft.video is None:
            raise VideoMissing
        if isinstance(draft.video, VideoLink):
            await self._meter.measure_video(draft.video.url, limit_bytes=VIDEO_FILE_LIMIT_BYTES)
        return draft.video

    async def keep_clip(self, data: bytes, *, name: str) -> AttachedVideo:
        """Check an attached file by its bytes and keep it, so that no link can expire under a running job.

        Raises `FileTooLarge`, `NotAVideoFile` and `DiskUnavailable`.
        """
        if len(data) > VIDEO_FILE_LIMIT_BYTES:
            raise FileTooLarge(limit_bytes=VIDEO_FILE_LIMIT_BYTES, size_bytes=len(data))
        content_type = video_type(data[:4096])
        digest = await sha256_of(data)
        await self._clips.keep(digest, data)
        return AttachedVideo(name=name, sha256=digest, content_type=content_type)

    async def place(self, new: NewJob, quote: Quote) -> Placed:
        """Hold the credits and write the job down; the same interaction again finds the first job.

        Raises `NotEnoughCredits`, `LineFull`, `Restarting`, `SalesPaused`.
        """
        self._shop.check()
        try:
            placed = await self._store.run(
                jobs.place(new, starting_credits=self._starting_credits, limits=self._limits, now=self._clock())
            )
        except NotEnoughCredits as error:
            raise self.not_enough(quote, available=error.available, held=error.held) from error
        self._wake()  # it can't start yet, but if its answer is lost, somebody must come back to it
        return placed

    async def answered(self, job_id: str, message_id: int) -> None:
        """Discord has taken our answer: the job may start. Where that can't be written, the worker finds the answer."""
        try:
            await self._store.run(jobs.answered(job_id, message_id, now=self._clock()))
        except DatabaseUnavailable as error:
            log.warning("job %s: its answer %d is not written down: %s", job_id, message_id, error)
        self._wake()

    async def withdraw(self, job_id: str) -> None:
        """Discord has not taken our answer, so the member saw a failed command: give the credits back.

        Where that can't be written, the worker looks for the answer in vain, and does it.
        """
        try:
            await self._store.run(jobs.withdraw(job_id, ReleaseReason.UNANSWERED, now=self._clock()))
        except DatabaseUnavailable as error:
            log.warning("job %s is not taken back yet: %s", job_id, error)

    async def cancel(self, job_id: str, *, member_id: int, moderator: bool, message_id: int | None = None) -> Job:
        """Take a waiting job out of the line: its owner may, and a moderator.

        `message_id`: the card that was pressed, which we may never have heard was taken.

        Raises `NotYours`, and `TooLateToCancel` with the truth.
        """
        job = await self._store.read(jobs.get(job_id))
        if job is None:
            raise TooLateToCancel(cost=0, ended=True)
        if job.wallet.member_id != member_id and not moderator:
            raise NotYours
        if job.message_id is None and message_id is not None:
            await self._store.run(jobs.answered(job_id, message_id, now=self._clock()))
        withdrawn = await self._store.run(jobs.withdraw(job_id, ReleaseReason.CANCELLED, now=self._clock()))
        if withdrawn is None:
            raise TooLateToCancel(cost=job.cost, ended=job.state.ended)
        return withdrawn

    async def job(self, job_id: str) -> Job | None:
        return await self._store.read(jobs.get(job_id))
