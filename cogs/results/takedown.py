"""`/takedown`: moderators delete all images that one member made here in the last hour, day, or ever."""

from __future__ import annotations

from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.acts import it_is_done, note_done
from bot.discord.client import StillframeBot
from bot.domain.showing import Showing
from bot.domain.takedown import Period, Window
from bot.domain.wallet import WalletKey
from cogs.results import takedown_cards
from cogs.shared.acts import tell_done
from cogs.shared.answers import quietly
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import check_moderator, server_wallet_of, services_of


class TakedownCog(commands.Cog):
    @app_commands.command(
        name="takedown", description=locale_str("Delete all images of one member here. Counts them first, and asks.")
    )
    @app_commands.rename(member=locale_str("member"), period=locale_str("period"))
    @app_commands.describe(
        member=locale_str("Whose images."), period=locale_str("Those ordered in the last hour or day, or all.")
    )
    @app_commands.choices(
        period=[
            app_commands.Choice(name=locale_str("last hour"), value=Period.HOUR.value),
            app_commands.Choice(name=locale_str("last day"), value=Period.DAY.value),
            app_commands.Choice(name=locale_str("all"), value=Period.EVER.value),
        ]
    )
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_contexts(guilds=True)
    @app_commands.allowed_installs(guilds=True)
    async def takedown(self, interaction: discord.Interaction, member: discord.User, period: str) -> None:
        check_moderator(interaction)
        takedowns = services_of(interaction).takedowns
        window = Window(_wallet(interaction, member.id), Period(period), takedowns.now())
        card = takedown_cards.ask(window, await takedowns.count(window))
        await interaction.response.send_message(view=card, ephemeral=True)


class TakedownButton(
    DynamicButton,
    template=takedown_cards.GO_ID.format(
        period="(?P<period>hour|day|ever)", member_id=r"(?P<member_id>[0-9]{1,20})", until=r"(?P<until>[0-9]{1,15})"
    ),
):
    """The button under the count deletes the images that were counted. A second press finds none left."""

    period: Period
    member_id: int
    until: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        check_moderator(interaction)
        takedowns = services_of(interaction).takedowns
        window = Window(_wallet(interaction, self.member_id), self.period, self.until)
        count, done = (await takedowns.count(window)).images, 0
        left: list[Showing] = []
        await interaction.response.edit_message(view=takedown_cards.under_way(done, count))
        async for images, kept in takedowns.take_down(window, actor_id=interaction.user.id):
            note_done(interaction, it_is_done)
            done += images
            left += kept
            progress = takedown_cards.under_way(done, max(done, count))
            await quietly(interaction, interaction.edit_original_response(view=progress))
        in_log = partial(takedown_cards.logged, window, done, actor_id=interaction.user.id)
        await tell_done(
            interaction, lambda: takedown_cards.ended(window, done, left), way="change", in_log=in_log if done else None
        )


def _wallet(interaction: discord.Interaction[Any], member_id: int) -> WalletKey:
    """The member's wallet in the server of the interaction, which is never that of the button."""
    return WalletKey(server_wallet_of(interaction).guild_id, member_id)


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(TakedownCog())
    bot.add_dynamic_items(TakedownButton)
