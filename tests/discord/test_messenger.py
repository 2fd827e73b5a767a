"""Each rung of the messenger's ladder, on the real discord.py client in a simulated Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.discord.messenger import Messenger
from bot.domain.errors import DiscordUnavailable, PictureTooLarge, Undeliverable
from bot.domain.job import Job, Picture, ReleaseReason
from bot.domain.pricing import Pricing
from tests.support.house import House, a_png, open_house, words_of

PICTURE = Picture(
    data=a_png(), extension="png", width=64, height=64, shrunk=False, content_credentials=False
)  # fmt: skip
ALIVE = 0  # a clock at which every token still lives
DEAD = 10**15  # one at which none does


@dataclass
class Round:
    house: House
    job: Job  # a public one, answered in the channel

    def messenger(self, *, now: int = ALIVE) -> Messenger:
        return Messenger(self.house.app.bot, clock=lambda: now, pricing=Pricing(), sandbox=False)

    def pictures(self) -> list[discord.Message]:
        return [message for message in self.house.channel.history() if message.attachments]

    def direct(self) -> list[discord.Message]:
        return [message for message in self.house.ann_user.dm_channel.history() if message.attachments]


@pytest.fixture
async def round_(tmp_path: Path) -> AsyncIterator[Round]:
    """A job that the bot has answered, and that failed at the supplier: its card is there, without an image."""
    async with open_house(tmp_path) as house:
        house.standin.use("failed_200")
        answer: Any = await house.imagine()
        (job,) = await house.ended()
        token = house.env.backend.interactions[int(job.id)].token
        assert answer.response.id == job.message_id
        yield Round(house, replace(job, token=token))


async def test_while_the_token_lives_the_answer_itself_becomes_the_image(round_: Round) -> None:
    shown = await round_.messenger().deliver(round_.job, PICTURE, look_first=False)
    assert (round_.job.channel_id, round_.job.message_id) == (shown.channel_id, shown.message_id)
    assert len(round_.pictures()) == 1


async def test_showing_it_twice_by_the_token_is_still_one_image(round_: Round) -> None:
    for _ in range(2):
        await round_.messenger().deliver(round_.job, PICTURE, look_first=True)
    assert len(round_.pictures()) == 1


@pytest.mark.parametrize(("status", "code"), [(404, 10008), (404, 10015), (401, 50027)])
async def test_an_answer_that_can_not_be_edited_any_more_becomes_a_message_in_the_channel(
    round_: Round, status: int, code: int
) -> None:
    round_.house.env.inject_error("PATCH", "/webhooks/*", status=status, code=code)
    shown = await round_.messenger().deliver(round_.job, PICTURE, look_first=False)
    (message,) = round_.pictures()
    assert message.id == shown.message_id != round_.job.message_id
    assert [mention.id for mention in message.mentions] == [round_.house.ann.id]


async def test_with_a_dead_token_the_image_goes_to_the_channel_and_the_old_card_leads_there(round_: Round) -> None:
    messenger = round_.messenger(now=DEAD)
    shown = await messenger.deliver(round_.job, PICTURE, look_first=False)
    assert await messenger.tell_where(round_.job, shown)
    (message,) = round_.pictures()
    assert message.id == shown.message_id
    old = next(each for each in round_.house.channel.history() if each.id == round_.job.message_id)
    assert message.jump_url in words_of(old)
    sent = [request.json for request in round_.house.env.http_requests if isinstance(request.json, dict)]
    guarded = [body["nonce"] for body in sent if body.get("enforce_nonce")]
    assert guarded == [round_.job.id]


async def test_after_a_crash_in_the_middle_the_image_is_found_and_not_posted_again(round_: Round) -> None:
    first = await round_.messenger(now=DEAD).deliver(round_.job, PICTURE, look_first=False)
    again = await round_.messenger(now=DEAD).deliver(round_.job, PICTURE, look_first=True)
    assert first == again
    assert len(round_.pictures()) == 1


async def test_where_the_history_may_not_be_read_the_image_is_still_posted(round_: Round) -> None:
    round_.house.env.inject_error("GET", "/channels/*/messages", status=403, code=50001)
    await round_.messenger(now=DEAD).deliver(round_.job, PICTURE, look_first=True)
    assert len(round_.pictures()) == 1


@pytest.mark.parametrize(("status", "code"), [(403, 50013), (403, 50001), (404, 10003)])
async def test_a_channel_closed_to_us_sends_the_image_directly(round_: Round, status: int, code: int) -> None:
    closed = f"/channels/{round_.job.channel_id}/messages"
    round_.house.env.inject_error("POST", closed, status=status, code=code)
    messenger = round_.messenger(now=DEAD)
    shown = await messenger.deliver(round_.job, PICTURE, look_first=False)
    assert await messenger.tell_where(round_.job, shown)
    (message,) = round_.direct()
    assert message.id == shown.message_id
    assert round_.pictures() == []
    old = next(each for each in round_.house.channel.history() if each.id == round_.job.message_id)
    assert "was sent as a direct message" in words_of(old)


async def test_an_image_is_found_wherever_a_lost_try_has_shown_it(round_: Round) -> None:
    messenger = round_.messenger(now=DEAD)
    assert await messenger.find_image(round_.job) is None
    shown = await messenger.deliver(round_.job, PICTURE, look_first=False)
    assert await messenger.find_image(round_.job) == shown
    private = replace(round_.job, id=str(int(round_.job.id) + 1), private=True)
    shown = await messenger.deliver(private, PICTURE, look_first=False)
    assert await messenger.find_image(private) == shown
    round_.house.env.inject_error("GET", "/channels/*/messages", status=503, times=None)
    with pytest.raises(DiscordUnavailable):
        await messenger.find_image(round_.job)


async def test_a_private_image_with_a_dead_token_never_goes_to_the_channel(round_: Round) -> None:
    private = replace(round_.job, private=True)
    await round_.messenger(now=DEAD).deliver(private, PICTURE, look_first=False)
    again = await round_.messenger(now=DEAD).deliver(private, PICTURE, look_first=True)
    (message,) = round_.direct()
    assert message.id == again.message_id
    assert round_.pictures() == []


async def test_a_card_that_may_not_be_changed_just_now_is_changed_later(round_: Round) -> None:
    for route in ("/webhooks/*", "/channels/*/messages/*"):
        round_.house.env.inject_error("PATCH", route, status=403, code=50013)
    released = replace(round_.job, release_reason=ReleaseReason.FAILED)
    assert not await round_.messenger().tell_released(released)
    assert await round_.messenger().tell_released(released)
    old = next(each for each in round_.house.channel.history() if each.id == round_.job.message_id)
    assert "Nothing was charged" in words_of(old)


async def test_when_every_door_is_shut_it_is_undeliverable(round_: Round) -> None:
    round_.house.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=2)
    with pytest.raises(Undeliverable):
        await round_.messenger(now=DEAD).deliver(round_.job, PICTURE, look_first=False)


async def test_a_refusal_that_no_one_foresaw_is_followed_by_the_next_rung(round_: Round) -> None:
    round_.house.env.inject_error("PATCH", "/webhooks/*", status=400, code=50035)
    shown = await round_.messenger().deliver(round_.job, PICTURE, look_first=False)
    (message,) = round_.pictures()
    assert message.id == shown.message_id != round_.job.message_id


@pytest.mark.parametrize(("status", "code"), [(413, 0), (400, 40005)])
async def test_too_many_bytes_for_discord_are_told_apart(round_: Round, status: int, code: int) -> None:
    round_.house.env.inject_error("PATCH", "/webhooks/*", status=status, code=code)
    with pytest.raises(PictureTooLarge):
        await round_.messenger().deliver(round_.job, PICTURE, look_first=False)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_when_discord_does_not_answer_the_delivery_is_to_be_tried_again(round_: Round, status: int) -> None:
    round_.house.env.inject_error("PATCH", "/webhooks/*", status=status)
    with pytest.raises(DiscordUnavailable):
        await round_.messenger().deliver(round_.job, PICTURE, look_first=False)


async def test_a_waiting_card_that_can_not_be_changed_stops_nothing(round_: Round) -> None:
    round_.house.env.inject_error("PATCH", "/webhooks/*", status=500)
    await round_.messenger().show_working(round_.job)
    round_.house.env.inject_error("PATCH", "/channels/*", status=403, code=50001)
    await round_.messenger(now=DEAD).tell_released(round_.job)


async def test_the_end_without_an_image_is_told_also_when_the_token_is_dead(round_: Round) -> None:
    await round_.messenger(now=DEAD).tell_released(replace(round_.job, release_reason=ReleaseReason.CANCELLED))
    card = next(each for each in round_.house.channel.history() if each.id == round_.job.message_id)
    assert "taken out of the line" in words_of(card)


async def test_a_job_without_an_answer_in_discord_has_no_card_to_change(round_: Round) -> None:
    before = len(round_.house.env.http_requests)
    nowhere = replace(round_.job, message_id=None, release_reason=ReleaseReason.UNANSWERED)
    await round_.messenger().tell_released(nowhere)
    assert len(round_.house.env.http_requests) == before


async def test_our_answer_is_found_again_by_the_token(round_: Round) -> None:
    assert await round_.messenger().find_answer(round_.job) == round_.job.message_id


async def test_a_release_before_our_answer_was_known_is_told_on_the_answer(round_: Round) -> None:
    """The circuit breaker opened and released the waiting jobs, while the answer of Discord was lost."""
    unknown = replace(round_.job, message_id=None, cost=151, release_reason=ReleaseReason.CLOSED)
    assert await round_.messenger().tell_released(unknown)
    card = next(each for each in round_.house.channel.history() if each.id == round_.job.message_id)
    assert "151 credits are back" in words_of(card)
    round_.house.env.inject_error("GET", "/webhooks/*", status=500, code=0, times=9)
    assert not await round_.messenger().tell_released(unknown)


async def test_where_discord_never_took_an_answer_none_is_found(round_: Round) -> None:
    assert await round_.messenger().find_answer(replace(round_.job, token="never-given-out")) is None
    assert await round_.messenger(now=DEAD).find_answer(round_.job) is None


async def test_an_answer_that_can_not_be_looked_for_just_now_is_looked_for_later(round_: Round) -> None:
    for status in (500, 429):
        round_.house.env.inject_error("GET", "/webhooks/*", status=status)
        with pytest.raises(DiscordUnavailable):
            await round_.messenger().find_answer(round_.job)


async def test_only_an_age_restricted_channel_may_show_what_is_marked_unsafe(round_: Round) -> None:
    assert not await round_.messenger().may_show_unsafe(round_.job)
    channel = round_.house.app.bot.get_channel(round_.job.channel_id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True
    assert await round_.messenger().may_show_unsafe(round_.job)
    assert not await round_.messenger().may_show_unsafe(replace(round_.job, channel_id=1))
