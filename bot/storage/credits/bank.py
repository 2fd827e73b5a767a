"""Transaction scripts of credits that members and moderators move: taken, given on, undone. Each act happens once."""

from __future__ import annotations

from bot.domain.allowance import Entitlement
from bot.domain.bank import LedgerMove, Undoing
from bot.domain.errors import AlreadyUndone, NoSuchEntry, NotEnoughToTake, NotUndoable
from bot.domain.wallet import EntryKind, WalletKey
from bot.storage.credits import ledger
from bot.storage.engine.store import Row, Script

UNDOABLE = frozenset(
    {EntryKind.GRANT, EntryKind.TAKE, EntryKind.CODE, EntryKind.GIFT_SENT, EntryKind.GIFT_RECEIVED, EntryKind.CAPTURE}
)
_OTHER_SIDE = {"gift_sent": "gift_received", "gift_received": "gift_sent"}

_SELECT_UNDO = "SELECT id FROM entries WHERE undoes = :id AND kind = 'undo'"
_SELECT_WALLET = "SELECT * FROM wallets WHERE id = :id"
_LOCK_WALLET = f"{_SELECT_WALLET} /*postgres FOR UPDATE */"
_REFUNDED = """
    SELECT coalesce(sum(posted_delta), 0) AS posted, coalesce(sum(allowance_delta), 0) AS allowance
    FROM entries WHERE job_id = :job_id AND kind = 'refund'"""


def take(
    key: WalletKey,
    amount: int,
    *,
    act_id: str,
    actor: str,
    reason: str,
    starting_credits: int | None,
    now: int,
    owed: Entitlement | None = None,
) -> Script[LedgerMove]:
    """Take credits back, once per `act_id`: from funds first, then from the allowance.

    Raises `NotEnoughToTake` with what is there, and `RepeatDiffers`.
    """
    wallet = yield from ledger.open_wallet(key, starting_credits=starting_credits, now=now, owed=owed)
    entry_key = f"take:{act_id}"
    earlier = yield from ledger.done_before(key, -amount, entry_key=entry_key, actor=actor, reason=reason)
    if earlier:
        return earlier
    before = ledger.balance_of(wallet)
    if before.available < amount:
        raise NotEnoughToTake(amount=amount, available=before.available, held=before.held)
    of_allowance = min(0, before.funds_available - amount)
    return (
        yield from ledger.append(
            wallet,
            EntryKind.TAKE,
            posted=-amount,
            allowance=of_allowance,
            allowance_day=wallet["allowance_day"] if of_allowance else None,
            key=entry_key,
            actor=actor,
            reason=reason,
            now=now,
        )
    )


def set_available(
    key: WalletKey,
    amount: int,
    *,
    act_id: str,
    actor: str,
    reason: str,
    starting_credits: int | None,
    now: int,
    owed: Entitlement | None = None,
    highest_balance: int | None = None,
) -> Script[LedgerMove | None]:
    """Bring what the member can spend to `amount`; None where it was that already. Raises `WalletFull`."""
    wallet = yield from ledger.open_wallet(key, starting_credits=starting_credits, now=now, owed=owed)
    earlier = yield from ledger.move_by_either_key(f"{EntryKind.GRANT}:{act_id}", f"{EntryKind.TAKE}:{act_id}")
    if earlier:
        return earlier
    before = ledger.balance_of(wallet)
    missing = amount - before.available
    if missing == 0:
        return None
    if missing > 0:
        ledger.check_room(wallet, missing, highest_balance)
    kind = EntryKind.GRANT if missing > 0 else EntryKind.TAKE
    of_allowance = min(0, missing + before.funds_available)
    return (
        yield from ledger.append(
            wallet,
            kind,
            posted=missing,
            allowance=of_allowance,
            allowance_day=wallet["allowance_day"] if of_allowance else None,
            key=f"{kind}:{act_id}",
            actor=actor,
            reason=reason,
            now=now,
        )
    )


def give(
    giver: WalletKey, taker: WalletKey, amount: int, *, act_id: str, reason: str, starting_credits: int | None, now: int
) -> Script[tuple[LedgerMove, LedgerMove]]:
    """Move credits from one member's funds to another's, once per `act_id`. Returns the entries of both.

    Raises `NotEnoughToTake` and `RepeatDiffers`.
    """
    source, target = yield from open_both(giver, taker, starting_credits=starting_credits, now=now)
    actor = str(giver.member_id)
    out_key, in_key = f"gift_sent:{act_id}", f"gift_received:{act_id}"
    sent = yield from ledger.done_before(giver, -amount, entry_key=out_key, actor=actor, reason=reason)
    received = yield from ledger.done_before(taker, amount, entry_key=in_key, actor=actor, reason=reason)
    if sent and received:
        return sent, received
    before = ledger.balance_of(source)
    if before.funds_available < amount:
        raise NotEnoughToTake(amount=amount, available=before.funds_available, held=before.held)
    sent = yield from ledger.append(
        source, EntryKind.GIFT_SENT, posted=-amount, key=out_key, actor=actor, reason=reason, now=now
    )
    received = yield from ledger.append(
        target, EntryKind.GIFT_RECEIVED, posted=amount, key=in_key, actor=actor, reason=reason, now=now
    )
    return sent, received


