"""Transaction scripts of credits moved by people: taken, given on, undone, redeemed. Each act happens once."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.bank import LedgerMove, Undoing
from bot.domain.errors import AlreadyUndone, NoSuchEntry, NotEnoughToTake, NotUndoable, RepeatDiffers
from bot.domain.wallet import Balance, Entry, EntryKind, WalletKey
from bot.storage.credits import ledger
from bot.storage.engine.store import Row, Script

UNDOABLE = frozenset(
    {EntryKind.GRANT, EntryKind.TAKE, EntryKind.CODE, EntryKind.GIFT_SENT, EntryKind.GIFT_RECEIVED, EntryKind.CAPTURE}
)

_SELECT_ENTRY = """
    SELECT entries.*, wallets.guild_id, wallets.member_id FROM entries JOIN wallets ON wallets.id = entries.wallet_id
    WHERE entries.id = :id"""
_SELECT_UNDO = "SELECT id FROM entries WHERE undoes = :id AND kind = 'undo'"
_SELECT_BY_KEY = "SELECT * FROM entries WHERE key = :key"
_REFUNDED = """
    SELECT coalesce(sum(posted_delta), 0) AS posted, coalesce(sum(allowance_delta), 0) AS allowance
    FROM entries WHERE job_id = :job_id AND kind = 'refund'"""


def take(
    key: WalletKey, amount: int, *, act_id: str, actor: str, reason: str, starting_credits: int, now: int
) -> Script[Balance]:
    """Take credits back, once per `act_id`: from funds first, then from the allowance.

    Raises `NotEnoughToTake` with what is there, and `RepeatDiffers`.
    """
    wallet = yield from ledger.open_wallet(key, starting_credits=starting_credits, now=now)
    entry_key = f"take:{act_id}"
    earlier = yield _SELECT_BY_KEY, {"key": entry_key}
    if earlier:
        return _the_same(earlier[0], wallet, -amount, actor=actor, reason=reason)
    before = ledger.balance_of(wallet)
    if before.available < amount:
        raise NotEnoughToTake(amount=amount, available=before.available, held=before.held)
    from_allowance = max(0, amount - before.funds_available)
    return (
        yield from ledger.append(
            wallet,
            EntryKind.TAKE,
            posted=-amount,
            allowance=-from_allowance,
            key=entry_key,
            actor=actor,
            reason=reason,
            now=now,
        )
    )


def set_available(
    key: WalletKey, amount: int, *, act_id: str, actor: str, reason: str, starting_credits: int, now: int
) -> Script[tuple[int, Balance]]:
    """Bring what the member can spend to `amount`, by a grant or a take. Returns what moved, and the balance after."""
    wallet = yield from ledger.open_wallet(key, starting_credits=starting_credits, now=now)
    for kind in (EntryKind.GRANT, EntryKind.TAKE):
        earlier = yield _SELECT_BY_KEY, {"key": f"{kind}:{act_id}"}
        if earlier:
            return earlier[0]["posted_delta"], ledger.balance_after(earlier[0])
    before = ledger.balance_of(wallet)
    moved = amount - before.available
    script = ledger.grant if moved > 0 else take
    if moved == 0:
        return 0, before
    after = yield from script(
        key, abs(moved), act_id=act_id, actor=actor, reason=reason, starting_credits=starting_credits, now=now
    )
    return moved, after


def give(
    giver: WalletKey, taker: WalletKey, amount: int, *, act_id: str, reason: str, starting_credits: int, now: int
) -> Script[tuple[Balance, Balance]]:
    """From one member's funds to another's, once per `act_id`. Raises `NotEnoughToTake`, `RepeatDiffers`."""
    actor = str(giver.member_id)
    source, target = yield from open_both(giver, taker, starting_credits=starting_credits, now=now)
    sent = yield _SELECT_BY_KEY, {"key": f"gift_sent:{act_id}"}
    received = yield _SELECT_BY_KEY, {"key": f"gift_received:{act_id}"}
    if sent and received:
        return (
            _the_same(sent[0], source, -amount, actor=actor, reason=reason),
            _the_same(received[0], target, amount, actor=actor, reason=reason),
        )
    before = ledger.balance_of(source)
    if before.funds_available < amount:
        raise NotEnoughToTake(amount=amount, available=before.funds_available, held=before.held)
    left = yield from ledger.append(
        source, EntryKind.GIFT_SENT, posted=-amount, key=f"gift_sent:{act_id}", actor=actor, reason=reason, now=now
    )
    got = yield from ledger.append(
        target,
        EntryKind.GIFT_RECEIVED,
        posted=amount,
        key=f"gift_received:{act_id}",
        actor=actor,
        reason=reason,
        now=now,
    )
    return left, got


def open_both(giver: WalletKey, taker: WalletKey, *, starting_credits: int, now: int) -> Script[tuple[Row, Row]]:
    """Both wallets, locked by member, so that two who give to each other at one moment do not wait for each other."""
    opened: dict[WalletKey, Row] = {}
    for key in sorted((giver, taker), key=lambda key: key.member_id):
        opened[key] = yield from ledger.open_wallet(key, starting_credits=starting_credits, now=now)
    return opened[giver], opened[taker]


def entry(entry_id: int, *, guild_id: int) -> Script[tuple[Entry, WalletKey]]:
    """Raises `NoSuchEntry`, also for one of another server."""
    rows = yield _SELECT_ENTRY, {"id": entry_id}
    if not rows or rows[0]["guild_id"] != guild_id:
        raise NoSuchEntry(entry_id=entry_id)
    return ledger.entry_of(rows[0]), WalletKey(rows[0]["guild_id"], rows[0]["member_id"])


def entry_by_key(key: str) -> Script[LedgerMove | None]:
    """The entry that an act has made, by its idempotency key."""
    rows = yield _SELECT_BY_KEY, {"key": key}
    return _moved((yield _SELECT_ENTRY, {"id": rows[0]["id"]})[0]) if rows else None


def made_by_hand(act_id: str) -> Script[list[LedgerMove]]:
    """The entry of a moderator's act; none where it had nothing to move."""
    return (yield from _by_keys([f"{kind}:{act_id}" for kind in (EntryKind.GRANT, EntryKind.TAKE)]))


