"""Transaction scripts of the ledger. Only entries move credits, and the database checks each of them."""

from __future__ import annotations

from datetime import date

from bot.domain.allowance import Entitlement
from bot.domain.bank import LedgerMove
from bot.domain.errors import NotEnoughCredits, RepeatDiffers, WalletFull
from bot.domain.wallet import SYSTEM, Balance, Entry, EntryKind, Statement, WalletKey
from bot.storage.credits import allowances
from bot.storage.engine.store import Row, Script
from bot.storage.server import policy

# Each column costs time at every order; those of the allowance are read only where they are needed.
_COLUMNS = """
    id, guild_id, member_id, posted, held, seq, allowance, allowance_held, allowance_day, allowance_until, welcomed"""
_OF_ALLOWANCE = ", allowance_day_ends_at, allowance_role, day_spent, week_spent, month_spent"
_THE_WALLET = "FROM wallets WHERE guild_id = :guild_id AND member_id = :member_id"
_SELECT_WALLET = f"SELECT {_COLUMNS} {_THE_WALLET}"
_SELECT_ALLOWANCE = f"SELECT {_COLUMNS}{_OF_ALLOWANCE} {_THE_WALLET}"
_LOCK_WALLET = f"{_SELECT_WALLET} /*postgres FOR UPDATE */"
_LOCK_ALLOWANCE = f"{_SELECT_ALLOWANCE} /*postgres FOR UPDATE */"
_INSERT_WALLET = """
    INSERT INTO wallets (guild_id, member_id, welcomed) VALUES (:guild_id, :member_id, :welcomed)
    ON CONFLICT (guild_id, member_id) DO NOTHING RETURNING *"""
_WELCOMED = "UPDATE wallets SET welcomed = 1 WHERE id = :id"
_INSERT_ENTRY = """
    INSERT INTO entries (wallet_id, seq, kind, posted_delta, held_delta, allowance_delta, allowance_held_delta,
                         posted_after, held_after, allowance_after, allowance_held_after,
                         allowance_day, job_id, undoes, key, actor, reason, at)
    VALUES (:wallet_id, :seq, :kind, :posted_delta, :held_delta, :allowance_delta, :allowance_held_delta,
            :posted_after, :held_after, :allowance_after, :allowance_held_after,
            :allowance_day, :job_id, :undoes, :key, :actor, :reason, :at) RETURNING id"""
_SELECT_MOVE = """
    SELECT entries.*, wallets.guild_id, wallets.member_id FROM entries JOIN wallets ON wallets.id = entries.wallet_id"""
SELECT_BY_ID = f"{_SELECT_MOVE} WHERE entries.id = :id"
SELECT_BY_KEY = f"{_SELECT_MOVE} WHERE entries.key = :key"
_SELECT_BY_EITHER_KEY = f"{_SELECT_MOVE} WHERE entries.key IN (:key, :other)"
_LOCK_HOLD = """
    SELECT wallets.*, hold.held_delta AS cost, hold.allowance_held_delta AS of_allowance,
        hold.allowance_day AS spent_on
    FROM entries AS hold JOIN wallets ON wallets.id = hold.wallet_id
    WHERE hold.job_id = :job_id AND hold.kind = 'hold' /*postgres FOR UPDATE OF wallets */"""
_SELECT_PAGE = """
    SELECT * FROM entries WHERE wallet_id = :wallet_id AND seq < :before ORDER BY seq DESC LIMIT :limit"""


def balance(
    key: WalletKey, *, owed: Entitlement | None = None, starting_credits: int | None = None
) -> Script[Balance | None]:
    """What the member has; None where `open_wallet` has something to write first."""
    rows = yield _SELECT_ALLOWANCE if owed else _SELECT_WALLET, _key(key)
    if not rows or (owed and not allowances.is_settled(rows[0], owed)):
        return None
    if starting_credits is not None and not rows[0]["welcomed"]:
        return None
    return balance_of(rows[0])


def open_wallet(
    key: WalletKey, *, starting_credits: int | None, now: int, owed: Entitlement | None = None
) -> Script[Row]:
    """Lock the member's wallet and return its row, with the starting credits and with what the rules give.

    `starting_credits`: what the operator allows, of which a server's own may be fewer; None while they are not due yet.
    A wallet gets them once. `owed`: None where the member's roles are not known; then the allowance stays as it is.
    """
    lock = _LOCK_ALLOWANCE if owed else _LOCK_WALLET
    rows = yield lock, _key(key)
    if not rows:
        rows = yield _INSERT_WALLET, {**_key(key), "welcomed": int(starting_credits is not None)}
        if rows and starting_credits:
            rows = yield from _give_starting_credits(rows[0], starting_credits, now=now)
        if not rows:  # another process has inserted it at this moment, and has paid the starting credits
            rows = yield lock, _key(key)
    elif starting_credits is not None and not rows[0]["welcomed"]:
        yield _WELCOMED, {"id": rows[0]["id"]}
        rows = yield from _give_starting_credits(rows[0], starting_credits, now=now)
    return (yield from _settle(rows[0], owed, now=now)) if owed else rows[0]


