"""`/credits`: the balance of a member, and every entry that explains it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.discord import cards
from bot.discord.client import StillframeBot
from bot.domain.code import CODE_TEXT_LIMIT
from bot.domain.errors import NotYours
from bot.domain.wallet import GRANT_LIMIT, REASON_LIMIT
from cogs.credits import codes, credit_requests, gifts, purchases
from cogs.shared.buttons import StatementPageButton
from cogs.shared.caller import owed_to, services_of, wallet_of, where_offered

Amount = app_commands.Range[int, 1, GRANT_LIMIT]
Words = app_commands.Range[str, 1, REASON_LIMIT]


class CreditsCog(commands.GroupCog, name="credits", description=locale_str("Your credits here.")):
    def __init__(self, bot: StillframeBot) -> None:
        super().__init__()
        group = self.app_command
        if group:
            group.allowed_contexts, group.allowed_installs = where_offered(bot.services)
            if not bot.services.purchases.sold:
                group.remove_command("buy")

    @app_commands.command(
        name=locale_str("balance"), description=locale_str("What you have, what is on hold, and what an image costs.")
    )
    async def balance(self, interaction: discord.Interaction) -> None:
        services, wallet = services_of(interaction), wallet_of(interaction)
        owed = await owed_to(interaction)
        found = await services.credits.balance(wallet, owed=owed)
        starting_at = services.credits.starting_due_at(wallet.member_id)
        card = cards.balance(found, services.pricing, owed=owed, starting_at=starting_at)
        await interaction.response.send_message(view=card, ephemeral=True)

    @app_commands.command(
        name=locale_str("statement"),
        description=locale_str("Every entry of yours, newest first, each with its job."),
    )
    async def statement(self, interaction: discord.Interaction) -> None:
        wallet, owed = wallet_of(interaction), await owed_to(interaction)
        page = await services_of(interaction).credits.statement(wallet, owed=owed)
        await interaction.response.send_message(view=cards.statement(page, interaction.user.id), ephemeral=True)

    @app_commands.command(
        name=locale_str("gift"),
        description=locale_str("Give credits of your own to another member. Everybody sees it."),
    )
    @app_commands.rename(member=locale_str("member"), amount=locale_str("amount"), reason=locale_str("reason"))
    @app_commands.describe(
        member=locale_str("Who gets them."),
        amount=locale_str("How many credits."),
        reason=locale_str("What for; both of you find it in the statement."),
    )
    async def gift(self, interaction: discord.Interaction, member: discord.User, amount: Amount, reason: Words) -> None:
        await gifts.give(interaction, member, amount, reason)

    @app_commands.command(
        name=locale_str("redeem"), description=locale_str("Turn a one-time code of this server into credits.")
    )
    @app_commands.rename(code=locale_str("code"))
    @app_commands.describe(code=locale_str("16 letters and figures, with or without the dashes."))
    async def redeem(self, interaction: discord.Interaction, code: app_commands.Range[str, 1, CODE_TEXT_LIMIT]) -> None:
        await codes.redeem(interaction, code)

    @app_commands.command(
        name=locale_str("buy"), description=locale_str("Buy credits on Discord, for here or for yourself.")
    )
    async def buy(self, interaction: discord.Interaction) -> None:
        await purchases.buy(interaction)

    @app_commands.command(name=locale_str("ask"), description=locale_str("Ask this server's moderators for credits."))
    @app_commands.rename(amount=locale_str("amount"), words=locale_str("words"))
    @app_commands.describe(
        amount=locale_str("How many credits you need."), words=locale_str("What for; the moderators read it.")
    )
    async def ask(self, interaction: discord.Interaction, amount: Amount, words: Words) -> None:
        await credit_requests.ask(interaction, amount, words)


class OlderButton(StatementPageButton, template=cards.PAGE_ID.format(**StatementPageButton.GROUPS)):
    """Under a page of a statement: turns to the older page."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        wallet = wallet_of(interaction)
        if wallet.member_id != self.member_id:
            raise NotYours
        page = await services_of(interaction).credits.statement(wallet, before=self.before)
        await interaction.response.edit_message(view=cards.statement(page, self.member_id))


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(CreditsCog(bot))
    bot.add_dynamic_items(OlderButton)
