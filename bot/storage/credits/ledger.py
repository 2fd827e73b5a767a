"""Transaction scripts of the ledger. Entries alone move wallets, and the database checks each of them."""

from __future__ import annotations

from bot.domain.allowance import Refill
from bot.domain.errors import NotEnoughCredits, RepeatDiffers
from bot.domain.wallet import SYSTEM, Balance, Entry, EntryKind, Statement, WalletKey
from bot.storage.engine.store import Row, Script
from bot.storage.server import policy

_SELECT_WALLET = """
    SELECT * FROM wallets WHERE guild_id = :guild_id AND member_id = :member_id"""
_LOCK_WALLET = f"{_SELECT_WALLET} /*postgres FOR UPDATE */"
_SELECT_WALLET_BY_ID = "SELECT * FROM wallets WHERE id = :id"
_LOCK_WALLET_BY_ID = f"{_SELECT_WALLET_BY_ID} /*postgres FOR UPDATE */"
_INSERT_WALLET = """
    INSERT INTO wallets (guild_id, member_id) VALUES (:guild_id, :member_id)
    ON CONFLICT (guild_id, member_id) DO NOTHING RETURNING id"""
_INSERT_ENTRY = """
    INSERT INTO entries (wallet_id, seq, kind, posted_delta, held_delta, allowance_delta, allowance_held_delta,
                         posted_after, held_after, allowance_after, allowance_held_after,
                         job_id, undoes, key, actor, reason, at)
    VALUES (:wallet_id, :seq, :kind, :posted_delta, :held_delta, :allowance_delta, :allowance_held_delta,
            :posted_after, :held_after, :allowance_after, :allowance_held_after,
            :job_id, :undoes, :key, :actor, :reason, :at)"""
_REFILLED = "UPDATE wallets SET refilled_since = :since WHERE id = :id"
_SELECT_BY_KEY = """
    SELECT * FROM entries WHERE key = :key"""
_SELECT_HOLD = (
    "SELECT wallet_id, held_delta, allowance_held_delta FROM entries WHERE job_id = :job_id AND kind = 'hold'"
)
_SELECT_PAGE = """
    SELECT * FROM entries WHERE wallet_id = :wallet_id AND seq < :before ORDER BY seq DESC LIMIT :limit"""


def balance(key: WalletKey, *, owed: Refill | None = None) -> Script[Balance | None]:
    """What the member has; None for somebody who was never here, or did not get what is `owed` yet."""
    rows = yield _SELECT_WALLET, _key(key)
    if not rows or (owed and owed.since > rows[0]["refilled_since"]):
        return None
    return balance_of(rows[0])


def open_wallet(key: WalletKey, *, starting_credits: int, now: int, owed: Refill | None = None) -> Script[Row]:
    """The member's wallet row, locked; made and filled at the first meeting; then what is `owed`.

    `starting_credits`: the operator's; a server's own may be fewer.
    """
    rows = yield _LOCK_WALLET, _key(key)
    if not rows:
        rows = yield from _first_meeting(key, starting_credits=starting_credits, now=now)
    if owed:
        return (yield from refill(rows[0], owed, now=now))
    return rows[0]


def _first_meeting(key: WalletKey, *, starting_credits: int, now: int) -> Script[list[Row]]:
    made = yield _INSERT_WALLET, _key(key)
    rows = yield _LOCK_WALLET, _key(key)
    if made:  # else another process has met the member at this moment
        of_the_server = (yield from policy.get(key.guild_id)).starting_credits
        first = starting_credits if of_the_server is None else min(of_the_server, starting_credits)
        if first:
            yield from append(
                rows[0],
                EntryKind.GRANT,
                posted=first,
                key=f"welcome:{key.guild_id}:{key.member_id}",
                actor=SYSTEM,
                reason="Starting credits",
                now=now,
            )
            rows = yield _SELECT_WALLET, _key(key)
    return rows


