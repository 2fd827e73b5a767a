"""Taking an image down, beside a worker that is still bringing it, and a member who asks twice."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.errors import ImageGone, NotFinished
from bot.domain.job import Job, JobState, StoredImage
from bot.services.orders.preferences import MemberPreferences
from bot.services.orders.result_actions import ResultActions
from bot.storage.orders import jobs
from tests.services.conftest import JobHarness
from tests.support.factories import ANN

IMAGE = StoredImage(
    name="900.png", sha256="a" * 64, width=64, height=64, unsafe=None, output_url=None, price_micros=None
)


def result_actions(harness: JobHarness) -> ResultActions:
    return ResultActions(
        harness.store,
        MemberPreferences(harness.store),
        images=harness.images,
        clock=harness.clock,
        tell_operator=harness.messenger.tell_operator,
    )


async def being_posted(harness: JobHarness) -> Job:
    now = harness.clock()
    await harness.order()
    job = await harness.step(jobs.submitting(await harness.claim(), now=now))
    job = await harness.step(jobs.running(job, "a-prediction", now=now))
    await harness.images.keep(IMAGE.name, b"an image")
    job = await harness.step(jobs.stored(job, IMAGE, refund=0, now=now))
    return await harness.step(jobs.posting(job, now=now))


async def test_an_image_that_is_shown_and_not_yet_paid_for_can_not_be_deleted(harness: JobHarness) -> None:
    """Else a crash between the two would find no image, and give the credits back."""
    await being_posted(harness)
    with pytest.raises(NotFinished):
        await result_actions(harness).delete("900", member_id=ANN.member_id, moderator_of=None)
    assert await harness.images.has(IMAGE.name)


async def test_of_two_deletions_at_once_one_is_written_down_and_the_other_is_told(harness: JobHarness) -> None:
    job = await being_posted(harness)
    await harness.step(jobs.delivered(job, channel_id=5, message_id=77, now=harness.clock()))
    asked = result_actions(harness)
    done = await asyncio.gather(
        asked.delete("900", member_id=ANN.member_id, moderator_of=None),
        asked.delete("900", member_id=99, moderator_of=ANN.guild_id),
        return_exceptions=True,
    )
    assert sum(isinstance(each, ImageGone) for each in done) == 1
    assert (await harness.job()).state is JobState.DELIVERED
    assert (await harness.job()).deleted
    with pytest.raises(ImageGone):
        await asked.find("900")


async def test_an_image_nobody_has_heard_of_is_gone(harness: JobHarness) -> None:
    with pytest.raises(ImageGone):
        await result_actions(harness).find("12345")
