"""Delivery goes on to the next rung after every refusal that is not about the file, and shows the image once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.discord.delivery.finder import IMAGE_MESSAGES
from bot.domain.job import Job, JobState
from bot.domain.wallet import Balance
from tests.support.house import words_of
from tests.support.wire_house import START_CREDITS, TOKEN, WireHouse, open_wire_house, until
from tests.wire import Message, WireLimits, serve_discord
from tests.wire.delivery_seams import EDIT, SEND, delivered_once, statuses
from tests.wire.world import ChannelKind

REFUSALS = (
    (400, 50083), (403, 50083), (400, 160005), (403, 160005),  # the thread is archived, or locked
    (400, 200000), (400, 240000), (403, 20009),  # AutoMod, and Discord's own filter
    (403, 50001), (403, 50013), (403, 0),  # lost rights
    (401, 50027), (401, 0), (404, 10003), (404, 10015), (404, 10062), (404, 0),  # what was there is gone
    (400, 50035), (403, 999_999),  # and what no one foresaw
)  # fmt: skip
PRICE = 150
RICH = PRICE * len(REFUSALS)
SENT = "was sent as a direct message"


async def next_image(house: WireHouse, number: int, **options: object) -> tuple[Job, Message]:
    """The `number`-th order, to its end: its job, and the one message that shows its image."""
    await house.imagine(**options)
    job = (await house.ended(count=number))[-1]
    assert job.state is JobState.DELIVERED
    (shown,) = [each for each in house.wire.posts_of_images() if any(job.id in file.name for file in each.files)]
    assert job.result_id == shown.id
    return job, shown


def card_of(house: WireHouse, job: Job) -> Message:
    card = house.wire.answer(int(job.id))
    assert card
    return card


def images_channel(house: WireHouse) -> str:
    return f"/channels/{house.wire.world.images.id}/messages"


async def waits(house: WireHouse) -> None:
    async def awaiting() -> bool:
        return [job.state for job in await house.jobs()] == [JobState.AWAITING]

    await house.until(awaiting)
    assert house.wire.visible_images() == []
    assert await house.balance() == Balance(posted=START_CREDITS, held=PRICE)


# --- each refusal on each rung ---


async def test_an_edit_that_is_refused_is_followed_by_a_post_and_the_card_leads_there(tmp_path: Path) -> None:
    async with open_wire_house(tmp_path, starting_credits=RICH) as house:
        for number, (status, code) in enumerate(REFUSALS, start=1):
            house.wire.mend()
            house.wire.fail(*EDIT, status=status, code=code)
            job, shown = await next_image(house, number)
            card = card_of(house, job)
            assert (shown.channel_id, shown.nonce) == (card.channel_id, job.id), (status, code)
            assert f"/{shown.id}" in words_of(card)
        assert await house.findings() == ()


async def test_a_post_that_is_refused_is_followed_by_a_direct_message_and_the_card_says_so(tmp_path: Path) -> None:
    async with open_wire_house(tmp_path, starting_credits=RICH) as house:
        for number, (status, code) in enumerate(REFUSALS, start=1):
            house.wire.mend()
            house.wire.fail(*EDIT, status=401, code=50027)
            house.wire.fail("POST", images_channel(house), status=status, code=code)
            job, shown = await next_image(house, number)
            assert shown in house.wire.direct_messages(), (status, code)
            assert SENT in words_of(card_of(house, job))
        assert await house.findings() == ()


async def test_a_private_answer_that_is_refused_once_is_followed_by_a_direct_message_and_says_so(
    tmp_path: Path,
) -> None:
    async with open_wire_house(tmp_path, starting_credits=RICH) as house:
        for number, (status, code) in enumerate(REFUSALS, start=1):
            house.wire.fail(*EDIT, status=status, code=code, times=1)
            job, shown = await next_image(house, number, private=True)
            assert shown in house.wire.direct_messages(), (status, code)
            assert SENT in words_of(card_of(house, job))
        assert {each.files for each in house.wire.messages()} == {()}


@pytest.mark.parametrize("refusal", [(400, 200000), (403, 160005), (401, 0), (403, 50007)])
async def test_where_every_rung_is_refused_the_image_waits(house: WireHouse, refusal: tuple[int, int]) -> None:
    status, code = refusal
    house.wire.fail(*EDIT, status=status, code=code)
    house.wire.fail(*SEND, status=status, code=code)
    await house.imagine()
    await waits(house)


# --- threads ---


@pytest.mark.parametrize("locked", [False, True])
async def test_a_post_opens_an_archived_thread_again_and_a_locked_one_is_left_alone(
    slow_house: WireHouse, locked: bool
) -> None:
    house = slow_house
    world = house.wire.world
    thread = world.open("a thread", kind=ChannelKind.THREAD, parent_id=world.images.id)
    order = await house.imagine(channel_id=thread.id)
    await until(lambda: house.wire.answer(order))
    thread.archived, thread.locked = True, locked
    job, message = await delivered_once(house)
    assert message.channel_id == (world.direct(world.ann.id).id if locked else thread.id)
    assert thread.archived is locked
    assert ("The image is ready" in words_of(card_of(house, job))) is not locked


# --- what a try that was taken and denied has left is found before the next rung ---


@pytest.fixture
async def forgetful(tmp_path: Path) -> AsyncIterator[WireHouse]:
    """Discord forgets a nonce at once here: nothing but a look finds what an earlier try has left."""
    async with (
        serve_discord(token=TOKEN, limits=WireLimits(nonce_seconds=0)) as wire,
        open_wire_house(tmp_path, wire=wire) as house,
    ):
        yield house


@pytest.mark.parametrize(
    ("refusal", "private"),
    [  # a private answer can't be seen without its token
        ((401, 50027), False), ((401, 0), False), ((403, 50013), False), ((400, 200000), False), ((400, 200000), True),
    ],
)  # fmt: skip
async def test_an_edit_that_discord_py_repeats_until_it_is_refused_may_have_been_taken(
    forgetful: WireHouse, refusal: tuple[int, int], private: bool
) -> None:
    house = forgetful
    house.wire.fail(*EDIT, status=500, times=1, handled=True)
    house.wire.fail(*EDIT, status=refusal[0], code=refusal[1])
    await house.imagine(private=private)
    job, message = await delivered_once(house)
    assert message.id == job.message_id
    assert statuses(house, "POST", "/messages") == []


@pytest.mark.parametrize("direct", [False, True])
async def test_a_message_that_discord_py_repeats_until_it_is_refused_may_have_been_taken(
    forgetful: WireHouse, direct: bool
) -> None:
    house = forgetful
    where = house.wire.world.direct(house.wire.world.ann.id) if direct else house.wire.world.images
    path = f"/channels/{where.id}/messages"
    house.wire.fail(*EDIT, status=401, code=50027)
    if direct:
        house.wire.fail("POST", images_channel(house), status=403, code=50013)
    house.wire.fail("POST", path, status=500, times=1, handled=True)
    house.wire.fail("POST", path, status=403, code=50013)
    await house.imagine()
    _, message = await delivered_once(house)
    assert message.channel_id == where.id


async def test_an_edit_that_was_not_confirmed_is_found_far_up_in_a_channel_full_of_talk(forgetful: WireHouse) -> None:
    house = forgetful
    house.wire.fail(*EDIT, status=503, times=5, handled=True)  # until discord.py gives it up
    order = await house.imagine()
    await until(house.wire.visible_images)
    house.wire.say(times=IMAGE_MESSAGES + 1)
    house.wire.kill_token(order)
    job, message = await delivered_once(house)
    assert message.id == job.message_id


async def test_a_message_that_was_not_confirmed_is_found_in_a_channel_full_of_talk(forgetful: WireHouse) -> None:
    house = forgetful
    house.wire.fail(*EDIT, status=401, code=50027)
    house.wire.reset("POST", images_channel(house), when="after_handling", times=1)
    house.wire.delay("GET", f"{images_channel(house)}*", seconds=0.2)
    await house.imagine()
    await until(house.wire.visible_images)
    house.wire.say(times=IMAGE_MESSAGES - 10)
    await delivered_once(house)


async def test_a_direct_message_that_was_not_confirmed_is_found_before_the_channel_that_opens_again(
    forgetful: WireHouse,
) -> None:
    house = forgetful
    direct = house.wire.world.direct(house.wire.world.ann.id)
    house.wire.fail(*EDIT, status=401, code=50027)
    house.wire.fail("POST", images_channel(house), status=403, code=50013, times=1)
    house.wire.reset("POST", f"/channels/{direct.id}/messages", when="after_handling", times=1)
    await house.imagine()
    job, message = await delivered_once(house)
    assert message.channel_id == direct.id
    assert SENT in words_of(card_of(house, job))


# --- the card that was left behind ---


async def test_a_card_that_discord_does_not_change_at_once_leads_to_the_image_later(house: WireHouse) -> None:
    house.wire.fail(*EDIT, status=401, code=50027)
    house.wire.fail("PATCH", "/channels/*/messages/*", status=503, times=3)
    await house.imagine()
    job, message = await delivered_once(house)
    await until(lambda: f"/{message.id}" in words_of(card_of(house, job)))


# --- Cloudflare ---


async def test_after_a_ban_by_cloudflare_no_job_sends_a_request_until_it_is_over(house: WireHouse) -> None:
    house.wire.fail("*", "/webhooks/*", status=429, via=False, headers={"Retry-After": "1"})
    house.wire.fail("*", "/channels/*", status=429, via=False, headers={"Retry-After": "1"})
    await house.imagine()
    await until(lambda: statuses(house, "PATCH", "/webhooks/") == [429])
    await house.imagine()
    await asyncio.sleep(0.6)
    assert len(await house.jobs()) == 2
    assert [*statuses(house, "PATCH", "/"), *statuses(house, "POST", "/channels/")] == [429]
    house.wire.mend()
    jobs = await house.ended(count=2)
    assert {job.state for job in jobs} == {JobState.DELIVERED}
    assert statuses(house, "PATCH", "/webhooks/") == [429, 200, 200]


@pytest.mark.parametrize("told", ["", "soon", "-1"])
async def test_a_ban_without_a_time_is_tried_again_as_after_any_trouble(house: WireHouse, told: str) -> None:
    house.wire.fail(*EDIT, status=429, via=False, times=2, headers={"Retry-After": told} if told else {})
    await house.imagine()
    await delivered_once(house)
