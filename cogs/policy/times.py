"""`/policy`, the rules of times: quiet hours, the time zone, and a pause for all members."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.domain.discord_limits import CHOICES_LIMIT
from bot.domain.policy import PAUSE_LIMIT, time_zones
from bot.domain.revision import set_to, to_default
from bot.domain.schedule import read_hours
from cogs.policy.change import Choices, change_rules


class TimeRules(commands.Cog):
    @app_commands.command(name=locale_str("quiet"), description=locale_str("Hours of each day without images."))
    @app_commands.rename(since=locale_str("since"), until=locale_str("until"))
    @app_commands.describe(
        since=locale_str("Such as 22:00, in the server's time zone."), until=locale_str("Such as 06:00.")
    )
    async def quiet(self, interaction: discord.Interaction, since: str, until: str) -> None:
        hours = read_hours(since, until)
        await change_rules(interaction, {"quiet_hours": set_to(hours.model_dump(mode="json"))})

    @app_commands.command(
        name=locale_str("zone"), description=locale_str("The server's time zone, for days, months and hours.")
    )
    @app_commands.rename(name=locale_str("name"))
    @app_commands.describe(name=locale_str("Such as Europe/Berlin."))
    async def zone(self, interaction: discord.Interaction, name: str) -> None:
        await change_rules(interaction, {"time_zone": set_to(name)})

    @zone.autocomplete("name")
    async def suggest_zones(self, _interaction: discord.Interaction, typed: str) -> Choices:
        wanted = "_".join(typed.casefold().split())
        fitting = sorted(name for name in time_zones() if wanted in name.casefold())
        return [Choice(name=name, value=name) for name in fitting[:CHOICES_LIMIT]]

    @app_commands.command(name=locale_str("pause"), description=locale_str("No new images; what is ordered is made."))
    @app_commands.rename(reason=locale_str("reason"))
    @app_commands.describe(reason=locale_str("Everybody who orders reads it."))
    async def pause(self, interaction: discord.Interaction, reason: app_commands.Range[str, 1, PAUSE_LIMIT]) -> None:
        await change_rules(interaction, {"paused": set_to(" ".join(reason.split()))})

    @app_commands.command(name=locale_str("resume"), description=locale_str("Images again, after a pause."))
    async def resume(self, interaction: discord.Interaction) -> None:
        await change_rules(interaction, {"paused": to_default("paused")})
