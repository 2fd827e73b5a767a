"""After the end: releases that could not be told are told, and an image that comes late is given."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.domain.errors import Undeliverable
from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.wallet import Balance
from bot.services.jobs.aftercare import LATE_PAUSE_MS, TELL_UNTIL_MS
from bot.services.jobs.submission import WAIT_LIMIT_SECONDS
from bot.storage.orders import jobs
from sandbox.atlas import Latency
from tests.services.conftest import Workshop, open_workshop

UNTOUCHED = Balance(posted=1_000, held=0)


async def timed_out(workshop: Workshop) -> Job:
    await workshop.order()
    await workshop.until(state=JobState.RUNNING)
    workshop.clock.now += int(WAIT_LIMIT_SECONDS * 1000) + 1
    job = await workshop.until()
    assert job.release_reason is ReleaseReason.TIMED_OUT
    return job


async def rounds(workshop: Workshop, *, forward_ms: int, count: int = 1) -> None:
    for _ in range(count):
        workshop.clock.now += forward_ms
        await asyncio.sleep(0.3)


async def test_an_image_that_comes_after_the_release_is_given_and_never_charged(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, latency=Latency.fixed(1.0)) as workshop, workshop.at_work():
        await timed_out(workshop)
        await asyncio.sleep(1.0)
        await rounds(workshop, forward_ms=jobs.TELL_AGAIN_MS)
        await rounds(workshop, forward_ms=LATE_PAUSE_MS, count=4)
        job = await workshop.job()
        assert job.state is JobState.RELEASED
        assert job.result_id == 77
        assert workshop.courier.deliveries == [("900", True)]  # once, and looked for first
        assert await workshop.balance() == UNTOUCHED
        assert await workshop.findings() == ()


async def test_an_image_that_never_comes_is_looked_for_a_few_times_and_then_no_more(workshop: Workshop) -> None:
    workshop.standin.use("never")
    async with workshop.at_work():
        await timed_out(workshop)
        await rounds(workshop, forward_ms=LATE_PAUSE_MS, count=jobs.LATE_LOOKS + 2)
        assert (await workshop.job()).late_looks == 0
        looks = len(workshop.standin.requests)
        await rounds(workshop, forward_ms=LATE_PAUSE_MS, count=2)
        assert len(workshop.standin.requests) == looks
    assert workshop.courier.deliveries == []


async def test_a_late_failure_ends_the_looking(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, latency=Latency.fixed(1.0)) as workshop, workshop.at_work():
        workshop.standin.use("failed_200")
        await timed_out(workshop)
        await asyncio.sleep(1.0)
        await rounds(workshop, forward_ms=LATE_PAUSE_MS, count=2)
        job = await workshop.job()
        assert (job.release_reason, job.late_looks) == (ReleaseReason.TIMED_OUT, 0)
    assert workshop.courier.deliveries == []


async def test_a_late_image_that_can_not_be_shown_is_tried_again_later(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, latency=Latency.fixed(1.0)) as workshop, workshop.at_work():
        await timed_out(workshop)
        await asyncio.sleep(1.0)
        workshop.courier.fails_with = [Undeliverable(detail="closed")]
        await rounds(workshop, forward_ms=LATE_PAUSE_MS, count=3)
        assert list(workshop.courier.shown) == ["900"]
        assert await workshop.balance() == UNTOUCHED


async def test_a_late_image_that_can_not_be_read_just_now_costs_no_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    async with open_workshop(tmp_path, latency=Latency.fixed(1.0)) as workshop, workshop.at_work():
        looks = (await timed_out(workshop)).late_looks
        await asyncio.sleep(1.0)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", unreadable)
            await rounds(workshop, forward_ms=LATE_PAUSE_MS, count=looks + 1)
            job = await workshop.job()
            assert (job.late_looks, job.result_id) == (looks, None)
            assert job.image
        await rounds(workshop, forward_ms=LATE_PAUSE_MS, count=2)
        assert (await workshop.job()).result_id == 77


async def test_a_release_that_could_not_be_told_is_told_later(workshop: Workshop) -> None:
    workshop.standin.use("failed_200")
    workshop.courier.told_fails = 2
    async with workshop.at_work():
        await workshop.order()
        assert not (await workshop.until()).told
        await rounds(workshop, forward_ms=jobs.TELL_AGAIN_MS + 1, count=3)
    assert workshop.courier.released == {"900": ReleaseReason.FAILED}
    assert (await workshop.job()).told


async def test_a_release_of_an_earlier_run_is_told_by_the_next(workshop: Workshop) -> None:
    await workshop.order()
    job = await workshop.claim()
    await workshop.step(jobs.released(job, ReleaseReason.FAILED, now=workshop.clock()))
    workshop.clock.now += jobs.TELL_AGAIN_MS
    async with workshop.at_work():
        await asyncio.sleep(0.4)
    assert workshop.courier.released == {"900": ReleaseReason.FAILED}


async def test_after_a_day_nobody_is_told_any_more(workshop: Workshop) -> None:
    await workshop.order()
    await workshop.step(jobs.released(await workshop.claim(), ReleaseReason.FAILED, now=workshop.clock()))
    workshop.clock.now += TELL_UNTIL_MS + 1
    async with workshop.at_work():
        await asyncio.sleep(0.4)
    assert workshop.courier.released == {}
    assert (await workshop.job()).told
