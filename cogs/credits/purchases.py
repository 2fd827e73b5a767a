"""What members buy on Discord: consumable entitlements. The bot gives credits for each once, and then consumes it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

import discord
from discord.ext import commands
from discord.types.sku import Entitlement as Payload

from bot.discord.client import StillframeBot
from bot.domain.errors import StorageError
from bot.domain.wallet import NO_SERVER, WalletKey, created_at
from cogs.credits import purchase_cards
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import server_wallet_of, services_of, wallet_of

log = logging.getLogger(__name__)

PAGE_ENTITLEMENTS = 100  # most that Discord lists in one answer
SETTLED_ALREADY = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})  # consumed before, or refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """An entitlement. `buyer_id` is None where it belongs to a whole server."""

    id: int
    sku_id: int
    buyer_id: int | None
    guild_id: int | None
    consumed: bool
    refunded: bool

    @classmethod
    def from_event(cls, entitlement: discord.Entitlement, *, refunded: bool = False) -> Self:
        return cls(
            id=entitlement.id,
            sku_id=entitlement.sku_id,
            buyer_id=entitlement.user_id,
            guild_id=entitlement.guild_id,
            consumed=entitlement.consumed,
            refunded=refunded or entitlement.deleted,
        )

    @classmethod
    def from_payload(cls, payload: Payload) -> Self:
        buyer, guild = payload.get("user_id"), payload.get("guild_id")
        return cls(
            id=int(payload["id"]),
            sku_id=int(payload["sku_id"]),
            buyer_id=int(buyer) if buyer else None,
            guild_id=int(guild) if guild else None,
            consumed=payload.get("consumed", False),
            refunded=payload["deleted"],
        )


class PurchasesCog(commands.Cog):
    """Gives the credits before it consumes the entitlement, so that a crash between the two loses nothing."""

    def __init__(self, bot: StillframeBot) -> None:
        self._bot = bot
        self._purchases = bot.services.purchases

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Runs at each new session: Discord does not send the events that happened between two sessions."""
        try:
            async for bought in self._entitlements():
                await self._settle(bought)
        except DISCORD_TROUBLE as error:
            log.warning("purchases could not be listed; they are at the next session: %s", error)

    @commands.Cog.listener()
    async def on_entitlement_create(self, entitlement: discord.Entitlement) -> None:
        await self._settle(Bought.from_event(entitlement))

    @commands.Cog.listener()
    async def on_entitlement_delete(self, entitlement: discord.Entitlement) -> None:
        await self._settle(Bought.from_event(entitlement, refunded=True))

    async def _entitlements(self) -> AsyncIterator[Bought]:
        """Reads page after page itself, because `Client.entitlements` of discord.py 2.7.1 forgets `exclude_deleted`."""
        after = 0
        while True:
            page = await self._bot.http.get_entitlements(
                self._application_id,
                sku_ids=[*self._purchases.sold],
                after=after,
                limit=PAGE_ENTITLEMENTS,
                exclude_deleted=False,
            )
            for payload in page:
                yield Bought.from_payload(payload)
            if len(page) < PAGE_ENTITLEMENTS:
                return
            after = int(page[-1]["id"])

    async def _settle(self, bought: Bought) -> None:
        if bought.sku_id not in self._purchases.sold or bought.buyer_id is None:
            return
        try:
            if bought.refunded:
                await self._purchases.take_back(bought.id)
            elif not bought.consumed:
                buyer = await self._wallet_of(bought, bought.buyer_id)
                await self._purchases.give(bought.id, bought.sku_id, buyer)
                await self._consume(bought)
        except StorageError as error:
            log.warning("entitlement %d waits for the next session: %s", bought.id, error)

    async def _wallet_of(self, bought: Bought, buyer_id: int) -> WalletKey:
        """The server of the purchase where Discord names one, else the wallet that the member has chosen."""
        if bought.guild_id:
            return WalletKey(bought.guild_id, buyer_id)
        return await self._purchases.chosen(buyer_id, bought_at=created_at(bought.id))

    async def _consume(self, bought: Bought) -> None:
        """The member can buy it again only when it is consumed. The next session repeats what fails here."""
        try:
            await self._bot.http.consume_entitlement(self._application_id, bought.id)
        except DISCORD_TROUBLE as error:
            if not (isinstance(error, discord.HTTPException) and error.status in SETTLED_ALREADY):
                log.warning("entitlement %d is not consumed yet: %s", bought.id, error)

    @property
    def _application_id(self) -> int:
        return self._bot.application_id or 0  # known since the log-in


async def buy(interaction: discord.Interaction[Any]) -> None:
    """Ask which wallet the credits are for. Outside a server there is only one."""
    wallet, sold = wallet_of(interaction), services_of(interaction).purchases.sold
    if wallet.guild_id != NO_SERVER:
        await interaction.response.send_message(view=purchase_cards.which_wallet(), ephemeral=True)
        return
    await services_of(interaction).purchases.choose(wallet)
    await interaction.response.send_message(view=purchase_cards.offers(sold, server=None), ephemeral=True)


class WalletButton(DynamicButton, template=purchase_cards.WALLET_ID.format(which=r"(?P<which>server|own)")):
    """Under the question which wallet the credits are for: shows what is for sale."""

    which: str

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        services = services_of(interaction)
        here = self.which == "server"
        wallet = server_wallet_of(interaction) if here else WalletKey(NO_SERVER, interaction.user.id)
        await services.purchases.choose(wallet)
        server = interaction.guild.name if here and interaction.guild else None
        card = purchase_cards.offers(services.purchases.sold, server=server)
        await interaction.response.edit_message(view=card)


async def setup(bot: StillframeBot) -> None:
    if bot.services.purchases.sold:
        await bot.add_cog(PurchasesCog(bot))
    bot.add_dynamic_items(WalletButton)
