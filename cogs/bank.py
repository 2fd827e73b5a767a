"""`/bank`: credits by a moderator's hand."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import cards
from bot.client import StillframeBot
from bot.domain.wallet import GRANT_LIMIT, REASON_LIMIT, WalletKey
from cogs._here import check_moderator, services_of, wallet_of


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_contexts(guilds=True)
@app_commands.allowed_installs(guilds=True)
class BankCog(commands.GroupCog, name="bank", description="Credits of this server's members."):
    @app_commands.command(description="Give credits to a member. The member reads the reason in the statement.")
    @app_commands.describe(
        member="Who gets them.", amount="How many credits.", reason="Why; kept, and shown to the member."
    )
    async def grant(
        self,
        interaction: discord.Interaction,
        member: discord.Member,
        amount: app_commands.Range[int, 1, GRANT_LIMIT],
        reason: app_commands.Range[str, 1, REASON_LIMIT],
    ) -> None:
        guild_id = wallet_of(interaction).guild_id
        check_moderator(interaction)
        after = await services_of(interaction).credits.grant(
            WalletKey(guild_id, member.id),
            amount,
            act_id=str(interaction.id),
            actor_id=interaction.user.id,
            reason=reason,
        )
        await interaction.response.send_message(view=cards.granted(member.id, amount, after, reason), ephemeral=True)


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(BankCog())
