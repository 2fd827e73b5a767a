"""Purchases on Discord give credits, once. A refund by Discord takes them back, as far as they are not spent."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.domain.wallet import StartingCredits, WalletKey
from bot.storage.credits import purchases
from bot.storage.engine.store import Store

log = logging.getLogger(__name__)


class Purchases:
    """`sold`: the credits of each SKU's id; empty where nothing is for sale. `tell_operator` never raises.

    `clock` gives Unix milliseconds.
    """

    def __init__(
        self,
        store: Store,
        *,
        sold: Mapping[int, int],
        starting_credits: StartingCredits,
        clock: Callable[[], int],
        tell_operator: Callable[[str], Awaitable[None]],
    ) -> None:
        self.sold = sold
        self._store = store
        self._starting_credits = starting_credits
        self._clock = clock
        self._tell_operator = tell_operator

    async def choose(self, wallet: WalletKey) -> None:
        """Let what the member buys on Discord within `CHOICE_MS` go to this wallet."""
        await self._store.run(purchases.choose(wallet, now=self._clock()))

    async def chosen(self, member_id: int, *, bought_at: int) -> WalletKey:
        """The wallet for a purchase that was made then; Unix milliseconds."""
        return await self._store.read(purchases.chosen(member_id, bought_at=bought_at))

    async def give(self, entitlement_id: int, sku_id: int, buyer: WalletKey) -> None:
        """Give the credits, once however often it is called. After it the caller may consume the entitlement."""
        amount = self.sold[sku_id]
        now = self._clock()
        starting = self._starting_credits.for_member(buyer.member_id, now=now)
        given = await self._store.run(purchases.give(entitlement_id, buyer, amount, starting_credits=starting, now=now))
        if given:
            log.info("entitlement %d: %d credits for member %d", entitlement_id, amount, buyer.member_id)

    async def take_back(self, entitlement_id: int) -> None:
        """Take the credits back, once however often it is called."""
        back = await self._store.run(purchases.take_back(entitlement_id, now=self._clock()))
        if back is None or back.wallet is None:
            return
        log.info("entitlement %d was refunded: %d credits are taken back", entitlement_id, back.taken)
        if back.missing:
            words = (
                f"Discord has refunded the purchase {entitlement_id} of <@{back.wallet.member_id}>: "
                f"{back.taken} credits were taken back, and {back.missing} are spent."
            )
            log.warning("%s", words)
            await self._tell_operator(words)
