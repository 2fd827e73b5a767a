"""`/help`, and the answers to wrong commands and to messages."""

from __future__ import annotations

import re
from typing import Any

import discord
from discord import app_commands
from simcord.enums import InteractionType

from tests.support.factories import clip_of
from tests.support.house import House, pressable, words_of


def buttons(message: Any) -> dict[str, dict[str, Any]]:
    return {each["label"]: each for each in pressable(message)}


def filled_in(form: dict[str, Any]) -> dict[str, Any]:
    """The values that Discord sends for a form that the member did not change."""
    fields = [label["component"] for label in form["components"]]
    given = {each["custom_id"]: each["value"] for each in fields if each.get("value")}
    chosen = {
        each["custom_id"]: [option["value"] for option in each["options"] if option.get("default")]
        for each in fields
        if "options" in each
    }
    return given | chosen


async def test_four_screens_teach_privately_and_turn_after_a_restart(house: House) -> None:
    answer: Any = await house.ann.slash(house.channel, "help")
    assert answer.ephemeral
    assert "1 · Your first image" in words_of(answer.response)
    assert "/imagine video: https://youtu.be/" in words_of(answer.response)
    await house.env.restart_bot()
    for title in ("2 · Moments, shapes and prices", "3 · What an image leads on to", "4 · Credits, and when"):
        await house.ann.click(answer.response.message, label="Next")
        assert title in words_of(answer.response)
    assert "Next" not in buttons(answer.response)
    await house.ann.click(answer.response.message, label="2")
    assert "1K: 150 credits · 2K: 190 credits · 4K: 230 credits" in words_of(answer.response)
    assert [label for label, button in buttons(answer.response).items() if button.get("disabled")] == ["2"]


async def test_the_example_opens_a_form_that_makes_an_image(house: House) -> None:
    answer: Any = await house.ann.slash(house.channel, "help")
    form = await house.ann.click(answer.response.message, label="Try it: 1K, 150 credits")
    assert form.modal is not None
    made = await house.ann.submit_modal(form, filled_in(form.modal))
    assert not made.ephemeral
    (job,) = await house.ended()
    assert (job.cost, clip_of(job.recipe).span.start, clip_of(job.recipe).span.end) == (150, 60.0, 65.0)


async def test_the_example_is_not_opened_where_its_image_could_not_be_posted(house: House) -> None:
    everyone = house.guild.default_role
    quiet = house.guild.create_text_channel(
        "quiet", overwrites={everyone: discord.PermissionOverwrite(attach_files=False)}
    )
    answer: Any = await house.ann.slash(quiet, "help")
    pressed = await house.ann.click(answer.response.message, custom_id="help:try")
    assert pressed.modal is None
    assert "I may not post images here (missing: Attach Files)." in words_of(pressed.response)


async def test_a_topic_is_jumped_to_and_moderators_read_of_their_commands(house: House) -> None:
    theirs = await house.moderator.slash(house.channel, "help", topic=4)
    assert "You look after this server: see also " in words_of(theirs.response)
    assert "`/bank`" in words_of(theirs.response)
    ours = await house.ann.slash(house.channel, "help", topic=4)
    assert "4 · Credits" in words_of(ours.response)
    assert "/bank" not in words_of(ours.response)


async def test_every_command_that_the_screens_name_exists(house: House) -> None:
    tree = house.app.bot.tree
    for topic in (1, 2, 3, 4):
        answer = await house.moderator.slash(house.channel, "help", topic=topic)
        for name in re.findall(r"`/([a-z]+(?: [a-z]+)?)`", words_of(answer.response)):
            group, _, leaf = name.partition(" ")
            command = tree.get_command(group)
            assert command is not None, name
            assert not leaf or (isinstance(command, app_commands.Group) and command.get_command(leaf)), name


async def test_an_old_app_s_command_gets_the_right_one_with_an_example_and_a_way_to_the_help(house: House) -> None:
    house.app.bot.tree.remove_command("job")  # after it was told to Discord
    answer: Any = await house.ann.slash(house.channel, "job", id="12")
    assert answer.ephemeral
    assert "`/imagine video: " in words_of(answer.response)
    assert "Nothing was charged." in words_of(answer.response)
    await house.ann.click(answer.response.message, label="Help")
    assert "1 · Your first image" in words_of(answer.response)


async def test_a_command_whose_options_have_changed_is_shown_as_it_is_now(house: House) -> None:
    (known,) = [each for each in house.env.backend.visible_commands(user_id=house.ann.id, channel_id=house.channel.id)
                if each["name"] == "job"]  # fmt: skip
    call = {"id": known["id"], "name": "job", "type": 1, "options": []}
    answer = await house.ann._dispatch_interaction(InteractionType.APPLICATION_COMMAND, house.channel, call)
    assert "`/job id: " in words_of(answer.response)


async def test_suggestions_for_a_command_that_is_gone_are_none(house: House) -> None:
    house.app.bot.tree.remove_command("imagine")
    assert await house.ann.autocomplete(house.channel, "imagine", "video", "you") == []


async def test_whoever_writes_to_the_bot_is_answered_once_a_minute(house: House) -> None:
    me = house.app.bot.user
    assert me is not None
    await house.ann.send(house.channel, f"<@{me.id}> credits?")
    (answer,) = posts(house)
    assert "/credits balance" in words_of(answer)
    await house.ann.send(house.channel, f"<@!{me.id}> hello?")
    assert len(posts(house)) == 1
    opened = await house.moderator.click(answer, label="Help")
    assert opened.ephemeral
    assert "1 · Your first image" in words_of(opened.response)
    assert "I work with slash commands" in words_of(posts(house)[0])
    await house.moderator.send(house.channel, f"<@{me.id}> https://youtu.be/dQw4w9WgXcQ a poster of this")
    assert "/imagine video: " in words_of(posts(house)[1])


async def test_what_is_not_written_to_the_bot_is_none_of_its_business(house: House) -> None:
    me = house.app.bot.user
    assert me is not None
    await house.ann.send(house.channel, "imagine a cat")
    await house.ann.send(house.channel, f"have you seen what <@{me.id}> made?")
    await house.guild.create_webhook(house.channel).send(f"<@{me.id}> imagine")
    assert posts(house) == []


async def test_a_direct_message_is_answered_and_one_that_can_t_be_is_let_go(house: House) -> None:
    await house.ann_user.send_dm("make me a poster")
    answer = house.ann_user.dm_channel.last_message
    assert answer is not None
    assert "/imagine video: " in words_of(answer)
    me, us = house.app.bot.user, house.guild.me
    assert me is not None
    assert us is not None
    closed = house.guild.create_text_channel(
        "closed", overwrites={us: discord.PermissionOverwrite(send_messages=False)}
    )
    await house.moderator.send(closed, f"<@{me.id}> imagine")
    assert [message.author.id for message in closed.history()] == [house.moderator.id]


def posts(house: House) -> list[discord.Message]:
    me = house.app.bot.user
    return [message for message in house.channel.history() if me is not None and message.author.id == me.id]
