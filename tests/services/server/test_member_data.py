"""A member with more data than fits a page exports it in whole files, and is forgotten batch by batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.errors import ImagesUnderWay
from bot.domain.job import JobState, ReleaseReason
from bot.domain.member_data import PartWriter
from bot.domain.recipe import FORGOTTEN
from bot.domain.wallet import Balance
from bot.services.server.member_data import EXPORT_PAGE, FORGET_BATCH, MemberData
from bot.storage.orders import jobs, placing
from tests.services.conftest import JobHarness, awaiting_images
from tests.support.factories import ANN, BOB, MANY, an_order, sql

COUNT = EXPORT_PAGE + 5


def member_data(harness: JobHarness) -> MemberData:
    return MemberData(
        harness.store,
        images=harness.images,
        clips=harness.clips,
        retention_days=30,
        clock=harness.clock,
        give_up_waiting=awaiting_images(harness).give_all_up,
    )


async def cancelled(harness: JobHarness, count: int, **changes: Any) -> list[str]:
    """Places so many orders, always two at the same moment."""
    found = [str(1_000 + number) for number in range(count)]
    for number, job_id in enumerate(found):
        now = harness.clock.now + number // 2
        order = an_order(job_id, cost=1, **changes)
        await harness.store.run(placing.place(order, starting_credits=1_000, limits=MANY, now=now))
        await harness.store.run(jobs.withdraw(job_id, ReleaseReason.CANCELLED, now=now))
    return found


async def test_a_large_export_is_cut_into_whole_files_and_nothing_is_lost_or_told_twice(harness: JobHarness) -> None:
    ordered = await cancelled(harness, COUNT)
    found = [part async for part in member_data(harness).export(ANN.member_id, limit_bytes=30_000)]
    assert [part.last for part in found] == [False] * (len(found) - 1) + [True]
    assert max(len(part.data) for part in found) <= 30_000
    parts = [json.loads(part.data) for part in found]
    assert [part["about"]["part"] for part in parts] == list(range(1, len(parts) + 1))
    assert [image["job"] for part in parts for image in part.get("images", ())] == ordered
    entries = [entry["seq"] for part in parts for entry in part.get("entries", ())]
    assert entries == list(range(1, 2 * COUNT + 2))


async def test_many_images_are_forgotten_batch_by_batch_and_those_of_others_stay(harness: JobHarness) -> None:
    ordered = await cancelled(harness, FORGET_BATCH + 7)
    await harness.order("900", wallet=BOB)
    harness.clock.now += 1_000
    assert await member_data(harness).forget(ANN.member_id) == len(ordered)
    assert await member_data(harness).forget(ANN.member_id) == 0
    found = [await harness.job(job_id) for job_id in ordered]
    assert {(job.recipe.prompt, job.state, job.deleted) for job in found} == {(FORGOTTEN, JobState.RELEASED, True)}
    assert (await harness.job("900")).recipe.prompt == "A poster"
    assert await harness.findings() == ()


async def test_what_was_ordered_after_the_wish_is_not_part_of_it(harness: JobHarness) -> None:
    (job_id, later, _) = await cancelled(harness, 3)
    await harness.store.run(sql("UPDATE jobs SET forgotten_at = NULL"))
    harness.clock.now -= 1
    assert await member_data(harness).forget(ANN.member_id) == 0
    assert (await harness.job(job_id)).recipe.prompt == (await harness.job(later)).recipe.prompt == "A poster"


async def test_who_looks_after_a_job_loses_it_when_it_is_forgotten(harness: JobHarness) -> None:
    (job_id,) = await cancelled(harness, 1)
    before = await harness.job(job_id)
    harness.clock.now += 1
    await member_data(harness).forget(ANN.member_id)
    assert (await harness.job(job_id)).lease_epoch > before.lease_epoch


def test_an_item_that_alone_is_too_large_has_a_file_of_its_own() -> None:
    writer = PartWriter({"member": "1"}, limit_bytes=100)
    assert writer.put("images", {"prompt": "x" * 500}) is None
    first = writer.put("images", {"prompt": "y"})
    assert first
    assert json.loads(first.data)["images"] == [{"prompt": "x" * 500}]
    last = writer.close()
    assert (last.number, last.last) == (2, True)
    assert json.loads(last.data) == {"about": {"member": "1", "part": 2}, "images": [{"prompt": "y"}]}


def test_nothing_at_all_is_a_whole_document_too() -> None:
    assert json.loads(PartWriter({}, limit_bytes=100).close().data) == {"about": {"part": 1}}


async def test_images_that_wait_to_be_shown_are_given_up_first(harness: JobHarness) -> None:
    harness.messenger.shut = True
    async with harness.at_work():
        await harness.order()
        job = await harness.until(state=JobState.AWAITING)
        assert await member_data(harness).forget(ANN.member_id) == 1
    assert job.image
    assert not await harness.images.has(job.image.name)
    forgotten = await harness.job()
    assert (forgotten.release_reason, forgotten.recipe.prompt) == (ReleaseReason.GIVEN_UP, FORGOTTEN)
    assert await harness.balance() == Balance(posted=1_000, held=0)


async def test_while_another_image_is_being_made_nothing_is_given_up(harness: JobHarness) -> None:
    harness.messenger.shut = True
    async with harness.at_work():
        await harness.order()
        await harness.until(state=JobState.AWAITING)
        harness.standin.use("never")
        await harness.order("901")
        await harness.until("901", state=JobState.RUNNING)
        with pytest.raises(ImagesUnderWay) as refusal:
            await member_data(harness).forget(ANN.member_id)
    assert refusal.value.count == 1
    assert (await harness.job()).state is JobState.AWAITING
