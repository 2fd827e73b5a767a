"""`/usage`: moderators read what their server made and spent, in words, in charts and as CSV."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands
from pydantic import Field

from bot.discord.client import StillframeBot
from bot.domain.errors import PressUnknown
from bot.domain.usage import Usage, UsagePeriod, days_between
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import check_manager, services_of, wallet_of
from cogs.usage import cards as usage_cards
from cogs.usage.charts import ChartRenderer

log = logging.getLogger(__name__)

NAMES_SECONDS = 3.0  # how long an answer waits for the names of members
NAMES_AT_ONCE = 100  # Discord, Request Guild Members: user_ids
NAMES_LIMIT = 500  # of a sheet's members; a connection sends 120 requests a minute in all

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

Day = Annotated[date, Field(ge=date(2020, 1, 1), le=date(2999, 12, 31))]

Names = dict[int, str]


class UsageCog(commands.Cog):
    def __init__(self) -> None:
        self._chart_renderer = ChartRenderer()

    @app_commands.command(
        name="usage", description=locale_str("Images, credits and costs of this server. Only you see the answer.")
    )
    @app_commands.rename(period=locale_str("period"))
    @app_commands.describe(period=locale_str("Which days, by this server's calendar; 30 days unless you say."))
    @app_commands.choices(
        period=[
            app_commands.Choice(name=locale_str("7 days"), value=UsagePeriod.WEEK.value),
            app_commands.Choice(name=locale_str("30 days"), value=UsagePeriod.DAYS_30.value),
            app_commands.Choice(name=locale_str("this month"), value=UsagePeriod.THIS_MONTH.value),
            app_commands.Choice(name=locale_str("last month"), value=UsagePeriod.LAST_MONTH.value),
        ]
    )
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_contexts(guilds=True)
    @app_commands.allowed_installs(guilds=True)
    async def usage(self, interaction: discord.Interaction, period: str = UsagePeriod.DAYS_30.value) -> None:
        guild_id = wallet_of(interaction).guild_id
        await check_manager(interaction)
        await interaction.response.defer(thinking=True, ephemeral=True)
        services = services_of(interaction)
        days = await services.usage.days(guild_id, UsagePeriod(period))
        usage = await services.usage.usage(guild_id, days)
        if not usage.total.orders:
            await interaction.edit_original_response(view=usage_cards.figures(usage, services.pricing))
            return
        # The figures are ready at once, and the charts are not.
        card = usage_cards.figures(usage, services.pricing, remark=usage_cards.drawing_now())
        await interaction.edit_original_response(view=card)
        await self._add_charts(interaction, usage)

    async def _add_charts(self, interaction: discord.Interaction, usage: Usage) -> None:
        members = await _names_of_members(interaction, list(usage.by_member)[: usage_cards.RANKS])
        channels = _names_of_channels(interaction, usage.by_channel)
        drawings = usage_cards.drawings(usage, members=members, channels=channels)
        drawn = await self._chart_renderer.draw([drawing.chart for drawing in drawings])
        pricing = services_of(interaction).pricing
        if drawn is None:
            card = usage_cards.figures(usage, pricing, remark=usage_cards.no_charts())
            await interaction.edit_original_response(view=card)
            return
        files = [
            discord.File(io.BytesIO(data), filename=drawing.name, description=drawing.alt_text)
            for drawing, data in zip(drawings, drawn, strict=True)
        ]
        await interaction.edit_original_response(view=usage_cards.figures(usage, pricing, drawings), attachments=files)


class SheetButton(
    DynamicButton, template=usage_cards.CSV_ID.format(first=f"(?P<first>{DAY})", last=f"(?P<last>{DAY})")
):
    """Under the figures: sends the same days as CSV."""

    first: Day
    last: Day

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        guild_id = wallet_of(interaction).guild_id
        await check_manager(interaction)
        if self.last < self.first:
            raise PressUnknown
        await interaction.response.defer(thinking=True, ephemeral=True)
        reports, days = services_of(interaction).usage, days_between(self.first, self.last)
        parts = await reports.parts(guild_id, days)
        spenders = list(dict.fromkeys(part.member_id for part in parts))
        members = await _names_of_members(interaction, spenders[:NAMES_LIMIT])
        channels = _names_of_channels(interaction, {part.channel_id for part in parts})
        sheet = await reports.sheet(
            parts, days, members=members, channels=channels, limit_bytes=interaction.filesize_limit
        )
        card = usage_cards.sheet(sheet.name, days)
        await interaction.edit_original_response(
            view=card, attachments=[discord.File(io.BytesIO(sheet.data), filename=sheet.name)]
        )


async def _names_of_members(interaction: discord.Interaction[Any], ids: list[int]) -> Names:
    """The server's names of those members who are still in it. Without the members intent, the bot must ask."""
    found: Names = {}
    if interaction.guild is None:
        return found
    try:
        async with asyncio.timeout(NAMES_SECONDS):
            for start in range(0, len(ids), NAMES_AT_ONCE):
                some = ids[start : start + NAMES_AT_ONCE]
                members = await interaction.guild.query_members(user_ids=some, limit=NAMES_AT_ONCE, cache=False)
                found |= {member.id: member.display_name for member in members}
    except (TimeoutError, discord.DiscordException, *DISCORD_TROUBLE) as error:
        log.warning("server %s: names of members could not be had: %s", interaction.guild_id, error)
    return found


def _names_of_channels(interaction: discord.Interaction[Any], ids: Iterable[int]) -> Names:
    """The names of those channels that the bot sees."""
    guild = interaction.guild
    known = [(each, guild.get_channel_or_thread(each)) for each in ids] if guild else []
    return {channel_id: f"#{channel.name}" for channel_id, channel in known if channel}


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(UsageCog())
    bot.add_dynamic_items(SheetButton)
