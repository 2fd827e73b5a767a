"""`/preferences`: one private card, on which a member changes their own preferences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.cards.base import Card
from bot.discord.client import StillframeBot
from bot.domain.preferences import Preferences
from cogs.members import preferences_cards as preference_cards
from cogs.shared.acts import tell_done
from cogs.shared.buttons import DynamicButton, DynamicSelect
from cogs.shared.caller import services_of, where_offered
from cogs.shared.choices import one_of


class PreferencesCog(commands.Cog):
    def __init__(self, bot: StillframeBot) -> None:
        self._bot = bot
        contexts, installs = where_offered(bot.services)
        self._command: app_commands.Command[PreferencesCog, ..., None] = app_commands.Command(
            name="preferences",
            description=locale_str("When to ask before paying, and what your orders are by default."),
            callback=self.preferences,
            allowed_contexts=contexts,
            allowed_installs=installs,
        )

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._command)

    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._command.name)

    async def preferences(self, interaction: discord.Interaction) -> None:
        now = await services_of(interaction).preferences.of_member(interaction.user.id)
        await interaction.response.send_message(view=_card(interaction, now), ephemeral=True)


class AskSelect(DynamicSelect, template=preference_cards.ASK_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        default = one_of(self.item, str) == preference_cards.DEFAULT
        now = await services_of(interaction).preferences.of_member(interaction.user.id)
        limit = None if default else one_of(self.item, int)
        await _set(interaction, replace(now, quiet_limit=limit))


class ModelSelect(DynamicSelect, template=preference_cards.MODEL_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        value = one_of(self.item, str)
        now = await services_of(interaction).preferences.of_member(interaction.user.id)
        model = None if value == preference_cards.DEFAULT else services_of(interaction).pricing.models.named(value).key
        await _set(interaction, replace(now, model=model))


class FlagButton(
    DynamicButton,
    template=preference_cards.FLAG_ID.format(flag=r"(?P<flag>private|spoiler|open_buttons)", on=r"(?P<on>[01])"),
):
    flag: str
    on: bool

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        now = await services_of(interaction).preferences.of_member(interaction.user.id)
        match self.flag:
            case "private":
                wanted = replace(now, private=self.on)
            case "spoiler":
                wanted = replace(now, spoiler=self.on)
            case _:
                wanted = replace(now, open_buttons=self.on)
        await _set(interaction, wanted)


async def _set(interaction: discord.Interaction[Any], wanted: Preferences) -> None:
    await services_of(interaction).preferences.set(interaction.user.id, wanted)
    await tell_done(interaction, lambda: _card(interaction, wanted), way="change")


def _card(interaction: discord.Interaction[Any], now: Preferences) -> Card:
    services = services_of(interaction)
    asked_from = services.ordering.confirm_from_credits
    return preference_cards.preferences(now, services.pricing, asked_from=asked_from)


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(PreferencesCog(bot))
    bot.add_dynamic_items(AskSelect, ModelSelect, FlagButton)
