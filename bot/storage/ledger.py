"""Transaction scripts of the ledger. Entries alone move wallets, and the database checks each of them."""

from __future__ import annotations

from bot.domain.errors import NotEnoughCredits, RepeatDiffers
from bot.domain.wallet import SYSTEM, Balance, Entry, EntryKind, Statement, WalletKey
from bot.storage.store import Row, Script

_SELECT_WALLET = """
    SELECT id, posted, held, seq FROM wallets WHERE guild_id = :guild_id AND member_id = :member_id"""
_SELECT_WALLET_BY_ID = "SELECT id, posted, held, seq FROM wallets WHERE id = :id"
_INSERT_WALLET = "INSERT INTO wallets (guild_id, member_id) VALUES (:guild_id, :member_id)"
_INSERT_ENTRY = """
    INSERT INTO entries (wallet_id, seq, kind, posted_delta, held_delta, posted_after, held_after,
                         job_id, key, actor, reason, at)
    VALUES (:wallet_id, :seq, :kind, :posted_delta, :held_delta, :posted_after, :held_after,
            :job_id, :key, :actor, :reason, :at)"""
_SELECT_BY_KEY = """
    SELECT wallet_id, kind, posted_delta, held_delta, posted_after, held_after, actor, reason
    FROM entries WHERE key = :key"""
_SELECT_HOLD = "SELECT wallet_id, held_delta FROM entries WHERE job_id = :job_id AND kind = 'hold'"
_SELECT_PAGE = """
    SELECT * FROM entries WHERE wallet_id = :wallet_id AND seq < :before ORDER BY seq DESC LIMIT :limit"""


def balance(key: WalletKey) -> Script[Balance | None]:
    """What the member has; None for somebody who was never here."""
    rows = yield _SELECT_WALLET, _key(key)
    return _balance(rows[0]) if rows else None


def open_wallet(key: WalletKey, *, starting_credits: int, now: int) -> Script[Row]:
    """The member's wallet row, made and filled with the starting credits at the first meeting."""
    rows = yield _SELECT_WALLET, _key(key)
    if not rows:
        yield _INSERT_WALLET, _key(key)
        rows = yield _SELECT_WALLET, _key(key)
        if starting_credits:
            yield from _append(
                rows[0],
                EntryKind.GRANT,
                posted=starting_credits,
                key=f"welcome:{key.guild_id}:{key.member_id}",
                actor=SYSTEM,
                reason="Starting credits",
                now=now,
            )
            rows = yield _SELECT_WALLET, _key(key)
    return rows[0]


def welcome(key: WalletKey, *, starting_credits: int, now: int) -> Script[Balance]:
    wallet = yield from open_wallet(key, starting_credits=starting_credits, now=now)
    return _balance(wallet)


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
            yield from _append(
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
    return Balance(posted=first["posted_after"], held=first["held_after"])


def hold(wallet: Row, cost: int, *, job_id: str, actor: str, reason: str, now: int) -> Script[Balance]:
    """Set credits aside for a job. Raises `NotEnoughCredits`."""
    before = _balance(wallet)
    if before.available < cost:
        raise NotEnoughCredits(needed=cost, available=before.available, held=before.held)
    return (
        yield from _append(
            wallet, EntryKind.HOLD, held=cost, job_id=job_id, key=f"job:{job_id}:hold", actor=actor, reason=reason,
            now=now,
        )
    )  # fmt: skip


def capture(job_id: str, *, reason: str, now: int) -> Script[Balance]:
    """Charge what was held for the job. The database refuses a second ending."""
    return (yield from _end_hold(job_id, EntryKind.CAPTURE, reason=reason, now=now))


def release(job_id: str, *, reason: str, now: int) -> Script[Balance]:
    """Give back what was held for the job. The database refuses a second ending."""
    return (yield from _end_hold(job_id, EntryKind.RELEASE, reason=reason, now=now))


def statement(key: WalletKey, *, before: int | None, limit: int) -> Script[Statement | None]:
    """A page of the member's entries, newest first, each older than `before` (a seq); None without a wallet."""
    wallets = yield _SELECT_WALLET, _key(key)
    if not wallets:
        return None
    wallet = wallets[0]
    top = wallet["seq"] + 1 if before is None else before
    rows = yield _SELECT_PAGE, {"wallet_id": wallet["id"], "before": top, "limit": limit}
    entries = tuple(_entry(row) for row in rows)
    older = entries[-1].seq if entries and entries[-1].seq > 1 else None
    return Statement(balance=_balance(wallet), entries=entries, older_before=older)


def _end_hold(job_id: str, kind: EntryKind, *, reason: str, now: int) -> Script[Balance]:
    held = (yield _SELECT_HOLD, {"job_id": job_id})[0]
    wallet = (yield _SELECT_WALLET_BY_ID, {"id": held["wallet_id"]})[0]
    cost = held["held_delta"]
    return (
        yield from _append(
            wallet, kind, posted=-cost if kind is EntryKind.CAPTURE else 0, held=-cost,
            job_id=job_id, key=f"job:{job_id}:{kind}", actor=SYSTEM, reason=reason, now=now,
        )
    )  # fmt: skip


def _append(
    wallet: Row,
    kind: EntryKind,
    *,
    posted: int = 0,
    held: int = 0,
    job_id: str | None = None,
    key: str,
    actor: str,
    reason: str,
    now: int,
) -> Script[Balance]:
    after = Balance(posted=wallet["posted"] + posted, held=wallet["held"] + held)
    yield (
        _INSERT_ENTRY,
        {
            "wallet_id": wallet["id"],
            "seq": wallet["seq"] + 1,
            "kind": kind,
            "posted_delta": posted,
            "held_delta": held,
            "posted_after": after.posted,
            "held_after": after.held,
            "job_id": job_id,
            "key": key,
            "actor": actor,
            "reason": reason,
            "at": now,
        },
    )
    return after


def _key(key: WalletKey) -> dict[str, int]:
    return {"guild_id": key.guild_id, "member_id": key.member_id}


def _balance(wallet: Row) -> Balance:
    return Balance(posted=wallet["posted"], held=wallet["held"])


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        seq=row["seq"],
        kind=EntryKind(row["kind"]),
        posted_delta=row["posted_delta"],
        held_delta=row["held_delta"],
        after=Balance(posted=row["posted_after"], held=row["held_after"]),
        job_id=row["job_id"],
        actor=row["actor"],
        reason=row["reason"],
        at=row["at"],
    )
