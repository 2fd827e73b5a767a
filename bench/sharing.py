"""Several processes on one PostgreSQL on this machine: holds, whole jobs, and how soon a call wakes.

    python -m bench.sharing    # about a minute and a half

Real processes, a real server with all its durability; the supplier answers at once, and Discord is left out. Holds
stand beside SQLite's in the same run. On a machine of its own PostgreSQL would have more cores, and a network between.
"""

from __future__ import annotations

import asyncio
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image

from bench.ledger import fill, hold, per_second
from bench.report import table
from bench.waiting import Endless, Silent
from bot.app import unix_ms
from bot.domain.job import Job, LineLimits, Picture, Shown
from bot.domain.pricing import Pricing
from bot.domain.recipe import Clip, Recipe, Span, YouTubeVideo
from bot.domain.wallet import WalletKey
from bot.media.fit import Fitter
from bot.providers.base import Completed, Output, OutputBytes, Submission, Submitted
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.closed_models import ClosedModels
from bot.services.jobs.delays import Delays
from bot.services.jobs.pipeline import Pipeline, PipelineLimits
from bot.services.jobs.poll_schedule import PollSchedule
from bot.services.processes.lease import ProcessLease
from bot.storage.engine import locks
from bot.storage.engine.postgres import PostgresStore, open_postgres
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.engine.store import Script, Store
from bot.storage.files.folder import Folder
from bot.storage.orders import jobs, placing
from tests.support import postgres
from tests.support.factories import an_order

JOBS = 1_500
MEMBERS = 100
AT_ONCE = 50  # requests at the supplier, of all workers together
CALLS = 150
CALL_EVERY_SECONDS = (0.02, 0.14)
DEAF_CALLS = 40
START_SECONDS = 30.0
MANY = LineLimits(running=10**6, waiting=10**6)
RECIPE = Recipe(
    prompt="A poster", clip=Clip(video=YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=14, end=17), frame_rate=1)
)


class Instant(Endless):
    """A supplier that has every image ready in its first answer. It prints each request's prompt and time."""

    def __init__(self) -> None:
        super().__init__()
        picture = io.BytesIO()
        Image.new("RGB", (64, 64)).save(picture, "PNG")
        self._picture = picture.getvalue()

    async def submit(self, submission: Submission) -> Submitted:
        print(submission.recipe.prompt, time.time_ns(), flush=True)
        done = Completed(outputs=(OutputBytes(self._picture),), unsafe=None, price_micros=None)
        return Submitted(prediction_id=submission.recipe.prompt, prediction=done, request_id=None)

    async def download(self, output: Output) -> bytes:
        assert isinstance(output, OutputBytes)
        return output.data


class Obliging(Silent):
    async def deliver(self, job: Job, picture: Picture, *, look_first: bool) -> Shown:
        del picture, look_first
        return Shown(1, int(job.id))


def a_pipeline(store: PostgresStore, folder: Path, lease: ProcessLease, work: asyncio.Event) -> Pipeline:
    return Pipeline(
        store=store,
        supplier=Instant(),
        messenger=Obliging(),
        lease=lease,
        breaker=CircuitBreaker(store),
        closed_models=ClosedModels(store, Obliging().tell_operator, clock=unix_ms),
        clips=Folder(folder),
        images=Folder(folder),
        fitter=Fitter(),
        pricing=Pricing(),
        limits=PipelineLimits(
            supplier_running=AT_ONCE,
            member_running=AT_ONCE,
            polls_per_second=1_000_000,
            submits_per_second=1_000_000,
            stop_seconds=5,
        ),
        delays=Delays(),
        poll_schedule=PollSchedule(),
        work=work,
        clock=unix_ms,
    )


async def be_a_worker(url: str, folder: Path, *, deaf: bool) -> None:
    async with open_postgres(url) as store:
        lease, work = ProcessLease(store, kind="bench", clock=unix_ms), asyncio.Event()
        if not deaf:
            store.listen(locks.WORK, work.set)
        await lease.begin()
        print("ready", flush=True)
        await asyncio.gather(a_pipeline(store, folder, lease, work).worker.run(), lease.run())


