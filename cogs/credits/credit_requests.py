"""Members ask for credits by `/credits ask`, or by a button under a refusal. The moderators answer by a button."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import ui

from bot.discord import cards
from bot.discord.acts import it_is_done, note_done
from bot.discord.cards import bank as bank_cards
from bot.discord.cards import credit_requests as request_cards
from bot.discord.cards.base import Text
from bot.discord.client import StillframeBot
from bot.domain.bank import LedgerMove
from bot.domain.credit_request import CreditRequest
from bot.domain.errors import RequestNotSent
from bot.domain.wallet import AMOUNT_TEXT_LIMIT, REASON_LIMIT, Balance, read_amount
from bot.services.credits.credit_requests import Asked
from bot.text.i18n import speaking, tr
from cogs.shared.acts import say_entries, tell_done
from cogs.shared.answers import DISCORD_TROUBLE, tell_directly
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import check_manager, owed_to, server_locale, server_wallet_of, services_of
from cogs.shared.forms import Form

log = logging.getLogger(__name__)

REQUEST_ID = r"(?P<request_id>[0-9]{1,25})"
AMOUNT = r"(?P<amount>[0-9]{1,8})"


async def ask(interaction: discord.Interaction[Any], amount: int, words: str) -> None:
    """Store the request, show it to the moderators, and tell the member so."""
    wallet, services = server_wallet_of(interaction), services_of(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    asked = await services.credit_requests.ask(
        str(interaction.id), wallet, amount, words, locale=interaction.locale.value
    )
    balance = await services.credits.balance(wallet, owed=await owed_to(interaction))
    message_id = await _show(interaction, asked, balance)
    if message_id is None:
        await services.credit_requests.close(asked.request.id)
        raise RequestNotSent
    note_done(interaction, it_is_done)
    await services.credit_requests.shown(asked.request.id, message_id)
    await tell_done(interaction, lambda: request_cards.sent(asked.request))


async def _show(interaction: discord.Interaction[Any], asked: Asked, balance: Balance) -> int | None:
    """The id of the moderators' message, or None where it could not be posted."""
    channel = interaction.client.get_partial_messageable(asked.channel_id, guild_id=interaction.guild_id)
    with speaking(server_locale(interaction)):
        card = request_cards.asked(asked.request, balance, asked.amounts)
    try:
        message: discord.Message = await channel.send(view=card)
    except DISCORD_TROUBLE as error:
        log.warning("request %s: its card could not be posted: %s", asked.request.id, error)
        return None
    return message.id


class AskCreditsButton(DynamicButton, template=request_cards.ASK_ID.format(amount=AMOUNT)):
    """Under a refusal for lack of credits: opens the form."""

    amount: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(AskForm(interaction, self.amount))


class AskForm(Form):
    def __init__(self, interaction: discord.Interaction[Any], amount: int) -> None:
        """`amount`: the credits that the member lacks."""
        super().__init__(interaction, tr("Ask for credits"))
        self._amount = Text(custom_id="amount", default=str(amount), max_length=AMOUNT_TEXT_LIMIT)
        self._words = Text(custom_id="words", max_length=REASON_LIMIT)
        self.add_item(ui.Label(text=tr("How many credits"), component=self._amount))
        self.add_item(ui.Label(text=tr("What for? The moderators read it."), component=self._words))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await ask(interaction, read_amount(self._amount.value), self._words.value)


class ApproveButton(DynamicButton, template=request_cards.APPROVE_ID.format(id=REQUEST_ID, amount=AMOUNT)):
    """Under the moderators' card: gives the amount on the label."""

    request_id: str
    amount: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        wallet = server_wallet_of(interaction)
        by_role = await check_manager(interaction)
        request, moved = await services_of(interaction).credit_requests.approve(
            self.request_id, self.amount, guild_id=wallet.guild_id, actor_id=wallet.member_id, by_role=by_role
        )
        await _answered(interaction, request, moved)


class DenyButton(DynamicButton, template=request_cards.DENY_ID.format(id=REQUEST_ID)):
    """Under the moderators' card: gives nothing."""

    request_id: str

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        wallet = server_wallet_of(interaction)
        await check_manager(interaction)
        request = await services_of(interaction).credit_requests.deny(
            self.request_id, guild_id=wallet.guild_id, actor_id=wallet.member_id
        )
        await _answered(interaction, request, None)


async def _answered(interaction: discord.Interaction[Any], request: CreditRequest, moved: LedgerMove | None) -> None:
    """Changes the moderators' card, and tells the member directly. A member who takes no direct messages finds it in
    the statement.
    """

    def decided() -> cards.Card:
        with speaking(server_locale(interaction)):
            return request_cards.decided(request, moved.entry.after if moved else None)

    await tell_done(
        interaction,
        decided,
        way="change",
        done=lambda: say_entries([moved]) if moved else it_is_done(),
        in_log=(lambda: bank_cards.moved([moved])) if moved else None,
    )
    server = interaction.guild.name if interaction.guild else ""
    with speaking(request.locale):
        told = request_cards.answer(request, server)
    await tell_directly(interaction.client, request.wallet.member_id, told)


async def setup(bot: StillframeBot) -> None:
    bot.add_dynamic_items(AskCreditsButton, ApproveButton, DenyButton)
