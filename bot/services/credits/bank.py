"""What moderators do with credits: they give, take, set and undo, for a member or a list, and read the books."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import replace
from typing import TypeVar

from bot.domain.act import ActMark, digest_of
from bot.domain.bank import BATCH_LIMIT, Act, Batch, LedgerMove, ServerBooks, StatementPage, Tally, Undoing
from bot.domain.errors import NobodyToGive, TooManyToGive
from bot.domain.wallet import Balance, StartingCredits, Statement, WalletKey, check_amount, read_reason
from bot.services.server.policy import Rules
from bot.storage.credits import acts, audit, bank, batches, ledger
from bot.storage.credits.batches import Step
from bot.storage.engine.store import Script, Store
from bot.storage.orders import results

T = TypeVar("T")

PAGE_ENTRIES = 8  # a page that fits a phone
STEP_MEMBERS = 50  # of a list, in one transaction: progress is shown, and other commands do not wait long
HOLDS_SHOWN = 10
FIRST: int | None = 0  # no member has this id

_NOTHING = Statement(Balance(posted=0, held=0), (), None)


class Bank:
    """The caller checks rights. Each method that moves credits raises `BadAmount` and `ReasonMissing`.

    `grant`, `take` and `set_available` raise `DoneBefore` too.

    `clock` gives Unix milliseconds.
    """

    def __init__(
        self, store: Store, rules: Rules, *, starting_credits: StartingCredits, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._rules = rules
        self._starting_credits = starting_credits
        self._clock = clock

    # --- one member -----------------------------------------------------------------------------------------

    async def grant(self, act: Act, amount: int) -> LedgerMove:
        check_amount(amount)
        return await self._act(act, "grant", ledger.grant, amount, _entry)

    async def take(self, act: Act, amount: int) -> LedgerMove:
        """Take credits, from the funds first. Raises `NotEnoughToTake` with what is there."""
        check_amount(amount)
        return await self._act(act, "take", bank.take, amount, _entry)

    async def set_available(self, act: Act, amount: int) -> LedgerMove | None:
        """Bring what the member can spend to `amount`; None where it was so already."""
        check_amount(amount, least=0)
        return await self._act(act, "set", bank.set_available, amount, lambda moved: _entry(moved) if moved else None)

    async def _act(
        self,
        act: Act,
        kind: str,
        script: Callable[..., Script[T]],
        amount: int,
        number_of: Callable[[T], int | None],
    ) -> T:
        """Run `script`. It pays the member's allowance that is due first, or it would come on top later.

        Raises `DoneBefore`.
        """
        reason, now, wallet = read_reason(act.reason), self._clock(), act.wallet
        policy = await self._rules.policy_of(wallet.guild_id)
        moving = script(
            wallet,
            amount,
            act_id=act.id,
            actor=str(act.actor_id),
            reason=reason,
            starting_credits=self._starting_credits.for_member(wallet.member_id, now=now),
            now=now,
            owed=self._rules.owed(policy, act.roles),
        )
        mark = ActMark(
            id=act.id,
            guild_id=wallet.guild_id,
            actor_id=act.actor_id,
            what=digest_of(kind, wallet.member_id, amount, reason),
            once_more=act.once_more,
        )
        return await self._store.run(acts.once(mark, moving, number_of=number_of, now=now))

    # --- undoing --------------------------------------------------------------------------------------------

    async def would_undo(self, guild_id: int, entry_id: int) -> tuple[Undoing, ...]:
        """Returns what an undo would move. Raises `NoSuchEntry`, `NotUndoable` and `AlreadyUndone`."""
        return await self._store.read(bank.would_undo(entry_id, guild_id=guild_id))

    async def undo(self, guild_id: int, entry_id: int, *, actor_id: int, reason: str) -> list[LedgerMove]:
        """Raises as `would_undo`, and `NotEnoughToTake` where it was spent since."""
        words, now = read_reason(reason), self._clock()
        return await self._store.run(bank.undo(entry_id, guild_id=guild_id, actor=str(actor_id), reason=words, now=now))

    # --- a list of members ----------------------------------------------------------------------------------

    async def ask(self, batch: Batch, member_ids: Collection[int]) -> Batch:
        """Keep a list until the moderator confirms it. Raises `NobodyToGive` and `TooManyToGive`."""
        check_amount(batch.amount)
        members = sorted(set(member_ids))
        if not members:
            raise NobodyToGive
        if len(members) > BATCH_LIMIT:
            raise TooManyToGive(limit=BATCH_LIMIT)
        asked = replace(batch, reason=read_reason(batch.reason), count=len(members))
        await self._store.run(batches.ask(asked, members, now=self._clock()))
        return asked

    async def leave(self, guild_id: int, batch_id: str) -> bool:
        """Drop a list; returns False where giving has begun. Raises `BatchGone`."""
        return await self._store.run(batches.leave(batch_id, guild_id=guild_id))

    async def batch(self, guild_id: int, batch_id: str) -> Batch:
        """Raises `BatchGone`."""
        return await self._store.read(batches.get(batch_id, guild_id=guild_id))

    async def give_all(self, guild_id: int, batch_id: str) -> AsyncGenerator[tuple[Batch, Tally], None]:
        """Give to all on the list, each once, however often it is called. Yields what is done so far, after every step.

        Raises `BatchGone`.
        """
        batch = await self._store.run(batches.begin(batch_id, guild_id=guild_id))

        def some(after: int) -> Script[Step]:
            starting, now = self._starting_credits, self._clock()
            return batches.give_some(batch, after=after, limit=STEP_MEMBERS, starting=starting, now=now)

        async for tally in self._step_by_step(some):
            yield batch, tally

    async def undo_all(
        self, guild_id: int, batch_id: str, *, actor_id: int, reason: str
    ) -> AsyncGenerator[tuple[Batch, Tally], None]:
        """Take back from all on the list who still have it, each once. Yields as `give_all`. Raises `BatchGone`."""
        words = read_reason(reason)
        batch = await self.batch(guild_id, batch_id)

        def some(after: int) -> Script[Step]:
            return batches.undo_some(
                batch, after=after, limit=STEP_MEMBERS, actor=str(actor_id), reason=words, now=self._clock()
            )

        async for tally in self._step_by_step(some):
            yield batch, tally

    async def _step_by_step(self, some: Callable[[int], Script[Step]]) -> AsyncGenerator[Tally, None]:
        total, after = Tally(), FIRST
        while after is not None:
            step, after = await self._store.run(some(after))
            total = Tally(done=total.done + step.done, skipped=total.skipped + step.skipped)
            yield total

    # --- the books ------------------------------------------------------------------------------------------

    async def statement(self, wallet: WalletKey, *, before: int | None = None) -> StatementPage:
        """Returns a page of the member's entries, newest first; an empty page where the member has no wallet."""
        page = await self._store.read(ledger.statement(wallet, before=before, limit=PAGE_ENTRIES)) or _NOTHING
        job_ids = {entry.job_id for entry in page.entries if entry.job_id}
        return StatementPage(page, await self._store.read(results.links_of(job_ids)))

    async def audit(self, guild_id: int) -> ServerBooks:
        """Check the server's books, one rule after the other, so that other commands do not wait for all of them."""
        totals = await self._store.read(audit.totals_of(guild_id, holds_shown=HOLDS_SHOWN))
        rules = (*audit.OF_WALLETS, *audit.OF_SERVERS)
        broken = [await self._store.read(audit.broken_in(guild_id, rule)) for rule in rules]
        return replace(totals, findings=sum(broken))


def _entry(moved: LedgerMove) -> int:
    return moved.entry.id
