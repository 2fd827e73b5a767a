"""`/setup`: moderators of a new server go through its settings, check the bot's rights, and make a first image.

Only the rules themselves are kept. At each press the card is made again from them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.acts import it_is_done, note_done
from bot.discord.cards.base import Card
from bot.discord.client import StillframeBot
from bot.domain import rights
from bot.domain.order import OrderText
from bot.domain.revision import Edit, set_to
from bot.text.i18n import speaking, tr
from cogs.orders.order_form import OrderForm
from cogs.orders.order_request import OrderRequest, check_open
from cogs.policy.change import moderated_server, tell_revision
from cogs.setup import cards as setup_cards
from cogs.setup.cards import SetupPage
from cogs.setup.forms import AllowanceForm, BudgetForm, StartingForm, ZoneForm
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.buttons import DynamicButton, DynamicChannelSelect, DynamicSelect
from cogs.shared.caller import caller_of, check_may_post, services_of
from cogs.shared.choices import one_of
from cogs.shared.rights import check_rights_in, missing_in

log = logging.getLogger(__name__)


class SetupCog(commands.Cog):
    @app_commands.command(
        name="setup", description=locale_str("Choose channels, credits, budget and more for this server, step by step.")
    )
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_contexts(guilds=True)
    @app_commands.allowed_installs(guilds=True)
    async def setup(self, interaction: discord.Interaction) -> None:
        moderated_server(interaction)
        await interaction.response.send_message(view=await page_card(interaction, SetupPage.CHANNELS), ephemeral=True)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """discord.py calls this once for a new server, and not for a server that comes back after an outage."""
        channel = guild.system_channel
        if channel is None or missing_in(channel, rights.TO_WRITE):
            return
        with speaking(guild.preferred_locale.value):
            card = setup_cards.greeting()
        try:
            await channel.send(view=card, allowed_mentions=discord.AllowedMentions.none())
        except DISCORD_TROUBLE as error:
            log.info("server %d is not greeted: %s", guild.id, error)


async def page_card(interaction: discord.Interaction[Any], page: SetupPage) -> Card:
    """Raises `NotInAServer`, `NotAModerator`."""
    guild_id = moderated_server(interaction)
    services = services_of(interaction)
    return setup_cards.page(
        page,
        await services.rules.policy_of(guild_id),
        guild_id=guild_id,
        starting_limit=services.rules.starting_limit,
        missing=await _rights(interaction, guild_id) if page is SetupPage.CHECK else {},
        pricing=services.pricing,
    )


async def save(interaction: discord.Interaction[Any], page: SetupPage, edits: Mapping[str, Edit]) -> None:
    """Saves each choice at once, so that none is lost. Raises as `Rules.revise` and `page_card`."""
    guild_id = moderated_server(interaction)
    changes = await services_of(interaction).rules.revise(guild_id, edits, actor=interaction.user.id)
    note_done(interaction, it_is_done)
    card = await page_card(interaction, page)
    await tell_revision(interaction, changes, card=lambda: card, way="change")


async def _rights(interaction: discord.Interaction[Any], guild_id: int) -> dict[int, tuple[str, ...] | None]:
    """The rights that the bot lacks in each chosen channel. Without a choice, in the channel of the interaction."""
    services = services_of(interaction)
    policy = await services.rules.policy_of(guild_id)
    wanted: dict[int, set[str]] = {}
    for channel_id in policy.allowed_channels or (interaction.channel_id or 0,):
        wanted.setdefault(channel_id, set()).update(rights.ALL)
    if policy.log_channel is not None:
        wanted.setdefault(policy.log_channel, set()).update(rights.TO_WRITE)
    if policy.request_channel is not None:
        wanted.setdefault(policy.request_channel, set()).update(rights.TO_WRITE)
    if policy.gallery_channel is not None:
        wanted.setdefault(policy.gallery_channel, set()).update(rights.ALL)
    return {channel_id: _missing_in(interaction.guild, channel_id, needed) for channel_id, needed in wanted.items()}


def _missing_in(guild: discord.Guild | None, channel_id: int, needed: set[str]) -> tuple[str, ...] | None:
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return None if channel is None else missing_in(channel, [name for name in rights.ALL if name in needed])


# --- what stands on the card -----------------------------------------------------------------------------


class SetupPageButton(DynamicButton, template=setup_cards.PAGE_ID.format(page=f"(?P<page>{'|'.join(SetupPage)})")):
    page: SetupPage

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(view=await page_card(interaction, self.page))


class ChannelsSelect(DynamicChannelSelect, template=setup_cards.CHANNELS_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        chosen = [channel.id for channel in self.item.values]
        await save(interaction, SetupPage.CHANNELS, {"allowed_channels": set_to(chosen)})


class LogSelect(DynamicChannelSelect, template=setup_cards.LOG_ID):
    """Raises `CannotPostThere` where the bot could not write what it is asked to."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        moderated_server(interaction)
        chosen = next((channel.id for channel in self.item.values), None)
        channel = interaction.guild.get_channel(chosen) if interaction.guild and chosen else None
        if isinstance(channel, discord.TextChannel):
            check_rights_in(channel, rights.TO_WRITE)
        await save(interaction, SetupPage.LOG, {"log_channel": set_to(chosen)})


class ZoneSelect(DynamicSelect, template=setup_cards.ZONE_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await save(interaction, SetupPage.ZONE, {"time_zone": set_to(one_of(self.item, str))})


class StartingButton(DynamicButton, template=setup_cards.STARTING_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        policy = await services_of(interaction).rules.policy_of(moderated_server(interaction))
        await interaction.response.send_modal(StartingForm(interaction, policy, save))


class AllowanceButton(DynamicButton, template=setup_cards.ALLOWANCE_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        guild_id = moderated_server(interaction)
        policy = await services_of(interaction).rules.policy_of(guild_id)
        await interaction.response.send_modal(AllowanceForm(interaction, policy, save, role_id=guild_id))


class BudgetButton(DynamicButton, template=setup_cards.BUDGET_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        policy = await services_of(interaction).rules.policy_of(moderated_server(interaction))
        await interaction.response.send_modal(BudgetForm(interaction, policy, save))


class OtherZoneButton(DynamicButton, template=setup_cards.OTHER_ZONE_ID):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        policy = await services_of(interaction).rules.policy_of(moderated_server(interaction))
        await interaction.response.send_modal(ZoneForm(interaction, policy, save))


class TryOrderButton(DynamicButton, template=setup_cards.TRY_ID):
    """Opens the form of an order that only the moderator sees, and that is confirmed before it is paid."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        moderated_server(interaction)
        check_open(interaction)
        check_may_post(caller_of(interaction))
        text = OrderText(prompt=tr("A bold poster of this moment"), private=True, spoiler=False, confirm=True)
        request = OrderRequest(text=text)
        await interaction.response.send_modal(OrderForm(interaction, request))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(SetupCog())
    bot.add_dynamic_items(
        SetupPageButton,
        ChannelsSelect,
        LogSelect,
        ZoneSelect,
        StartingButton,
        AllowanceButton,
        BudgetButton,
        OtherZoneButton,
        TryOrderButton,
    )
