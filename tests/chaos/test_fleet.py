"""Several processes on one PostgreSQL: gateways by shards, workers beside them, and one of them away for a while."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.job import JobState
from bot.storage.engine.store import Script
from bot.storage.orders import jobs
from bot.storage.processes import leases
from tests.chaos.fleet import AT_ONCE, LEASE_SECONDS, Fleet, open_fleet, soon
from tests.support import postgres
from tests.support.house import words_of
from tests.support.wire_house import ORDER

LONG_SECONDS = 2 * LEASE_SECONDS  # of an image

pytestmark = pytest.mark.skipif(postgres.binaries() is None, reason=postgres.MISSING)


@pytest.fixture
async def fleet(tmp_path: Path, postgres_url: str) -> AsyncIterator[Fleet]:
    async with open_fleet(tmp_path, postgres_url) as fleet:
        yield fleet


async def test_gateways_share_the_shards_workers_the_jobs_and_commands_are_synced_once(fleet: Fleet) -> None:
    gateways = [await fleet.gateway(shard=number, count=2) for number in range(2)]
    workers = await fleet.workers(2)
    assert sorted(fleet.wire.shards) == [(0, 2), (1, 2)]
    assert sum(request.method == "PUT" and request.path.endswith("/commands") for request in fleet.wire.requests) == 1
    orders = [await fleet.order(f"A poster {number}") for number in range(6)]
    found = await fleet.ended(len(orders))
    assert {job.state for job in found} == {JobState.DELIVERED}
    assert len(fleet.wire.visible_images()) == len(fleet.standin.charges) == len(orders)
    for process in (*gateways, *workers):
        process.terminate()
    assert [await process.wait() for process in (*gateways, *workers)] == [0, 0, 0, 0]
    assert await fleet.store.read(leases.living(now=0)) == []


async def test_the_job_of_a_worker_that_was_killed_is_taken_up_by_another(tmp_path: Path, postgres_url: str) -> None:
    async with open_fleet(tmp_path, postgres_url, median_seconds=LONG_SECONDS) as fleet:
        await fleet.gateway()
        (killed,) = await fleet.workers(1)
        order = await fleet.order()
        await fleet.until(lambda: is_(fleet, order, JobState.RUNNING))
        killed.kill()
        await fleet.workers(1)
        (job,) = await fleet.ended(1)
        assert job.state is JobState.DELIVERED
        assert len(fleet.wire.visible_images()) == len(fleet.standin.charges) == 1


async def test_a_worker_that_comes_back_after_others_took_its_job_lets_go(tmp_path: Path, postgres_url: str) -> None:
    async with open_fleet(tmp_path, postgres_url, median_seconds=LONG_SECONDS) as fleet:
        await fleet.gateway()
        (paused,) = await fleet.workers(1)
        order = await fleet.order()
        await fleet.until(lambda: is_(fleet, order, JobState.RUNNING))
        paused.send_signal(signal.SIGSTOP)
        await fleet.workers(1)
        (job,) = await fleet.ended(1)
        paused.send_signal(signal.SIGCONT)
        await fleet.until(lambda: soon("was taken up by somebody else" in fleet.logs()))
        assert job.state is JobState.DELIVERED
        await fleet.until(lambda: soon(len(fleet.wire.visible_images()) == 1))  # a late edit of its card is mended
        assert len(fleet.standin.charges) == 1


async def test_all_workers_together_keep_to_what_the_supplier_allows(tmp_path: Path, postgres_url: str) -> None:
    async with open_fleet(tmp_path, postgres_url, median_seconds=0.5) as fleet:
        await fleet.gateway()
        await fleet.workers(3)
        people = [fleet.wire.world.join(f"member {number}") for number in range(5)]
        for person in people * 2:
            await fleet.wire.imagine(ORDER, user_id=person.id)
        await fleet.ended(10)
        spans = await fleet.store.read(_at_supplier())
    assert max(sum(begun <= moment < over for begun, over in spans) for moment, _ in spans) == AT_ONCE


async def test_sales_that_one_worker_closes_are_closed_for_all_and_the_operator_is_told_once(fleet: Fleet) -> None:
    channel = fleet.wire.world.images.id
    await fleet.gateway()
    for _ in range(2):
        await fleet.start("worker", OPERATOR_CHANNEL_ID=str(channel))
    fleet.standin.use("submit_402", times=1)
    await fleet.order()
    await fleet.ended(1)
    await fleet.until(lambda: refused_at_once(fleet))
    told = [message for message in fleet.wire.messages() if "No new images are made: the" in words_of(message)]
    assert len(told) == 1


async def test_postgres_that_dies_and_comes_back_in_the_middle_stops_nothing_for_long(tmp_path: Path) -> None:
    with postgres.a_server(options=()) as server:  # as in life: what was committed outlives a crash
        url = await server.create()
        async with open_fleet(tmp_path, url, median_seconds=0.5) as fleet:
            await fleet.gateway()
            workers = await fleet.workers(2)
            for number in range(6):
                await fleet.order(f"A poster {number}")

            async def under_way() -> bool:
                return [job.state for job in await fleet.jobs()].count(JobState.RUNNING) == AT_ONCE

            await fleet.until(under_way)
            server.stop(signal.SIGQUIT)
            await asyncio.sleep(0.5)
            server.start()
            found = await fleet.ended(6)
            await fleet.order("Afterwards")
            found = await fleet.ended(7)
            assert [worker.returncode for worker in workers] == [None, None]
            delivered = [job for job in found if job.state is JobState.DELIVERED]
            assert len(fleet.wire.visible_images()) == len(delivered) >= 5
            assert len({submit.body["prompt"] for submit in fleet.standin.submits}) == len(fleet.standin.submits)


async def is_(fleet: Fleet, order: int, state: JobState) -> bool:
    job = await fleet.store.read(jobs.get(str(order)))
    return job is not None and job.state is state


async def refused_at_once(fleet: Fleet) -> bool:
    order = await fleet.order("Refused")
    await asyncio.sleep(0.3)
    answer = fleet.wire.answer(order)
    return answer is not None and "No new images are made just now" in words_of(answer)


def _at_supplier() -> Script[list[tuple[int, int]]]:
    rows = yield (
        """
        SELECT min(at) AS begun, max(CASE WHEN state = 'stored' THEN at END) AS over FROM job_steps
        WHERE state IN ('submitting', 'stored') GROUP BY job_id""",
        {},
    )
    return [(row["begun"], row["over"]) for row in rows]
