"""With a full disk or a read-only database each job ends clearly, and nothing is half-written."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.errors import DatabaseUnavailable, FilesUnavailable
from bot.domain.job import JobState, ReleaseReason
from bot.domain.recipe import AttachedVideo
from bot.domain.wallet import Balance
from bot.services.jobs.delivery import DELIVERY_LIMIT_MS
from bot.storage.credits import ledger
from bot.storage.orders import placing
from bot.text import refusals
from sandbox.clip import make_clip
from tests.services.conftest import JobHarness, an_ordering
from tests.support.factories import ANN, MANY, a_recipe, an_order

CLIP = make_clip(seconds=1, width=160, height=90)
UNTOUCHED = Balance(posted=1_000, held=0)
CHARGED = Balance(posted=850, held=0)


async def pragma(harness: JobHarness, text: str) -> None:
    await harness.store._writer.execute(f"PRAGMA {text}")


async def test_a_database_that_can_not_be_written_takes_no_order_and_says_so(harness: JobHarness) -> None:
    await harness.store.run(ledger.welcome(ANN, starting_credits=1_000, now=harness.clock()))
    await pragma(harness, "query_only = ON")  # as on a file system mounted read-only
    with pytest.raises(DatabaseUnavailable) as refusal:
        await harness.store.run(placing.place(an_order(), starting_credits=1_000, limits=MANY, now=harness.clock()))
    assert refusals.say(refusal.value).startswith("The credit books can't be written just now. Nothing was charged.")
    await pragma(harness, "query_only = OFF")
    assert await harness.balance() == UNTOUCHED
    assert await harness.findings() == ()


async def test_a_job_goes_on_by_itself_when_the_database_can_be_written_again(
    harness: JobHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.jobs.job_steps.COMMIT_PAUSE_SECONDS", 0.02)
    harness.standin.use("never", times=1)
    async with harness.at_work():
        await harness.order("1")
        await harness.until("1", state=JobState.RUNNING)
        await harness.order("2")
        await pragma(harness, "query_only = ON")
        await asyncio.sleep(0.5)
        await pragma(harness, "query_only = OFF")
        assert (await harness.until("2")).state is JobState.DELIVERED
    assert harness.accepted == 2
    assert await harness.findings() == ()


async def test_an_image_that_the_disk_has_no_room_for_waits_at_the_supplier(
    harness: JobHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = True
    fsync = os.fsync

    def fsync_while_there_is_room(descriptor: int) -> None:
        if full:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync_while_there_is_room)
    async with harness.at_work():
        await harness.order()
        await asyncio.sleep(0.5)
        assert (await harness.job()).state is JobState.RUNNING
        full = False
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.accepted == 1


@dataclass
class Reading:
    """Files whose store does not answer while `fails` is set."""

    fails: bool = True


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    reading, read = Reading(), Path.read_bytes

    def read_while_it_answers(path: Path) -> bytes:
        if reading.fails:
            raise OSError(5, "Input/output error")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_while_it_answers)
    return reading


async def test_an_image_that_can_not_be_read_is_shown_when_it_can(harness: JobHarness, reading: Reading) -> None:
    async with harness.at_work():
        await harness.order()
        await harness.until(state=JobState.STORED)
        await asyncio.sleep(0.3)
        assert (await harness.job()).state is JobState.STORED
        reading.fails = False
        harness.clock.now += 1_000
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.messenger.deliveries == [("900", False)]  # it was not shown before, so nothing is looked for
    assert harness.accepted == 1


async def test_an_image_that_can_not_be_read_for_too_long_waits_for_its_member(
    harness: JobHarness, reading: Reading
) -> None:
    async with harness.at_work():
        await harness.order()
        await harness.until(state=JobState.STORED)
        harness.clock.now += DELIVERY_LIMIT_MS + 1_000
        await harness.until(state=JobState.AWAITING)
        reading.fails = False
        harness.clock.now += 3_600_000
        harness.work.set()
        assert (await harness.until()).state is JobState.DELIVERED
    assert await harness.balance() == CHARGED
    assert await harness.findings() == ()


async def test_an_order_whose_clip_can_not_be_read_waits_and_is_made_when_it_can(
    harness: JobHarness, reading: Reading
) -> None:
    await harness.clips.keep("a" * 64, CLIP)
    video = AttachedVideo(name="a.mp4", sha256="a" * 64, content_type="video/mp4")
    async with harness.at_work():
        await harness.order(recipe=a_recipe(video=video))
        await asyncio.sleep(0.3)
        assert (await harness.job()).state is JobState.HELD
        reading.fails = False
        harness.clock.now += 1_000
        assert (await harness.until()).state is JobState.DELIVERED


async def test_a_clip_that_the_disk_has_no_room_for_is_refused_before_anything_is_held(
    harness: JobHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FilesUnavailable) as refusal:
        await harness.clips.keep("a" * 64, b"clip")
    assert "Nothing was charged." in refusals.say(refusal.value)


async def test_an_order_whose_answer_can_not_be_written_down_is_no_failed_command(harness: JobHarness) -> None:
    """The order is placed and answered; the worker finds the answer in Discord when the disk has room again."""
    await harness.order(answered=False)
    ordering = an_ordering(harness)
    await pragma(harness, "query_only = ON")
    await ordering.answered("900", 77)
    await pragma(harness, "query_only = OFF")
    harness.clock.now += placing.ANSWER_GRACE_MS
    async with harness.at_work():
        assert (await harness.until()).state is JobState.DELIVERED


async def test_an_order_that_can_not_be_taken_back_at_once_is_taken_back_later(harness: JobHarness) -> None:
    await harness.order(answered=False)
    harness.messenger.answer_id = None
    ordering = an_ordering(harness)
    await pragma(harness, "query_only = ON")
    await ordering.withdraw("900")
    await pragma(harness, "query_only = OFF")
    harness.clock.now += placing.ANSWER_GRACE_MS
    async with harness.at_work():
        assert (await harness.until()).release_reason is ReleaseReason.UNANSWERED
    assert await harness.balance() == UNTOUCHED
