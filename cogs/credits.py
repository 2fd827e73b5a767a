"""`/credits`: what a member has, and every entry that explains it."""

from __future__ import annotations

import re
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import cards
from bot.client import StillframeBot
from bot.domain.errors import NotYours
from cogs._buttons import Button, answering_errors, as_button
from cogs._here import services_of, wallet_of


@app_commands.allowed_contexts(guilds=True)
@app_commands.allowed_installs(guilds=True)
class CreditsCog(commands.GroupCog, name="credits", description="Your credits in this server."):
    @app_commands.command(description="What you have, what is on hold, and what an image costs.")
    async def balance(self, interaction: discord.Interaction) -> None:
        services = services_of(interaction)
        found = await services.credits.balance(wallet_of(interaction))
        await interaction.response.send_message(view=cards.balance(found, services.pricing), ephemeral=True)

    @app_commands.command(description="Every entry of yours, newest first, each with its job.")
    async def statement(self, interaction: discord.Interaction) -> None:
        page = await services_of(interaction).credits.statement(wallet_of(interaction))
        await interaction.response.send_message(view=cards.statement(page, interaction.user.id), ephemeral=True)


class OlderButton(
    ui.DynamicItem[Button],
    template=cards.PAGE_ID.format(member_id=r"(?P<member_id>[0-9]{1,20})", before=r"(?P<before>[0-9]{1,18})"),
):
    """Under a page of a statement: turns to the one before."""

    def __init__(self, item: Button, member_id: int, before: int) -> None:
        super().__init__(item)
        self.member_id = member_id
        self.before = before

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]
    ) -> OlderButton:
        return cls(as_button(item), int(match["member_id"]), int(match["before"]))

    @answering_errors
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        wallet = wallet_of(interaction)
        if wallet.member_id != self.member_id:
            raise NotYours
        page = await services_of(interaction).credits.statement(wallet, before=self.before)
        await interaction.response.edit_message(view=cards.statement(page, self.member_id))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(CreditsCog())
    bot.add_dynamic_items(OlderButton)
