"""`/policy`: a moderator sets each rule, it refuses an order, a member reads why, and the moderator undoes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.builders import ChannelHandle

from bot.domain.policy import Limits, Policy, Words
from bot.services.server.policy import CHANGES_SHOWN
from cogs.shared.server_log import tell_budget, tell_flag
from tests.support.house import LINK, House, nobody_is_pinged, open_house, words_of

ROOM_FOR_OTHER_LANGUAGES = 3_400  # of Discord's 4,000 characters
CLOSED = discord.PermissionOverwrite(send_messages=False)


async def policy(house: House, command: str, **options: Any) -> Any:
    return await house.moderator.slash(house.channel, f"policy {command}", **options)


async def rules(house: House) -> Policy:
    return await house.app.bot.services.rules.policy_of(house.guild.id)


async def a_log(house: House) -> ChannelHandle:
    log = house.guild.create_text_channel("log")
    await policy(house, "log", channel=log)
    return log


def clock_times(house: House, *hours: int) -> list[str]:
    now = datetime.fromtimestamp(house.app.bot.services.rules.now() / 1000, UTC)
    return [(now + timedelta(hours=each)).strftime("%H:%M") for each in hours]


# --- each rule --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Case:
    """`order`: options of an order that the rule refuses, with words that have `refusal` in them."""

    command: str
    rule: str
    refusal: str
    options: dict[str, Any] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)
    explained: str = ""


CASES = (
    Case(command="channels deny", rule="denied_channels", refusal="No images are made in this channel"),
    Case(command="channels allow", rule="allowed_channels", refusal="Images are made in other channels"),
    Case(
        command="defaults", options={"age_restricted": True}, rule="age_restricted_only",
        refusal="age-restricted channels only", explained="yes",
    ),
    Case(
        command="limit set", options={"size": "1k"}, rule="limits", order={"size": "2k"},
        refusal="allows images up to 1K", explained="For your roles: up to 1K.",
    ),
    Case(
        command="limit set", options={"images_per_day": 0}, rule="limits",
        refusal="up to 0 images a day for your roles. Try again <t:", explained="For your roles: 0 images a day.",
    ),
    Case(
        command="limit set", options={"search": False}, rule="limits", order={"search": True},
        refusal="does not allow web search", explained="no web search",
    ),
    Case(
        command="limit set", options={"highest_price": 100}, rule="limits", refusal="may cost up to 100 credits",
        explained="up to 100 credits an image",
    ),
    Case(
        command="limit set", options={"frames": 1}, rule="limits", refusal="up to 1 frames", explained="up to 1 frame",
    ),
    Case(
        command="budget", options={"credits": 100}, rule="budget", refusal="budget for the month is used up",
        explained="100 credits",
    ),
    Case(
        command="words add", options={"words": "poster"}, rule="words", refusal="The prompt has `poster`",
        explained="1 refused, 0 told to moderators",
    ),
    Case(command="quiet", rule="quiet_hours", refusal="quiet hours", explained="By the clock of UTC."),
    Case(
        command="pause", options={"reason": "Moving  house"}, rule="paused",
        refusal="paused new images here: `Moving house`", explained="`Moving house`",
    ),
)  # fmt: skip


async def test_each_rule_refuses_an_order_is_explained_and_undone(house: House) -> None:
    log = await a_log(house)
    for case in CASES:
        await _set_meet_explain_and_undo(house, log, case)


async def _set_meet_explain_and_undo(house: House, log: ChannelHandle, case: Case) -> None:
    options = dict(case.options)
    if case.command == "channels deny":
        options["channel"] = house.channel
    if case.command == "channels allow":
        options["channel"] = house.guild.create_text_channel("elsewhere")
    if case.command == "limit set":
        options["role"] = house.guild.default_role
    if case.command == "quiet":
        options["since"], options["until"] = clock_times(house, -1, 1)
    answer = await policy(house, case.command, **options)
    assert answer.ephemeral
    ((change, *_), _) = await house.app.bot.services.rules.history(house.guild.id)
    assert f"Change {change.id}" in words_of(answer.response)
    told = log.history()[-1]
    assert f"<@{house.moderator.id}>" in words_of(told)
    assert nobody_is_pinged(house)

    refused: Any = await house.imagine(**case.order)
    assert refused.ephemeral
    assert case.refusal in words_of(refused.response)
    assert "Nothing was charged." in words_of(refused.response)
    assert await house.jobs() == []

    why = await house.ann.click(refused.response.message, label="Why?")
    assert why.ephemeral
    assert case.explained in words_of(why.response)
    assert f"Set by <@{house.moderator.id}> <t:" in words_of(why.response)

    may_not = await house.ann.click(told, label="Undo")
    assert "for those who may manage the server" in words_of(may_not.response)
    undone = await house.moderator.click(told, label="Undo")
    assert f"takes back change {change.id}" in words_of(undone.response)
    assert f"takes back change {change.id}" in words_of(log.history()[-1])
    assert await rules(house) == Policy(log_channel=log.id)


async def test_what_is_undone_refuses_no_more_and_an_undo_can_be_undone(house: House) -> None:
    answer = await policy(house, "pause", reason="Maintenance")
    await house.env.restart_bot()
    undone: Any = await house.moderator.click(answer.response.message, label="Undo")
    await house.imagine()
    (job,) = await house.ended()
    assert job.charge == 150
    await house.moderator.click(undone.response.message, label="Undo")
    assert (await rules(house)).paused == "Maintenance"
    resumed = await policy(house, "resume")
    assert "`Maintenance` → not set" in words_of(resumed.response)
    stale = await house.moderator.click(answer.response.message, label="Undo")
    assert "was undone before" in words_of(stale.response)


async def test_a_rule_that_was_changed_since_is_not_undone(house: House) -> None:
    first: Any = await policy(house, "budget", credits=1_000)
    second = await policy(house, "budget", credits=2_000)
    assert "1,000 credits → 2,000 credits" in words_of(second.response)
    stale = await house.moderator.click(first.response.message, label="Undo")
    assert "Budget a month was changed again since" in words_of(stale.response)
    assert (await rules(house)).budget == 2_000


SETTINGS = (
    ("budget", {"credits": 5_000}, {"budget": 5_000}, "not set → 5,000 credits"),
    ("starting", {"credits": 100}, {"starting_credits": 100}, "not set → 100 credits"),
    ("cooldown", {"refusals": 3, "minutes": 90}, {"cool_down": {"refusals": 3, "minutes": 90}}, "90 min after 3 refus"),
    ("zone", {"name": "Europe/Berlin"}, {"time_zone": "Europe/Berlin"}, "UTC → Europe/Berlin"),
    ("quiet", {"since": "22:00", "until": "6"}, {"quiet_hours": {"since": 1320, "until": 360}}, "22:00-06:00"),
    ("gifts", {"allowed": False}, {"gifts": {"allowed": False}}, "up to 1,000 each, 2,000 a day → not allowed"),
    (
        "gifts", {"allowed": True, "highest": 50}, {"gifts": {"highest": 50}},
        "up to 1,000 each, 2,000 a day → up to 50 each, 2,000 a day",
    ),
    (
        "defaults", {"private": True, "spoiler": True}, {"private_by_default": True, "spoiler_by_default": True},
        "Private by default",
    ),
)  # fmt: skip


async def test_each_setting_says_what_it_was_and_what_it_is(house: House) -> None:
    for command, options, after, said in SETTINGS:
        for rule in after:
            await policy(house, "reset", rule=rule)
        answer = await policy(house, command, **options)
        assert said in words_of(answer.response), command
        wanted = Policy.model_validate(after)
        found = await rules(house)
        assert {rule: getattr(found, rule) for rule in after} == {rule: getattr(wanted, rule) for rule in after}
    repeated = await policy(house, "budget", credits=5_000)
    assert "It was so already" in words_of(repeated.response)
    nothing = await policy(house, "defaults")
    assert "It was so already" in words_of(nothing.response)


async def test_limits_and_allowances_go_by_role_and_the_others_stay(house: House) -> None:
    vip = house.guild.create_role("VIP")
    await policy(house, "limit set", role=vip, images_per_day=3, running=1)
    more = await policy(house, "limit set", role=vip, size="2k", waiting=2)
    assert f"<@&{vip.id}>: 3 images a day, 1 at once → 3 images a day, 1 at once, 2 in line, up to 2K" in words_of(
        more.response
    )
    await policy(house, "limit set", role=house.guild.default_role, frames=10)
    less = await policy(house, "limit clear", role=vip, which="size")
    assert "+ " not in words_of(less.response)
    await policy(house, "limit clear", role=house.guild.default_role, which="frames")
    found = await rules(house)
    assert found.limits == {vip.id: Limits(images_per_day=3, running=1, waiting=2)}
    gone = await policy(house, "limit clear", role=vip)
    assert f"− <@&{vip.id}>: 3 images a day" in words_of(gone.response)
    assert "It was so already" in words_of((await policy(house, "limit set", role=vip)).response)

    given = await policy(house, "allowance set", role=house.guild.default_role, amount=300, every="week")
    assert "everyone: not set → 300 credits a week" in words_of(given.response)
    await policy(house, "allowance clear", role=house.guild.default_role)
    assert await rules(house) == Policy()


async def test_channels_are_allowed_or_denied_and_never_both(house: House) -> None:
    other = house.guild.create_text_channel("other")
    await policy(house, "channels deny", channel=house.channel)
    await policy(house, "channels deny", channel=other)
    answer: Any = await policy(house, "channels allow", channel=house.channel)
    words = words_of(answer.response)
    assert f"**Only in these channels**\n+ <#{house.channel.id}>" in words
    assert f"**Not in these channels**\n− <#{house.channel.id}>" in words
    found = await rules(house)
    assert (found.allowed_channels, found.denied_channels) == ((house.channel.id,), (other.id,))
    await house.moderator.click(answer.response.message, label="Undo: Only in these channels")
    await policy(house, "channels clear", channel=other)
    assert await rules(house) == Policy()
    await policy(house, "channels deny", channel=other)
    await policy(house, "channels clear")
    assert await rules(house) == Policy()


IMPOSSIBLE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("quiet", {"since": "late", "until": "6"}, "I can't read `late` as a time of day"),
    ("quiet", {"since": "6:00", "until": "06:00"}, "These hours end when they begin"),
    ("zone", {"name": "Mars"}, "Time zone can't be that: `Mars is not a time zone"),
    ("starting", {"credits": 301}, "New members may have up to 300 credits here"),
    ("words add", {"words": "("}, "can't be looked for"),
    ("words add", {"words": "(", "is_pattern": True}, "can't be looked for"),
    ("pause", {"reason": "   "}, "Pause can't be that"),
    ("reset", {"rule": "chaos"}, "There is no rule `chaos`"),
    ("reset", {"rule": "block"}, "There is no rule `block`"),
    ("block", {"reason": "Spam", "until": "yesterday"}, "I can't read `yesterday` as an end"),
    ("block", {"reason": "  "}, "A reason is needed"),
    ("requests", {"amounts": "many"}, "I can't read `many` as amounts"),
    ("requests", {"amounts": "1 2 3 4 5"}, "up to 4 different whole numbers"),
)


async def test_what_can_not_be_is_refused_kindly_and_changes_nothing(house: House) -> None:
    needed: dict[str, dict[str, Any]] = {"block": {"member": house.ann}, "requests": {"channel": house.channel}}
    for command, options, words in IMPOSSIBLE:
        answer = await policy(house, command, **options, **needed.get(command, {}))
        assert answer.ephemeral
        assert words in words_of(answer.response)
    assert await rules(house) == Policy()


# --- who may ----------------------------------------------------------------------------------------------


async def test_members_and_credit_managers_may_ask_why_and_nothing_else(house: House) -> None:
    role = house.guild.create_role("Bank")
    manager = house.guild.add_member(house.env.create_user("max"), roles=[role])
    answer = await policy(house, "managers", role=role)
    assert f"not set → <@&{role.id}>" in words_of(answer.response)
    commands: dict[str, dict[str, Any]] = {
        "show": {}, "history": {}, "gallery": {}, "resume": {}, "words list": {}, "blocks": {"member": house.ann},
        "reset": {"rule": "budget"}, "pause": {"reason": "x"}, "budget": {"credits": 1}, "zone": {"name": "UTC"},
        "words test": {"text": "x"}, "words remove": {"words": "x"}, "log": {"channel": house.channel},
        "requests": {"channel": house.channel}, "channels clear": {}, "limit clear": {"role": role},
        "unblock": {"member": house.ann, "reason": "x"}, "block": {"member": house.ann, "reason": "x"},
    }  # fmt: skip
    for command, options in commands.items():
        for actor in (house.ann, manager):
            refused = await actor.slash(house.channel, f"policy {command}", **options)
            assert refused.ephemeral
            assert "for those who may manage the server" in words_of(refused.response), command
    assert await rules(house) == Policy(managers=role.id)
    for actor in (house.ann, manager):
        why = await actor.slash(house.channel, "policy why", rule="Credit managers")
        assert f"<@&{role.id}>" in words_of(why.response)
    await policy(house, "words add", words="secret")
    assert await house.ann.autocomplete(house.channel, "policy words remove", "words", "") == []


async def test_a_moderator_of_another_server_sees_and_undoes_nothing_of_this_one(house: House) -> None:
    await policy(house, "budget", credits=1_000)
    other = house.env.create_guild("Other")
    channel = other.create_text_channel("images")
    staff = other.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
    outsider = other.add_member(house.env.create_user("eve"), roles=[staff])
    history = await outsider.slash(channel, "policy history")
    assert "Nobody has changed a rule yet" in words_of(history.response)
    shown = await outsider.slash(channel, "policy show")
    assert "Budget a month: not set" in words_of(shown.response)
    mine: Any = await outsider.slash(channel, "policy budget", credits=7)
    assert "Change 2" in words_of(mine.response)
    assert (await rules(house)).budget == 1_000


# --- why --------------------------------------------------------------------------------------------------


async def test_why_without_a_rule_names_the_one_that_stops_the_member_here_and_now(house: House) -> None:
    free = await house.ann.slash(house.channel, "policy why")
    assert words_of(free.response) == "No rule of this server stops you here and now."
    limited = await policy(house, "limit set", role=house.guild.default_role, images_per_day=9)
    free = await house.ann.slash(house.channel, "policy why")
    assert words_of(free.response).endswith("For your roles: 9 images a day.")
    await house.moderator.click(limited.response.message, label="Undo")
    history = await policy(house, "history")
    (card,) = history.response.components
    undos = [item["accessory"] for item in card["components"] if "accessory" in item]
    assert [bool(each.get("disabled")) for each in undos] == [False, True]
    await policy(house, "quiet", since="00:00", until="00:01")
    default = await house.ann.slash(house.channel, "policy why", rule="cool_down")
    assert "Nobody has set this here: it is the default." in words_of(default.response)
    await policy(house, "budget", credits=100)
    await house.app.store.run(_spend(house, 100))
    stopped = await house.ann.slash(house.channel, "policy why")
    assert words_of(stopped.response).startswith("### Budget a month\nThis server's budget for the month is used up")
    await policy(house, "channels deny", channel=house.channel)
    stopped = await house.ann.slash(house.channel, "policy why")
    assert words_of(stopped.response).startswith("### Not in these channels\nNo images are made in this channel.")
    unknown = await house.ann.slash(house.channel, "policy why", rule="weather")
    assert "There is no rule `weather`" in words_of(unknown.response)
    await policy(house, "words add", words="secret")
    for actor, seen in ((house.ann, False), (house.moderator, True)):
        words = words_of((await actor.slash(house.channel, "policy why", rule="words")).response)
        assert "secret" not in words
        assert ("`/policy words list`" in words) == seen
    names = [choice["name"] for choice in await house.ann.autocomplete(house.channel, "policy why", "rule", "blo")]
    assert names == ["Block of a member"]
    assert await house.moderator.autocomplete(house.channel, "policy reset", "rule", "blo") == []


def _spend(house: House, amount: int) -> Any:
    month = datetime.fromtimestamp(house.app.bot.services.rules.now() / 1000, UTC).strftime("%Y-%m")
    facts = {"guild_id": house.guild.id, "month": month, "spent": amount}
    return (yield "INSERT INTO spending (guild_id, month, spent) VALUES (:guild_id, :month, :spent)", facts)


# --- members ----------------------------------------------------------------------------------------------


async def test_a_blocked_member_reads_why_keeps_the_credits_and_is_unblocked_by_the_button(house: House) -> None:
    log = await a_log(house)
    fine = await house.ann.slash(house.channel, "policy why", rule="block")
    assert "You are not blocked here" in words_of(fine.response)
    not_yet = await policy(house, "unblock", member=house.ann, reason="Early")
    assert "is not blocked: nothing was changed" in words_of(not_yet.response)
    await policy(house, "block", member=house.ann, reason="Spam", until="7d")
    refused = await house.imagine()
    assert "The moderators have blocked you from making images until <t:" in words_of(refused.response)
    assert "`Spam`. Your credits stay." in words_of(refused.response)
    why = words_of((await house.ann.slash(house.channel, "policy why")).response)
    assert why.startswith("### Block of a member\nBlocked <t:")
    assert f"by <@{house.moderator.id}>" in why
    assert await house.available() == 300
    card = log.history()[-1]
    assert "may manage the server" in words_of((await house.ann.click(card, label="Unblock")).response)
    await house.moderator.click(card, label="Unblock")
    assert "can make images here again" in words_of(log.history()[-1])
    assert "is not blocked" in words_of((await house.moderator.click(card, label="Unblock")).response)
    await policy(house, "block", member=house.ann, reason="More spam")
    listed = words_of((await policy(house, "blocks", member=house.ann)).response)
    assert f"### <@{house.ann.id}> is blocked" in listed
    assert listed.index("until somebody lifts it: `More spam`") < listed.index("`Unblocked by the button`")
    assert listed.index("`Unblocked by the button`") < listed.index("`Spam`")
    await policy(house, "unblock", member=house.ann, reason="Talked about it")
    await house.imagine()
    await house.ended()
    never = await policy(house, "blocks", member=house.moderator)
    assert "There never was a block" in words_of(never.response)


# --- words ------------------------------------------------------------------------------------------------


async def test_words_are_tried_listed_changed_and_removed(house: House) -> None:
    await policy(house, "words add", words="red car")
    await policy(house, "words add", words="sun(set|rise)", is_pattern=True, flag=True)
    refused = await policy(house, "words test", text="A RED car")
    assert "It would be refused, because of `red car`." in words_of(refused.response)
    told = await policy(house, "words test", text="At sunset")
    assert "told to moderators because of the pattern `sun(set|rise)`" in words_of(told.response)
    taken = await policy(house, "words test", text="The scared cartel")
    assert "Nothing on the list is in it" in words_of(taken.response)
    flagged = await policy(house, "words add", words="red car", flag=True)
    assert "`red car`: refused → told to moderators" in words_of(flagged.response)
    listed = words_of((await policy(house, "words list")).response)
    assert "`red car` · told to moderators" in listed
    assert "`sun(set|rise)` · a pattern, told to moderators" in listed
    choices = await house.moderator.autocomplete(house.channel, "policy words remove", "words", "SUN")
    assert [choice["value"] for choice in choices] == ["sun(set|rise)"]
    for words in ("red car", "sun(set|rise)"):
        await policy(house, "words remove", words=words)
    assert "The list is empty" in words_of((await policy(house, "words list")).response)


async def test_a_long_list_of_words_has_pages_and_an_end(house: House) -> None:
    words = [Words(pattern=f"word{number:03}").model_dump(mode="json") for number in range(200)]
    await house.change_rule("words", words)
    page: Any = await policy(house, "words list")
    assert "word024" in words_of(page.response)
    assert "word025" not in words_of(page.response)
    await house.env.restart_bot()
    await house.moderator.click(page.response.message, label="More")
    assert "word025" in words_of(page.response)
    await house.moderator.click(page.response.message, label="Back")
    assert "word000" in words_of(page.response)
    full = await policy(house, "words add", words="one more")
    assert "The list has 200 words and patterns" in words_of(full.response)
    await policy(house, "reset", rule="Words in prompts")
    assert await rules(house) == Policy()


async def test_a_page_of_the_longest_changes_fits_on_a_card(house: House) -> None:
    for letter in "abcdef":
        await policy(house, "pause", reason=letter * 200)
    page = await policy(house, "history")
    assert len(words_of(page.response)) <= ROOM_FOR_OTHER_LANGUAGES
    assert "f" * 199 in words_of(page.response)


# --- the cards --------------------------------------------------------------------------------------------


async def test_all_rules_at_their_largest_fit_on_one_card_with_who_set_them(house: House) -> None:
    role_ids = [house.guild.create_role(f"role {number}").id for number in range(25)]
    limits = {"images_per_day": 9_999, "running": 99, "waiting": 99, "size": "4k", "search": False,
              "highest_price": 9_999_999, "frames": 450}  # fmt: skip
    channels = [900_000_000_000_000_000 + number for number in range(40)]
    largest = {
        "time_zone": "America/Argentina/ComodRivadavia", "starting_credits": 300, "managers": role_ids[0],
            "manager_limits": {"highest": 9_999_998, "per_day": 9_999_999}, "highest_balance": 9_999_999,
            "ages": {"account_days": 3_650, "member_days": 3_649},
        "log_channel": house.channel.id, "request_channel": house.channel.id, "gallery_channel": house.channel.id,
        "request_amounts": [9_999_996, 9_999_997, 9_999_998, 9_999_999],
        "gifts": {"allowed": True, "highest": 9_999_999, "per_day": 9_999_998},
        "allowances": {role: {"amount": 9_999_999, "every": "month"} for role in role_ids},
        "limits": dict.fromkeys(role_ids, limits), "allowed_channels": channels[:20], "denied_channels": channels[20:],
        "age_restricted_only": True, "budget": 9_999_999,
        "channel_shares": dict.fromkeys(channels, 99),
        "words": [{"pattern": f"{number:0200}"} for number in range(100)],
        "quiet_hours": {"since": 1_320, "until": 360}, "cool_down": {"refusals": 100, "minutes": 1_440},
        "private_by_default": True, "spoiler_by_default": True, "default_model": "x" * 32,
        "forbidden_models": [f"model-{number:026}" for number in range(50)], "paused": "x" * 200,
    }  # fmt: skip
    for rule, value in largest.items():
        await house.change_rule(rule, value)
    shown = await policy(house, "show")
    words = words_of(shown.response)
    assert len(words) <= ROOM_FOR_OTHER_LANGUAGES
    assert words.count(f"<@{house.moderator.id}> <t:") == len(largest)
    assert "and 22 more" in words
    assert "not set" not in words
    for rule in largest:
        explained = await policy(house, "why", rule=rule)
        assert "Set by" in words_of(explained.response)
        assert len(words_of(explained.response)) <= ROOM_FOR_OTHER_LANGUAGES
    first: Any = await policy(house, "history")
    assert words_of(first.response).count("**") == 2 * CHANGES_SHOWN
    assert len([None for change in ("Pause", "Spoiler by default") if change in words_of(first.response)]) == 2
    for _ in range((len(largest) - 1) // CHANGES_SHOWN):
        await house.moderator.click(first.response.message, label="Older")
    assert "Time zone" in words_of(first.response)
    assert "Pause" not in words_of(first.response)


async def test_the_gallery_is_pointed_to(house: House) -> None:
    assert "There is none now" in words_of((await policy(house, "gallery")).response)
    await house.moderator.slash(house.channel, "gallery channel", channel=house.channel)
    assert f"It is <#{house.channel.id}> now" in words_of((await policy(house, "gallery")).response)


async def test_zones_are_suggested_as_people_type_them(house: House) -> None:
    choices = await house.moderator.autocomplete(house.channel, "policy zone", "name", "new yo")
    assert "America/New_York" in [choice["value"] for choice in choices]


# --- the log ----------------------------------------------------------------------------------------------


async def test_a_channel_that_the_bot_may_not_write_in_is_neither_log_nor_place_of_requests(house: House) -> None:
    closed = house.guild.create_text_channel("closed", overwrites={house.guild.default_role: CLOSED})
    for command in ("log", "requests"):
        answer = await policy(house, command, channel=closed)
        assert f"I may not post in <#{closed.id}> (missing: Send Messages)" in words_of(answer.response)
    assert await rules(house) == Policy()
    answer = await policy(house, "requests", channel=house.channel, amounts="50, 100")
    assert f"not set → <#{house.channel.id}>" in words_of(answer.response)
    assert "150, 300, 600 → 50, 100" in words_of(answer.response)


async def test_flagged_orders_and_the_used_budget_are_told_and_private_prompts_are_not(house: House) -> None:
    log = await a_log(house)
    await house.imagine()
    (job,) = await house.ended()
    found = Words(pattern="poster", action="flag")
    seen: list[discord.Interaction] = []
    house.app.bot.add_listener(_keep(seen), "on_interaction")
    await policy(house, "show")
    await tell_flag(seen[0], job, found)
    words = words_of(log.history()[-1])
    assert f"<@{house.ann.id}> has ordered an image with `poster` in its prompt" in words
    assert f"https://discord.com/channels/{house.guild.id}/{house.channel.id}/{job.message_id}" in words
    assert "A poster" in words
    for percent, spent, said in ((80, 820, "80 % of this month's budget"), (100, 940, "No new images until")):
        await tell_budget(seen[0], percent, spent, 1_000)
        assert said in words_of(log.history()[-1])
    await house.imagine(private=True)
    _, private = await house.ended(count=2)
    await tell_flag(seen[0], private, found)
    assert f"Private, job {private.id}" in words_of(log.history()[-1])
    assert "A poster" not in words_of(log.history()[-1])
    assert nobody_is_pinged(house)


async def test_an_order_itself_tells_the_moderators_of_its_words_and_of_the_budget_it_uses(house: House) -> None:
    log = await a_log(house)
    for rule, value in (("words", [{"pattern": "poster", "action": "flag"}]), ("budget", 200)):
        await house.change_rule(rule, value)
    before = len(log.history())
    await house.imagine()
    told = "\n".join(words_of(each) for each in log.history()[before:])
    assert "has ordered an image with `poster` in its prompt" in told
    assert "50 % of this month's budget" in told
    refused: Any = await house.imagine()
    assert "budget for the month is used up" in words_of(refused.response)
    assert "No new images until" in words_of(log.history()[-1])
    await house.imagine()
    assert len(log.history()) == before + 3
    await house.ended()


async def test_without_a_log_channel_the_owner_is_told_how_far_the_budget_is_used(house: House) -> None:
    await house.change_rule("budget", 200)
    await house.imagine()
    (message,) = house.guild.owner.dm_channel.history()
    told = words_of(message)
    assert "50 % of this month's budget is used: 150 of 200 credits." in told
    assert "You own `Community`" in told
    assert "No one is told" not in words_of((await policy(house, "show")).response)
    await house.ended()


async def test_the_rules_say_that_no_one_is_told_where_neither_the_log_nor_the_owner_can_be(house: House) -> None:
    log = await a_log(house)
    await house.change_rule("budget", 200)
    house.env.inject_error("POST", f"/channels/{log.id}/messages", status=403, code=50013, times=None)
    house.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    await house.imagine()
    assert "No one is told how far it is used" in words_of((await policy(house, "show")).response)
    await house.ended()


async def test_a_channels_share_is_set_shown_and_taken_away(house: House) -> None:
    await policy(house, "budget", credits=1_000)
    answer = await policy(house, "channels share", channel=house.channel, percent=10)
    assert f"<#{house.channel.id}>: not set → 10 %" in words_of(answer.response)
    assert f"<#{house.channel.id}>: 10 %" in words_of((await policy(house, "show")).response)
    refused = await house.imagine()
    assert "This channel's share of the month's budget is used up" in words_of(refused.response)
    await policy(house, "channels share", channel=house.channel)
    assert (await rules(house)).channel_shares == {}
    await house.imagine()
    await house.ended()


async def test_an_operators_budget_that_is_used_up_is_said_without_its_amount(tmp_path: Path) -> None:
    async with open_house(tmp_path, budget_usd_per_day=0.2) as house:
        channel = house.guild.create_text_channel("operator")
        house.app.messenger._operator_channel = channel.id
        await house.imagine()
        refused = await house.imagine()
        words = words_of(refused.response)
        assert "What this bot may spend today is used up. New images <t:" in words
        assert "0.2" not in words
        told = [words_of(each) for each in channel.history()]
        assert ["used: US$ 0.15 of 0.20" in told[0], "is used up" in told[1]] == [True, True]
        await house.ended()


def _keep(seen: list[discord.Interaction]) -> Any:
    async def on_interaction(interaction: discord.Interaction) -> None:
        seen.append(interaction)

    return on_interaction


async def test_what_a_server_makes_private_or_covers_by_default_is_so_unless_the_order_says_otherwise(
    house: House,
) -> None:
    for rule in ("private_by_default", "spoiler_by_default"):
        await house.change_rule(rule, True)
    by_default: Any = await house.imagine()
    (first,) = await house.ended()
    assert by_default.ephemeral
    assert (first.private, first.spoiler) == (True, True)
    said: Any = await house.imagine(private=False, spoiler=False)
    _, second = await house.ended(count=2)
    assert not said.ephemeral
    assert (second.private, second.spoiler) == (False, False)


async def test_a_thread_follows_its_channel(house: House) -> None:
    house.env.backend.create_thread(house.channel.id, "a thread", house.ann.id)
    (thread,) = house.channel.threads
    elsewhere = house.guild.create_text_channel("elsewhere")
    await house.change_rule("allowed_channels", [elsewhere.id])
    order: dict[str, Any] = {"prompt": "A poster", "video": LINK, "start": "0:14-0:17"}
    refused: Any = await house.ann.slash(thread, "imagine", **order)
    assert f"Images are made in other channels of this server: <#{elsewhere.id}>" in words_of(refused.response)
    await house.change_rule("allowed_channels", [house.channel.id])
    await house.ann.slash(thread, "imagine", **order)
    (job,) = await house.ended()
    assert job.channel_id == thread.id


async def test_an_allowance_says_what_it_may_cost_a_month(house: House) -> None:
    members = 2  # Ann and the moderator
    given = await policy(house, "allowance set", role=house.guild.default_role, amount=100, every="day")
    assert (
        f"This may cost {members * 3_000:,} credits (US${members * 3}) a month: {members} members have the role."
        in words_of(given.response)
    )


async def test_an_allowance_that_may_cost_much_is_asked_once_more(house: House) -> None:
    vip = house.guild.create_role("VIP")
    asked = await policy(house, "allowance set", role=vip, amount=100_000, every="week")
    words = words_of(asked.response)
    assert f"Save 100,000 credits a week for <@&{vip.id}>?" in words
    assert "a month" in words
    assert (await rules(house)).allowances == {}
    saved = await house.moderator.click(asked.response.message, label="Save")
    assert "not set → 100,000 credits a week" in words_of(saved.response)
    assert (await rules(house)).allowances[vip.id].amount == 100_000


async def test_ages_for_gifts_and_codes_are_off_until_a_moderator_sets_them(house: House) -> None:
    await house.change_rule("ages", {"account_days": 3_650})
    words = words_of((await house.ann.slash(house.channel, "credits redeem", code="AAAA-BBBB-CCCC-DDDD")).response)
    assert "asks for a Discord account of at least 3,650 days" in words
    set_so = await policy(house, "ages", account_days=0, member_days=3_650)
    assert "account of 3,650 days → member for 3,650 days" in words_of(set_so.response)
    words = words_of(
        (await house.ann.slash(house.channel, "credits gift", member=house.moderator, amount=1, reason="x")).response
    )
    assert "asks for at least 3,650 days of membership" in words
    cleared = await policy(house, "reset", rule="ages")
    assert "member for 3,650 days → any age" in words_of(cleared.response)


async def test_discord_tells_how_many_members_have_the_role(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    vip = house.guild.create_role("VIP")

    async def counts(_guild: discord.Guild) -> dict[discord.Object, int]:
        return {discord.Object(vip.id): 40}

    monkeypatch.setattr(discord.Guild, "role_member_counts", counts)
    cheap = await policy(house, "allowance set", role=vip, amount=500, every="week")
    assert "This may cost 85,720 credits (US$85.72) a month: 40 members have the role." in words_of(cheap.response)
    dear = await policy(house, "allowance set", role=vip, amount=100, every="day")
    assert "This may cost 120,000 credits (US$120) a month: 40 members have the role." in words_of(dear.response)
    assert (await rules(house)).allowances[vip.id].amount == 500
