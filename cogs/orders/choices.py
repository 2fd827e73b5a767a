"""The select that offers what a message shows, where that is more than one thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import discord
from discord import ui

from bot.discord.acts import Act
from bot.discord.cards.base import CALM, Card, Row, text
from bot.domain.discord_limits import CHOICE_LIMIT
from bot.domain.errors import ChoiceLost
from bot.text import escape
from bot.text.i18n import number, tr
from cogs.shared.buttons import DynamicSelect
from cogs.shared.caller import bot_of
from cogs.shared.choices import chosen

CHOOSE_ID = "choose:{offer_id}"
OPTIONS_LIMIT = 25  # Discord's, of a select

Chosen = Callable[[discord.Interaction, list[int]], Awaitable[None]]


async def offer(interaction: discord.Interaction, names: Sequence[str], go_on: Chosen, *, most: int) -> None:
    """Ask privately which of them to use; `go_on` gets the places of the answer. A restart forgets the question."""
    shown = names[:OPTIONS_LIMIT]

    async def act(press: discord.Interaction, values: str | None) -> None:
        await go_on(press, [int(each) for each in (values or "").split(",") if 0 <= int(each) < len(shown)])

    _remember(interaction, str(interaction.id), act)
    words = tr("This message shows more than one. Choose:")
    if len(names) > OPTIONS_LIMIT:
        words = tr("This message shows {count}. The first {limit} can be chosen:").format(
            count=number(len(names)), limit=number(OPTIONS_LIMIT)
        )
    select: ui.Select[ui.LayoutView] = ui.Select(
        custom_id=CHOOSE_ID.format(offer_id=interaction.id),
        max_values=min(most, len(shown)),
        placeholder=tr("Choose up to {count}").format(count=number(most)) if most > 1 else tr("Choose one"),
        options=[
            discord.SelectOption(label=f"{place + 1}. {escape.plain(name)}"[:CHOICE_LIMIT], value=str(place))
            for place, name in enumerate(shown)
        ],
    )
    await interaction.response.send_message(view=Card(CALM, text(words), Row(select)), ephemeral=True)


def _remember(interaction: discord.Interaction, offer_id: str, act: Act) -> None:
    bot_of(interaction).questions.ask(offer_id, interaction.user.id, act)


class ChooseSelect(DynamicSelect, template=CHOOSE_ID.format(offer_id=r"(?P<offer_id>[0-9]{1,25})")):
    """The select may be used again, for instance after the form was closed."""

    offer_id: str

    async def pressed(self, interaction: discord.Interaction) -> None:
        act = bot_of(interaction).questions.take(self.offer_id, interaction.user.id)
        if act is None:
            raise ChoiceLost
        _remember(interaction, self.offer_id, act)
        await act(interaction, ",".join(map(str, chosen(self.item, int))))