def refill(wallet: Row, owed: Refill, *, now: int) -> Script[Row]:
    """Fill the allowance up to what is owed for this period, once; a period before the last one filled owes nothing.

    `wallet` is locked.
    """
    if owed.since <= wallet["refilled_since"]:
        return wallet
    yield _REFILLED, {"id": wallet["id"], "since": owed.since}
    missing = owed.amount - balance_of(wallet).allowance_available
    if missing > 0:
        yield from append(
            wallet,
            EntryKind.REFILL,
            posted=missing,
            allowance=missing,
            key=f"refill:{wallet['id']}:{owed.since}",
            actor=SYSTEM,
            reason=f"Allowance for the {owed.every}",
            now=now,
        )
    return (yield from wallet_by_id(wallet["id"]))


def welcome(key: WalletKey, *, starting_credits: int, now: int, owed: Refill | None = None) -> Script[Balance]:
    wallet = yield from open_wallet(key, starting_credits=starting_credits, now=now, owed=owed)
    return balance_of(wallet)


def grant(
    key: WalletKey, amount: int, *, act_id: str, actor: str, reason: str, starting_credits: int, now: int
) -> Script[Balance]:
    """Give credits once per `act_id` (the interaction's id). Returns the balance after that one grant.

    Raises `RepeatDiffers` for the same act with another amount, wallet, actor or reason.
    """
    wallet = yield from open_wallet(key, starting_credits=starting_credits, now=now)
    entry_key = f"grant:{act_id}"
    earlier = yield _SELECT_BY_KEY, {"key": entry_key}
    if not earlier:
        return (
            yield from append(
                wallet, EntryKind.GRANT, posted=amount, key=entry_key, actor=actor, reason=reason, now=now
            )
        )
    first = earlier[0]
    said, told = (
        (first["wallet_id"], first["posted_delta"], first["actor"], first["reason"]),
        (wallet["id"], amount, actor, reason),
    )
    if said != told:
        raise RepeatDiffers(key=entry_key)
    return balance_after(first)


def hold(wallet: Row, cost: int, *, job_id: str, actor: str, reason: str, now: int) -> Script[Balance]:
    """Set credits aside for a job, of the allowance first. Raises `NotEnoughCredits`."""
    before = balance_of(wallet)
    if before.available < cost:
        raise NotEnoughCredits(needed=cost, available=before.available, held=before.held)
    from_allowance = min(cost, before.allowance_available)
    return (
        yield from append(
            wallet,
            EntryKind.HOLD,
            held=cost,
            allowance_held=from_allowance,
            job_id=job_id,
            key=f"job:{job_id}:hold",
            actor=actor,
            reason=reason,
            now=now,
        )
    )


def capture(job_id: str, *, reason: str, now: int) -> Script[Balance]:
    """Charge what was held for the job. The database refuses a second ending."""
    return (yield from _end_hold(job_id, EntryKind.CAPTURE, reason=reason, now=now))


def release(job_id: str, *, reason: str, now: int) -> Script[Balance]:
    """Give back what was held for the job. The database refuses a second ending."""
    return (yield from _end_hold(job_id, EntryKind.RELEASE, reason=reason, now=now))


def refund(job_id: str, amount: int, *, reason: str, now: int) -> Script[Balance]:
    """Give back part of what was charged for the job, to funds first.

    The database refuses more than the charge, and this refund a second time.
    """
    held = (yield _SELECT_HOLD, {"job_id": job_id})[0]
    wallet = yield from lock_wallet(held["wallet_id"])
    of_funds = held["held_delta"] - held["allowance_held_delta"]
    return (
        yield from append(
            wallet,
            EntryKind.REFUND,
            posted=amount,
            allowance=max(0, amount - of_funds),
            job_id=job_id,
            key=f"job:{job_id}:{EntryKind.REFUND}",
            actor=SYSTEM,
            reason=reason,
            now=now,
        )
    )