def _give_starting_credits(wallet: Row, starting_credits: int, *, now: int) -> Script[list[Row]]:
    """Returns the wallet's row."""
    of_the_server = (yield from policy.get(wallet["guild_id"])).starting_credits
    first = starting_credits if of_the_server is None else min(of_the_server, starting_credits)
    if first:
        yield from append(
            wallet,
            EntryKind.GRANT,
            posted=first,
            key=starting_key(WalletKey(wallet["guild_id"], wallet["member_id"])),
            actor=SYSTEM,
            reason="Starting credits",
            now=now,
        )
    return (yield _SELECT_ALLOWANCE, {"guild_id": wallet["guild_id"], "member_id": wallet["member_id"]})


def starting_key(key: WalletKey) -> str:
    """The idempotency key of the starting credits."""
    return f"welcome:{key.guild_id}:{key.member_id}"


def _settle(wallet: Row, owed: Entitlement, *, now: int) -> Script[Row]:
    """Write the one refill or lapse that brings the allowance to what the rules give. Returns the wallet's row."""
    wallet = yield from allowances.turn(wallet, owed)
    due = allowances.due(wallet, owed)
    if due is None:
        return wallet
    kind, moved, reason = due
    key = f"{kind}:{wallet['id']}:{wallet['seq'] + 1}"
    yield from append(wallet, kind, posted=moved, allowance=moved, key=key, actor=SYSTEM, reason=reason, now=now)
    return {
        **wallet,
        "seq": wallet["seq"] + 1,
        "posted": wallet["posted"] + moved,
        "allowance": wallet["allowance"] + moved,
    }


def welcome(
    key: WalletKey, *, starting_credits: int | None, now: int, owed: Entitlement | None = None
) -> Script[Balance]:
    """Open the wallet. Returns its balance."""
    wallet = yield from open_wallet(key, starting_credits=starting_credits, now=now, owed=owed)
    return balance_of(wallet)


def grant(
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
) -> Script[LedgerMove]:
    """Give credits once per `act_id` (the interaction's id). A repeated act returns the entry of the first time.

    Raises `RepeatDiffers` for the same act with another amount, wallet, actor or reason, and `WalletFull`.
    """
    wallet = yield from open_wallet(key, starting_credits=starting_credits, now=now, owed=owed)
    entry_key = f"grant:{act_id}"
    earlier = yield from done_before(key, amount, entry_key=entry_key, actor=actor, reason=reason)
    if earlier:
        return earlier
    check_room(wallet, amount, highest_balance)
    return (
        yield from append(wallet, EntryKind.GRANT, posted=amount, key=entry_key, actor=actor, reason=reason, now=now)
    )


def check_room(wallet: Row, amount: int, highest_balance: int | None, *, told: bool = True) -> None:
    """Check that the wallet may have so much more. `told`: the refusal may say how much. Raises `WalletFull`."""
    if highest_balance is not None and wallet["posted"] + amount > highest_balance:
        room = max(0, highest_balance - wallet["posted"])
        raise WalletFull(amount=amount, limit=highest_balance, room=room if told else None)


def done_before(key: WalletKey, posted: int, *, entry_key: str, actor: str, reason: str) -> Script[LedgerMove | None]:
    """The entry of an act that was done before; None for a new act.

    Raises `RepeatDiffers` where the first time had another amount, wallet, actor or reason.
    """
    earlier = yield from move_by_key(entry_key)
    if earlier is None:
        return None
    entry = earlier.entry
    if (earlier.wallet, entry.posted_delta, entry.actor, entry.reason) != (key, posted, actor, reason):
        raise RepeatDiffers(key=entry_key)
    return earlier


def move_by_key(key: str) -> Script[LedgerMove | None]:
    """The entry that an act has made, by its idempotency key."""
    rows = yield SELECT_BY_KEY, {"key": key}
    return move_of(rows[0]) if rows else None


def move_by_either_key(key: str, other: str) -> Script[LedgerMove | None]:
    """As `move_by_key`, for an act that may be of two kinds."""
    rows = yield _SELECT_BY_EITHER_KEY, {"key": key, "other": other}
    return move_of(rows[0]) if rows else None


def hold(wallet: Row, cost: int, *, job_id: str, actor: str, reason: str, now: int) -> Script[LedgerMove]:
    """Set credits aside for a job, of the allowance first. Raises `NotEnoughCredits`."""
    before = balance_of(wallet)
    if before.available < cost:
        raise NotEnoughCredits(needed=cost, available=before.available, held=before.held)
    of_allowance = min(cost, before.allowance_available)
    return (
        yield from append(
            wallet,
            EntryKind.HOLD,
            held=cost,
            allowance_held=of_allowance,
            allowance_day=wallet["allowance_day"] if of_allowance else None,
            job_id=job_id,
            key=f"job:{job_id}:hold",
            actor=actor,
            reason=reason,
            now=now,
        )
    )


