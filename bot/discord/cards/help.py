"""The four screens of `/help`, and the cards that lead there after a wrong command or a message to the bot."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import discord
from discord import ui

from bot.discord.cards.actions import SHAPES_AT_ONCE
from bot.discord.cards.base import BUSY, Button, Card, Row, small, text
from bot.domain.pricing import Pricing
from bot.domain.recipe import REFERENCES_LIMIT, VIDEO_FILE_LIMIT_BYTES
from bot.text import refusals, units
from bot.text.i18n import mark, number, tr

SCREEN_ID = "help:to:{screen}"
NEXT_ID = "help:next:{screen}"
TRY_ID = "help:try"
EXAMPLE_START = "1:00-1:05"
EXAMPLE_PROMPT = mark("A cinema poster of this moment, with the title GOOD MORNING in big friendly letters")


class Screen(IntEnum):
    FIRST = 1
    CHOICES = 2
    AFTER = 3
    CREDITS = 4


TITLES = {
    Screen.FIRST: mark("Your first image"),
    Screen.CHOICES: mark("Moments, shapes and prices"),
    Screen.AFTER: mark("What an image leads on to"),
    Screen.CREDITS: mark("Credits, and when something goes wrong"),
}


def screen(which: Screen, pricing: Pricing, *, for_moderators: Sequence[str] = ()) -> Card:
    """`for_moderators`: the commands to name to a moderator. Empty for other members."""
    match which:
        case Screen.FIRST:
            items = _first(pricing)
        case Screen.CHOICES:
            items = _choices(pricing)
        case Screen.AFTER:
            items = _after()
        case Screen.CREDITS:
            items = _credits(for_moderators)
    title = text(f"### {number(which)} · {tr(TITLES[which])}")
    return Card(BUSY, title, *items, ui.Separator[ui.LayoutView](), _turns(which))


def pointer(command: str) -> Card:
    """For a member who wrote to the bot: names the closest command."""
    words = tr("I work with slash commands. Type this, or choose it after a `/`:\n```\n{example}\n```")
    return Card(BUSY, text(words.format(example=refusals.example(command))), Row(_help_button()))


def refused(words: str) -> Card:
    return Card(BUSY, text(words), Row(_help_button()))


def _first(pricing: Pricing) -> list[ui.Item[ui.LayoutView]]:
    needed = tr(
        "Say three things, and the image comes into this channel by itself:\n"
        "**video** is a YouTube link, or a link to a video file. Or attach a **clip**, up to {limit}.\n"
        "**start** is the moment in it, such as `0:14-0:17`.\n"
        "**prompt** is what the image should show."
    ).format(limit=units.megabytes(VIDEO_FILE_LIMIT_BYTES))
    easier = tr(
        "`/imagine` on its own opens a form that asks for all of it. So does **Imagine from this video**, under "
        "**Apps** in the menu of any message with a video."
    )
    size = pricing.models.default.sizes[0]
    label = tr("Try it: {size}, {credits}").format(size=size.label, credits=units.credits(pricing.size_credits(size)))
    return [
        text(needed),
        text(f"```\n{refusals.example('imagine')}\n```"),
        text(easier),
        Row(Button(label=label, style=discord.ButtonStyle.success, custom_id=TRY_ID)),
        small(tr("It opens the form, filled in. Nothing is charged before you send it and the image is here.")),
    ]


def _choices(pricing: Pricing) -> list[ui.Item[ui.LayoutView]]:
    times = tr(
        "**Times** as you like: `83`, `1:23`, `1m23s`. **start** may hold both ends, `0:14-0:17`. **end** may count "
        "from the start, `+3s`; `whole` takes the whole video."
    )
    frames = tr("**frames** is how many the model sees each second: 1 without it, and up to {limit} in all.")
    row = pricing.models.default
    shapes = " · ".join(f"{shape} {units.purpose(shape)}" for shape in row.shapes)
    prices = " · ".join(f"{size.label}: {units.credits(pricing.size_credits(size))}" for size in row.sizes)
    search = pricing.search_credits
    return [
        text(f"{times}\n{frames.format(limit=number(row.frames_limit))}"),
        text(tr("**shape**, or the model picks: {shapes}.").format(shapes=shapes)),
        text(tr("**size** decides the price: {prices}.").format(prices=f"**{prices}**")),
        text(
            tr(
                "**search** lets the model look things up on the web, for {credits} more. **thinking** `high` is "
                "better on complex scenes and costs nothing. **style** takes a template. **private**: you alone see it."
            ).format(credits=units.credits(search))
        ),
    ]


def _after() -> list[ui.Item[ui.LayoutView]]:
    buttons = tr(
        "Each button under an image says its price, and whoever presses it pays:\n"
        "**Again**: the same once more. **Edit**: all of it, in a form. **Trim**: another moment, the same words.\n"
        "**2K**, **4K**: larger. **Other shapes**: up to {count} at once.\n"
        "**Star**: among your favourites. **Details**: all about it, with a command to copy. **Delete**, **Report**."
    )
    references = tr(
        "**Use as reference** puts an image into your `/tray`: up to {count} go along with your next order. Under "
        "**Apps** in the menu of any message, **Use image as reference** does the same."
    )
    return [
        text(buttons.format(count=number(SHAPES_AT_ONCE))),
        text(references.format(count=number(REFERENCES_LIMIT))),
        text(tr("`/templates browse` shows prompts to fill in, and `/templates save` makes one of an image of yours.")),
        text(tr("`/history` finds what you made, `/job` shows one image, and `/preferences` keeps how you like it.")),
    ]


def _credits(for_moderators: Sequence[str]) -> list[ui.Item[ui.LayoutView]]:
    items: list[ui.Item[ui.LayoutView]] = [
        text(
            tr(
                "While an image is made, its credits are **on hold**. They are **charged only when the image is in "
                "front of you**; on every other ending all of them come back by themselves."
            )
        ),
        text(
            tr(
                "`/credits balance` says what you have, and `/credits statement` explains every credit. "
                "`/credits ask` asks the moderators for more, `/credits redeem` takes a code, `/credits gift` gives "
                "away some of yours."
            )
        ),
        text(
            tr(
                "**Refused under the content rules?** Describe the scene in other words, or pick another moment.\n"
                "**It takes long?** After ten minutes the credits are back; an image that still comes is a gift.\n"
                "**I did not answer?** Then nothing was charged, or the image comes: look at `/history`.\n"
                "**Something else?** Tell a moderator the job number under the card. `/mydata show` says what I keep."
            )
        ),
    ]
    if for_moderators:
        named = ", ".join(f"`/{name}`" for name in for_moderators)
        items.append(text(tr("You look after this server: see also {commands}.").format(commands=named)))
    return items


def _turns(current: Screen) -> Row:
    row = Row()
    for each in Screen:
        style = discord.ButtonStyle.primary if each is current else discord.ButtonStyle.secondary
        row.add_item(
            Button(label=number(each), style=style, custom_id=SCREEN_ID.format(screen=each), disabled=each is current)
        )
    if current is not Screen.CREDITS:
        row.add_item(Button(label=tr("Next"), custom_id=NEXT_ID.format(screen=current + 1)))
    return row


def _help_button() -> Button:
    return Button(label=tr("Help"), custom_id=SCREEN_ID.format(screen=Screen.FIRST.value))
