"""What members and moderators do with credits."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.errors import BadAmount, ReasonMissing
from bot.domain.wallet import GRANT_LIMIT, REASON_LIMIT, Balance, Statement, WalletKey
from bot.storage import ledger
from bot.storage.store import Store

PAGE_ENTRIES = 8  # a page that fits a phone


class Credits:
    """`clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, starting_credits: int, clock: Callable[[], int]) -> None:
        self._store = store
        self._starting_credits = starting_credits
        self._clock = clock

    async def balance(self, wallet: WalletKey) -> Balance:
        """What the member has; at the first meeting, the starting credits."""
        found = await self._store.read(ledger.balance(wallet))
        if found:
            return found
        return await self._store.run(ledger.welcome(wallet, starting_credits=self._starting_credits, now=self._clock()))

    async def statement(self, wallet: WalletKey, *, before: int | None = None) -> Statement:
        """A page of the member's entries, newest first."""
        await self.balance(wallet)
        page = await self._store.read(ledger.statement(wallet, before=before, limit=PAGE_ENTRIES))
        return page or Statement(Balance(posted=0, held=0), (), None)

    async def grant(self, wallet: WalletKey, amount: int, *, act_id: str, actor_id: int, reason: str) -> Balance:
        """Give credits by a person's hand, once per `act_id`. Raises `BadAmount` and `ReasonMissing`."""
        if not 1 <= amount <= GRANT_LIMIT:
            raise BadAmount(amount=amount, limit=GRANT_LIMIT)
        words = " ".join(reason.split())[:REASON_LIMIT]
        if not words:
            raise ReasonMissing
        return await self._store.run(
            ledger.grant(
                wallet,
                amount,
                act_id=act_id,
                actor=str(actor_id),
                reason=words,
                starting_credits=self._starting_credits,
                now=self._clock(),
            )
        )