def capture(job_id: str, *, reason: str, now: int) -> Script[LedgerMove]:
    """Charge what was held for the job. The database refuses a second ending."""
    return (yield from _end_hold(job_id, EntryKind.CAPTURE, reason=reason, now=now))


def release(job_id: str, *, reason: str, now: int) -> Script[LedgerMove]:
    """Give back what was held for the job. The database refuses a second ending."""
    return (yield from _end_hold(job_id, EntryKind.RELEASE, reason=reason, now=now))


def _end_hold(job_id: str, kind: EntryKind, *, reason: str, now: int) -> Script[LedgerMove]:
    """Charge what is held to the funds and the allowance that it was held from, or give it back to them."""
    hold = (yield _LOCK_HOLD, {"job_id": job_id})[0]
    cost, of_allowance = hold["cost"], hold["of_allowance"]
    charged = kind is EntryKind.CAPTURE
    return (
        yield from append(
            hold,
            kind,
            posted=-cost if charged else 0,
            held=-cost,
            allowance=-of_allowance if charged else 0,
            allowance_held=-of_allowance,
            allowance_day=hold["spent_on"],
            job_id=job_id,
            key=f"job:{job_id}:{kind}",
            actor=SYSTEM,
            reason=reason,
            now=now,
        )
    )


def refund(job_id: str, amount: int, *, reason: str, now: int) -> Script[LedgerMove]:
    """Give back part of what was charged for the job, to funds first.

    The database refuses more than the charge, and this refund a second time.
    """
    hold = (yield _LOCK_HOLD, {"job_id": job_id})[0]
    to_allowance = max(0, amount - (hold["cost"] - hold["of_allowance"]))
    return (
        yield from append(
            hold,
            EntryKind.REFUND,
            posted=amount,
            allowance=to_allowance,
            allowance_day=hold["spent_on"] if to_allowance else None,
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
    entries = tuple(_entry(row) for row in rows)
    older = entries[-1].seq if entries and entries[-1].seq > 1 else None
    newer = top + limit if entries and entries[0].seq < wallet["seq"] else None  # no number is ever left out
    return Statement(balance=balance_of(wallet), entries=entries, older_before=older, newer_before=newer)


def append(
    wallet: Row,
    kind: EntryKind,
    *,
    posted: int = 0,
    held: int = 0,
    allowance: int = 0,
    allowance_held: int = 0,
    allowance_day: str | None = None,
    job_id: str | None = None,
    undoes: int | None = None,
    key: str,
    actor: str,
    reason: str,
    now: int,
) -> Script[LedgerMove]:
    """Write one entry, the only way to move credits. The wallet is locked. `allowance_day`: when it is or was spent."""
    columns = {
        "wallet_id": wallet["id"],
        "seq": wallet["seq"] + 1,
        "kind": kind,
        "posted_delta": posted,
        "held_delta": held,
        "allowance_delta": allowance,
        "allowance_held_delta": allowance_held,
        "posted_after": wallet["posted"] + posted,
        "held_after": wallet["held"] + held,
        "allowance_after": wallet["allowance"] + allowance,
        "allowance_held_after": wallet["allowance_held"] + allowance_held,
        "allowance_day": allowance_day,
        "job_id": job_id,
        "undoes": undoes,
        "key": key,
        "actor": actor,
        "reason": reason,
        "at": now,
    }
    columns["id"] = (yield _INSERT_ENTRY, columns)[0]["id"]
    return LedgerMove(WalletKey(wallet["guild_id"], wallet["member_id"]), _entry(columns))


def balance_of(wallet: Row) -> Balance:
    return Balance(
        posted=wallet["posted"],
        held=wallet["held"],
        allowance=wallet["allowance"],
        allowance_held=wallet["allowance_held"],
        allowance_until=date.fromisoformat(wallet["allowance_until"]) if wallet["allowance_until"] else None,
    )


def move_of(row: Row) -> LedgerMove:
    """`row`: an entry, with the `guild_id` and `member_id` of its wallet."""
    return LedgerMove(WalletKey(row["guild_id"], row["member_id"]), _entry(row))


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        seq=row["seq"],
        kind=EntryKind(row["kind"]),
        posted_delta=row["posted_delta"],
        held_delta=row["held_delta"],
        after=Balance(
            posted=row["posted_after"],
            held=row["held_after"],
            allowance=row["allowance_after"],
            allowance_held=row["allowance_held_after"],
        ),
        job_id=row["job_id"],
        undoes=row["undoes"],
        actor=row["actor"],
        reason=row["reason"],
        at=row["at"],
    )


def _key(key: WalletKey) -> dict[str, int]:
    return {"guild_id": key.guild_id, "member_id": key.member_id}
