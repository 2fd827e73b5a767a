"""Members ask for credits: `/credits ask` and a button under a refusal; the moderators answer at a press."""

from __future__ import annotations

import logging
import re
from typing import Any, Self

import discord
from discord import ui

from bot.discord import cards
from bot.discord.cards import bank as bank_cards
from bot.discord.cards import credit_requests as request_cards
from bot.discord.client import StillframeBot
from bot.domain.credit_request import CreditRequest
from bot.domain.errors import RequestNotSent
from bot.domain.wallet import AMOUNT_TEXT_LIMIT, REASON_LIMIT, Balance, read_amount
from bot.services.credits.credit_requests import Asked
from bot.text.i18n import speaking, tr
from cogs.orders.place_order import DISCORD_TROUBLE, quietly
from cogs.shared.buttons import Button, answering_errors, as_button
from cogs.shared.caller import bot_of, check_manager, owed_to, server_wallet_of, services_of
from cogs.shared.forms import Form
from cogs.shared.log_channel import tell_log

log = logging.getLogger(__name__)

REQUEST_ID = r"(?P<id>[0-9]{1,25})"
AMOUNT = r"(?P<amount>[0-9]{1,8})"

Text = ui.TextInput[ui.LayoutView]


async def ask(interaction: discord.Interaction[Any], amount: int, words: str) -> None:
    """Write it down, show it to the moderators, and say so."""
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
    await services.credit_requests.shown(asked.request.id, message_id)
    await interaction.edit_original_response(view=request_cards.sent(asked.request))


async def _show(interaction: discord.Interaction[Any], asked: Asked, balance: Balance) -> int | None:
    """The id of the moderators' card; None where it could not be posted."""
    channel = interaction.client.get_partial_messageable(asked.channel_id, guild_id=interaction.guild_id)
    with speaking(_language_of_the_server(interaction)):
        card = request_cards.asked(asked.request, balance, asked.amounts)
    try:
        message: discord.Message = await channel.send(view=card)
    except DISCORD_TROUBLE as error:
        log.warning("request %s: its card could not be posted: %s", asked.request.id, error)
        return None
    return message.id


def _language_of_the_server(interaction: discord.Interaction[Any]) -> str:
    return str(interaction.guild_locale or discord.Locale.american_english)


class AskCreditsButton(ui.DynamicItem[Button], template=request_cards.ASK_ID.format(amount=AMOUNT)):
    """Under a refusal for lack of credits: opens the form."""

    def __init__(self, item: Button, amount: int) -> None:
        super().__init__(item)
        self.amount = amount

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(as_button(item), int(match["amount"]))

    @answering_errors
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(AskForm(interaction, self.amount))


class AskForm(Form):
    def __init__(self, interaction: discord.Interaction[Any], amount: int) -> None:
        """`amount`: what is missing."""
        super().__init__(interaction, tr("Ask for credits"))
        self._amount = Text(custom_id="amount", default=str(amount), max_length=AMOUNT_TEXT_LIMIT)
        self._words = Text(custom_id="words", max_length=REASON_LIMIT)
        self.add_item(ui.Label(text=tr("How many credits"), component=self._amount))
        self.add_item(ui.Label(text=tr("What for? The moderators read it."), component=self._words))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await ask(interaction, read_amount(self._amount.value), self._words.value)


class ApproveButton(ui.DynamicItem[Button], template=request_cards.APPROVE_ID.format(id=REQUEST_ID, amount=AMOUNT)):
    """Under the moderators' card: gives the amount on its label."""

    def __init__(self, item: Button, request_id: str, amount: int) -> None:
        super().__init__(item)
        self.request_id = request_id
        self.amount = amount

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(as_button(item), match["id"], int(match["amount"]))

    @answering_errors
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        wallet = server_wallet_of(interaction)
        await check_manager(interaction)
        request, moved = await services_of(interaction).credit_requests.approve(
            self.request_id, self.amount, guild_id=wallet.guild_id, actor_id=wallet.member_id
        )
        await _answered(interaction, request, moved.entry.after)
        await tell_log(interaction, bank_cards.moved([moved]))


class DenyButton(ui.DynamicItem[Button], template=request_cards.DENY_ID.format(id=REQUEST_ID)):
    """Under the moderators' card."""

    def __init__(self, item: Button, request_id: str) -> None:
        super().__init__(item)
        self.request_id = request_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(as_button(item), match["id"])

    @answering_errors
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        wallet = server_wallet_of(interaction)
        await check_manager(interaction)
        request = await services_of(interaction).credit_requests.deny(
            self.request_id, guild_id=wallet.guild_id, actor_id=wallet.member_id
        )
        await _answered(interaction, request, None)


async def _answered(interaction: discord.Interaction[Any], request: CreditRequest, after: Balance | None) -> None:
    """The card says who and how much, and the member is told; where direct messages are shut, the statement does."""
    with speaking(_language_of_the_server(interaction)):
        card = request_cards.decided(request, after)
    await quietly(interaction, interaction.response.edit_message(view=card))
    server = interaction.guild.name if interaction.guild else ""
    with speaking(request.locale):
        told = request_cards.answer(request, server)
    await _tell_directly(bot_of(interaction), request, told)


async def _tell_directly(bot: StillframeBot, request: CreditRequest, card: cards.Card) -> None:
    try:
        channel = await bot.create_dm(discord.Object(request.wallet.member_id))
        await channel.send(view=card)
    except DISCORD_TROUBLE as error:
        log.info("request %s: its member could not be told directly: %s", request.id, error)


async def setup(bot: StillframeBot) -> None:
    bot.add_dynamic_items(AskCreditsButton, ApproveButton, DenyButton)
