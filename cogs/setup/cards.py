"""The cards of `/setup`: a greeting for a new server, and one private card with a page for each setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import discord
from discord import ui

from bot.discord.cards.base import CALM, DONE, Button, Card, Row, small, text
from bot.discord.cards.policy_values import say_allowance, say_channel
from bot.domain.discord_limits import CHOICES_LIMIT
from bot.domain.policy import Policy
from bot.domain.pricing import Pricing
from bot.text import refusals, units
from bot.text.i18n import mark, tr, trn

PAGE_ID = "setup:page:{page}"
CHANNELS_ID = "setup:channels"
STARTING_ID = "setup:starting"
ALLOWANCE_ID = "setup:allowance"
LOG_ID = "setup:log"
BUDGET_ID = "setup:budget"
ZONE_ID = "setup:zone"
OTHER_ZONE_ID = "setup:other-zone"
TRY_ID = "setup:try"

CHECKED_LIMIT = 20  # channels on the page that checks them: more would not fit into a message

# One for each hour that many people live by; any other is typed.
ZONES = (
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Denver",
    "America/Mexico_City",
    "America/Chicago",
    "America/Bogota",
    "America/New_York",
    "America/Santiago",
    "America/Argentina/Buenos_Aires",
    "America/Sao_Paulo",
    "UTC",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)

Items = list[ui.Item[ui.LayoutView]]
Missing = Mapping[int, Sequence[str] | None]


class SetupPage(StrEnum):
    CHANNELS = "channels"
    CREDITS = "credits"
    LOG = "log"
    BUDGET = "budget"
    ZONE = "zone"
    CHECK = "check"
    TRY = "try"


_TITLES = {
    SetupPage.CHANNELS: mark("Channels"),
    SetupPage.CREDITS: mark("Credits"),
    SetupPage.LOG: mark("Log"),
    SetupPage.BUDGET: mark("Budget"),
    SetupPage.ZONE: mark("Time zone"),
    SetupPage.CHECK: mark("Check"),
    SetupPage.TRY: mark("Try it"),
}


def greeting() -> Card:
    """Posted once, when the bot has joined a server."""
    words = tr(
        "I make images from a moment of a video: give me a link, the moment and a sentence, and the image is in the "
        "channel. `/imagine` begins, and `/help` shows more.\n"
        "Those who manage this server: everything works as it is. `/setup` shows what can be chosen."
    )
    return Card(DONE, text(f"### {tr('Hello')}\n{words}"))


def page(
    page: SetupPage, policy: Policy, *, guild_id: int, starting_limit: int, missing: Missing, pricing: Pricing
) -> Card:
    """`starting_limit`: the credits that the operator gives a new member. `missing`: by channel, the rights that the
    bot lacks there, or None where it can't see the channel; only the page `CHECK` shows them.
    """
    match page:
        case SetupPage.CHANNELS:
            items = _channels(policy)
        case SetupPage.CREDITS:
            items = _credits(policy, guild_id, starting_limit)
        case SetupPage.LOG:
            items = _log(policy)
        case SetupPage.BUDGET:
            items = _budget(policy)
        case SetupPage.ZONE:
            items = _zone(policy)
        case SetupPage.CHECK:
            items = _check(missing)
        case SetupPage.TRY:
            items = _try(pricing)
    pages = list(SetupPage)
    place = tr("Step {number} of {count}: {title}").format(
        number=pages.index(page) + 1, count=len(pages), title=tr(_TITLES[page])
    )
    skip = small(tr("Nothing of this is required. Each choice holds at once, and `/policy history` can undo it."))
    return Card(CALM, text(f"### {place}"), *items, skip, _turns(page))


def _turns(page: SetupPage) -> Row:
    pages = list(SetupPage)
    index = pages.index(page)
    row = Row()
    if index > 0:
        row.add_item(Button(label=tr("Back"), custom_id=PAGE_ID.format(page=pages[index - 1])))
    if index + 1 < len(pages):
        following = pages[index + 1]
        label = tr("Next: {title}").format(title=tr(_TITLES[following]))
        row.add_item(Button(label=label, custom_id=PAGE_ID.format(page=following), style=discord.ButtonStyle.primary))
    return row


def _channels(policy: Policy) -> Items:
    where = ", ".join(map(say_channel, policy.allowed_channels[:CHOICES_LIMIT])) or tr("everywhere")
    words = tr(
        "Where may images be made? Threads follow their channel, and a category stands for all channels in it. "
        "Choose none for everywhere.\nNow: {where}"
    ).format(where=where)
    if len(policy.allowed_channels) > CHOICES_LIMIT:  # more than Discord can show in a select, and would lose some
        return [text(words), text(tr("There are more than fit here: `/policy channels` changes them."))]
    select = ui.ChannelSelect[ui.LayoutView](
        custom_id=CHANNELS_ID,
        placeholder=tr("Everywhere"),
        min_values=0,
        max_values=CHOICES_LIMIT,
        channel_types=[
            discord.ChannelType.text,
            discord.ChannelType.news,
            discord.ChannelType.forum,
            discord.ChannelType.voice,
            discord.ChannelType.stage_voice,
            discord.ChannelType.category,
        ],
        default_values=[
            discord.SelectDefaultValue(id=channel_id, type=discord.SelectDefaultValueType.channel)
            for channel_id in policy.allowed_channels
        ],
    )
    return [text(words), Row(select)]


def _credits(policy: Policy, guild_id: int, starting_limit: int) -> Items:
    if policy.starting_credits is None:
        starting = tr("{credits}, as whoever runs this bot has set").format(credits=units.credits(starting_limit))
    else:
        starting = units.credits(policy.starting_credits)
    rule = policy.allowances.get(guild_id)
    words = tr("A new member begins with: {starting}\nAllowance for everyone: {allowance}").format(
        starting=starting, allowance=say_allowance(rule) if rule else tr("none")
    )
    more = small(tr("An allowance is filled up again each time; it does not add up. `/policy allowance` sets roles'."))
    return [
        text(words),
        more,
        Row(
            Button(label=tr("Starting credits …"), custom_id=STARTING_ID),
            Button(label=tr("Allowance …"), custom_id=ALLOWANCE_ID),
        ),
    ]


def _log(policy: Policy) -> Items:
    now = say_channel(policy.log_channel) if policy.log_channel else tr("none")
    words = tr(
        "Where shall I write what people change: credits given or taken, rules, blocks? Choose a channel that only "
        "moderators see.\nNow: {now}"
    ).format(now=now)
    select = ui.ChannelSelect[ui.LayoutView](
        custom_id=LOG_ID,
        placeholder=tr("None"),
        min_values=0,
        max_values=1,
        channel_types=[discord.ChannelType.text],
        default_values=[discord.SelectDefaultValue(id=policy.log_channel, type=discord.SelectDefaultValueType.channel)]
        if policy.log_channel
        else [],
    )
    return [text(words), Row(select)]


def _budget(policy: Policy) -> Items:
    now = tr("none") if policy.budget is None else units.credits(policy.budget)
    words = tr(
        "How many credits may this server spend in a month? The log is told at 50, 80 and 100 percent, and then no "
        "new images are made until the next month.\nNow: {now}"
    ).format(now=now)
    return [text(words), Row(Button(label=tr("Budget …"), custom_id=BUDGET_ID))]


def _zone(policy: Policy) -> Items:
    zones = ZONES if policy.time_zone in ZONES else (policy.time_zone, *ZONES)
    words = tr("By whose clock do days, weeks and months begin here?\nNow: {now}").format(now=policy.time_zone)
    options = [
        discord.SelectOption(label=zone.replace("_", " "), value=zone, default=zone == policy.time_zone)
        for zone in zones
    ]
    return [
        text(words),
        Row(ui.Select[ui.LayoutView](custom_id=ZONE_ID, options=options)),
        Row(Button(label=tr("Another one …"), custom_id=OTHER_ZONE_ID)),
    ]


def _check(missing: Missing) -> Items:
    bad_first = sorted(missing.items(), key=lambda each: each[1] == ())
    lines = [_checked(channel_id, rights) for channel_id, rights in bad_first[:CHECKED_LIMIT]]
    more = len(bad_first) - CHECKED_LIMIT
    if more > 0:
        lines.append(trn("and {count} more", "and {count} more", more).format(count=more))
    if all(rights == () for rights in missing.values()):
        advice = tr("Everything is there.")
    else:
        advice = tr(
            "Open the channel's settings, Permissions, and allow there what is missing for the role of this bot. For "
            "all channels at once: Server Settings, Roles."
        )
    again = Button(label=tr("Check again"), custom_id=PAGE_ID.format(page=SetupPage.CHECK))
    return [text("\n".join(lines)), text(advice), Row(again)]


def _checked(channel_id: int, missing: Sequence[str] | None) -> str:
    channel = say_channel(channel_id)
    if missing is None:
        return tr("❌ {channel}: I can't see it, or it is gone").format(channel=channel)
    if missing:
        return tr("❌ {channel}: missing {rights}").format(channel=channel, rights=refusals.rights(missing))
    return tr("✅ {channel}").format(channel=channel)


def _try(pricing: Pricing) -> Items:
    price = pricing.size_credits(pricing.models.default.sizes[0])
    words = tr(
        "Make a first image of a video that you choose. It is an order like any other: it costs from {price} of "
        "yours, it is shown to you alone, and I ask before anything is paid."
    ).format(price=units.credits(price))
    button = Button(label=tr("Make an image …"), custom_id=TRY_ID, style=discord.ButtonStyle.success)
    return [text(words), Row(button)]
