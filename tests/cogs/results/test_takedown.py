"""Moderators take down all images of one member; and a shared image answers as any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest

from tests.support.factories import sql
from tests.support.house import House, answer_to, open_house, pressable, words_of

HIDDEN = discord.PermissionOverwrite(view_channel=False)


async def asked(house: House, period: str) -> Any:
    return await house.moderator.slash(house.channel, "takedown", member=house.ann, period=period)


async def test_all_images_of_a_member_go_after_a_count_with_one_line_in_the_log(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=5_000) as house:
        log = await house.open_log()
        for private in (False, False, True):
            await house.a_result(private=private)
        await house.a_result(house.moderator)
        before = await house.available()

        card = await asked(house, "hour")
        assert card.ephemeral
        assert "3 images of the last hour. Only the member can see 1 of them." in words_of(card.response)
        await house.env.restart_bot()
        await house.moderator.click(card.response.message, label="Delete 3 images")
        assert "Deleted: 3 images" in words_of(card.response)
        jobs = await house.jobs()
        assert [job.deleted for job in jobs] == [True, True, True, False]
        assert [len(list((tmp_path / "images").iterdir())), len(house.channel.history())] == [1, 1]
        (line,) = log.history()
        assert f"<@{house.moderator.id}>: Deleted: 3 images of <@{house.ann.id}> of the last hour." in words_of(line)

        assert "nothing to delete" in words_of((await asked(house, "ever")).response)
        assert await house.available() == before  # no credits come back
        assert await house.findings() == ()


async def test_only_who_manages_the_server_counts_or_deletes(house: House) -> None:
    message, _ = await house.a_result()
    card = await asked(house, "ever")
    channel = house.app.bot.get_partial_messageable(house.channel.id)
    button = next(each for each in pressable(card.response.message) if each["custom_id"].startswith("takedown:"))
    view = discord.ui.LayoutView().add_item(
        discord.ui.ActionRow(discord.ui.Button(label="x", custom_id=button["custom_id"]))
    )
    carrier = await channel.send(view=view)
    assert "those who may manage the server" in answer_to(await house.ann.click(carrier, label="x"))
    assert message.id in [each.id for each in house.channel.history()]


async def test_a_shared_image_answers_to_job_star_and_details_as_any_other(house: House) -> None:
    bob = house.guild.add_member(house.env.create_user("bob"))
    message, job = await house.a_result(private=True)
    assert "I know no image" in words_of((await bob.slash(house.channel, "job", id=job.id)).response)
    await house.ann.click(message, label="Share in this channel")
    shared: Any = house.channel.last_message
    for number in (job.id, shared.jump_url):
        found = await bob.slash(house.channel, "job", id=number)
        assert found.ephemeral
        assert "A poster" in words_of(found.response)
    assert "Starred." in words_of((await bob.click(shared, label="Star")).response)
    assert "A poster" in words_of((await bob.slash(house.channel, "history", favourites=True)).response)
    assert "Ordered" in words_of((await bob.click(shared, label="Details")).response)
    again = await house.ann.click(message, label="Share in this channel")
    assert f"This image is in this channel already, at {shared.jump_url}" in answer_to(again)


async def test_an_image_shared_in_a_room_that_fewer_people_see_stays_in_it(house: House) -> None:
    bob = house.guild.add_member(house.env.create_user("bob"))
    _, job = await house.a_result(private=True)
    overwrites: Any = {house.guild.default_role: HIDDEN}
    staff = house.guild.create_text_channel("staff", overwrites=overwrites)
    await house.app.store.run(
        sql(
            "INSERT INTO showings (job_id, kind, guild_id, channel_id, message_id, at, since_id)"
            " VALUES (:job, 'copy', :guild, :channel, 7, 1, 1)",
            job=job.id,
            guild=house.guild.id,
            channel=staff.id,
        )
    )
    await house.app.store.run(sql("UPDATE jobs SET shared = 1"))
    assert "I know no image" in words_of((await bob.slash(house.channel, "job", id=job.id)).response)


@pytest.mark.parametrize("private", [False, True])
async def test_an_image_marked_unsafe_is_posted_again_only_where_it_may_be(house: House, private: bool) -> None:
    message, job = await house.a_result(private=private)
    await house.app.store.run(sql("UPDATE jobs SET unsafe = 1"))
    if not private:
        await house.app.store.run(sql("UPDATE jobs SET unsafe = 0"))
        opened: Any = await house.ann.slash(house.channel, "job", id=job.id)
        message = opened.response.message
        await house.app.store.run(sql("UPDATE jobs SET unsafe = 1"))
    label = "Share in this channel" if private else "Post it here"
    assert "age-restricted" in answer_to(await house.ann.click(message, label=label))
