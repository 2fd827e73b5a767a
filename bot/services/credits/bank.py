"""What moderators do with credits: they give, take, set and undo, for a member or a list, and read the books."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import replace
from typing import TypeVar

from bot.domain.act import ActMark, digest_of
from bot.domain.bank import BATCH_LIMIT, Act, Batch, LedgerMove, Manager, ServerBooks, StatementPage, Tally, Undoing
from bot.domain.errors import NobodyToGive, NotYours, OwnWallet, TooManyToGive
from bot.domain.wallet import Balance, StartingCredits, Statement, WalletKey, check_amount, read_reason
from bot.services.server.policy import Rules
from bot.storage.credits import acts, audit, bank, batches, ledger, managers
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

    `grant`, `take` and `set_available` raise `DoneBefore` too. What gives credits raises `WalletFull`, and of a manager
    by role (`by_role`) `OwnWallet`, `OverManagersLimit` and `ManagersDayOver`.

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
        return await self._act(act, "grant", ledger.grant, amount, _moves)

    async def take(self, act: Act, amount: int) -> LedgerMove:
        """Take credits, from the funds first. Raises `NotEnoughToTake` with what is there."""
        check_amount(amount)
        return await self._act(act, "take", bank.take, amount, _moves)

    async def set_available(self, act: Act, amount: int) -> LedgerMove | None:
        """Bring what the member can spend to `amount`; None where it was so already."""
        check_amount(amount, least=0)
        return await self._act(act, "set", bank.set_available, amount, _moves)

    async def _act(
        self,
        act: Act,
        kind: str,
        script: Callable[..., Script[T]],
        amount: int,
        moves_of: Callable[[T], list[LedgerMove]],
    ) -> T:
        """Run `script`. It pays the member's allowance that is due first, or it would come on top later.

        Raises `DoneBefore`.
        """
        reason, now, wallet = read_reason(act.reason), self._clock(), act.wallet
        policy = await self._rules.policy_of(wallet.guild_id)
        limit = {} if kind == "take" else {"highest_balance": policy.highest_balance}
        moving = script(
            wallet,
            amount,
            act_id=act.id,
            actor=str(act.actor_id),
            reason=reason,
            starting_credits=self._starting_credits.for_member(wallet.member_id, now=now),
            now=now,
            owed=self._rules.owed(policy, act.roles),
            **limit,
        )
        manager = self._rules.manager(policy, wallet.guild_id, act.actor_id, by_role=act.by_role)
        moving = managers.within(manager, moving, moves_of)
        mark = ActMark(
            id=act.id,
            guild_id=wallet.guild_id,
            actor_id=act.actor_id,
            what=digest_of(kind, wallet.member_id, amount, reason),
            once_more=act.once_more,
        )
        return await self._store.run(acts.once(mark, moving, number_of=lambda done: _number(moves_of(done)), now=now))

    # --- undoing --------------------------------------------------------------------------------------------

    async def would_undo(self, guild_id: int, entry_id: int) -> tuple[Undoing, ...]:
        """Returns what an undo would move. Raises `NoSuchEntry`, `NotUndoable` and `AlreadyUndone`."""
        return await self._store.read(bank.would_undo(entry_id, guild_id=guild_id))

    async def undo(
        self, guild_id: int, entry_id: int, *, actor_id: int, reason: str, by_role: bool = False
    ) -> list[LedgerMove]:
        """Raises as `would_undo`, and `NotEnoughToTake` where it was spent since."""
        words, now = read_reason(reason), self._clock()
        undoing = bank.undo(entry_id, guild_id=guild_id, actor=str(actor_id), reason=words, now=now)
        manager = await self._manager(guild_id, actor_id, by_role=by_role)
        return await self._store.run(managers.within(manager, undoing, list))

    async def _manager(self, guild_id: int, member_id: int, *, by_role: bool) -> Manager | None:
        policy = await self._rules.policy_of(guild_id)
        return self._rules.manager(policy, guild_id, member_id, by_role=by_role)

    # --- a list of members ----------------------------------------------------------------------------------

    async def ask(self, batch: Batch, member_ids: Collection[int], *, by_role: bool = False) -> Batch:
        """Keep a list until the moderator confirms it. A manager by role is left out of it.

        Raises `NobodyToGive` and `TooManyToGive`.
        """
        check_amount(batch.amount)
        members = sorted(set(member_ids))
        if not members:
            raise NobodyToGive
        manager = await self._manager(batch.guild_id, batch.actor, by_role=by_role)
        if manager:
            members = [member_id for member_id in members if member_id != manager.member_id]
            if not members:
                raise OwnWallet
            await self._store.read(managers.check(manager, batch.amount, count=len(members)))
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

    async def give_all(
        self, guild_id: int, batch_id: str, *, actor_id: int, by_role: bool = False
    ) -> AsyncGenerator[tuple[Batch, Tally], None]:
        """Give to all on the list, each once, however often it is called. Yields what is done so far, after every step.

        Raises `BatchGone`, and `NotYours` for a manager by role who has not asked for the list.
        """
        if by_role and (await self.batch(guild_id, batch_id)).actor != actor_id:
            raise NotYours
        batch = await self._store.run(batches.begin(batch_id, guild_id=guild_id))
        policy = await self._rules.policy_of(guild_id)
        manager = self._rules.manager(policy, guild_id, actor_id, by_role=by_role)

        def some(after: int) -> Script[Step]:
            return batches.give_some(
                batch,
                after=after,
                limit=STEP_MEMBERS,
                starting=self._starting_credits,
                now=self._clock(),
                highest_balance=policy.highest_balance,
                manager=manager,
            )

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


def _moves(moved: LedgerMove | None) -> list[LedgerMove]:
    return [moved] if moved else []


def _number(moves: list[LedgerMove]) -> int | None:
    return moves[0].entry.id if moves else None
