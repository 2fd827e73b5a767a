"""What members buy on Discord becomes credits, once; what Discord refunds is taken back, as far as it is there."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.domain.wallet import WalletKey
from bot.storage.credits import purchases
from bot.storage.engine.store import Store

log = logging.getLogger(__name__)


class Purchases:
    """`sold`: credits by the SKU's id; none where nothing is for sale. `tell_operator` never raises.

    `clock` gives Unix milliseconds.
    """

    def __init__(
        self,
        store: Store,
        *,
        sold: Mapping[int, int],
        starting_credits: int,
        clock: Callable[[], int],
        tell_operator: Callable[[str], Awaitable[None]],
    ) -> None:
        self.sold = sold
        self._store = store
        self._starting_credits = starting_credits
        self._clock = clock
        self._tell_operator = tell_operator

    async def give(self, entitlement_id: int, sku_id: int, buyer: WalletKey) -> None:
        """Told twice, it happens once: then the entitlement is to be consumed."""
        amount = self.sold[sku_id]
        given = await self._store.run(
            purchases.give(entitlement_id, buyer, amount, starting_credits=self._starting_credits, now=self._clock())
        )
        if given:
            log.info("entitlement %d: %d credits for member %d", entitlement_id, amount, buyer.member_id)

    async def take_back(self, entitlement_id: int) -> None:
        """Told twice, it happens once."""
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
