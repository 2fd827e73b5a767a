"""Measures ten thousand images being made at once in one process: memory, CPU, and how long an order waits.

    python -m bench.waiting

Each waiting image is a task in the worker. The services are the real ones on a real file; the supplier never finishes,
and answers in process. Goal (DESIGN section 10): at most 250 MB, and an answer to 100 orders at once with a p99 of at
most 250 ms.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from bench.report import table
from bot.app import settle_memory, unix_ms
from bot.domain.job import Job, LineLimits, Picture, Shown
from bot.domain.models import Model
from bot.domain.order import Order, OrderText
from bot.domain.pricing import Pricing
from bot.domain.showing import Showing
from bot.domain.wallet import StartingCredits, WalletKey
from bot.media.fetch import Fetcher
from bot.media.fit import Fitter
from bot.providers.base import Output, Prediction, Submission, Submitted, SupplierBalance, SupplierPrice, Waiting
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.closed_models import ClosedModels
from bot.services.jobs.delays import Delays
from bot.services.jobs.pipeline import Pipeline, PipelineLimits
from bot.services.jobs.poll_schedule import PollSchedule
from bot.services.orders.ordering import Ordering
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.store import Script
from bot.storage.files.folder import Folder
from bot.storage.orders import jobs
from tests.support.factories import a_caller

WAITING = 10_000
POLLS_PER_SECOND = 200.0
WATCHED_SECONDS = 10.0
ORDERS_AT_ONCE = 100
BURSTS = 10
ORDER = OrderText(prompt="A poster of the key scene", video="https://youtu.be/dQw4w9WgXcQ", start="0:14-0:17")


class Endless:
    """A supplier that takes everything and finishes nothing."""

    def __init__(self) -> None:
        self.polls = 0

    async def submit(self, _submission: Submission) -> Submitted:
        return Submitted(prediction_id=uuid4().hex, prediction=Waiting(), request_id=None)

    async def poll(self, _prediction_id: str, *, age_seconds: float) -> Prediction:
        self.polls += age_seconds >= 0
        return Waiting()

    async def upload(self, data: bytes, *, name: str, content_type: str) -> str:
        raise NotImplementedError

    async def download(self, output: Output) -> bytes:
        raise NotImplementedError

    async def price(self, submission: Submission) -> SupplierPrice:
        raise NotImplementedError

    async def catalogue(self) -> Mapping[str, str | None]:
        raise NotImplementedError

    async def misfits(self, row: Model, schema: str) -> tuple[str, ...]:
        raise NotImplementedError

    async def balance(self) -> SupplierBalance:
        raise NotImplementedError


class Silent:
    """A messenger that shows nothing."""

    async def find_answer(self, job: Job) -> int | None:
        return job.message_id

    async def show_waiting(self, job: Job, place: int) -> None: ...

    async def show_working(self, job: Job) -> None: ...

    async def may_show_unsafe(self, job: Job) -> bool:
        return not job.private

    async def deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        raise NotImplementedError

    async def find_image(self, job: Job) -> Shown | None: ...

    async def tell_where(self, job: Job, shown: Shown) -> bool:
        return bool(job.id and shown.message_id)

    async def tell_released(self, job: Job) -> bool:
        return bool(job.id)

    async def tell_awaiting(self, job: Job) -> None: ...

    async def tell_operator(self, words: str) -> None: ...

    async def remove(self, showing: Showing) -> bool:
        del showing
        return True

    async def still_shows(self, showing: Showing) -> bool:
        del showing
        return True

    async def find_showing(self, showing: Showing, *, besides: frozenset[int]) -> int | None: ...


def memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this bench reads /proc, and so runs on Linux only")


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def an_ordering(store: SqliteStore, folder: Path, breaker: CircuitBreaker, work: asyncio.Event) -> Ordering:
    return Ordering(
        store,
        Folder(folder),
        Fetcher(),
        breaker,
        pricing=Pricing(),
        default_span_seconds=30,
        starting_credits=StartingCredits(amount=1_000_000),
        limits=LineLimits(),
        confirm_from_credits=1_000_000,
        clock=unix_ms,
        wake=work.set,
    )


def a_pipeline(
    store: SqliteStore, folder: Path, breaker: CircuitBreaker, work: asyncio.Event, endless: Endless
) -> Pipeline:
    return Pipeline(
        store=store,
        supplier=endless,
        messenger=Silent(),
        lease=ProcessLease(store, kind="bench", clock=unix_ms),
        breaker=breaker,
        closed_models=ClosedModels(store, Silent().tell_operator, clock=unix_ms),
        clips=Folder(folder),
        images=Folder(folder),
        fitter=Fitter(),
        pricing=Pricing(),
        limits=PipelineLimits(
            supplier_running=WAITING,
            member_running=2,
            polls_per_second=POLLS_PER_SECOND,
            submits_per_second=100_000,
            stop_seconds=5,
        ),
        delays=Delays(),
        poll_schedule=PollSchedule(),
        work=work,
        clock=unix_ms,
    )


async def order(ordering: Ordering, number: int) -> float:
    """Place one order with the services and return the milliseconds until its hold is committed."""
    caller = a_caller(wallet=WalletKey(1, number), interaction_id=number, token="t" * 200)
    began = time.perf_counter()
    recipe = ordering.understand(ORDER)
    facts = await ordering.facts(caller)
    await ordering.check_balance(caller, facts, recipe)
    await ordering.place(caller, Order(recipe=recipe, private=facts.private))
    return (time.perf_counter() - began) * 1000


async def bursts(ordering: Ordering, first: int) -> list[float]:
    waits: list[float] = []
    for burst in range(BURSTS):
        numbers = range(first + burst * ORDERS_AT_ONCE, first + (burst + 1) * ORDERS_AT_ONCE)
        waits += await asyncio.gather(*(order(ordering, number) for number in numbers))
        for number in numbers:
            await ordering.withdraw(str(number))
        await asyncio.sleep(0.2)
    return waits


async def until_all_wait(store: SqliteStore) -> None:
    def running() -> Script[int]:
        rows = yield "SELECT count(*) AS n FROM jobs WHERE state = 'running'", {}
        count: int = rows[0]["n"]
        return count

    while await store.read(running()) < WAITING:  # noqa: ASYNC110  # it is in the database
        await asyncio.sleep(0.2)


async def measure(folder: Path) -> list[list[str]]:
    work, endless = asyncio.Event(), Endless()
    async with open_sqlite(folder / "a.db") as store:
        breaker = CircuitBreaker(store)
        ordering = an_ordering(store, folder, breaker, work)
        quiet = await bursts(ordering, 10_000_000)
        before = memory_mb()
        for start in range(0, WAITING, 500):
            numbers = range(start, start + 500)
            await asyncio.gather(*(order(ordering, number) for number in numbers))
            await asyncio.gather(*(store.run(jobs.answered(str(number), 77, now=unix_ms())) for number in numbers))
        worker = a_pipeline(store, folder, breaker, work, endless).worker
        working = asyncio.create_task(worker.run())
        await until_all_wait(store)
        polls, cpu, began = endless.polls, cpu_seconds(), time.perf_counter()
        await asyncio.sleep(WATCHED_SECONDS)
        share = (cpu_seconds() - cpu) / (time.perf_counter() - began)
        rate = (endless.polls - polls) / WATCHED_SECONDS
        busy = await bursts(ordering, 20_000_000)
        after = memory_mb()
        await worker.stop()
        await working
    return [
        ["memory, all of the process", f"{after:.0f} MB"],
        ["of that for 10,000 waiting images", f"{after - before:.0f} MB"],
        ["CPU while they wait", f"{share:.0%} of one core, at {rate:.0f} looks a second"],
        ["100 orders at once, nothing waiting: p99", f"{statistics.quantiles(quiet, n=100)[98]:.0f} ms"],
        ["100 orders at once, 10,000 waiting: p99", f"{statistics.quantiles(busy, n=100)[98]:.0f} ms"],
    ]


def run() -> list[list[str]]:
    settle_memory()
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(measure(Path(folder)))


def main() -> None:
    print(table(["what", "figure"], run()))


if __name__ == "__main__":
    main()
