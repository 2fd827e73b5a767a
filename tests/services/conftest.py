"""The services on a real database, with the real supplier client over HTTP, and a messenger that records calls."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.domain.errors import DeliveryError, Undeliverable
from bot.domain.job import Job, JobState, LineLimits, NewJob, Picture, ReleaseReason, Shown, StoredImage
from bot.domain.pricing import Pricing
from bot.domain.showing import Showing
from bot.domain.wallet import Balance, StartingCredits
from bot.media.fetch import Fetcher
from bot.media.fit import Fitter
from bot.providers.atlas import AtlasSupplier, open_atlas
from bot.providers.base import ImageSupplier
from bot.services.jobs.awaiting_images import AwaitingImages
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.closed_models import ClosedModels
from bot.services.jobs.messenger import Messenger
from bot.services.jobs.pipeline import Pipeline, PipelineLimits
from bot.services.jobs.poll_schedule import PollSchedule
from bot.services.orders.ordering import Ordering
from bot.services.processes.lease import ProcessLease
from bot.storage.credits import ledger
from bot.storage.credits.audit import check_books
from bot.storage.database import open_database
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.store import Script, Store
from bot.storage.files.base import Files
from bot.storage.files.folder import Folder
from bot.storage.orders import jobs, placing
from sandbox.atlas import Latency, StandIn, serve
from sandbox.drawing import Draw
from tests.support.factories import ANN, HASTY, MANY, TYPICAL_SECONDS, an_order
from tests.support.house import API_KEY, PATIENCE_SECONDS, a_png, draw_at_once
from tests.support.postgres import a_database


@dataclass
class RecordingMessenger:
    """A messenger that keeps what it was told, and fails when a test says so."""

    shown: dict[str, Picture] = field(default_factory=dict)
    deliveries: list[tuple[str, bool]] = field(default_factory=list)
    working: list[str] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    operator: list[str] = field(default_factory=list)
    awaiting: list[str] = field(default_factory=list)
    told_where: list[tuple[str, Shown]] = field(default_factory=list)
    told_fails: int = 0
    released: dict[str, ReleaseReason | None] = field(default_factory=dict)
    fails_with: list[DeliveryError | Exception] = field(default_factory=list)
    answer_id: int | None = 77
    age_restricted: bool = False
    found: Shown | None = None  # a message that shows the image
    shut: bool = False  # every place where an image could be shown, or deleted
    removed: list[int] = field(default_factory=list)
    standing: frozenset[int] = frozenset()  # messages that show an image

    async def find_answer(self, job: Job) -> int | None:
        if self.fails_with:
            raise self.fails_with.pop(0)
        return self.answer_id

    async def show_working(self, job: Job) -> None:
        self.working.append(job.id)

    async def may_show_unsafe(self, job: Job) -> bool:
        return self.age_restricted

    async def deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        self.deliveries.append((job.id, look_first))
        if self.shut:
            raise Undeliverable(detail="every door is shut")
        if self.fails_with:
            raise self.fails_with.pop(0)
        self.shown[job.id] = picture
        return Shown(5, 77)

    async def tell_where(self, job: Job, shown: Shown) -> bool:
        self.told_where.append((job.id, shown))
        if self.told_fails:
            self.told_fails -= 1
            return False
        return True

    async def find_image(self, job: Job) -> Shown | None:
        return self.found

    async def show_waiting(self, job: Job, place: int) -> None:
        self.places.append((job.id, place))

    async def tell_released(self, job: Job) -> bool:
        if self.told_fails:
            self.told_fails -= 1
            return False
        self.released[job.id] = job.release_reason
        return True

    async def tell_awaiting(self, job: Job) -> None:
        self.awaiting.append(job.id)

    async def remove(self, showing: Showing) -> bool:
        if self.fails_with:
            raise self.fails_with.pop(0)
        if not self.shut:
            self.removed.append(showing.message_id or 0)
        return not self.shut

    async def still_shows(self, showing: Showing) -> bool:
        return showing.message_id in self.standing

    async def find_showing(self, showing: Showing, *, besides: frozenset[int]) -> int | None:
        return next(iter(self.standing - besides), None)

    async def tell_operator(self, words: str) -> None:
        self.operator.append(words)


@dataclass
class Clock:
    """Unix milliseconds; a test may set it forward."""

    now: int = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A database of each engine in turn. Its books must be sound at the end of the test."""
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / 'a.db'}"
        else:
            url = await stack.enter_async_context(a_database(request.getfixturevalue("postgres_server")))
        opened = await stack.enter_async_context(open_database(url))
        yield opened
        assert (await opened.read(check_books())).findings == ()


def a_pipeline(
    store: Store, supplier: ImageSupplier, messenger: Messenger, folder: Path, *, clock: Callable[[], int]
) -> Pipeline:
    """The pipeline of one run of the process; its files are in `folder`."""
    return Pipeline(
        store=store,
        supplier=supplier,
        messenger=messenger,
        lease=ProcessLease(store, kind="test", clock=clock),
        breaker=CircuitBreaker(store),
        closed_models=ClosedModels(store, messenger.tell_operator, clock=clock),
        clips=Folder(folder / "clips"),
        images=Folder(folder / "images"),
        fitter=Fitter(),
        pricing=Pricing(),
        limits=PipelineLimits(
            supplier_running=2,
            member_running=2,
            polls_per_second=1_000,
            submits_per_second=1_000,
            warn_balance_micros=5_000_000,
            least_balance_micros=1_000_000,
            stop_seconds=2.0,
        ),
        delays=HASTY,
        poll_schedule=PollSchedule(typical_seconds=TYPICAL_SECONDS),
        work=asyncio.Event(),
        clock=clock,
    )


