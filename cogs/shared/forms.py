"""The base of all modals. The client answers a modal that an earlier process has opened."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.discord.client import FORM_SECONDS, answer_error, begin_context, check_interaction
from cogs.shared.caller import bot_of

TITLE_LIMIT = 45  # characters, Discord's for a modal's title and a label's text


class Form(ui.Modal):
    """A subclass adds its fields, and handles them in `submitted`. A `Refusal` raised there is told to the member."""

    def __init__(self, interaction: discord.Interaction[Any], title: str) -> None:
        """`interaction` opens the form."""
        bot = bot_of(interaction)
        super().__init__(title=title[:TITLE_LIMIT], custom_id=bot.form_id(), timeout=FORM_SECONDS)

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        raise NotImplementedError

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        begin_context(interaction)
        check_interaction(interaction)
        await self.submitted(interaction)

    async def on_error(  # type: ignore[override]  # as ui.Modal documents it; its base class is a view's
        self, interaction: discord.Interaction[Any], error: Exception
    ) -> None:
        await answer_error(interaction, error)
