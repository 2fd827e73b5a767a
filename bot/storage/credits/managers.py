"""Transaction script of what credit managers by role may give. It judges an act when it is done, and may undo it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from bot.domain.bank import LedgerMove, Manager
from bot.domain.errors import ManagersDayOver, OverManagersLimit, OwnWallet
from bot.domain.wallet import EntryKind
from bot.storage.engine import locks
from bot.storage.engine.store import Script

T = TypeVar("T")

GIVING = frozenset({EntryKind.GRANT, EntryKind.REFUND})

# A grant that was undone does not count. A charge that was given back does: it is a free image.
_GIVEN = """
    SELECT coalesce(sum(entries.posted_delta), 0) AS given
    FROM entries JOIN wallets ON wallets.id = entries.wallet_id
    WHERE entries.kind IN ('grant', 'refund') AND entries.actor = :actor AND entries.at >= :since
        AND wallets.guild_id = :guild_id
        AND NOT EXISTS (SELECT 1 FROM entries AS undo WHERE undo.undoes = entries.id AND undo.kind = 'undo')"""
_CODES = """
    SELECT coalesce(sum(amount * CASE WHEN withdrawn = 1 THEN used ELSE uses END), 0) AS given
    FROM codes WHERE guild_id = :guild_id AND actor = :member_id AND at >= :since"""


def within(manager: Manager | None, act: Script[T], gives: Callable[[T], Iterable[LedgerMove]]) -> Script[T]:
    """Do an act that moves credits, within what this manager may give. None: a moderator, who has no limits.

    Raises `OwnWallet`, `OverManagersLimit` and `ManagersDayOver`.
    """
    if manager is None:
        return (yield from act)
    yield from _lock(manager)
    done = yield from act
    moves = [move for move in gives(done) if move.entry.posted_delta > 0]
    if any(move.wallet.member_id == manager.member_id for move in moves):
        raise OwnWallet
    given = [move.entry.posted_delta for move in moves if move.entry.kind in GIVING]
    if given:
        _check_one(manager, max(given))
        yield from _check_day(manager, sum(given), done=True)
    return done


def within_code(manager: Manager | None, act: Script[T], *, amount: int, uses: int) -> Script[T]:
    """Make a code, as `within` does an act. All its uses count for the day on which it is made."""
    if manager is None:
        return (yield from act)
    yield from _lock(manager)
    yield from check(manager, amount, count=uses)
    return (yield from act)


def check(manager: Manager, amount: int, *, count: int) -> Script[None]:
    """Check whether the manager may give so many times `amount` now. Raises as `within`."""
    _check_one(manager, amount)
    yield from _check_day(manager, amount * count, done=False)


def _check_day(manager: Manager, amount: int, *, done: bool) -> Script[None]:
    """Check whether `amount` more may be given today. `done`: it is in the books already. Raises `ManagersDayOver`."""
    if manager.per_day is None:
        return
    day = {"guild_id": manager.guild_id, "member_id": manager.member_id, "since": manager.day_since}
    given = (yield _GIVEN, {**day, "actor": str(manager.member_id)})[0]["given"]
    given += (yield _CODES, day)[0]["given"]
    left = manager.per_day - given + (amount if done else 0)
    if amount > left:
        raise ManagersDayOver(amount=amount, left=max(0, left), limit=manager.per_day)


def _lock(manager: Manager) -> Script[None]:
    """Two acts of one manager at one moment are judged one after the other."""
    return locks.lock(f"manager:{manager.guild_id}:{manager.member_id}")


def _check_one(manager: Manager, amount: int) -> None:
    if manager.highest is not None and amount > manager.highest:
        raise OverManagersLimit(amount=amount, limit=manager.highest)
