"""Transaction scripts of giving to many members: the list, and the steps that give to the next few members on it.

The list does not say which members were done: the entries do, by their idempotency keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

from bot.domain.bank import Batch, Manager, Tally
from bot.domain.errors import AlreadyUndone, BatchGone, NotEnoughToTake, WalletFull
from bot.domain.wallet import StartingCredits, WalletKey
from bot.storage.credits import bank, ledger, managers
from bot.storage.engine.store import Script

ASKED_LIFE_MS = 24 * 3_600_000  # how long a list waits to be confirmed

_INSERT = """
    INSERT INTO batches (id, guild_id, amount, reason, actor, at)
    VALUES (:id, :guild_id, :amount, :reason, :actor, :now)"""
_INSERT_MEMBER = "INSERT INTO batch_members (batch_id, member_id) VALUES (:id, :member_id)"
_ONLY_ASKED = "SELECT id FROM batches WHERE begun = 0 AND at < :before ORDER BY id /*postgres FOR UPDATE */"
_LOCK_ASKED = "SELECT id FROM batches WHERE id = :id AND begun = 0 /*postgres FOR UPDATE */"
_FORGET_MEMBERS = "DELETE FROM batch_members WHERE batch_id = :id"
_FORGET = "DELETE FROM batches WHERE id = :id"
_SELECT = """
    SELECT batches.*, (SELECT count(*) FROM batch_members WHERE batch_id = :id) AS count
    FROM batches WHERE id = :id AND guild_id = :guild_id"""
_BEGIN = "UPDATE batches SET begun = 1 WHERE id = :id"
_NEXT = """
    SELECT member_id FROM batch_members WHERE batch_id = :id AND member_id > :after ORDER BY member_id LIMIT :limit"""

Step = tuple[Tally, int | None]  # the count of one step, and after which member the next begins; None at the end


def ask(batch: Batch, member_ids: Iterable[int], *, now: int) -> Script[None]:
    """Store the list as it is shown. Lists that were not confirmed within `ASKED_LIFE_MS` are deleted."""
    for row in (yield _ONLY_ASKED, {"before": now - ASKED_LIFE_MS}):
        yield from _forget(row["id"])
    yield _INSERT, {**asdict(batch), "now": now}
    for member_id in member_ids:
        yield _INSERT_MEMBER, {"id": batch.id, "member_id": member_id}


def get(batch_id: str, *, guild_id: int) -> Script[Batch]:
    """Raises `BatchGone`, also for one of another server."""
    rows = yield _SELECT, {"id": batch_id, "guild_id": guild_id}
    if not rows:
        raise BatchGone
    row = rows[0]
    return Batch(
        id=row["id"],
        guild_id=row["guild_id"],
        amount=row["amount"],
        reason=row["reason"],
        actor=row["actor"],
        count=row["count"],
    )


def begin(batch_id: str, *, guild_id: int) -> Script[Batch]:
    """Mark a list as confirmed: from now on it is kept. Raises `BatchGone`."""
    batch = yield from get(batch_id, guild_id=guild_id)
    yield _BEGIN, {"id": batch_id}
    return batch


def leave(batch_id: str, *, guild_id: int) -> Script[bool]:
    """Delete a list that was not begun; False for a list that was. Raises `BatchGone`."""
    yield from get(batch_id, guild_id=guild_id)
    if not (yield _LOCK_ASKED, {"id": batch_id}):
        return False
    yield from _forget(batch_id)
    return True


def give_some(
    batch: Batch,
    *,
    after: int,
    limit: int,
    starting: StartingCredits,
    now: int,
    highest_balance: int | None,
    manager: Manager | None,
) -> Script[Step]:
    """Give to the next `limit` members on the list, to each of them once, however often this is called.

    A member whose wallet would be too full is skipped. Raises `ManagersDayOver`.
    """

    def give(member_id: int) -> Script[bool]:
        act_id = _act_id(batch, member_id)
        if (yield from ledger.move_by_key(f"grant:{act_id}")):
            return False
        grant = ledger.grant(
            WalletKey(batch.guild_id, member_id),
            batch.amount,
            act_id=act_id,
            actor=str(batch.actor),
            reason=batch.reason,
            starting_credits=starting.for_member(member_id, now=now),
            now=now,
            highest_balance=highest_balance,
        )
        try:
            yield from managers.within(manager, grant, lambda moved: [moved])
        except WalletFull:  # raised before the grant was written
            return False
        return True

    return (yield from _for_some(batch, give, after=after, limit=limit))


def undo_some(batch: Batch, *, after: int, limit: int, actor: str, reason: str, now: int) -> Script[Step]:
    """Undo the grants of the next `limit` members, but for those that were undone before or whose credits are spent."""

    def undo(member_id: int) -> Script[bool]:
        given = yield from ledger.move_by_key(f"grant:{_act_id(batch, member_id)}")
        if given is None:
            return False
        try:
            yield from bank.undo(given.entry.id, guild_id=batch.guild_id, actor=actor, reason=reason, now=now)
        except (AlreadyUndone, NotEnoughToTake):  # raised before anything was written
            return False
        return True

    return (yield from _for_some(batch, undo, after=after, limit=limit))


def _for_some(batch: Batch, act: Callable[[int], Script[bool]], *, after: int, limit: int) -> Script[Step]:
    rows = yield _NEXT, {"id": batch.id, "after": after, "limit": limit}
    done = 0
    for row in rows:
        done += yield from act(row["member_id"])
    return Tally(done=done, skipped=len(rows) - done), rows[-1]["member_id"] if len(rows) == limit else None


def _forget(batch_id: str) -> Script[None]:
    yield _FORGET_MEMBERS, {"id": batch_id}
    yield _FORGET, {"id": batch_id}


def _act_id(batch: Batch, member_id: int) -> str:
    return f"{batch.id}:{member_id}"
