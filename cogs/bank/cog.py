"""`/bank`: moderators, and members with the role that the policy names, move credits and read the books."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord.cards import bank as bank_cards
from bot.discord.client import StillframeBot
from bot.domain.bank import Act, LedgerMove
from bot.domain.discord_limits import INTEGER_LIMIT
from bot.domain.errors import NoCreditsForBots
from bot.domain.wallet import GRANT_LIMIT, REASON_LIMIT, WalletKey
from cogs.bank.batches import GiveButton, LeaveButton, UndoBatchButton, ask_for
from cogs.bank.export import send_export
from cogs.bank.members import members_named_in, members_with_role
from cogs.bank.undo import UndoEntryButton, open_undo
from cogs.shared.acts import OnceMoreButton, do_once, tell_moves
from cogs.shared.buttons import StatementPageButton
from cogs.shared.caller import check_manager, services_of, wallet_of

LIST_LIMIT = 6_000  # characters, Discord's for a text

Amount = app_commands.Range[int, 1, GRANT_LIMIT]
Reason = app_commands.Range[str, 1, REASON_LIMIT]

_MEMBER = locale_str("member")
_AMOUNT = locale_str("amount")
_REASON = locale_str("reason")
_WHY = locale_str("Why; kept, and shown to the member.")
_HOW_MANY = locale_str("How many credits.")


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_contexts(guilds=True)
@app_commands.allowed_installs(guilds=True)
class BankCog(commands.GroupCog, name="bank", description=locale_str("Credits of this server's members.")):
    """Each command checks who asks, because a server's owner can change who sees it."""

    @app_commands.command(
        name=locale_str("grant"),
        description=locale_str("Give credits to a member. The member reads the reason in the statement."),
    )
    @app_commands.rename(member=_MEMBER, amount=_AMOUNT, reason=_REASON)
    @app_commands.describe(member=locale_str("Who gets them."), amount=_HOW_MANY, reason=_WHY)
    async def grant(
        self, interaction: discord.Interaction, member: discord.User, amount: Amount, reason: Reason
    ) -> None:
        async def act(interaction: discord.Interaction[Any], once_more: str | None) -> None:
            by_role = await check_manager(interaction)
            asked = _act(interaction, member, reason, once_more, by_role=by_role)
            moved = await services_of(interaction).bank.grant(asked, amount)
            await _answer(interaction, moved)

        await do_once(interaction, act)

    @app_commands.command(
        name=locale_str("take"),
        description=locale_str("Take credits back from a member, never more than there are to spend."),
    )
    @app_commands.rename(member=_MEMBER, amount=_AMOUNT, reason=_REASON)
    @app_commands.describe(member=locale_str("From whom."), amount=_HOW_MANY, reason=_WHY)
    async def take(
        self, interaction: discord.Interaction, member: discord.User, amount: Amount, reason: Reason
    ) -> None:
        async def act(interaction: discord.Interaction[Any], once_more: str | None) -> None:
            by_role = await check_manager(interaction)
            asked = _act(interaction, member, reason, once_more, by_role=by_role)
            moved = await services_of(interaction).bank.take(asked, amount)
            await _answer(interaction, moved)

        await do_once(interaction, act)

    @app_commands.command(name=locale_str("set"), description=locale_str("Bring what a member can spend to an amount."))
    @app_commands.rename(member=_MEMBER, amount=_AMOUNT, reason=_REASON)
    @app_commands.describe(
        member=locale_str("Whose credits."), amount=locale_str("What the member can spend afterwards."), reason=_WHY
    )
    async def set_credits(
        self,
        interaction: discord.Interaction,
        member: discord.User,
        amount: app_commands.Range[int, 0, GRANT_LIMIT],
        reason: Reason,
    ) -> None:
        async def act(interaction: discord.Interaction[Any], once_more: str | None) -> None:
            by_role = await check_manager(interaction)
            asked = _act(interaction, member, reason, once_more, by_role=by_role)
            moved = await services_of(interaction).bank.set_available(asked, amount)
            if moved is None:
                await interaction.response.send_message(view=bank_cards.unchanged(member.id, amount), ephemeral=True)
            else:
                await _answer(interaction, moved)

        await do_once(interaction, act)

    @app_commands.command(
        name=locale_str("grant-role"),
        description=locale_str("Give credits to everybody with a role. You see how many it is first."),
    )
    @app_commands.rename(role=locale_str("role"), amount=locale_str("amount"), reason=_REASON)
    @app_commands.describe(
        role=locale_str("Who gets them; bots are left out."), amount=locale_str("How many credits each."), reason=_WHY
    )
    async def grant_role(
        self, interaction: discord.Interaction, role: discord.Role, amount: Amount, reason: Reason
    ) -> None:
        by_role = await check_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await ask_for(interaction, await members_with_role(interaction, role), amount, reason, by_role=by_role)

    @app_commands.command(
        name=locale_str("grant-list"),
        description=locale_str("Give credits to all members that you name. You see how many it is first."),
    )
    @app_commands.rename(members=locale_str("members"), amount=_AMOUNT, reason=_REASON)
    @app_commands.describe(
        members=locale_str("Mentions or ids, with spaces between; bots are left out."),
        amount=locale_str("How many credits each."),
        reason=_WHY,
    )
    async def grant_list(
        self,
        interaction: discord.Interaction,
        members: app_commands.Range[str, 1, LIST_LIMIT],
        amount: Amount,
        reason: Reason,
    ) -> None:
        by_role = await check_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await ask_for(interaction, await members_named_in(interaction, members), amount, reason, by_role=by_role)

    @app_commands.command(
        name=locale_str("undo"),
        description=locale_str("Take one entry back by another: a grant, a take, a gift, a code, a charge."),
    )
    @app_commands.rename(entry=locale_str("entry"), reason=_REASON)
    @app_commands.describe(
        entry=locale_str("Its number, from the statement or the log."), reason=locale_str("Why; you see it once more.")
    )
    async def undo(
        self, interaction: discord.Interaction, entry: app_commands.Range[int, 1, INTEGER_LIMIT], reason: Reason
    ) -> None:
        await check_manager(interaction)
        await open_undo(interaction, entry, reason=reason)

    @app_commands.command(
        name=locale_str("statement"), description=locale_str("Every entry of a member, newest first.")
    )
    @app_commands.rename(member=_MEMBER)
    @app_commands.describe(member=locale_str("Whose credits."))
    async def statement(self, interaction: discord.Interaction, member: discord.User) -> None:
        await check_manager(interaction)
        page = await services_of(interaction).bank.statement(_wallet(interaction, member.id))
        await interaction.response.send_message(view=bank_cards.statement(page, member.id), ephemeral=True)

    @app_commands.command(
        name=locale_str("export"),
        description=locale_str("All entries and orders of a period, for a spreadsheet (CSV)."),
    )
    @app_commands.rename(since=locale_str("since"), until=locale_str("until"))
    @app_commands.describe(
        since=locale_str("From when: 2026-11-22, yesterday, or 7d for the last seven days (UTC)."),
        until=locale_str("Until when: 2026-11-22, yesterday, or 2w for up to two weeks ago (UTC)."),
    )
    async def export(
        self, interaction: discord.Interaction, since: str | None = None, until: str | None = None
    ) -> None:
        await check_manager(interaction)
        await send_export(interaction, since, until)

    @app_commands.command(
        name=locale_str("audit"),
        description=locale_str("What all members have, what is on hold, and whether it adds up."),
    )
    async def audit(self, interaction: discord.Interaction) -> None:
        await check_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        books = await services_of(interaction).bank.audit(wallet_of(interaction).guild_id)
        await interaction.edit_original_response(view=bank_cards.audit(books))


