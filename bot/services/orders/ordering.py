"""From an order to a job: understand it, check all that can be checked for free, hold the credits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from bot.domain.allowance import Refill
from bot.domain.errors import (
    DatabaseUnavailable,
    FileGone,
    FileTooLarge,
    NotEnoughCredits,
    NotYours,
    TooLateToCancel,
    VideoMissing,
)
from bot.domain.figures import UNCOUNTED, Figures
from bot.domain.job import Job, NewJob, Placed, ReleaseReason
from bot.domain.order import Draft, Order, Quote, quote
from bot.domain.pricing import Pricing
from bot.domain.recipe import VIDEO_FILE_LIMIT_BYTES, AttachedVideo, Recipe, Size, VideoLink, YouTubeVideo
from bot.domain.wallet import Balance, WalletKey
from bot.media.fetch import VideoFacts
from bot.media.probe import video_type
from bot.services.credits.balance import Credits
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.server.policy import Rules
from bot.storage.engine.store import Store
from bot.storage.files.base import Files, sha256_of
from bot.storage.orders import jobs

log = logging.getLogger(__name__)


class VideoMeter(Protocol):
    async def measure_video(self, url: str, *, limit_bytes: int) -> VideoFacts: ...


class Ordering:
    """`wake` is called when there is a job to start; `clock` gives Unix milliseconds."""

    def __init__(
        self,
        store: Store,
        clips: Files,
        meter: VideoMeter,
        credits: Credits,
        breaker: CircuitBreaker,
        rules: Rules,
        *,
        pricing: Pricing,
        default_span_seconds: float,
        starting_credits: int,
        clock: Callable[[], int],
        wake: Callable[[], None],
        figures: Figures = UNCOUNTED,
    ) -> None:
        self._store = store
        self._clips = clips
        self._meter = meter
        self._credits = credits
        self._breaker = breaker
        self._rules = rules
        self._pricing = pricing
        self._default_span_seconds = default_span_seconds
        self._starting_credits = starting_credits
        self._figures = figures
        self._clock = clock
        self._wake = wake

    def quote(self, order: Order) -> Quote:
        """Pure. Raises the `Refusal` that says what is wrong with the order."""
        return quote(order, pricing=self._pricing, default_span_seconds=self._default_span_seconds)

    def price(self, recipe: Recipe) -> int:
        """In credits."""
        return self._pricing.credits(recipe.size, search=recipe.search)

    async def check(self, wallet: WalletKey, *, size: Size, search: bool, owed: Refill | None = None) -> None:
        """Raises `Restarting`, `SalesPaused`, and `NotEnoughCredits` with the cheaper choices that would fit."""
        self._breaker.check()
        lacking = self.lacking(await self._credits.balance(wallet, owed=owed), size=size, search=search)
        if lacking:
            raise lacking

    def lacking(self, balance: Balance, *, size: Size, search: bool) -> NotEnoughCredits | None:
        """What would have to be said to an order of this; None where the balance is enough."""
        needed = self._pricing.credits(size, search=search)
        if balance.available >= needed:
            return None
        return self._not_enough(needed, search=search, available=balance.available, held=balance.held)

    async def check_several(
        self, wallet: WalletKey, recipe: Recipe, count: int, *, owed: Refill | None = None
    ) -> Balance:
        """As `check`, for several images of one recipe."""
        self._breaker.check()
        balance = await self._credits.balance(wallet, owed=owed)
        needed = self.price(recipe) * count
        if balance.available < needed:
            raise NotEnoughCredits(needed=needed, available=balance.available, held=balance.held)
        return balance

    def _not_enough(self, needed: int, *, search: bool, available: int, held: int) -> NotEnoughCredits:
        choices = self._pricing.cheaper_than(needed, search=search)
        within = tuple((label, price) for label, price in choices if price <= available)
        return NotEnoughCredits(needed=needed, available=available, held=held, cheaper=within)

    async def check_files(self, recipe: Recipe) -> None:
        """Are the files that it is made from still kept? Raises `FileGone` and `FilesUnavailable`."""
        video = recipe.clip.video
        files = {each.sha256: each.name for each in recipe.references}
        if isinstance(video, AttachedVideo):
            files[video.sha256] = video.name
        there = await asyncio.gather(*(self._clips.has(sha256) for sha256 in files))  # Discord waits for it
        for name, is_there in zip(files.values(), there, strict=True):
            if not is_there:
                raise FileGone(name=name)

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

        Raises `FileTooLarge`, `NotAVideoFile` and `FilesUnavailable`.
        """
        if len(data) > VIDEO_FILE_LIMIT_BYTES:
            raise FileTooLarge(limit_bytes=VIDEO_FILE_LIMIT_BYTES, size_bytes=len(data))
        content_type = video_type(data[:4096])
        digest = await sha256_of(data)
        await self._clips.keep(digest, data)
        return AttachedVideo(name=name, sha256=digest, content_type=content_type)

    async def place(self, new: NewJob) -> Placed:
        """Hold the credits and write the job down; the same interaction again finds the first job.

        Raises `PolicyRefused`, `NotEnoughCredits`, `LineFull`, `Restarting`, `SalesPaused`.
        """
        self._breaker.check()
        try:
            terms, limits = await self._rules.admit(new)
            placed = await self._store.run(
                jobs.place(new, starting_credits=self._starting_credits, limits=limits, now=self._clock(), terms=terms)
            )
        except NotEnoughCredits as error:
            raise self._not_enough(
                error.needed, search=new.recipe.search, available=error.available, held=error.held
            ) from error
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
            await self._withdraw(job_id, ReleaseReason.UNANSWERED)
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
        withdrawn = await self._withdraw(job_id, ReleaseReason.CANCELLED)
        if withdrawn is None:
            raise TooLateToCancel(cost=job.cost, ended=job.state.ended)
        return withdrawn

    async def _withdraw(self, job_id: str, reason: ReleaseReason) -> Job | None:
        withdrawn = await self._store.run(jobs.withdraw(job_id, reason, now=self._clock()))
        if withdrawn:
            self._figures.ended(withdrawn, now=self._clock())
        return withdrawn

    async def job(self, job_id: str) -> Job | None:
        return await self._store.read(jobs.get(job_id))
