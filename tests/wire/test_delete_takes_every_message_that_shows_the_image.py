"""Delete takes every message that shows the image, over the wire, and says what Discord does not let it delete."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.job import Job
from bot.domain.wallet import Balance
from tests.support import discord_rules
from tests.support.house import words_of
from tests.support.wire_house import START_CREDITS, TOKEN, WireHouse, open_wire_house, until
from tests.wire import Message, serve_discord
from tests.wire.delivery_seams import EDIT, delivered_once
from tests.wire.world import ChannelKind

REMOVE = ("DELETE", "/channels/*/messages/*")
REMOVE_BY_TOKEN = ("DELETE", "/webhooks/*")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[WireHouse]:
    async with serve_discord(token=TOKEN, judge=discord_rules.broken) as wire:
        wall = wire.world.open("gallery")  # before the bot is told of the server's channels
        async with open_wire_house(tmp_path, wire=wire) as opened:
            rules, world = opened.app.bot.services.rules, wire.world
            await rules.change(world.guild_id, "gallery_channel", wall.id, actor=world.moderator.id)
            yield opened


def gallery(house: WireHouse) -> int:
    (found,) = [each.id for each in house.wire.world.channels.values() if each.name == "gallery"]
    return found


def told(house: WireHouse, interaction: int) -> str:
    shown = [house.wire.answer(interaction), *house.wire.followups(interaction)]
    return "\n".join(words_of(each) for each in shown if each and not each.deleted)


async def pressed(house: WireHouse, message: Message, custom_id: str, *, user_id: int | None = None) -> str:
    interaction = await house.wire.press(message.id, custom_id, user_id=user_id)
    await until(lambda: told(house, interaction))
    return told(house, interaction)


async def post_here(house: WireHouse, job: Job, *, channel_id: int | None = None) -> Message:
    """Post a public image again by `/job`, or share a private one. Returns the message with the image."""
    look = await house.wire.slash("job", {"id": job.id}, channel_id=channel_id)
    await until(lambda: (found := house.wire.answer(look)) and found.files)
    shown = house.wire.answer(look)
    assert shown
    copy = await house.wire.press(shown.id, f"{'share' if job.private else 'repost'}:{job.id}")
    await until(lambda: (posted := house.wire.answer(copy)) and posted.files)
    message = house.wire.answer(copy)
    assert message
    return message


async def delete(house: WireHouse, job: Job, message: Message, *, user_id: int | None = None) -> str:
    asked = await house.wire.press(message.id, f"delete:{job.id}", user_id=user_id)
    await until(lambda: house.wire.has_form(asked))
    sent = await house.wire.submit(asked)
    await until(lambda: house.wire.followups(sent))
    return words_of(house.wire.followups(sent)[-1])


async def books_stand(house: WireHouse, job: Job) -> bool:
    return await house.balance() == Balance(posted=START_CREDITS - job.cost, held=0) and await house.findings() == ()


@pytest.mark.parametrize("private", [False, True])
async def test_the_result_its_copies_private_answers_and_the_gallery_all_go(house: WireHouse, private: bool) -> None:
    world = house.wire.world
    other = world.open("other")
    order = await house.imagine(private=private)
    job, result = await delivered_once(house)
    await pressed(house, result, f"star:{order}")
    copies = [await post_here(house, job), await post_here(house, job, channel_id=other.id)]
    await until(lambda: len(house.wire.visible_images()) == 5 + (not private))  # with two answers to `/job`
    words = await delete(house, job, copies[1], user_id=world.moderator.id)
    assert house.wire.visible_images() == []
    assert "its file is erased" in words
    assert "does not let me" not in words
    assert await books_stand(house, job)


async def test_a_private_image_has_delete_and_without_its_token_the_member_alone_still_sees_it(
    house: WireHouse,
) -> None:
    order = await house.imagine(private=True)
    job, result = await delivered_once(house)
    shared = await house.wire.press(result.id, f"share:{order}")
    await until(lambda: len(house.wire.visible_images()) == 2)
    copy = house.wire.answer(shared)
    assert copy
    house.wire.fail(*REMOVE_BY_TOKEN, status=401, code=50027)
    words = await delete(house, job, copy)
    assert "An answer that one member alone sees still shows it" in words
    assert [each.id for each in house.wire.posts_of_images() if not each.deleted] == [result.id]
    assert await books_stand(house, job)


async def test_what_discord_refuses_is_said_with_a_link(house: WireHouse) -> None:
    await house.imagine()
    job, result = await delivered_once(house)
    copy = await post_here(house, job, channel_id=house.wire.world.open("other").id)
    for refused in (REMOVE, REMOVE_BY_TOKEN):
        house.wire.fail(*refused, status=403, code=50001)
    words = await delete(house, job, result)
    guild = house.wire.world.guild_id
    for message in (result, copy):
        assert f"https://discord.com/channels/{guild}/{message.channel_id}/{message.id}" in words
    assert "I try again for a day" in words


@pytest.mark.parametrize("fault", ["reset", 500])
async def test_a_gallery_post_whose_answer_was_lost_is_found_by_delete(house: WireHouse, fault: str | int) -> None:
    order = await house.imagine()
    job, result = await delivered_once(house)
    post = ("POST", f"/channels/{gallery(house)}/messages")
    if isinstance(fault, int):
        house.wire.fail(*post, status=fault, handled=True)
    else:
        house.wire.reset(*post, when="after_handling")
    await pressed(house, result, f"star:{order}")
    await until(lambda: len(house.wire.visible_images()) == 2)
    house.wire.mend()
    await delete(house, job, result)
    assert house.wire.visible_images() == []


async def test_a_share_is_once_a_channel_and_the_second_press_leads_there(house: WireHouse) -> None:
    order = await house.imagine(private=True)
    _, result = await delivered_once(house)
    house.wire.reset(*EDIT, when="after_handling", times=1)  # Discord takes the image, and we are not told
    await house.wire.press(result.id, f"share:{order}")
    await until(lambda: len(house.wire.visible_images()) == 2)
    (copy,) = [each for each in house.wire.messages() if each.files and not each.ephemeral]
    words = await pressed(house, result, f"share:{order}")
    assert "This image is in this channel already, at https://discord.com/channels/" in words
    assert f"/{copy.id}" in words
    house.wire.delete_message(copy.id)  # by a moderator's hand
    words = await pressed(house, result, f"share:{order}")
    assert "being posted" in words  # for two minutes, it may be on its way
    assert len(house.wire.visible_images()) == 1


async def test_a_message_in_an_archived_thread_is_named_and_one_in_a_channel_that_is_gone_is_gone(
    house: WireHouse,
) -> None:
    world = house.wire.world
    thread = world.open("a thread", kind=ChannelKind.THREAD, parent_id=world.images.id)
    await house.imagine()
    job, result = await delivered_once(house)
    archived, lost = await post_here(house, job, channel_id=thread.id), await post_here(house, job)
    house.wire.fail("DELETE", f"/channels/{archived.channel_id}/*", status=400, code=50083)
    house.wire.fail("DELETE", f"/channels/{lost.channel_id}/messages/{lost.id}", status=404, code=10003)
    house.wire.fail(*REMOVE_BY_TOKEN, status=401, code=50027)
    words = await delete(house, job, result)
    assert f"/{archived.id}" in words
    assert f"/{lost.id}" not in words
