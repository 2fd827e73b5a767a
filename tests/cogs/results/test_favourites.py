"""The star under an image, and the server's gallery: who may use them, and what is shown, once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.builders import ChannelHandle

from bot.domain.job import Job
from tests.support.factories import sql
from tests.support.house import House, nobody_is_pinged, restrict, words_of

HIDDEN = discord.PermissionOverwrite(view_channel=False)


async def set_gallery(house: House, channel: ChannelHandle) -> Any:
    return await house.moderator.slash(house.channel, "gallery channel", channel=channel)


async def shown_in(house: House, job: Job) -> int | None:
    rows = await house.app.store.read(
        sql("SELECT channel_id FROM showings WHERE kind = 'gallery' AND message_id AND job_id = :id", id=job.id)
    )
    return rows[0]["channel_id"] if rows else None


async def test_a_star_goes_on_and_off_and_favourites_are_listed_for_whoever_pressed(house: House) -> None:
    message, job = await house.a_result()
    bob = house.guild.add_member(house.env.create_user("bob"))
    told = await bob.click(message, label="Star")
    assert told.ephemeral
    assert words_of(told.response).startswith("Starred. You have 1 favourite here.")
    page: Any = await bob.slash(house.channel, "history", favourites=True)
    assert "### Your favourites" in words_of(page.response)
    assert "⭐ `A poster`" in words_of(page.response)
    assert f"<@{house.ann.id}>" in words_of(page.response)
    assert [attachment.filename for attachment in page.response.attachments] == [f"{job.id}.jpg"]
    assert "No favourites yet" in words_of((await house.ann.slash(house.channel, "history", favourites=True)).response)
    await house.env.restart_bot()
    told = await bob.click(message, label="Star")
    assert words_of(told.response).startswith("No longer starred. You have 0 favourites here.")


async def test_an_image_that_is_gone_can_not_be_starred(house: House) -> None:
    message, job = await house.a_result()
    await house.app.store.run(sql("UPDATE jobs SET deleted_at = 1 WHERE id = :id", id=job.id))
    told = await house.ann.click(message, label="Star")
    assert "no longer kept here" in words_of(told.response)
    assert told.ephemeral


async def test_a_starred_public_image_is_shown_in_the_gallery_once_and_nobody_is_pinged(house: House) -> None:
    wall = house.guild.create_text_channel("gallery")
    answer = await set_gallery(house, wall)
    assert answer.ephemeral
    assert f"<#{wall.id}>" in words_of(answer.response)
    message, job = await house.a_result()
    await asyncio.gather(house.moderator.click(message, label="Star"))
    await house.ann.click(message, label="Star")
    await house.ann.click(message, label="Star")
    await house.ann.click(message, label="Star")
    (shown,) = wall.history()
    assert f"<@{house.ann.id}>" in words_of(shown)
    assert job.id in shown.attachments[0].filename
    assert nobody_is_pinged(house)
    assert await shown_in(house, job) == wall.id
    message, other = await house.a_result(prompt="Another")
    off = await house.moderator.slash(house.channel, "gallery off")
    assert "The gallery is off" in words_of(off.response)
    await house.ann.click(message, label="Star")
    assert len(wall.history()) == 1
    assert await shown_in(house, other) is None
    again = await house.moderator.slash(house.channel, "gallery off")
    assert "There was no gallery" in words_of(again.response)


async def test_private_images_are_starred_by_their_owner_and_stay_private(house: House) -> None:
    wall = house.guild.create_text_channel("gallery")
    await set_gallery(house, wall)
    message, job = await house.a_result(private=True)
    told = await house.ann.click(message, label="Star")
    assert "Starred." in words_of(told.response)
    assert wall.history() == []
    await house.ann.click(message, label="Share in this channel")
    shared = house.channel.last_message
    assert shared
    told = await house.moderator.click(shared, label="Star")
    assert "Starred." in words_of(told.response)
    assert await shown_in(house, job) is None


async def test_an_image_that_can_not_be_read_just_now_is_shown_at_the_next_star(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    wall = house.guild.create_text_channel("gallery")
    await set_gallery(house, wall)
    message, job = await house.a_result()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", unreadable)
        told = await house.ann.click(message, label="Star")
    assert "Starred." in words_of(told.response)
    assert wall.history() == []
    await house.moderator.click(message, label="Star")
    assert len(wall.history()) == 1
    assert await shown_in(house, job) is not None


async def test_images_from_a_room_that_fewer_people_see_stay_in_it(house: House) -> None:
    wall = house.guild.create_text_channel("gallery")
    await set_gallery(house, wall)
    staff_room = house.guild.create_text_channel("staff", overwrites={house.guild.default_role: HIDDEN})
    message, job = await house.a_result()
    await house.app.store.run(sql("UPDATE jobs SET channel_id = :id", id=staff_room.id))
    await house.ann.click(message, label="Star")
    assert wall.history() == []
    await house.app.store.run(sql("UPDATE jobs SET channel_id = 5"))  # and from one that is no more
    await house.ann.click(message, label="Star")
    await house.ann.click(message, label="Star")
    assert wall.history() == []
    await set_gallery(house, house.channel)
    hidden_wall = house.guild.create_text_channel("staff-gallery", overwrites={house.guild.default_role: HIDDEN})
    me = house.guild.me
    assert me
    await house.app.store.run(sql("UPDATE jobs SET channel_id = :id", id=house.channel.id))
    await house.change_rule("gallery_channel", hidden_wall.id)
    await house.ann.click(message, label="Star")
    await house.ann.click(message, label="Star")
    assert await shown_in(house, job) is None  # nor may the bot post there: starring works all the same


async def test_an_image_marked_unsafe_or_from_an_age_restricted_room_is_shown_only_in_such_a_gallery(
    house: House,
) -> None:
    wall = house.guild.create_text_channel("gallery")
    await set_gallery(house, wall)
    message, job = await house.a_result()
    await house.app.store.run(sql("UPDATE jobs SET unsafe = 1"))
    await house.ann.click(message, label="Star")
    await house.app.store.run(sql("UPDATE jobs SET unsafe = 0"))
    restrict(house, house.channel)
    await house.moderator.click(message, label="Star")
    assert wall.history() == []
    restrict(house, wall)
    await house.app.store.run(sql("UPDATE jobs SET unsafe = 1"))
    await house.moderator.click(message, label="Star")
    await house.moderator.click(message, label="Star")
    assert await shown_in(house, job) == wall.id


async def test_what_discord_refused_is_tried_again_and_what_it_may_have_taken_is_looked_for(house: House) -> None:
    wall = house.guild.create_text_channel("gallery")
    await set_gallery(house, wall)
    message, job = await house.a_result()
    post = f"/channels/{wall.id}/messages"
    house.env.inject_error("POST", post, status=403, code=50013)
    told = await house.ann.click(message, label="Star")
    assert "Starred." in words_of(told.response)
    assert wall.history() == []
    await house.moderator.click(message, label="Star")
    assert len(wall.history()) == 1
    await house.app.store.run(
        sql("UPDATE showings SET message_id = NULL WHERE kind = 'gallery'")
    )  # as a crash before the answer leaves it
    await house.moderator.click(message, label="Star")
    await house.moderator.click(message, label="Star")
    assert len(wall.history()) == 1
    assert await shown_in(house, job) == wall.id


async def test_an_image_whose_file_is_gone_is_starred_but_not_shown(house: House) -> None:
    wall = house.guild.create_text_channel("gallery")
    await set_gallery(house, wall)
    message, job = await house.a_result()
    await house.app.store.run(sql("UPDATE jobs SET image_name = 'gone.png'"))
    assert "Starred." in words_of((await house.ann.click(message, label="Star")).response)
    assert wall.history() == []
    assert await shown_in(house, job) is None


async def test_a_gallery_needs_a_moderator_and_a_channel_where_the_bot_may_post(house: House) -> None:
    quiet = house.guild.create_text_channel(
        "quiet", overwrites={house.guild.default_role: discord.PermissionOverwrite(attach_files=False)}
    )
    told = await set_gallery(house, quiet)
    assert told.ephemeral
    assert f"I may not post in <#{quiet.id}> (missing: Attach Files)" in words_of(told.response)
    assert (await house.app.bot.services.rules.policy_of(house.guild.id)).gallery_channel is None
    commands = await house.app.bot.tree.fetch_commands()
    command = next(command for command in commands if command.name == "gallery")
    house.guild.set_command_permissions(command, {house.guild.default_role: True})
    for name, options in (("gallery channel", {"channel": house.channel}), ("gallery off", {})):
        refused = await house.ann.slash(house.channel, name, **options)
        assert "for those who may manage the server" in words_of(refused.response)
    assert (await house.app.bot.services.rules.policy_of(house.guild.id)).gallery_channel is None
