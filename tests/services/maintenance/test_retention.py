"""Retention erases what is old, keeps what is needed, and erases what a crash has left."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.errors import FilesUnavailable
from bot.domain.history import Search
from bot.domain.job import Job, ReleaseReason
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import AttachedVideo, Reference
from bot.services.jobs.job_steps import JobSteps
from bot.services.maintenance.retention import BATCH, DAY_MS, Erased, Retention
from bot.services.processes.lease import ProcessLease
from bot.storage.files.s3 import S3Files
from bot.storage.orders import history, jobs, proposals, tray
from tests.services.conftest import JobHarness, open_harness
from tests.support.buckets import Buckets, a_place
from tests.support.factories import ANN, a_recipe, sql

CLIP, LENT, WAITING, LOOSE = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


@dataclass
class Room:
    harness: JobHarness
    folder: Path

    def retention(self, *, days: int = 30) -> Retention:
        harness = self.harness
        lease = ProcessLease(harness.store, kind="test", clock=harness.clock)
        steps = JobSteps(harness.store, harness.messenger, lease, clock=harness.clock)
        return Retention(harness.store, steps, lease, images=harness.images, clips=harness.clips, days=days)

    async def keep(self, folder: str, name: str, *, age_days: float) -> Path:
        """Make the file so many days old."""
        files = self.harness.images if folder == "images" else self.harness.clips
        await files.keep(name, b"whole")
        path = self.folder / folder / name
        self.age(path, age_days)
        return path

    def age(self, path: Path, days: float) -> None:
        written = (self.harness.clock.now - days * DAY_MS) / 1000
        os.utime(path, (written, written))

    async def delivered(self, job_id: str = "900") -> Job:
        await self.harness.order(job_id)
        async with self.harness.at_work():
            return await self.harness.until(job_id)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_harness(tmp_path) as harness:
        yield Room(harness, tmp_path)


async def marks(room: Room, job_id: str = "900") -> tuple[int | None, int]:
    (row,) = await room.harness.store.read(sql("SELECT erased_at, noted FROM jobs WHERE id = :id", id=job_id))
    return row["erased_at"], row["noted"]


async def test_an_image_goes_when_its_time_is_over_and_its_job_knows(room: Room) -> None:
    job = await room.delivered()
    assert job.image
    path = room.folder / "images" / job.image.name
    room.age(path, 29.9)
    assert await room.retention().erase_old() == Erased(images=0, files=0, rows=0)
    assert await marks(room) == (None, 0)
    room.age(path, 30.1)
    assert await room.retention().erase_old() == Erased(images=1, files=0, rows=0)
    assert not path.exists()
    assert await marks(room) == (room.harness.clock.now, 1)
    assert await room.harness.findings() == ()
    assert await room.retention().erase_old() == Erased(images=0, files=0, rows=0)


async def test_the_image_of_a_job_under_way_stays_and_one_of_no_job_goes(room: Room) -> None:
    await room.harness.order("900")
    under_way = await room.keep("images", "900.png", age_days=40)
    orphan = await room.keep("images", "901.png", age_days=40)
    stranger = room.folder / "images" / "NOTES.md"
    stranger.write_text("not ours")
    room.age(stranger, 40)
    assert (await room.retention().erase_old()).images == 1
    assert (under_way.exists(), orphan.exists(), stranger.exists()) == (True, False, True)


async def test_zero_days_keep_everything_but_what_nobody_can_use(room: Room) -> None:
    image = await room.keep("images", "901.png", age_days=4_000)
    clip = await room.keep("clips", CLIP, age_days=4_000)
    remains = await room.keep("clips", "half", age_days=2)
    remains = remains.rename(remains.with_name(".half.0a0b.partial"))
    fresh = room.folder / "clips" / ".other.0a0b.partial"
    fresh.write_bytes(b"being written")
    room.age(fresh, 0.5)
    assert await room.retention(days=0).erase_old() == Erased(images=0, files=1, rows=0)
    assert (image.exists(), clip.exists(), remains.exists(), fresh.exists()) == (True, True, False, True)


async def test_clips_stay_while_a_job_a_tray_or_a_proposal_needs_them(room: Room) -> None:
    store, now = room.harness.store, room.harness.clock.now
    clip = AttachedVideo(name="a.mp4", sha256=CLIP, content_type="video/mp4")
    await room.harness.order("900", recipe=a_recipe(video=clip))
    lent = Reference(name="b.png", sha256=LENT, content_type="image/png")
    await store.run(tray.add(ANN, [lent], limit=10, older_than=0, now=now))
    waiting = Reference(name="c.png", sha256=WAITING, content_type="image/png")
    proposal = Proposal(recipe=a_recipe(references=(waiting,)), private=False)
    await store.run(proposals.put(Proposed(id="7", wallet=ANN, channel_id=5, proposal=proposal), now=now))
    kept = {name: await room.keep("clips", name, age_days=31) for name in (CLIP, LENT, WAITING, LOOSE)}
    young = await room.keep("clips", "e" * 64, age_days=1)
    assert await room.retention().erase_old() == Erased(images=0, files=1, rows=0)
    assert [name for name, path in kept.items() if path.exists()] == [CLIP, LENT, WAITING]
    assert young.exists()
    await store.run(jobs.withdraw("900", ReleaseReason.CANCELLED, now=now))
    room.harness.clock.now += 31 * DAY_MS
    for path in (kept[CLIP], kept[LENT], kept[WAITING], young):
        room.age(path, 31)
    assert await room.retention().erase_old() == Erased(images=0, files=4, rows=2)


async def test_a_bucket_is_kept_clean_like_a_folder(room: Room, buckets: Buckets) -> None:
    harness, place = room.harness, a_place(buckets.url, buckets.new())
    images, clips = S3Files(place, "images"), S3Files(place, "clips")
    lease = ProcessLease(harness.store, kind="test", clock=harness.clock)
    steps = JobSteps(harness.store, harness.messenger, lease, clock=harness.clock)
    retention = Retention(harness.store, steps, lease, images=images, clips=clips, days=30)
    for name in ("900.png", "901.png", "902.png"):
        await images.keep(name, b"an image")
    for name in (CLIP, LOOSE):
        await clips.keep(name, b"a clip")
    harness.clock.now = int(time.time() * 1000) + 29 * DAY_MS  # the store has a clock of its own
    video = AttachedVideo(name="a.mp4", sha256=CLIP, content_type="video/mp4")
    await harness.order("900", recipe=a_recipe(video=video))
    assert await retention.erase_old() == Erased(images=0, files=0, rows=0)
    harness.clock.now += 2 * DAY_MS
    assert await retention.erase_old() == Erased(images=2, files=1, rows=0)
    assert [await images.has(name) for name in ("900.png", "901.png", "902.png")] == [True, False, False]
    assert [await clips.has(name) for name in (CLIP, LOOSE)] == [True, False]


async def test_a_file_that_was_given_again_just_now_is_not_erased(room: Room) -> None:
    path = await room.keep("clips", CLIP, age_days=31)
    before = room.harness.clock.now - 30 * DAY_MS
    assert await room.harness.clips.older_than(before) == [CLIP]
    room.age(path, 0)
    assert not await room.harness.clips.erase_if_older(CLIP, before)
    assert not await room.harness.clips.erase_if_older(LOOSE, before)
    assert path.exists()


async def test_searches_that_nobody_turns_go_too(room: Room) -> None:
    search = Search(guild_id=1, asker_id=10, member_id=10)
    await room.harness.store.run(history.keep_search("1", search, now=room.harness.clock.now - 8 * DAY_MS))
    assert (await room.retention().erase_old()).rows == 1


async def test_a_note_of_an_image_that_is_gone_is_not_owed_any_more(room: Room) -> None:
    await room.delivered()
    await room.harness.store.run(sql("UPDATE jobs SET noted = 0"))
    await room.keep("images", "900.png", age_days=31)
    await room.retention().erase_old()
    assert (await marks(room))[1] == 1


async def test_more_files_than_a_batch_all_go_in_one_round(room: Room) -> None:
    for number in range(BATCH + 3):
        await room.keep("images", f"{number}.png", age_days=31)
    assert (await room.retention().erase_old()).images == BATCH + 3


async def test_it_goes_round_until_it_is_told_to_stop_and_says_what_it_did(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    harness = room.harness
    await room.keep("images", "901.png", age_days=31)
    lease = ProcessLease(harness.store, kind="test", clock=harness.clock)
    steps = JobSteps(harness.store, harness.messenger, lease, clock=harness.clock)
    retention = Retention(harness.store, steps, lease, images=harness.images, clips=harness.clips, days=30)
    running = asyncio.create_task(retention.run())
    async with asyncio.timeout(5):
        while "erased: 1 images" not in caplog.text:  # noqa: ASYNC110  # it is what is waited for
            await asyncio.sleep(0.01)
    steps.stop()
    await running


async def test_files_that_go_meanwhile_and_things_that_are_no_files_are_passed_by(room: Room) -> None:
    before = room.harness.clock.now - DAY_MS
    await room.keep("images", "901.png", age_days=2)
    folder = room.folder / "images" / "902.png"
    folder.mkdir()
    room.age(folder, 2)
    (room.folder / "images" / "903.png").symlink_to(room.folder / "nowhere")
    assert await room.harness.images.older_than(before) == ["901.png"]
    assert not await room.harness.images.erase_if_older("904.png", before)
    (room.folder / "clips").write_text("a file where the folder should be")
    with pytest.raises(FilesUnavailable):
        await room.harness.clips.older_than(before)


async def test_a_round_that_fails_is_written_down_and_does_not_end_the_work(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    harness = room.harness
    lease = ProcessLease(harness.store, kind="test", clock=harness.clock)
    steps = JobSteps(harness.store, harness.messenger, lease, clock=harness.clock)
    retention = Retention(harness.store, steps, lease, images=harness.images, clips=harness.clips, days=30)
    await harness.store.run(sql("ALTER TABLE searches RENAME TO elsewhere"))
    running = asyncio.create_task(retention.run())
    async with asyncio.timeout(5):
        while "cut short" not in caplog.text:  # noqa: ASYNC110  # it is what is waited for
            await asyncio.sleep(0.01)
    assert not running.done()
    steps.stop()
    await running