class LedgerPageButton(StatementPageButton, template=bank_cards.PAGE_ID.format(**StatementPageButton.GROUPS)):
    """Under a page of a member's statement: turns to the next or the previous page."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await check_manager(interaction)
        page = await services_of(interaction).bank.statement(_wallet(interaction, self.member_id), before=self.before)
        await interaction.response.edit_message(view=bank_cards.statement(page, self.member_id))


def _wallet(interaction: discord.Interaction[Any], member_id: int) -> WalletKey:
    return WalletKey(wallet_of(interaction).guild_id, member_id)


def _act(
    interaction: discord.Interaction[Any],
    member: discord.User | discord.Member,
    reason: str,
    once_more: str | None,
    *,
    by_role: bool,
) -> Act:
    """The roles of a user who has left the server are not known."""
    if member.bot:
        raise NoCreditsForBots
    roles = frozenset(role.id for role in member.roles) if isinstance(member, discord.Member) else frozenset[int]()
    return Act(
        id=str(interaction.id),
        wallet=_wallet(interaction, member.id),
        actor_id=interaction.user.id,
        reason=reason,
        roles=roles,
        once_more=once_more,
        by_role=by_role,
    )


async def _answer(interaction: discord.Interaction[Any], moved: LedgerMove) -> None:
    await tell_moves(interaction, lambda: bank_cards.moved([moved]), [moved], act_id=str(interaction.id))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(BankCog())
    bot.add_dynamic_items(LedgerPageButton, UndoEntryButton, GiveButton, LeaveButton, UndoBatchButton, OnceMoreButton)
