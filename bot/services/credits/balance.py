"""A member's balance and statement."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.allowance import Entitlement
from bot.domain.wallet import Balance, StartingCredits, Statement, WalletKey
from bot.storage.credits import ledger
from bot.storage.engine.store import Store

PAGE_ENTRIES = 8  # a page that fits a phone


class Credits:
    """`clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, starting_credits: StartingCredits, clock: Callable[[], int]) -> None:
        self._store = store
        self._starting_credits = starting_credits
        self._clock = clock

    async def balance(self, wallet: WalletKey, *, owed: Entitlement | None = None) -> Balance:
        """Returns the balance, with the allowance that is `owed` and the starting credits, once they are due."""
        now = self._clock()
        starting = self._starting_credits.for_member(wallet.member_id, now=now)
        found = await self._store.read(ledger.balance(wallet, owed=owed, starting_credits=starting))
        if found:
            return found
        return await self._store.run(ledger.welcome(wallet, starting_credits=starting, now=now, owed=owed))

    def starting_due_at(self, member_id: int) -> int | None:
        """When a member whose account is too young gets the starting credits, in Unix milliseconds; None for others."""
        due_at = self._starting_credits.due_at(member_id)
        return due_at if self._starting_credits.amount and self._clock() < due_at else None

    async def statement(
        self, wallet: WalletKey, *, before: int | None = None, owed: Entitlement | None = None
    ) -> Statement:
        """Returns a page of the member's entries, newest first, with the allowance that is `owed`."""
        await self.balance(wallet, owed=owed)
        page = await self._store.read(ledger.statement(wallet, before=before, limit=PAGE_ENTRIES))
        return page or Statement(Balance(posted=0, held=0), (), None)