def open_both(giver: WalletKey, taker: WalletKey, *, starting_credits: int | None, now: int) -> Script[tuple[Row, Row]]:
    """Lock both wallets, ordered by member: two members who give to each other at one moment then cause no deadlock."""
    opened: dict[WalletKey, Row] = {}
    for key in sorted((giver, taker), key=lambda key: key.member_id):
        opened[key] = yield from ledger.open_wallet(key, starting_credits=starting_credits, now=now)
    return opened[giver], opened[taker]


def undo(entry_id: int, *, guild_id: int, actor: str, reason: str, now: int) -> Script[list[LedgerMove]]:
    """Write the counter-entry, which is allowed once. Returns what was moved in each wallet.

    A gift is undone on both sides, and a charge by a refund. Raises `NoSuchEntry`, `NotUndoable`, `AlreadyUndone`, and
    `NotEnoughToTake` where the credits were spent since.
    """
    legs = yield from _legs(entry_id, guild_id=guild_id)
    wallets: dict[int, Row] = {}
    for leg in sorted(legs, key=lambda leg: leg["member_id"]):  # locked before it is checked whether they were undone
        wallets[leg["wallet_id"]] = (yield _LOCK_WALLET, {"id": leg["wallet_id"]})[0]
    moves: list[LedgerMove] = []
    for leg in legs:
        move = yield from _undo_leg(leg, wallets[leg["wallet_id"]], actor=actor, reason=reason, now=now)
        moves.append(move)
    return moves


def would_undo(entry_id: int, *, guild_id: int) -> Script[tuple[Undoing, ...]]:
    """What `undo` would move, for each wallet that it touches. Raises as `undo`, but for `NotEnoughToTake`."""
    found: list[Undoing] = []
    for leg in (yield from _legs(entry_id, guild_id=guild_id)):
        posted, _ = yield from _still_to_undo(leg)
        wallet = (yield _SELECT_WALLET, {"id": leg["wallet_id"]})[0]
        found.append(Undoing(of=ledger.move_of(leg), moves=posted, balance=ledger.balance_of(wallet)))
    return tuple(found)


def _legs(entry_id: int, *, guild_id: int) -> Script[list[Row]]:
    """The entry; and the entry of the other member, where it is a gift."""
    rows = yield ledger.SELECT_BY_ID, {"id": entry_id}
    if not rows or rows[0]["guild_id"] != guild_id:
        raise NoSuchEntry(entry_id=entry_id)
    first = rows[0]
    if first["kind"] not in UNDOABLE:
        raise NotUndoable(entry_id=entry_id, kind=first["kind"])
    if first["kind"] not in _OTHER_SIDE:
        return [first]
    act_id = first["key"].partition(":")[2]
    return [first, *(yield ledger.SELECT_BY_KEY, {"key": f"{_OTHER_SIDE[first['kind']]}:{act_id}"})]


def _still_to_undo(leg: Row) -> Script[tuple[int, int]]:
    """What an undo moves, and how much of it in the allowance: of a charge, all that was not given back before."""
    if leg["kind"] == EntryKind.CAPTURE:
        earlier = (yield _REFUNDED, {"job_id": leg["job_id"]})[0]
        posted, allowance = -leg["posted_delta"] - earlier["posted"], -leg["allowance_delta"] - earlier["allowance"]
        if posted == 0:
            raise AlreadyUndone(entry_id=leg["id"])
        return posted, allowance
    if (yield _SELECT_UNDO, {"id": leg["id"]}):
        raise AlreadyUndone(entry_id=leg["id"])
    return -leg["posted_delta"], -leg["allowance_delta"]


def _undo_leg(leg: Row, wallet: Row, *, actor: str, reason: str, now: int) -> Script[LedgerMove]:
    posted, allowance = yield from _still_to_undo(leg)
    before = ledger.balance_of(wallet)
    if before.funds_available + posted - allowance < 0:  # what came as allowance is never undone
        raise NotEnoughToTake(
            amount=-posted, available=before.funds_available, held=before.held - before.allowance_held
        )
    charge = leg["kind"] == EntryKind.CAPTURE
    return (
        yield from ledger.append(
            wallet,
            EntryKind.REFUND if charge else EntryKind.UNDO,
            posted=posted,
            allowance=allowance,
            allowance_day=leg["allowance_day"] if allowance else None,
            job_id=leg["job_id"],
            undoes=None if charge else leg["id"],
            key=f"undo:{leg['id']}",
            actor=actor,
            reason=reason,
            now=now,
        )
    )
