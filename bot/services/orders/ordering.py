"""The way from an order to a job: understand it, check all that can be checked for free, hold the credits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.domain.admission import OrderFacts, admit
from bot.domain.caller import Caller
from bot.domain.errors import (
    DatabaseUnavailable,
    FileGone,
    FileTooLarge,
    ImageGone,
    ImageWaits,
    NotEnoughCredits,
    NotYours,
    TooLateToCancel,
)
from bot.domain.job import Job, JobState, LineLimits, NewJob, Placed, ReleaseReason
from bot.domain.models import Models
from bot.domain.operator_budget import NO_BUDGETS, OperatorBudgets
from bot.domain.order import Order, OrderText, Understood, trim, understand, understand_or_ask
from bot.domain.pricing import Pricing
from bot.domain.recipe import (
    VIDEO_FILE_LIMIT_BYTES,
    AttachedVideo,
    Recipe,
    Reference,
    VideoLink,
    YouTubeVideo,
    attached_to,
)
from bot.domain.wallet import Balance, StartingCredits
from bot.media.fetch import Fetcher
from bot.media.probe import video_type
from bot.media.title import Titles
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.storage.credits import ledger
from bot.storage.engine.store import Script, Store
from bot.storage.files.base import Files, sha256_of
from bot.storage.orders import admission, jobs, placing
from bot.storage.orders.costs import BudgetInSight
from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)


class Ordering:
    """The use cases of an order.

    `limits`: how many images of one member may run and wait where no role of the member says so.
    `budgets`: the operator's.
    `confirm_from_credits`: the price from which a member is asked first, where the member's preferences do not say.
    `titles`: None where YouTube is not asked.
    `clock` gives Unix milliseconds; `wake` is called when there is a job to start.
    """

    def __init__(
        self,
        store: Store,
        clips: Files,
        meter: Fetcher,
        breaker: CircuitBreaker,
        *,
        pricing: Pricing,
        default_span_seconds: float,
        starting_credits: StartingCredits,
        limits: LineLimits,
        budgets: OperatorBudgets = NO_BUDGETS,
        confirm_from_credits: int,
        clock: Callable[[], int],
        wake: Callable[[], None],
        titles: Titles | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._store = store
        self._clips = clips
        self._meter = meter
        self._titles = titles
        self._breaker = breaker
        self._pricing = pricing
        self.default_span_seconds = default_span_seconds
        self._starting_credits = starting_credits
        self._limits = limits
        self._budgets = budgets
        self.confirm_from_credits = confirm_from_credits
        self._metrics = metrics or Metrics()
        self._clock = clock
        self._wake = wake

    # --- What is ordered: these are pure -----------------------------------------------------------------

    @property
    def models(self) -> Models:
        return self._pricing.models

    def understand(self, text: OrderText) -> Recipe:
        """Return the recipe that the options mean. Raises the `Refusal` that says what is wrong with the order."""
        return understand(text, self.models, default_span_seconds=self.default_span_seconds)

    def understand_or_ask(self, text: OrderText) -> Understood:
        """Return the recipe as `understand` does, or the doubt about its moment, of which the member can be asked."""
        return understand_or_ask(text, self.models, default_span_seconds=self.default_span_seconds)

    def trim(self, recipe: Recipe, start: str | None, end: str | None = None) -> Understood:
        """Return the same recipe at another moment of its video. Raises the `Refusal` that says what is wrong."""
        return trim(recipe, start, end, self.models, default_span_seconds=self.default_span_seconds)

    def price(self, recipe: Recipe) -> int:
        """Return the price of the recipe in credits."""
        return self._pricing.credits(recipe)

    def asks(self, facts: OrderFacts, recipe: Recipe) -> bool:
        """Say whether the member is asked first at this price."""
        limit = facts.preferences.quiet_limit
        return self.price(recipe) >= (self.confirm_from_credits if limit is None else limit)

    def lacking(self, caller: Caller, balance: Balance, recipe: Recipe) -> NotEnoughCredits | None:
        """Return the refusal if the balance does not pay for the order, with the cheaper choices that it pays for."""
        needed = self.price(recipe)
        if balance.available >= needed:
            return None
        return self._not_enough(caller, needed, recipe, available=balance.available, held=balance.held)

    def _not_enough(
        self, caller: Caller, needed: int, recipe: Recipe, *, available: int, held: int
    ) -> NotEnoughCredits:
        due_at = self._starting_credits.due_at(caller.member_id)
        starting_at = due_at if self._starting_credits.amount and self._clock() < due_at else None
        choices = self._pricing.cheaper_than(needed, recipe)
        within = tuple((label, price) for label, price in choices if price <= available)
        return NotEnoughCredits(needed=needed, available=available, held=held, cheaper=within, starting_at=starting_at)

    # --- What can be checked for free --------------------------------------------------------------------

    async def facts(self, caller: Caller, *, job_id: str | None = None, proposal_id: str | None = None) -> OrderFacts:
        """Read at once what an order needs to know from the database. Raises `Restarting` and `SalesPaused`."""
        self._breaker.check()
        now = self._clock()
        starting = self._starting_credits.for_member(caller.member_id, now=now)
        script = admission.facts(
            caller,
            budgets=self._budgets,
            now=now,
            starting_credits=starting,
            job_id=job_id,
            proposal_id=proposal_id,
        )
        return await self._store.read(script)

    async def facts_of_job(self, caller: Caller, job_id: str) -> tuple[OrderFacts, Job]:
        """Read the same as `facts`, for a button under a result. The job has the recipe as it can be ordered today.

        Raises `ImageGone`, and `NotYours` where the owner has not opened the buttons to other members.
        """
        facts = await self.facts(caller, job_id=job_id)
        if facts.job is None or facts.job.deleted:
            raise ImageGone
        if not facts.job_is_open:
            raise NotYours
        return facts, replace(facts.job, recipe=self.models.today(facts.job.recipe))

    async def model_wishes(self, caller: Caller) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
        """Return the keys of models that the server forbids, and those that an order without one is to take."""
        return await self._store.read(admission.model_wishes(caller))

    def check_admission(self, caller: Caller, facts: OrderFacts, recipe: Recipe) -> None:
        """Judge the order by its row and the facts, before a file is looked at or the member is asked.

        `place` judges again. Raises what `Models.check` raises, `PolicyRefused`, `LineFull` and `OperatorBudgetUsedUp`.
        """
        self.models.check(recipe)
        admit(
            facts.standing,
            caller,
            recipe,
            price=self.price(recipe),
            list_micros=self._pricing.supplier_micros(recipe),
            limits=self._limits,
            now=self._clock(),
        )

    async def balance(self, caller: Caller, facts: OrderFacts) -> Balance:
        """Return the balance with the allowance that is owed, and for a new member with the starting credits."""
        if facts.balance is not None:
            return facts.balance
        now = self._clock()
        starting = self._starting_credits.for_member(caller.member_id, now=now)
        return await self._store.run(ledger.welcome(caller.wallet, starting_credits=starting, now=now, owed=facts.owed))

    async def check_balance(self, caller: Caller, facts: OrderFacts, recipe: Recipe, *, count: int = 1) -> Balance:
        """Check that the balance pays for `count` images of the recipe. Raises `NotEnoughCredits`."""
        balance = await self.balance(caller, facts)
        needed = self.price(recipe) * count
        if balance.available < needed:
            raise (count == 1 and self.lacking(caller, balance, recipe)) or NotEnoughCredits(
                needed=needed, available=balance.available, held=balance.held
            )
        return balance

    async def check_files(self, recipe: Recipe) -> None:
        """Check that what the image is made from is still there: our files, and a video on YouTube.

        Raises `FileGone`, `FilesUnavailable` and `VideoNotShown`.
        """
        files = {each.sha256: each.name for each in recipe.references}
        if video := attached_to(recipe):
            files[video.sha256] = video.name
        there, _ = await asyncio.gather(self._kept(files), self.check_video(recipe))
        for sha256, name in files.items():
            if sha256 not in there:
                raise FileGone(name=name)

    async def still_kept(self, references: Iterable[Reference]) -> tuple[Reference, ...]:
        """Return those references whose files are still kept. Raises `FilesUnavailable`."""
        wanted = tuple(references)
        there = await self._kept({each.sha256 for each in wanted})
        return tuple(each for each in wanted if each.sha256 in there)

    async def _kept(self, files: Iterable[str]) -> set[str]:
        """Look for all files at once, because Discord waits for the answer."""
        wanted = list(files)
        there = await asyncio.gather(*(self._clips.has(sha256) for sha256 in wanted))
        return {sha256 for sha256, is_there in zip(wanted, there, strict=True) if is_there}

    async def check_video(self, recipe: Recipe) -> None:
        """Ask YouTube, for a second at most, whether it shows the video. Raises `VideoNotShown`.

        Where YouTube does not say it, the supplier's answer decides, and a failure costs nothing.
        """
        video = recipe.clip.video if recipe.clip else None
        if self._titles and isinstance(video, YouTubeVideo):
            await self._titles.of(video)

    async def check_link(self, video: VideoLink) -> None:
        """Look at a linked file over the network, at its size and type. Raises the `Refusal` that fits."""
        await self._meter.measure_video(video.url, limit_bytes=VIDEO_FILE_LIMIT_BYTES)

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

    async def keep_shown_clip(self, url: str, *, name: str) -> AttachedVideo:
        """Keep a video that a message shows. Raises as `keep_clip`, `LinkNotPublic` and `LinkUnreachable`."""
        data = await self._meter.download_link(url, limit_bytes=VIDEO_FILE_LIMIT_BYTES)
        return await self.keep_clip(data, name=name)

    # --- The order ---------------------------------------------------------------------------------------

    async def place(
        self, caller: Caller, order: Order, *, job_id: str | None = None, message_id: int | None = None
    ) -> Placed:
        """Hold the credits and write the job down; the same interaction again finds the first job.

        `job_id`: where the order began with another interaction, whose id names the job. `message_id`: the message that
        will show the image, where it is posted already; then `answered` is still to be called.
        Raises what `Models.check` raises, `PolicyRefused`, `OperatorBudgetUsedUp`, `NotEnoughCredits`, `LineFull`,
        `Restarting` and `SalesPaused`.
        """
        self._breaker.check()
        self.models.check(order.recipe)
        new = NewJob(
            id=job_id or str(caller.interaction_id),
            caller=caller,
            order=order,
            cost=self.price(order.recipe),
            list_micros=self._pricing.supplier_micros(order.recipe),
            message_id=message_id,
        )
        try:
            try:
                return await self._store.run(self._placing(new))
            except BudgetInSight:
                return await self._store.run(self._placing(new, exact=True))
        except NotEnoughCredits as error:
            raise self._not_enough(
                caller, error.needed, order.recipe, available=error.available, held=error.held
            ) from error

    def _placing(self, new: NewJob, *, exact: bool = False) -> Script[Placed]:
        now = self._clock()
        return placing.place(
            new,
            starting_credits=self._starting_credits.for_member(new.caller.member_id, now=now),
            limits=self._limits,
            budgets=self._budgets,
            exact=exact,
            now=now,
        )

    def look_for_answer(self) -> None:
        """Let the worker find out whether Discord took our answer, once the answer is overdue."""
        self._wake()

    async def answered(self, job_id: str, message_id: int) -> None:
        """Let the job start: Discord has taken our answer. If that can't be written, the worker finds the answer."""
        try:
            await self._store.run(jobs.answered(job_id, message_id, now=self._clock()))
        except DatabaseUnavailable as error:
            log.warning("job %s: its answer %d is not written down: %s", job_id, message_id, error)
        self._wake()

    async def withdraw(self, job_id: str) -> None:
        """Give the credits back: Discord has not taken our answer, so the member saw a failed command.

        If that can't be written, the worker looks for the answer, does not find it, and gives the credits back.
        """
        try:
            await self._withdraw(job_id, ReleaseReason.UNANSWERED)
        except DatabaseUnavailable as error:
            log.warning("job %s is not taken back yet: %s", job_id, error)

    async def cancel(self, job_id: str, *, member_id: int, moderator: bool, message_id: int | None = None) -> Job:
        """Take a waiting job out of the line. Its owner and moderators may do this.

        `message_id`: the card that was pressed. We may not know yet that Discord took it.

        Raises `NotYours`, `ImageWaits`, and `TooLateToCancel` with the state that the job has reached.
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
            if job.state is JobState.AWAITING:
                raise ImageWaits
            raise TooLateToCancel(cost=job.cost, ended=job.state.ended)
        return withdrawn

    async def _withdraw(self, job_id: str, reason: ReleaseReason) -> Job | None:
        withdrawn = await self._store.run(jobs.withdraw(job_id, reason, now=self._clock()))
        if withdrawn:
            self._metrics.ended(withdrawn, now=self._clock())
        return withdrawn

    async def job(self, job_id: str) -> Job | None:
        return await self._store.read(jobs.get(job_id))
