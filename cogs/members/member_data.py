"""`/mydata`: a member sees, exports and deletes what the bot keeps about them. Only they see the answers."""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.client import StillframeBot
from bot.domain.member_data import DataFile
from cogs.members import member_data_cards as mydata_cards
from cogs.shared.acts import tell_done
from cogs.shared.answers import quietly
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import services_of, where_offered


class MyDataCog(
    commands.GroupCog, name="mydata", description=locale_str("What this bot keeps about you. Only you see it.")
):
    def __init__(self, bot: StillframeBot) -> None:
        super().__init__()
        group = self.app_command
        if group:
            group.allowed_contexts, group.allowed_installs = where_offered(bot.services)

    @app_commands.command(
        name=locale_str("show"), description=locale_str("What is kept about you, where and how long.")
    )
    async def show(self, interaction: discord.Interaction) -> None:
        member_data = services_of(interaction).member_data
        kept = await member_data.kept(interaction.user.id)
        card = mydata_cards.shown(kept, retention_days=member_data.retention_days)
        await interaction.response.send_message(view=card, ephemeral=True)

    @app_commands.command(name=locale_str("export"), description=locale_str("All of it, as JSON files."))
    async def export(self, interaction: discord.Interaction) -> None:
        await _export(interaction)

    @app_commands.command(
        name=locale_str("delete"), description=locale_str("Your prompts, links, images and preferences. Asks first.")
    )
    async def delete(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=mydata_cards.ask(), ephemeral=True)


class ExportButton(DynamicButton, template=mydata_cards.EXPORT_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await _export(interaction)


class AskDeletionButton(DynamicButton, template=mydata_cards.ASK_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(view=mydata_cards.ask(), ephemeral=True)


class DeleteDataButton(DynamicButton, template=mydata_cards.DELETE_ID):
    """A second press finds nothing to delete. After a failure the button is there again."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(view=mydata_cards.deleting())
        try:
            forgotten = await services_of(interaction).member_data.forget(interaction.user.id)
        except BaseException:
            await quietly(interaction, interaction.edit_original_response(view=mydata_cards.ask()))
            raise
        await tell_done(interaction, lambda: mydata_cards.deleted(forgotten))


async def _export(interaction: discord.Interaction[Any]) -> None:
    """Answers first, because collecting and uploading take long. Each file is sent as soon as it is full."""
    await interaction.response.defer(thinking=True, ephemeral=True)
    parts = services_of(interaction).member_data.export(interaction.user.id, limit_bytes=interaction.filesize_limit)
    async for part in parts:
        card, file = mydata_cards.part(part), _file(part)
        if part.number == 1:
            await interaction.edit_original_response(view=card, attachments=[file])
        else:
            await interaction.followup.send(view=card, file=file, ephemeral=True)


def _file(part: DataFile) -> discord.File:
    return discord.File(io.BytesIO(part.data), filename=mydata_cards.file_name(part))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(MyDataCog(bot))
    bot.add_dynamic_items(ExportButton, AskDeletionButton, DeleteDataButton)
