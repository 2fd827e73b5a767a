"""One-time codes: moderators make them by `/codes`, and members redeem them by `/credits redeem`."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.cards import bank as bank_cards
from bot.discord.client import StillframeBot
from bot.domain.code import USES_LIMIT, NewCode
from bot.domain.discord_limits import INTEGER_LIMIT
from bot.domain.schedule import read_end
from bot.domain.wallet import GRANT_LIMIT, REASON_LIMIT
from cogs.credits import code_cards, gift_cards
from cogs.shared.caller import check_ages, check_manager, server_wallet_of, services_of
from cogs.shared.server_log import tell_log


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_contexts(guilds=True)
@app_commands.allowed_installs(guilds=True)
class CodesCog(
    commands.GroupCog, name="codes", description=locale_str("One-time codes that members redeem for credits.")
):
    @app_commands.command(
        name=locale_str("create"), description=locale_str("Make a code. It is shown to you once, and to nobody else.")
    )
    @app_commands.rename(
        amount=locale_str("amount"),
        uses=locale_str("uses"),
        expires=locale_str("expires"),
        reason=locale_str("reason"),
    )
    @app_commands.describe(
        amount=locale_str("How many credits each member gets."),
        uses=locale_str("How many members may redeem it, each once."),
        expires=locale_str("When it ends: 7d, 12h, 2026-12-24 (this server's time). Without it, never."),
        reason=locale_str("Why; kept, and shown to whoever redeems it."),
    )
    async def create(
        self,
        interaction: discord.Interaction,
        amount: app_commands.Range[int, 1, GRANT_LIMIT],
        reason: app_commands.Range[str, 1, REASON_LIMIT],
        uses: app_commands.Range[int, 1, USES_LIMIT] = 1,
        expires: str | None = None,
    ) -> None:
        guild_id = server_wallet_of(interaction).guild_id
        await check_manager(interaction)
        services = services_of(interaction)
        zone = (await services.rules.policy_of(guild_id)).zone
        ends_at = read_end(expires, zone=zone, now=services.codes.now()) if expires else None
        new = NewCode(amount=amount, uses=uses, expires_at=ends_at, reason=reason)
        code, symbols = await services.codes.create(guild_id, new, actor_id=interaction.user.id)
        await interaction.response.send_message(view=code_cards.created(code, symbols), ephemeral=True)
        await tell_log(interaction, lambda: code_cards.log_created(code))

    @app_commands.command(
        name=locale_str("list"),
        description=locale_str("The newest codes of this server, and how often they were used."),
    )
    async def list_codes(self, interaction: discord.Interaction) -> None:
        guild_id = server_wallet_of(interaction).guild_id
        await check_manager(interaction)
        codes = services_of(interaction).codes
        card = code_cards.listed(await codes.newest(guild_id), now=codes.now())
        await interaction.response.send_message(view=card, ephemeral=True)

    @app_commands.command(
        name=locale_str("withdraw"), description=locale_str("End a code. What was redeemed stays with its members.")
    )
    @app_commands.rename(code=locale_str("number"))
    @app_commands.describe(code=locale_str("Its number in the list."))
    async def withdraw(self, interaction: discord.Interaction, code: app_commands.Range[int, 1, INTEGER_LIMIT]) -> None:
        guild_id = server_wallet_of(interaction).guild_id
        await check_manager(interaction)
        withdrawn = await services_of(interaction).codes.withdraw(guild_id, code)
        await interaction.response.send_message(view=code_cards.withdrawn(withdrawn), ephemeral=True)
        await tell_log(interaction, lambda: code_cards.log_withdrawn(withdrawn, interaction.user.id))


async def redeem(interaction: discord.Interaction, code: str) -> None:
    await check_ages(interaction)
    moved = await services_of(interaction).codes.redeem(server_wallet_of(interaction), code)
    await interaction.response.send_message(view=gift_cards.redeemed(moved.entry), ephemeral=True)
    await tell_log(interaction, lambda: bank_cards.moved([moved]))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(CodesCog())