def statement(key: WalletKey, *, before: int | None, limit: int) -> Script[Statement | None]:
    """A page of the member's entries, newest first, each older than `before` (a seq); None without a wallet."""
    wallets = yield _SELECT_WALLET, _key(key)
    if not wallets:
        return None
    wallet = wallets[0]
    top = wallet["seq"] + 1 if before is None else before
    rows = yield _SELECT_PAGE, {"wallet_id": wallet["id"], "before": top, "limit": limit}
    entries = tuple(entry_of(row) for row in rows)
    older = entries[-1].seq if entries and entries[-1].seq > 1 else None
    newer = top + limit if entries and entries[0].seq < wallet["seq"] else None  # no number is ever left out
    return Statement(balance=balance_of(wallet), entries=entries, older_before=older, newer_before=newer)


def _end_hold(job_id: str, kind: EntryKind, *, reason: str, now: int) -> Script[Balance]:
    """What was held of each bucket is charged to it, or goes back to it."""
    held = (yield _SELECT_HOLD, {"job_id": job_id})[0]
    wallet = yield from lock_wallet(held["wallet_id"])
    cost, of_allowance = held["held_delta"], held["allowance_held_delta"]
    charged = kind is EntryKind.CAPTURE
    return (
        yield from append(
            wallet,
            kind,
            posted=-cost if charged else 0,
            held=-cost,
            allowance=-of_allowance if charged else 0,
            allowance_held=-of_allowance,
            job_id=job_id,
            key=f"job:{job_id}:{kind}",
            actor=SYSTEM,
            reason=reason,
            now=now,
        )
    )


def append(
    wallet: Row,
    kind: EntryKind,
    *,
    posted: int = 0,
    held: int = 0,
    allowance: int = 0,
    allowance_held: int = 0,
    job_id: str | None = None,
    undoes: int | None = None,
    key: str,
    actor: str,
    reason: str,
    now: int,
) -> Script[Balance]:
    """The one way to move credits. `wallet` is locked; `allowance` is part of `posted`, `allowance_held` of `held`."""
    after = Balance(
        posted=wallet["posted"] + posted,
        held=wallet["held"] + held,
        allowance=wallet["allowance"] + allowance,
        allowance_held=wallet["allowance_held"] + allowance_held,
    )
    yield (
        _INSERT_ENTRY,
        {
            "wallet_id": wallet["id"],
            "seq": wallet["seq"] + 1,
            "kind": kind,
            "posted_delta": posted,
            "held_delta": held,
            "allowance_delta": allowance,
            "allowance_held_delta": allowance_held,
            "posted_after": after.posted,
            "held_after": after.held,
            "allowance_after": after.allowance,
            "allowance_held_after": after.allowance_held,
            "job_id": job_id,
            "undoes": undoes,
            "key": key,
            "actor": actor,
            "reason": reason,
            "at": now,
        },
    )
    return after


def wallet_by_id(wallet_id: int) -> Script[Row]:
    return (yield _SELECT_WALLET_BY_ID, {"id": wallet_id})[0]


def lock_wallet(wallet_id: int) -> Script[Row]:
    return (yield _LOCK_WALLET_BY_ID, {"id": wallet_id})[0]


def balance_of(wallet: Row) -> Balance:
    return Balance(
        posted=wallet["posted"],
        held=wallet["held"],
        allowance=wallet["allowance"],
        allowance_held=wallet["allowance_held"],
    )


def balance_after(entry: Row) -> Balance:
    return Balance(
        posted=entry["posted_after"],
        held=entry["held_after"],
        allowance=entry["allowance_after"],
        allowance_held=entry["allowance_held_after"],
    )


def entry_of(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        seq=row["seq"],
        kind=EntryKind(row["kind"]),
        posted_delta=row["posted_delta"],
        held_delta=row["held_delta"],
        after=balance_after(row),
        job_id=row["job_id"],
        undoes=row["undoes"],
        actor=row["actor"],
        reason=row["reason"],
        at=row["at"],
    )


def _key(key: WalletKey) -> dict[str, int]:
    return {"guild_id": key.guild_id, "member_id": key.member_id}
