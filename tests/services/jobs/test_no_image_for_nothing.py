"""For any mix of delivery failures: no image is shown without a charge, and no charge is made without an image.

One exception is known: a private answer can't be found by anything but its token. Where that dies between the showing
and the charge, the image is shown again. So it may be seen, and then be given up.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.awaiting import HOUR_MS
from bot.domain.errors import DiscordUnavailable, Undeliverable
from bot.domain.job import Job, JobState, Picture, Shown
from bot.domain.wallet import Balance
from bot.services.jobs.awaiting_images import AwaitingImages
from bot.services.jobs.pipeline import Pipeline
from bot.storage.credits import ledger
from bot.storage.credits.audit import check_books
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.files.folder import Folder
from bot.storage.orders import jobs, placing
from tests.services.conftest import Clock, RecordingMessenger, a_pipeline
from tests.support.everything import PICTURE, an_image
from tests.support.factories import ANN, MANY, a_caller, an_order

OUTCOMES = ("shown", "shut", "shut", "down", "lost", "crash before", "crash after")
ACTS = ("hour", "day", "a quarter", "command", "show here", "give up")
POSTED = "a message of ours"
MOST_STEPS = 60


class Crash(Exception):
    """The process dies here."""


@dataclass
class Doors(RecordingMessenger):
    """Discord as one image meets it. `visible`: where it is seen just now, by the token of the answer, or `POSTED`."""

    outcomes: list[str] = field(default_factory=list)
    clock: Callable[[], int] = field(default_factory=Clock)
    visible: set[str] = field(default_factory=set)

    async def deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        outcome = self.outcomes.pop(0) if self.outcomes else "shut"
        if outcome == "down":
            raise DiscordUnavailable(detail="503")
        if outcome == "crash before":
            raise Crash
        place = job.token if self.clock() < job.token_until else POSTED
        if place == POSTED and look_first and (found := await self.find_image(job)):
            return found
        if outcome == "shut":
            raise Undeliverable(detail="shut")
        self.visible.add(place)
        if outcome == "lost":
            raise DiscordUnavailable(detail="the answer is lost")
        if outcome == "crash after":
            raise Crash
        return Shown(5, 77)

    async def find_image(self, job: Job) -> Shown | None:
        findable = {place for place in self.visible if place == POSTED or not job.private}
        return Shown(5, 78) if findable else None

    async def tell_awaiting(self, job: Job) -> None:
        """The card takes the place of the image, where the answer can be edited."""
        if not job.private or self.clock() < job.token_until:
            self.visible.discard(job.token)


@dataclass
class Life:
    store: SqliteStore
    folder: Path
    doors: Doors
    clock: Clock

    def pipeline(self) -> Pipeline:
        return a_pipeline(self.store, None, self.doors, self.folder, clock=self.clock)  # type: ignore[arg-type]  # no supplier

    async def job(self) -> Job:
        job = await self.store.read(jobs.get("900"))
        assert job
        return job

    async def begin(self, *, private: bool) -> None:
        """An order whose image is made and not shown yet."""
        order = an_order(private=private, message_id=77)
        await self.store.run(placing.place(order, starting_credits=1_000, limits=MANY, now=self.clock()))
        self.clock.now += placing.ANSWER_GRACE_MS
        (job,) = await self.store.run(jobs.claim("before", at_supplier=1, each=1, now=self.clock()))
        job = await self.store.run(jobs.submitting(job, now=self.clock()))
        job = await self.store.run(jobs.running(job, "p" * 32, now=self.clock()))
        image = an_image(job)
        await Folder(self.folder / "images").keep(image.name, PICTURE)
        await self.store.run(jobs.stored(job, image, refund=0, now=self.clock()))

    async def work_off(self) -> None:
        """Processes take the job up until it rests. One that crashes leaves it to the next."""
        for _ in range(MOST_STEPS):
            pipeline = self.pipeline()
            claim = jobs.claim(pipeline.lease.id, at_supplier=1, each=1, now=self.clock())
            claimed = await self.store.run(claim)
            if not claimed:
                return
            delivery = pipeline.delivery
            steps = {
                JobState.STORED: delivery.stored,
                JobState.POSTING: delivery.posting,
                JobState.AWAITING: delivery.awaiting,
            }
            current: Job | None = claimed[0]
            try:
                while current and not current.state.ended:
                    current = await steps[current.state](current)
            except Crash:
                self.clock.now += 1_000
        raise AssertionError("the job never rests")

    async def act(self, act: str) -> None:
        pipeline = self.pipeline()
        end, wake = pipeline.delivery.give_up, pipeline.work.set
        images = AwaitingImages(self.store, pipeline.lease, clock=self.clock, wake=wake, end=end)
        waits = (await self.job()).state is JobState.AWAITING
        match act:
            case "hour" | "day" | "a quarter":
                self.clock.now += {"hour": HOUR_MS, "day": 24 * HOUR_MS, "a quarter": HOUR_MS // 4 + 1}[act]
            case "command":
                await images.try_again(ANN.member_id)
            case "show here" if waits:
                caller = a_caller(channel_id=6, token=f"token {self.clock.now}")
                await images.show_here("900", caller, self.clock.now % 1_000_000)
            case "give up" if waits:
                await images.give_up("900", member_id=ANN.member_id)


@settings(max_examples=40, deadline=None)
@given(
    private=st.booleans(),
    outcomes=st.lists(st.sampled_from(OUTCOMES), max_size=8),
    acts=st.lists(st.sampled_from(ACTS), max_size=6),
)
def test_any_mix_of_failures_ends_shown_and_charged_or_neither(
    private: bool, outcomes: list[str], acts: list[str]
) -> None:
    asyncio.run(live(private, outcomes, acts))


async def live(private: bool, outcomes: list[str], acts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        async with open_sqlite(Path(name) / "a.db") as store:
            clock = Clock()
            life = Life(store, Path(name), Doors(outcomes=list(outcomes), clock=clock), clock)
            await life.begin(private=private)
            for act in (*acts, *["day"] * 9):
                await life.work_off()
                await life.act(act)
            job = await life.job()
            charged = job.state is JobState.DELIVERED
            assert job.state.ended
            assert await store.read(ledger.balance(ANN)) == Balance(posted=850 if charged else 1_000, held=0)
            assert (await store.read(check_books())).findings == ()
            assert charged or await Folder(life.folder / "images").read("900.png") is None
            seen = bool(life.doors.visible)
            unfindable = private and POSTED not in life.doors.visible and {"lost", "crash after"} & set(outcomes)
            assert seen == charged or (seen and unfindable)