@asynccontextmanager
async def workers(
    url: str, folder: Path, count: int, *, deaf: bool = False
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Start so many workers, and yield their outputs when all are ready."""
    words = [sys.executable, "-m", "bench.sharing", "worker", url, str(folder), *(["deaf"] if deaf else [])]
    started = [await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE) for _ in range(count)]
    said = [process.stdout for process in started if process.stdout]
    try:
        for each in said:
            await asyncio.wait_for(each.readline(), START_SECONDS)
        yield said
    finally:
        for process in started:
            process.kill()
            await process.wait()


async def order(store: PostgresStore, number: int) -> None:
    """Place and answer a job, so that it may start."""
    wallet, recipe = WalletKey(1, number % MEMBERS), RECIPE.evolve(prompt=str(number))
    new = an_order(str(number), wallet=wallet, recipe=recipe, cost=1)
    await store.run(placing.place(new, starting_credits=1_000_000, limits=MANY, now=unix_ms()))
    await store.run(jobs.answered(new.id, number, now=unix_ms()))


async def _holds_per_second(store: Store, tasks: int, first: int) -> float:
    found, _ = await per_second(lambda number: store.run(hold(number)), tasks, first=first)
    return found


async def holds(server: postgres.Server) -> list[list[str]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            postgres.a_database(server) as url,
            open_postgres(url) as shared,
            open_sqlite(Path(folder) / "a.db") as alone,
        ):
            await fill(alone)
            await fill(shared)
            for turn, tasks in enumerate((1, 50, 500)):
                for name, store in (("PostgreSQL", shared), ("SQLite", alone)):
                    firsts = [(turn * 3 + part + 1) * 10**7 for part in range(3)]
                    each = [await _holds_per_second(store, tasks, first) for first in firsts]
                    rows.append([str(tasks), name, f"{statistics.median(each):,.0f}"])
    return rows


async def whole_jobs(server: postgres.Server, count: int) -> float:
    """Return jobs per second, from placed to delivered and charged: six transactions each, and the rate limiter's."""
    with tempfile.TemporaryDirectory() as folder:
        async with postgres.a_database(server) as url, open_postgres(url) as store:
            for first in range(0, JOBS, 100):
                await asyncio.gather(*(order(store, number + 1) for number in range(first, first + 100)))
            began = time.perf_counter()
            async with workers(url, Path(folder), count):
                began = time.perf_counter()
                before = await _delivered(store)
                while await _delivered(store) < JOBS:  # noqa: ASYNC110  # other processes deliver
                    await asyncio.sleep(0.05)
                return (JOBS - before) / (time.perf_counter() - began)


async def _delivered(store: PostgresStore) -> int:
    def count() -> Script[int]:
        found: int = (yield "SELECT count(*) AS jobs FROM jobs WHERE state = 'delivered'", {})[0]["jobs"]
        return found

    return await store.read(count())


async def woken(server: postgres.Server, *, deaf: bool) -> list[float]:
    """Return the milliseconds from when a job may start to when another process is about to send it."""
    chance, count = random.Random(7), DEAF_CALLS if deaf else CALLS  # noqa: S311  # a bench
    placed: dict[str, int] = {}
    taken: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            postgres.a_database(server) as url,
            open_postgres(url) as store,
            workers(url, Path(folder), 1, deaf=deaf) as (said,),
        ):
            for number in range(1, count + 1):
                await order(store, number)
                placed[str(number)] = time.time_ns()
                await asyncio.sleep(chance.uniform(*CALL_EVERY_SECONDS) * (6 if deaf else 1))
            while len(taken) < count:
                job_id, at = (await said.readline()).split()
                taken[job_id.decode()] = int(at)
    return sorted((taken[job_id] - at) / 1e6 for job_id, at in placed.items())


def main() -> None:
    with postgres.a_server(options=()) as server:
        print(table(["tasks", "engine", "holds/s"], asyncio.run(holds(server))))
        rows = [[str(count), f"{asyncio.run(whole_jobs(server, count)):,.0f}"] for count in (1, 2, 4)]
        print()
        print(table(["workers", "jobs/s"], rows))
        print()
        calls = {
            "by NOTIFY": asyncio.run(woken(server, deaf=False)),
            "by looking": asyncio.run(woken(server, deaf=True)),
        }
        rows = [
            [name, f"{statistics.median(found):,.1f}", f"{found[int(len(found) * 0.99)]:,.1f}"]
            for name, found in calls.items()
        ]
        print(table(["from placed to claimed by another process", "median ms", "p99 ms"], rows))


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        asyncio.run(be_a_worker(sys.argv[2], Path(sys.argv[3]), deaf=sys.argv[4:] == ["deaf"]))
    else:
        main()
