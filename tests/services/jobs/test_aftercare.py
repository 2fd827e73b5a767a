"""A release that could not be told is told later, and an image that comes late is shown without a charge."""

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
from tests.services.conftest import JobHarness, open_harness

UNTOUCHED = Balance(posted=1_000, held=0)


async def timed_out(harness: JobHarness) -> Job:
    await harness.order()
    await harness.until(state=JobState.RUNNING)
    harness.clock.now += int(WAIT_LIMIT_SECONDS * 1000) + 1
    job = await harness.until()
    assert job.release_reason is ReleaseReason.TIMED_OUT
    return job


async def rounds(harness: JobHarness, *, forward_ms: int, count: int = 1) -> None:
    for _ in range(count):
        harness.clock.now += forward_ms
        await asyncio.sleep(0.3)


async def test_an_image_that_comes_after_the_release_is_given_and_never_charged(tmp_path: Path) -> None:
    async with open_harness(tmp_path, latency=Latency.fixed(1.0)) as harness, harness.at_work():
        await timed_out(harness)
        await asyncio.sleep(1.0)
        await rounds(harness, forward_ms=jobs.TELL_AGAIN_MS)
        await rounds(harness, forward_ms=LATE_PAUSE_MS, count=4)
        job = await harness.job()
        assert job.state is JobState.RELEASED
        assert job.result_id == 77
        assert harness.messenger.deliveries == [("900", True)]  # once, and looked for first
        assert await harness.balance() == UNTOUCHED
        assert await harness.findings() == ()


async def test_an_image_that_never_comes_is_looked_for_a_few_times_and_then_no_more(harness: JobHarness) -> None:
    harness.standin.use("never")
    async with harness.at_work():
        await timed_out(harness)
        await rounds(harness, forward_ms=LATE_PAUSE_MS, count=jobs.LATE_LOOKS + 2)
        assert (await harness.job()).late_looks == 0
        looks = len(harness.standin.requests)
        await rounds(harness, forward_ms=LATE_PAUSE_MS, count=2)
        assert len(harness.standin.requests) == looks
    assert harness.messenger.deliveries == []


async def test_a_late_failure_ends_the_looking(tmp_path: Path) -> None:
    async with open_harness(tmp_path, latency=Latency.fixed(1.0)) as harness, harness.at_work():
        harness.standin.use("failed_200")
        await timed_out(harness)
        await asyncio.sleep(1.0)
        await rounds(harness, forward_ms=LATE_PAUSE_MS, count=2)
        job = await harness.job()
        assert (job.release_reason, job.late_looks) == (ReleaseReason.TIMED_OUT, 0)
    assert harness.messenger.deliveries == []


async def test_a_late_image_that_can_not_be_shown_is_tried_again_later(tmp_path: Path) -> None:
    async with open_harness(tmp_path, latency=Latency.fixed(1.0)) as harness, harness.at_work():
        await timed_out(harness)
        await asyncio.sleep(1.0)
        harness.messenger.fails_with = [Undeliverable(detail="closed")]
        await rounds(harness, forward_ms=LATE_PAUSE_MS, count=3)
        assert list(harness.messenger.shown) == ["900"]
        assert await harness.balance() == UNTOUCHED


async def test_a_late_image_that_can_not_be_read_just_now_costs_no_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    async with open_harness(tmp_path, latency=Latency.fixed(1.0)) as harness, harness.at_work():
        looks = (await timed_out(harness)).late_looks
        await asyncio.sleep(1.0)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", unreadable)
            await rounds(harness, forward_ms=LATE_PAUSE_MS, count=looks + 1)
            job = await harness.job()
            assert (job.late_looks, job.result_id) == (looks, None)
            assert job.image
        await rounds(harness, forward_ms=LATE_PAUSE_MS, count=2)
        assert (await harness.job()).result_id == 77


async def test_a_release_that_could_not_be_told_is_told_later(harness: JobHarness) -> None:
    harness.standin.use("failed_200")
    harness.messenger.told_fails = 2
    async with harness.at_work():
        await harness.order()
        assert not (await harness.until()).told
        await rounds(harness, forward_ms=jobs.TELL_AGAIN_MS + 1, count=3)
    assert harness.messenger.released == {"900": ReleaseReason.FAILED}
    assert (await harness.job()).told


async def test_a_release_of_an_earlier_run_is_told_by_the_next(harness: JobHarness) -> None:
    await harness.order()
    job = await harness.claim()
    await harness.step(jobs.released(job, ReleaseReason.FAILED, now=harness.clock()))
    harness.clock.now += jobs.TELL_AGAIN_MS
    async with harness.at_work():
        await asyncio.sleep(0.4)
    assert harness.messenger.released == {"900": ReleaseReason.FAILED}


async def test_after_a_day_nobody_is_told_any_more(harness: JobHarness) -> None:
    await harness.order()
    await harness.step(jobs.released(await harness.claim(), ReleaseReason.FAILED, now=harness.clock()))
    harness.clock.now += TELL_UNTIL_MS + 1
    async with harness.at_work():
        await asyncio.sleep(0.4)
    assert harness.messenger.released == {}
    assert (await harness.job()).told
