"""Several processes share a database: leases, leader locks, acts that are done once, and cards that are repaired."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.domain.errors import DatabaseUnavailable, DiscordUnavailable, LeaseLost
from bot.domain.job import Job, ReleaseReason, StoredImage
from bot.media.fetch import Fetcher
from bot.providers.atlas import AtlasSupplier
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.job_steps import JobSteps
from bot.services.jobs.rate_limits import LocalRateLimiter, SharedRateLimiter
from bot.services.processes.lease import ProcessLease
from bot.services.processes.once import Once
from bot.storage.engine.postgres import PostgresStore, open_postgres
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.files.base import Files
from bot.storage.files.folder import Folder
from bot.storage.orders import jobs, placing
from bot.storage.processes import leases
from tests.services.conftest import RecordingMessenger, a_pipeline
from tests.support.factories import HASTY, MANY, NOW, an_order
from tests.support.house import a_png

LEASE_SECONDS = 0.4
PATIENCE_SECONDS = 10.0
NO_SUPPLIER = AtlasSupplier(httpx.AsyncClient(), fetch=Fetcher().download)  # never asked


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[PostgresStore]:
    async with open_postgres(postgres_url) as store:
        yield store


def a_lease(store: PostgresStore) -> ProcessLease:
    return ProcessLease(store, kind="worker", clock=lambda: NOW, lease_seconds=LEASE_SECONDS)


async def test_one_process_has_a_duty_until_it_leaves_or_falls_silent(store: PostgresStore) -> None:
    one, two = a_lease(store), a_lease(store)
    await one.begin()
    await two.begin()
    leads = [await each.is_leader("caretaker") for each in (one, two, one)]
    assert leads == [True, False, True]
    await one.stop()
    assert await two.is_leader("caretaker")
    three = a_lease(store)
    await three.begin()
    renewing = asyncio.create_task(three.run())
    await asyncio.sleep(2.5 * LEASE_SECONDS)  # the second is silent, and the third knows by now that it had its time
    assert await three.is_leader("caretaker")
    await three.stop()
    await renewing


async def test_whoever_has_just_come_takes_nothing_of_a_process_that_may_only_be_late(store: PostgresStore) -> None:
    silent, new = a_lease(store), a_lease(store)
    await silent.begin()
    assert await silent.is_leader("watch")
    await asyncio.sleep(1.5 * LEASE_SECONDS)
    await new.begin()
    assert not await new.is_leader("watch")
    await silent.renew()  # it was late, and keeps what it has
    assert await silent.is_leader("watch")


async def test_a_process_knows_when_others_may_take_it_for_dead(store: PostgresStore) -> None:
    lease = a_lease(store)
    await lease.begin()
    assert not lease.expired
    await asyncio.sleep(1.1 * LEASE_SECONDS)
    assert lease.expired
    await lease.renew()
    assert not lease.expired


async def test_the_one_process_of_a_file_has_every_duty_and_knows_the_dead_at_once(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path / "a.db") as store:
        await store.run(leases.renew("of an earlier life", about="-", lease_ms=10**9, now=NOW))
        lease = ProcessLease(store, kind="bot", clock=lambda: NOW)
        await lease.begin()
        assert await lease.is_leader("caretaker")
        assert (lease.expired, lease.grace_ms) == (False, 0)
        assert await store.read(leases.living(now=NOW)) == []


async def a_digest() -> str:
    return "digest of version 2"


async def test_what_is_to_be_done_once_is_done_by_one_and_the_others_wait_for_it(store: PostgresStore) -> None:
    done: list[int] = []

    async def process(number: int) -> None:
        lease = a_lease(store)
        await lease.begin()

        async def act() -> None:
            done.append(number)
            await asyncio.sleep(0.1)

        await Once(store, lease).run_once_per_deployment("commands", a_digest, act)
        assert done

    await asyncio.gather(*(process(number) for number in range(4)))
    await process(4)
    assert len(done) == 1


async def test_what_failed_is_done_by_the_next_one(store: PostgresStore) -> None:
    lease, tried = a_lease(store), 0
    await lease.begin()

    async def act() -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise DiscordUnavailable(detail="HTTP 500")

    with pytest.raises(DiscordUnavailable):
        await Once(store, lease).run_once_per_deployment("commands", a_digest, act)
    await Once(store, lease).run_once_per_deployment("commands", a_digest, act)
    assert tried == 2


async def test_sales_that_one_process_closes_and_opens_are_so_for_all_and_news_to_one(store: PostgresStore) -> None:
    first, second = CircuitBreaker(store), CircuitBreaker(store)
    following = [asyncio.create_task(each.follow()) for each in (first, second)]
    try:
        first.trip("funds")
        assert await first.share()
        await until(lambda: second.tripped_for == "funds")
        assert not await second.share()
        second.changed.clear()
        second.reset()
        assert await second.share()
        first.changed.clear()
        await until(lambda: first.tripped_for is None)
    finally:
        for each in (first, second):
            each.stop()
        await asyncio.gather(*following)


async def until(true: object) -> None:
    assert callable(true)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110  # what it waits for comes over a connection
            await asyncio.sleep(0.01)


async def test_a_shared_rate_limiter_hands_out_what_one_process_alone_would_get(store: PostgresStore) -> None:
    together = [SharedRateLimiter(store, "polls", per_second=10, burst=2, clock=lambda: NOW) for _ in range(3)]
    alone = LocalRateLimiter(per_second=10, burst=2)
    shared = await asyncio.gather(*(each.reserve() for each in together for _ in range(4)))
    expected = [await alone.reserve() for _ in range(12)]
    assert sorted(shared) == pytest.approx(expected, abs=0.15)


async def test_a_rate_limiter_keeps_to_the_limit_by_itself_while_the_database_is_away(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_self: PostgresStore, script: object) -> object:
        raise DatabaseUnavailable(detail="restarting")

    monkeypatch.setattr(PostgresStore, "run", away)
    rate_limiter = SharedRateLimiter(store, "polls", per_second=10, burst=5, clock=lambda: NOW)
    waits = [await rate_limiter.reserve() for _ in range(4)]
    assert waits == pytest.approx([0.0, 0.1, 0.2, 0.3], abs=0.05)


# --- a process that was away -------------------------------------------------------------------------------


async def a_delivered_job(store: PostgresStore, images: Files) -> tuple[Job, Job]:
    """A delivered job: first as a process knew it that was paused meanwhile, then as it is."""
    await store.run(placing.place(an_order("1", cost=1), starting_credits=9, limits=MANY, now=NOW))
    await store.run(jobs.answered("1", 77, now=NOW))
    (ours,) = await store.run(jobs.claim("paused", at_supplier=9, each=9, now=NOW))
    (job,) = await store.run(jobs.claim("other", at_supplier=9, each=9, now=NOW))
    job = await store.run(jobs.submitting(job, now=NOW))
    job = await store.run(jobs.running(job, "p", now=NOW))
    image = StoredImage(
        name="1.png", sha256="a" * 64, width=64, height=64, unsafe=None, output_url=None, price_micros=None
    )
    await images.keep("1.png", a_png())
    job = await store.run(jobs.stored(job, image, refund=0, now=NOW))
    job = await store.run(jobs.posting(job, now=NOW))
    return ours, await store.run(jobs.delivered(job, channel_id=5, message_id=77, now=NOW))


async def test_a_card_that_may_have_been_spoilt_is_shown_as_it_ended(store: PostgresStore, tmp_path: Path) -> None:
    messenger = RecordingMessenger()
    pipeline = a_pipeline(store, NO_SUPPLIER, messenger, tmp_path, clock=lambda: NOW)
    ours, _ = await a_delivered_job(store, pipeline.images)
    pipeline.card_repair.recheck(ours)
    await store.run(placing.place(an_order("2", cost=1), starting_credits=9, limits=MANY, now=NOW))
    waiting = await store.read(jobs.get("2"))
    assert waiting
    pipeline.card_repair.recheck(waiting)
    messenger.fails_with = [DiscordUnavailable(detail="HTTP 503")]
    running = asyncio.create_task(pipeline.card_repair.run())
    await until(lambda: "1" in messenger.shown)
    await asyncio.sleep(3 * HASTY.aftercare)
    pipeline.steps.stop()
    await running
    assert messenger.deliveries == [("1", True)] * 2  # the first try failed; then it was right, and is not shown again


async def test_a_release_that_may_have_been_spoilt_is_told_again(store: PostgresStore, tmp_path: Path) -> None:
    messenger = RecordingMessenger()
    pipeline = a_pipeline(store, NO_SUPPLIER, messenger, tmp_path, clock=lambda: NOW)
    await store.run(placing.place(an_order("1", cost=1), starting_credits=9, limits=MANY, now=NOW))
    held = await store.read(jobs.get("1"))
    assert held
    await store.run(jobs.withdraw("1", ReleaseReason.CANCELLED, now=NOW))
    pipeline.card_repair.recheck(held)
    running = asyncio.create_task(pipeline.card_repair.run())
    await until(lambda: messenger.released == {"1": ReleaseReason.CANCELLED})
    pipeline.steps.stop()
    await running


async def test_before_a_post_a_process_that_was_away_asks_whether_the_job_is_still_its_own(
    store: PostgresStore, tmp_path: Path
) -> None:
    lease = a_lease(store)
    steps = JobSteps(store, RecordingMessenger(), lease, clock=lambda: NOW)
    ours, job = await a_delivered_job(store, Folder(tmp_path))
    await lease.begin()
    await steps.still_ours(ours)  # not away: the database is not asked
    await asyncio.sleep(1.1 * LEASE_SECONDS)
    with pytest.raises(LeaseLost):
        await steps.still_ours(ours)
    await asyncio.sleep(1.1 * LEASE_SECONDS)
    await steps.still_ours(job)
    assert not lease.expired
