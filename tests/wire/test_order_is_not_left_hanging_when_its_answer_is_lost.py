"""The real bot over the wire makes an order or gives its credits back when its first answer is lost."""

from __future__ import annotations

import pytest

from bot.domain.job import JobState, ReleaseReason
from tests.support.house import words_of
from tests.support.wire_house import WireHouse, until
from tests.wire import Moment
from tests.wire.delivery_seams import (
    CALLBACK,
    CLIP,
    EDIT,
    MOMENTS,
    delivered_once,
    given_back,
    lose_the_answer,
)


async def test_a_command_whose_answer_never_reached_discord_holds_nothing(house: WireHouse) -> None:
    house.wire.reset(*CALLBACK, when="before")
    await house.imagine()
    job = await given_back(house)
    assert job.release_reason is ReleaseReason.UNANSWERED
    assert list(house.standin.submits) == []


@pytest.mark.parametrize("fault", ["reset", 500])
async def test_a_command_whose_answer_was_taken_but_not_confirmed_is_either_made_or_given_back(
    house: WireHouse, fault: str | int
) -> None:
    lose_the_answer(house, fault, *CALLBACK)
    await house.imagine()
    (job,) = await house.ended()
    if job.state is JobState.DELIVERED:
        await delivered_once(house)
    else:
        await given_back(house)


@pytest.mark.parametrize("fault", ["reset", 500])
async def test_a_card_whose_job_was_given_back_does_not_say_on_hold(house: WireHouse, fault: str | int) -> None:
    lose_the_answer(house, fault, *CALLBACK)
    order = await house.imagine()
    (job,) = await house.ended()
    assert job.state is JobState.DELIVERED or "on hold" not in words_of(house.wire.answer(order))


async def test_a_card_that_says_that_the_clip_is_looked_at_does_not_say_so_for_ever(house: WireHouse) -> None:
    lose_the_answer(house, "reset", *CALLBACK)
    order = await house.imagine(**CLIP)
    await until(lambda: house.wire.answer(order))
    await until(lambda: "Looking at the video" not in words_of(house.wire.answer(order)), seconds=1)


@pytest.mark.parametrize("when", MOMENTS)
async def test_a_placed_job_is_not_said_to_have_failed_because_its_card_could_not_be_changed(
    house: WireHouse, when: Moment
) -> None:
    house.wire.reset(*EDIT, when=when, times=1)
    order = await house.imagine(**CLIP)
    await until(lambda: house.wire.followups(order) or house.standin.submits)
    assert house.wire.followups(order) == []
    await delivered_once(house)
