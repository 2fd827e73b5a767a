"""A disk that is full, a database that is read-only: a clear ending each time, and nothing half-written."""

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
from bot.storage.orders import jobs
from bot.text import refusals
from sandbox.clip import make_clip
from tests.services.conftest import Workshop, counter
from tests.support.factories import ANN, MANY, a_recipe, an_order

CLIP = make_clip(seconds=1, width=160, height=90)
UNTOUCHED = Balance(posted=1_000, held=0)


async def pragma(workshop: Workshop, text: str) -> None:
    await workshop.store._writer.execute(f"PRAGMA {text}")


async def test_a_database_that_can_not_be_written_takes_no_order_and_says_so(workshop: Workshop) -> None:
    await workshop.store.run(ledger.welcome(ANN, starting_credits=1_000, now=workshop.clock()))
    await pragma(workshop, "query_only = ON")  # as on a file system mounted read-only
    with pytest.raises(DatabaseUnavailable) as refusal:
        await workshop.store.run(jobs.place(an_order(), starting_credits=1_000, limits=MANY, now=workshop.clock()))
    assert refusals.say(refusal.value).startswith("The credit books can't be written just now. Nothing was charged.")
    await pragma(workshop, "query_only = OFF")
    assert await workshop.balance() == UNTOUCHED
    assert await workshop.findings() == ()


async def test_a_job_goes_on_by_itself_when_the_database_can_be_written_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.jobs.job_steps.COMMIT_PAUSE_SECONDS", 0.02)
    workshop.standin.use("never", times=1)
    async with workshop.at_work():
        await workshop.order("1")
        await workshop.until("1", state=JobState.RUNNING)
        await workshop.order("2")
        await pragma(workshop, "query_only = ON")
        await asyncio.sleep(0.5)
        await pragma(workshop, "query_only = OFF")
        assert (await workshop.until("2")).state is JobState.DELIVERED
    assert workshop.accepted == 2
    assert await workshop.findings() == ()


async def test_an_image_that_the_disk_has_no_room_for_waits_at_the_supplier(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = True
    fsync = os.fsync

    def fsync_while_there_is_room(descriptor: int) -> None:
        if full:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync_while_there_is_room)
    async with workshop.at_work():
        await workshop.order()
        await asyncio.sleep(0.5)
        assert (await workshop.job()).state is JobState.RUNNING
        full = False
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.accepted == 1


@dataclass
class Reading:
    """Of files: as where a store does not answer, while `fails`."""

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


async def test_an_image_that_can_not_be_read_is_shown_when_it_can(workshop: Workshop, reading: Reading) -> None:
    async with workshop.at_work():
        await workshop.order()
        await workshop.until(state=JobState.STORED)
        await asyncio.sleep(0.3)
        assert (await workshop.job()).state is JobState.STORED
        reading.fails = False
        workshop.clock.now += 1_000
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.courier.deliveries == [("900", False)]  # it was not shown before, so nothing is looked for
    assert workshop.accepted == 1


async def test_an_image_that_can_not_be_read_for_too_long_gives_the_credits_back(
    workshop: Workshop, reading: Reading
) -> None:
    async with workshop.at_work():
        await workshop.order()
        await workshop.until(state=JobState.STORED)
        workshop.clock.now += DELIVERY_LIMIT_MS + 1_000
        assert (await workshop.until()).release_reason is ReleaseReason.UNDELIVERABLE
    assert await workshop.balance() == UNTOUCHED
    assert await workshop.findings() == ()


async def test_an_order_whose_clip_can_not_be_read_waits_and_is_made_when_it_can(
    workshop: Workshop, reading: Reading
) -> None:
    await workshop.clips.keep("a" * 64, CLIP)
    video = AttachedVideo(name="a.mp4", sha256="a" * 64, content_type="video/mp4")
    async with workshop.at_work():
        await workshop.order(recipe=a_recipe(video=video))
        await asyncio.sleep(0.3)
        assert (await workshop.job()).state is JobState.HELD
        reading.fails = False
        workshop.clock.now += 1_000
        assert (await workshop.until()).state is JobState.DELIVERED


async def test_a_clip_that_the_disk_has_no_room_for_is_refused_before_anything_is_held(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FilesUnavailable) as refusal:
        await workshop.clips.keep("a" * 64, b"clip")
    assert "Nothing was charged." in refusals.say(refusal.value)


async def test_an_order_whose_answer_can_not_be_written_down_is_no_failed_command(workshop: Workshop) -> None:
    """It is placed and answered; the worker finds the answer in Discord when the disk has room again."""
    await workshop.order(answered=False)
    desk = counter(workshop)
    await pragma(workshop, "query_only = ON")
    await desk.answered("900", 77)
    await pragma(workshop, "query_only = OFF")
    workshop.clock.now += jobs.ANSWER_GRACE_MS
    async with workshop.at_work():
        assert (await workshop.until()).state is JobState.DELIVERED


async def test_an_order_that_can_not_be_taken_back_at_once_is_taken_back_later(workshop: Workshop) -> None:
    await workshop.order(answered=False)
    workshop.courier.answer_id = None
    desk = counter(workshop)
    await pragma(workshop, "query_only = ON")
    await desk.withdraw("900")
    await pragma(workshop, "query_only = OFF")
    workshop.clock.now += jobs.ANSWER_GRACE_MS
    async with workshop.at_work():
        assert (await workshop.until()).release_reason is ReleaseReason.UNANSWERED
    assert await workshop.balance() == UNTOUCHED
