"""Sends the files of an export of the books, in as many messages as their size needs."""

from __future__ import annotations

from typing import Any

import discord

from bot.discord.cards import Card
from bot.discord.cards import bank as bank_cards
from bot.services.credits.exports import ExportFiles
from bot.text.i18n import day_first
from cogs.shared.caller import services_of, wallet_of


async def send_export(interaction: discord.Interaction[Any], since: str | None, until: str | None) -> None:
    """Raises `NotADate`, `PeriodEmpty` and `PeriodTooLong`."""
    exports = services_of(interaction).exports
    period = exports.period(since, until, day_first=day_first())
    await interaction.response.defer(ephemeral=True, thinking=True)
    guild_id, limit = wallet_of(interaction).guild_id, interaction.filesize_limit
    async with exports.write(guild_id, period, limit_bytes=limit) as parts:
        first = True
        async for part in parts:
            card, files = _message(part, more=part.period != period)
            if first:
                await interaction.edit_original_response(view=card, attachments=files)
            else:
                await interaction.followup.send(view=card, files=files, ephemeral=True)
            first = False


def _message(part: ExportFiles, *, more: bool) -> tuple[Card, list[discord.File]]:
    if not part.files:
        return bank_cards.too_large(part.period.name), []
    files = [discord.File(path) for path in part.files]
    return bank_cards.exported(part.period.name, [file.filename for file in files], more=more), files
