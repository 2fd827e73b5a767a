"""Taking an image down, beside a worker that is still bringing it, and a member who asks twice."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.errors import ImageGone, NotFinished
from bot.domain.job import Job, JobState, StoredImage
from bot.services.orders.preferences import Tastes
from bot.services.orders.result_actions import FollowUps
from bot.storage.orders import jobs
from tests.services.conftest import Workshop, counter
from tests.support.factories import ANN

IMAGE = StoredImage(
    name="900.png", sha256="a" * 64, width=64, height=64, unsafe=None, output_url=None, price_micros=None
)  # fmt: skip


def follow_ups(workshop: Workshop) -> FollowUps:
    return FollowUps(
        workshop.store, counter(workshop), Tastes(workshop.store), images=workshop.images, clock=workshop.clock,
        tell_operator=workshop.courier.tell_operator,
    )  # fmt: skip


async def being_posted(workshop: Workshop) -> Job:
    now = workshop.clock()
    await workshop.order()
    job = await workshop.step(jobs.submitting(await workshop.claim(), now=now))
    job = await workshop.step(jobs.running(job, "a-prediction", now=now))
    await workshop.images.keep(IMAGE.name, b"an image")
    job = await workshop.step(jobs.stored(job, IMAGE, refund=0, now=now))
    return await workshop.step(jobs.posting(job, now=now))


async def test_an_image_that_is_shown_and_not_yet_paid_for_can_not_be_deleted(workshop: Workshop) -> None:
    """Else a crash between the two would find no image, and give the credits back."""
    await being_posted(workshop)
    with pytest.raises(NotFinished):
        await follow_ups(workshop).delete("900", member_id=ANN.member_id, moderator_of=None)
    assert await workshop.images.has(IMAGE.name)


async def test_of_two_deletions_at_once_one_is_written_down_and_the_other_is_told(workshop: Workshop) -> None:
    job = await being_posted(workshop)
    await workshop.step(jobs.delivered(job, channel_id=5, message_id=77, now=workshop.clock()))
    asked = follow_ups(workshop)
    done = await asyncio.gather(
        asked.delete("900", member_id=ANN.member_id, moderator_of=None),
        asked.delete("900", member_id=99, moderator_of=ANN.guild_id),
        return_exceptions=True,
    )
    assert sum(isinstance(each, ImageGone) for each in done) == 1
    assert (await workshop.job()).state is JobState.DELIVERED
    assert (await workshop.job()).deleted
    with pytest.raises(ImageGone):
        await asked.find("900")


async def test_an_image_nobody_has_heard_of_is_gone(workshop: Workshop) -> None:
    with pytest.raises(ImageGone):
        await follow_ups(workshop).find("12345")