def made_by_undoing(entry_ids: Iterable[int]) -> Script[list[LedgerMove]]:
    return (yield from _by_keys([f"undo:{entry_id}" for entry_id in entry_ids]))


def _by_keys(keys: Iterable[str]) -> Script[list[LedgerMove]]:
    found: list[LedgerMove] = []
    for key in keys:
        entry = yield from entry_by_key(key)
        found += [entry] if entry else []
    return found


def made_by(key: str) -> Script[LedgerMove]:
    """As `entry_by_key`, of an act that is certainly done."""
    row = (yield _SELECT_BY_KEY, {"key": key})[0]
    return _moved((yield _SELECT_ENTRY, {"id": row["id"]})[0])


def undo(entry_id: int, *, guild_id: int, actor: str, reason: str, now: int) -> Script[dict[WalletKey, Balance]]:
    """The counter-entry, allowed once; of a gift, on both sides; of a charge, a refund. Returns each balance after.

    Raises `NoSuchEntry`, `NotUndoable`, `AlreadyUndone`, and `NotEnoughToTake` where it was spent since.
    """
    after: dict[WalletKey, Balance] = {}
    legs = yield from _legs(entry_id, guild_id=guild_id)
    for leg in sorted(legs, key=lambda leg: leg["member_id"]):
        yield from ledger.lock_wallet(leg["wallet_id"])  # before it is looked at whether they were undone
    for leg in legs:
        key = WalletKey(leg["guild_id"], leg["member_id"])
        after[key] = yield from _undo_leg(leg, actor=actor, reason=reason, now=now)
    return after


def would_undo(entry_id: int, *, guild_id: int) -> Script[tuple[Undoing, ...]]:
    """What `undo` would move, for each wallet that it touches. Raises as `undo`, but for `NotEnoughToTake`."""
    found: list[Undoing] = []
    for leg in (yield from _legs(entry_id, guild_id=guild_id)):
        posted, _ = yield from _back(leg)
        wallet = yield from ledger.wallet_by_id(leg["wallet_id"])
        found.append(Undoing(of=_moved(leg), moves=posted, balance=ledger.balance_of(wallet)))
    return tuple(found)


def _legs(entry_id: int, *, guild_id: int) -> Script[list[Row]]:
    """The entry, and of a gift its other side."""
    rows = yield _SELECT_ENTRY, {"id": entry_id}
    if not rows or rows[0]["guild_id"] != guild_id:
        raise NoSuchEntry(entry_id=entry_id)
    first = rows[0]
    if first["kind"] not in UNDOABLE:
        raise NotUndoable(entry_id=entry_id, kind=first["kind"])
    kind, _, act_id = first["key"].partition(":")
    other = {"gift_sent": "gift_received", "gift_received": "gift_sent"}.get(kind)
    if not other:
        return [first]
    twin = yield _SELECT_BY_KEY, {"key": f"{other}:{act_id}"}
    return [first, *(yield _SELECT_ENTRY, {"id": twin[0]["id"]})]


def _back(leg: Row) -> Script[tuple[int, int]]:
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


def _undo_leg(leg: Row, *, actor: str, reason: str, now: int) -> Script[Balance]:
    posted, allowance = yield from _back(leg)
    wallet = yield from ledger.wallet_by_id(leg["wallet_id"])
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
            job_id=leg["job_id"],
            undoes=None if charge else leg["id"],
            key=f"undo:{leg['id']}",
            actor=actor,
            reason=reason,
            now=now,
        )
    )


def _moved(row: Row) -> LedgerMove:
    return LedgerMove(WalletKey(row["guild_id"], row["member_id"]), ledger.entry_of(row))


def _the_same(earlier: Row, wallet: Row, posted: int, *, actor: str, reason: str) -> Balance:
    said = (earlier["wallet_id"], earlier["posted_delta"], earlier["actor"], earlier["reason"])
    if said != (wallet["id"], posted, actor, reason):
        raise RepeatDiffers(key=earlier["key"])
    return ledger.balance_after(earlier)