@dataclass
class JobHarness:
    store: SqliteStore
    supplier: AtlasSupplier
    standin: StandIn
    messenger: RecordingMessenger
    clock: Clock
    clips: Files
    images: Files
    new_pipeline: Callable[[], Pipeline]
    work: asyncio.Event

    async def order(self, job_id: str = "900", *, answered: bool = True, **changes: object) -> None:
        new: NewJob = an_order(job_id, **changes)  # type: ignore[arg-type]  # facts of the order, by name
        await self.store.run(placing.place(new, starting_credits=1_000, limits=MANY, now=self.clock()))
        if answered:
            await self.store.run(jobs.answered(job_id, 77, now=self.clock()))
        self.work.set()

    async def job(self, job_id: str = "900") -> Job:
        job = await self.store.read(jobs.get(job_id))
        assert job
        return job

    async def until(self, job_id: str = "900", *, state: JobState | None = None) -> Job:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                job = await self.job(job_id)
                if job.state is state or (state is None and job.state.ended):
                    return job
                await asyncio.sleep(0.005)

    async def balance(self) -> Balance:
        balance = await self.store.read(ledger.balance(ANN))
        assert balance
        return balance

    async def findings(self) -> tuple[object, ...]:
        return (await self.store.read(check_books())).findings

    async def claim(self, job_id: str = "900") -> Job:
        """Claim the job for a process that is dead by now."""
        await self.store.run(jobs.claim("a dead process", at_supplier=10, each=10, now=self.clock()))
        return await self.job(job_id)

    async def step(self, script: Script[Job]) -> Job:
        return await self.store.run(script)

    @property
    def accepted(self) -> int:
        """How many submissions the supplier has accepted, and may charge for."""
        return sum(submit.id is not None for submit in self.standin.submits)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Pipeline]:
        pipeline = self.new_pipeline()
        runs = (pipeline.worker.run, pipeline.aftercare.run, pipeline.supplier_probe.run)
        tasks = [asyncio.create_task(run()) for run in runs]
        try:
            yield pipeline
        finally:
            await pipeline.stop()
            await asyncio.gather(*tasks)


def awaiting_images(harness: JobHarness) -> AwaitingImages:
    """What a member does about an image that waits."""
    pipeline = harness.new_pipeline()
    return AwaitingImages(
        harness.store, pipeline.lease, clock=harness.clock, wake=harness.work.set, end=pipeline.delivery.give_up
    )


async def stored_job(harness: JobHarness, *, keep: bool = True, **changes: object) -> Job:
    """An order whose image is made and not shown yet. `keep`: its file is there."""
    await harness.order(**changes)  # type: ignore[arg-type]  # facts of the order, by name
    job = await harness.step(jobs.submitting(await harness.claim(), now=harness.clock()))
    job = await harness.step(jobs.running(job, "p" * 32, now=harness.clock()))
    image = StoredImage(
        name="900.png",
        sha256=hashlib.sha256(a_png()).hexdigest(),
        width=64,
        height=64,
        unsafe=None,
        output_url=None,
        price_micros=None,
    )
    if keep:
        await harness.images.keep(image.name, a_png())
    return await harness.step(jobs.stored(job, image, refund=0, now=harness.clock()))


def an_ordering(harness: JobHarness) -> Ordering:
    return Ordering(
        harness.store,
        harness.clips,
        Fetcher(),
        CircuitBreaker(harness.store),
        pricing=Pricing(),
        default_span_seconds=30,
        starting_credits=StartingCredits(amount=0),
        limits=LineLimits(),
        confirm_from_credits=200,
        clock=harness.clock,
        wake=harness.work.set,
    )


async def no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def open_harness(
    folder: Path, *, latency: Latency | None = None, draw: Draw = draw_at_once, slow_submit_seconds: float = 0.3
) -> AsyncIterator[JobHarness]:
    clips, images, messenger, clock = Folder(folder / "clips"), Folder(folder / "images"), RecordingMessenger(), Clock()
    work = asyncio.Event()
    async with (
        serve(
            api_key=API_KEY,
            latency=latency or Latency.instant(),
            draw=draw,
            slow_submit_seconds=slow_submit_seconds,
        ) as standin,
        open_sqlite(folder / "stillframe.db") as store,
        open_atlas(
            base_url=standin.base_url,
            api_key=SecretStr(API_KEY),
            fetch=Fetcher(trusted_origin=standin.base_url).download,
            deadline_seconds=2.0,
            sleep=no_pause,
        ) as supplier,
    ):

        def new_pipeline() -> Pipeline:
            return replace(a_pipeline(store, supplier, messenger, folder, clock=clock), work=work)

        yield JobHarness(store, supplier, standin, messenger, clock, clips, images, new_pipeline, work)


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[JobHarness]:
    async with open_harness(tmp_path) as harness:
        yield harness
