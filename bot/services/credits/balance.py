"""A member's balance and statement."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.allowance import Refill
from bot.domain.wallet import Balance, Statement, WalletKey
from bot.storage.credits import ledger
from bot.storage.engine.store import Store

PAGE_ENTRIES = 8  # a page that fits a phone


class Credits:
    """`clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, starting_credits: int, clock: Callable[[], int]) -> None:
        self._store = store
        self._starting_credits = starting_credits
        self._clock = clock

    async def balance(self, wallet: WalletKey, *, owed: Refill | None = None) -> Balance:
        """Returns the balance, with the allowance that is `owed`. A member's first wallet gets the starting credits."""
        found = await self._store.read(ledger.balance(wallet, owed=owed))
        if found:
            return found
        return await self._store.run(
            ledger.welcome(wallet, starting_credits=self._starting_credits, now=self._clock(), owed=owed)
        )

    async def statement(self, wallet: WalletKey, *, before: int | None = None, owed: Refill | None = None) -> Statement:
        """Returns a page of the member's entries, newest first, with the allowance that is `owed`."""
        await self.balance(wallet, owed=owed)
        page = await self._store.read(ledger.statement(wallet, before=before, limit=PAGE_ENTRIES))
        return page or Statement(Balance(posted=0, held=0), (), None)
