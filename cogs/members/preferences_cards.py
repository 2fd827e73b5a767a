"""The card of a member's preferences, with the buttons and the select that change them."""

from __future__ import annotations

import discord
from discord import ui

from bot.discord.cards.base import CALM, Card, Row, small, text
from bot.domain.discord_limits import CHOICE_LIMIT
from bot.domain.preferences import NEVER_ASK, Preferences
from bot.domain.pricing import Pricing
from bot.text import units
from bot.text.i18n import tr

MODEL_ID = "prefer:model"
OPTIONS_LIMIT = 25  # Discord's, of one select
ASK_ID = "prefer:ask"
FLAG_ID = "prefer:{flag}:{on}"  # `flag` is a field's name, `on` 0 or 1: what a press makes of it
DEFAULT = "default"  # the value of leaving it to the operator


def preferences(now: Preferences, pricing: Pricing, *, asked_from: int) -> Card:
    """`asked_from` is the price, in credits, from which the operator lets the bot ask."""
    return Card(
        CALM,
        text(f"### {tr('How you like it')}\n{tr('Ask me before an image is paid for, from this price on:')}"),
        Row(_prices(now, pricing, asked_from)),
        text(tr("What is so unless an order says otherwise:")),
        Row(
            _flag("private", tr("Private: on") if now.private else tr("Private: off"), on=now.private),
            _flag("spoiler", tr("Spoiler: on") if now.spoiler else tr("Spoiler: off"), on=now.spoiler),
        ),
        Row(_models(now, pricing)),
        text(tr("The buttons under my images, such as Again and Edit:")),
        Row(
            _flag(
                "open_buttons",
                tr("Everybody may press them") if now.open_buttons else tr("Only I may press them"),
                on=now.open_buttons,
            )
        ),
        small(tr("Whoever presses a button pays for what it makes.")),
    )


def _prices(now: Preferences, pricing: Pricing, asked_from: int) -> ui.Select[ui.LayoutView]:
    prices = sorted({pricing.size_credits(size) for size in pricing.models.default.sizes})
    words = {
        DEFAULT: tr("As this bot does by itself: {when}").format(when=_from(asked_from)),
        "0": tr("always"),
        **{str(price): _from(price) for price in prices},
        str(NEVER_ASK): tr("never"),
    }
    chosen = DEFAULT if now.quiet_limit is None else str(now.quiet_limit)
    words.setdefault(chosen, _from(now.quiet_limit or 0))  # chosen when prices were others
    return ui.Select(
        custom_id=ASK_ID,
        options=[
            discord.SelectOption(label=label, value=value, default=value == chosen) for value, label in words.items()
        ],
    )


def _models(now: Preferences, pricing: Pricing) -> ui.Select[ui.LayoutView]:
    """A model that is not offered any more stays chosen, and counts again once it is offered."""
    labels = {DEFAULT: tr("The server's default model"), **{row.key: row.label for row in pricing.models.offered}}
    chosen = now.model or DEFAULT
    labels.setdefault(chosen, pricing.models.get(chosen).label)
    return ui.Select(
        custom_id=MODEL_ID,
        options=[
            discord.SelectOption(label=label[:CHOICE_LIMIT], value=key, default=key == chosen)
            for key, label in labels.items()
        ][:OPTIONS_LIMIT],
    )


def _from(price: int) -> str:
    if price == 0:
        return tr("always")
    if price >= NEVER_ASK:
        return tr("never")
    return tr("from {credits}").format(credits=units.credits(price))


def _flag(flag: str, label: str, *, on: bool) -> ui.Button[ui.LayoutView]:
    style = discord.ButtonStyle.primary if on else discord.ButtonStyle.secondary
    return ui.Button(label=label, style=style, custom_id=FLAG_ID.format(flag=flag, on=int(not on)))
