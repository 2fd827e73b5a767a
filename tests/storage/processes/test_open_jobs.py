"""A scrape of the metrics reads little from the database, and no more as the books grow."""

from __future__ import annotations

import pytest

from bot.domain.errors import DatabaseUnavailable
from bot.domain.job import JobState, ReleaseReason, UnderWay
from bot.storage.engine.sqlite import SqliteStore
from bot.storage.orders import jobs, placing
from bot.storage.processes import open_jobs
from tests.support.factories import ANN, BOB, MANY, NOW, an_order, sql


async def test_what_is_under_way_is_counted_by_state_with_its_credits_and_the_oldest(store: SqliteStore) -> None:
    for number, wallet in enumerate((ANN, ANN, BOB)):
        order = an_order(f"{number}", wallet=wallet, cost=100 + number)
        await store.run(placing.place(order, starting_credits=1_000, limits=MANY, now=NOW + number))
    first, _, third = await store.run(jobs.claim("me", at_supplier=10, each=10, now=NOW + placing.ANSWER_GRACE_MS + 9))
    await store.run(jobs.submitting(first, now=NOW))
    await store.run(jobs.withdraw(third.id, ReleaseReason.CANCELLED, now=NOW))
    left = {"0", "1", "2"} - {third.id}
    found = await store.read(open_jobs.under_way())
    assert found.jobs == {JobState.SUBMITTING: 1, JobState.HELD: 1}
    assert found.credits_held == sum(100 + int(job_id) for job_id in left)
    assert found.oldest_at == NOW + min(map(int, left))


async def test_nothing_under_way_is_nothing_and_not_an_error(store: SqliteStore) -> None:
    assert await store.read(open_jobs.under_way()) == UnderWay(jobs={}, credits_held=0, oldest_at=None)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_jobs_that_have_ended_are_not_walked_through(store: SqliteStore) -> None:
    statement, parameters = next(open_jobs.under_way())
    plan = await store.read(sql(f"EXPLAIN QUERY PLAN {statement}", **parameters))
    assert plan[0]["detail"] == "SCAN jobs USING INDEX jobs_open"


async def test_a_try_to_write_leaves_nothing_behind(store: SqliteStore) -> None:
    await store.run(open_jobs.write_nothing("readyz 1", now=NOW))
    await store.run(open_jobs.write_nothing("readyz 1", now=NOW))
    assert await store.read(sql("SELECT * FROM searches")) == []


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_a_try_to_write_fails_where_nothing_can_be_written(store: SqliteStore) -> None:
    await store._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(DatabaseUnavailable):
        await store.run(open_jobs.write_nothing("readyz 1", now=NOW))
