"""`/setup`: a moderator goes through its pages, each choice is saved at once, and a new server is greeted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.allowance import Every
from bot.domain.policy import AllowanceRule, Policy
from tests.support.house import LINK, House, labels, open_house, words_of

NOBODY_ATTACHES = discord.PermissionOverwrite(attach_files=False, send_messages_in_threads=False)
NOBODY_WRITES = discord.PermissionOverwrite(send_messages=False)


async def begin(house: House) -> Any:
    answer = await house.moderator.slash(house.channel, "setup")
    assert answer.ephemeral
    return answer.response


async def go_to(house: House, card: Any, page: str) -> str:
    """Presses Next until the page is there."""
    for _ in range(7):
        if f": {page}\n" in f"{words_of(card).splitlines()[0]}\n":
            return words_of(card)
        await house.moderator.click(card.message, label=next_label(card))
    raise AssertionError(f"no page {page}")


def next_label(card: Any) -> str:
    return next(label for label in labels(card) if label.startswith("Next"))


async def fill_in(house: House, card: Any, button: str, **values: Any) -> Any:
    form = await house.moderator.click(card.message, label=button)
    return await house.moderator.submit_modal(form, values)


async def policy(house: House) -> Policy:
    return await house.app.bot.services.rules.policy_of(house.guild.id)


def bot_in(house: House) -> discord.Member:
    assert house.guild.me
    return house.guild.me


def logged(channel: Any) -> list[str]:
    return [words_of(message) for message in channel.history()]


async def test_a_moderator_walks_through_and_each_choice_holds_at_once_also_after_a_restart(house: House) -> None:
    card = await begin(house)
    assert words_of(card).startswith("### Step 1 of 7: Channels")
    assert "Now: everywhere" in words_of(card)
    other = house.guild.create_text_channel("posters")
    await house.moderator.select(card.message, [house.channel, other], custom_id="setup:channels")
    assert f"Now: <#{house.channel.id}>, <#{other.id}>" in words_of(card)
    assert (await policy(house)).allowed_channels == (house.channel.id, other.id)
    await house.env.restart_bot()
    staff = house.guild.create_text_channel("staff")
    await go_to(house, card, "Log")
    await house.moderator.select(card.message, [staff], custom_id="setup:log")
    assert f"Now: <#{staff.id}>" in words_of(card)
    await house.moderator.select(card.message, [], custom_id="setup:log")
    assert "Now: none" in words_of(card)
    await house.moderator.select(card.message, [staff], custom_id="setup:log")
    await go_to(house, card, "Budget")
    await fill_in(house, card, "Budget …", amount="5 000")
    assert "Now: 5,000 credits" in words_of(card)
    await go_to(house, card, "Time zone")
    await house.moderator.select(card.message, ["Europe/Madrid"], custom_id="setup:zone")
    assert "Now: Europe/Madrid" in words_of(card)
    await fill_in(house, card, "Another one …", zone=" Europe/Vienna ")
    assert "Now: Europe/Vienna" in words_of(card)
    found = await policy(house)
    assert (found.log_channel, found.budget, found.time_zone) == (staff.id, 5_000, "Europe/Vienna")
    changes, _ = await house.app.bot.services.rules.history(house.guild.id)
    assert [each.rule for each in changes][:4] == ["time_zone", "time_zone", "budget", "log_channel"]
    assert any("5,000" in words for words in logged(staff))
    await house.moderator.click(staff.history()[-1], label="Undo")
    assert (await policy(house)).time_zone == "Europe/Madrid"


async def test_credits_are_typed_and_taken_back_by_an_empty_field(house: House) -> None:
    card = await begin(house)
    words = await go_to(house, card, "Credits")
    assert "A new member begins with: 300 credits, as whoever runs this bot has set" in words
    assert "Allowance for everyone: none" in words
    await fill_in(house, card, "Starting credits …", amount="200")
    await fill_in(house, card, "Allowance …", amount="150", every=["day"])
    assert "A new member begins with: 200 credits\nAllowance for everyone: 150 credits a day" in words_of(card)
    found = await policy(house)
    assert found.starting_credits == 200
    assert found.allowances == {house.guild.id: AllowanceRule(amount=150, every=Every.DAY)}
    await fill_in(house, card, "Starting credits …", amount="")
    await fill_in(house, card, "Allowance …", amount="", every=["day"])
    assert await policy(house) == Policy()


async def test_what_can_not_be_is_refused_kindly_and_changes_nothing(house: House) -> None:
    card = await begin(house)
    await go_to(house, card, "Credits")
    told = await fill_in(house, card, "Starting credits …", amount="301")
    assert "300" in words_of(told.response)
    told = await fill_in(house, card, "Starting credits …", amount="plenty")
    assert "I can't read `plenty` as a number of credits" in words_of(told.response)
    await go_to(house, card, "Log")
    shut = house.guild.create_text_channel("shut", overwrites={bot_in(house): NOBODY_WRITES})
    told = await house.moderator.select(card.message, [shut], custom_id="setup:log")
    assert f"I may not post in <#{shut.id}> (missing: Send Messages)" in words_of(told.response)
    await go_to(house, card, "Time zone")
    told = await fill_in(house, card, "Another one …", zone="Atlantis")
    assert "Atlantis is not a time zone" in words_of(told.response)
    assert told.ephemeral
    assert await policy(house) == Policy()


async def test_the_check_says_what_is_missing_in_which_channel_and_where_to_change_it(house: House) -> None:
    card = await begin(house)
    words = await go_to(house, card, "Check")
    assert f"✅ <#{house.channel.id}>" in words
    assert "Everything is there." in words
    shut = house.guild.create_text_channel("shut", overwrites={bot_in(house): NOBODY_ATTACHES})
    await house.change_rule("allowed_channels", [shut.id, 4_242])
    await house.change_rule("log_channel", house.channel.id)
    await house.change_rule("gallery_channel", shut.id)
    await house.moderator.click(card.message, label="Check again")
    words = words_of(card)
    assert f"❌ <#{shut.id}>: missing Send Messages In Threads, Attach Files" in words
    assert "❌ <#4242>: I can't see it, or it is gone" in words
    assert f"✅ <#{house.channel.id}>" in words
    assert "Open the channel's settings, Permissions" in words


async def test_a_check_from_a_thread_looks_at_its_channel(house: House) -> None:
    message = await house.moderator.send(house.channel, "a thread begins here")
    thread = await message.create_thread(name="in a thread")
    where = next(each for each in house.channel.threads if each.id == thread.id)
    card = (await house.moderator.slash(where, "setup")).response
    assert card
    assert f"✅ <#{thread.id}>" in await go_to(house, card, "Check")


async def test_the_trial_is_an_order_like_any_other_private_and_asked_for_first(house: House) -> None:
    card = await begin(house)
    assert "it costs from 150 credits of yours" in await go_to(house, card, "Try it")
    form = await house.moderator.click(card.message, label="Make an image …")
    asked = await house.moderator.submit_modal(
        form, {"video": LINK, "start": "0:14-0:17", "prompt": "A first poster", "size": ["1k"]}
    )
    assert asked.ephemeral
    assert "Shall I make this?" in words_of(asked.response)
    assert await house.jobs() == []
    assert asked.response
    await house.moderator.click(asked.response.message, label="Create (150)")
    (job,) = await house.ended()
    assert (job.wallet.member_id, job.private, job.charge) == (house.moderator.id, True, 150)


async def test_who_may_not_manage_the_server_gets_nowhere(house: House) -> None:
    command = next(each for each in await house.app.bot.tree.fetch_commands() if each.name == "setup")
    house.guild.set_command_permissions(command, {house.guild.default_role: True})
    refused = await house.ann.slash(house.channel, "setup")
    assert refused.ephemeral
    assert "for those who may manage the server" in words_of(refused.response)
    card = await begin(house)
    house.env.backend.guilds[house.guild.id].members[house.moderator.id].role_ids.clear()
    told = await house.moderator.click(card.message, label="Next: Credits")
    assert "for those who may manage the server" in words_of(told.response)
    told = await house.moderator.select(card.message, [house.channel], custom_id="setup:channels")
    assert "for those who may manage the server" in words_of(told.response)
    assert await policy(house) == Policy()


async def test_more_channels_than_a_select_holds_are_left_to_their_command(house: House) -> None:
    many = list(range(1_000, 1_030))
    await house.change_rule("allowed_channels", many)
    card = await begin(house)
    assert "more than fit here: `/policy channels`" in words_of(card)
    assert "and 10 more" in await go_to(house, card, "Check")


async def test_a_zone_that_is_not_on_the_list_is_shown_among_it(house: House) -> None:
    await house.change_rule("time_zone", "Asia/Kathmandu")
    card = await begin(house)
    await go_to(house, card, "Time zone")
    assert "Asia/Kathmandu" in str(card.components)


@pytest.mark.parametrize(("may_write", "fails"), [(True, False), (False, False), (True, True)])
async def test_a_new_server_is_greeted_where_the_bot_may_write(tmp_path: Path, *, may_write: bool, fails: bool) -> None:
    async with open_house(tmp_path) as house:
        overwrites: Any = {} if may_write else {bot_in(house): NOBODY_WRITES}
        lobby = house.guild.create_text_channel("lobby", overwrites=overwrites)
        bot = house.app.bot
        guild = bot.get_guild(house.guild.id)
        assert guild
        bot.dispatch("guild_join", guild)
        await house.env.settle()
        assert lobby.history() == []  # the server has named no channel for such news
        guild._system_channel_id = lobby.id  # as Discord would say it: the simulation can't be told
        if fails:
            house.env.inject_error("POST", f"/channels/{lobby.id}/messages", status=403, code=50013)
        bot.dispatch("guild_join", guild)
        await house.env.settle()
        greeted = [words_of(message) for message in lobby.history()]
        assert len(greeted) == (may_write and not fails)
        assert all("`/imagine` begins, and `/help` shows more" in words and "`/setup`" in words for words in greeted)
