"""One-time codes: moderators make them by `/codes`, and members redeem them by `/credits redeem`."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.cards import bank as bank_cards
from bot.discord.client import StillframeBot
from bot.domain.code import USES_LIMIT, NewCode
from bot.domain.discord_limits import INTEGER_LIMIT
from bot.domain.errors import DoneBefore
from bot.domain.schedule import read_end
from bot.domain.wallet import GRANT_LIMIT, REASON_LIMIT
from bot.text.i18n import day_first, tr
from cogs.credits import code_cards, gift_cards
from cogs.shared.acts import do_once, say_entries, tell_done
from cogs.shared.caller import check_ages, check_manager, is_moderator, server_wallet_of, services_of


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
        async def act(interaction: discord.Interaction[Any], once_more: str | None) -> None:
            guild_id, services = server_wallet_of(interaction).guild_id, services_of(interaction)
            by_role = await check_manager(interaction)
            zone = (await services.rules.policy_of(guild_id)).zone
            ends_at = read_end(expires, zone=zone, now=services.codes.now(), day_first=day_first()) if expires else None
            new = NewCode(amount=amount, uses=uses, expires_at=ends_at, reason=reason)
            await _create(interaction, guild_id, new, once_more, by_role=by_role)

        await do_once(interaction, act)

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
        await tell_done(
            interaction,
            lambda: code_cards.withdrawn(withdrawn),
            in_log=lambda: code_cards.log_withdrawn(withdrawn, interaction.user.id),
        )


async def _create(
    interaction: discord.Interaction[Any], guild_id: int, new: NewCode, once_more: str | None, *, by_role: bool
) -> None:
    """Make the code and show it. A code that was made and could not be shown is shown now, and none is made."""
    services, act_id = services_of(interaction), str(interaction.id)
    try:
        code, symbols = await services.codes.create(
            guild_id, new, actor_id=interaction.user.id, act_id=act_id, once_more=once_more, by_role=by_role
        )
    except DoneBefore as before:
        if before.code is None:
            raise
        made, text = await services.codes.get(guild_id, before.number), before.code
        await tell_done(interaction, lambda: code_cards.created(made, text), act_id=before.act_id, code=text)
        return
    await tell_done(
        interaction,
        lambda: code_cards.created(code, symbols),
        done=lambda: tr("Code {number} is made.").format(number=code.id),
        act_id=act_id,
        in_log=lambda: code_cards.log_created(code),
        code=symbols,
    )


async def redeem(interaction: discord.Interaction, code: str) -> None:
    await check_ages(interaction)
    wallet, may_use_own = server_wallet_of(interaction), is_moderator(interaction)
    moved = await services_of(interaction).codes.redeem(wallet, code, may_use_own=may_use_own)
    await tell_done(
        interaction,
        lambda: gift_cards.redeemed(moved.entry),
        done=lambda: say_entries([moved]),
        in_log=lambda: bank_cards.moved([moved]),
    )


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(CodesCog())
