"""Transaction scripts of one-time codes. Only the hash of a code is stored, and wrong guesses are counted."""

from __future__ import annotations

from bot.domain.bank import LedgerMove
from bot.domain.code import Code, NewCode
from bot.domain.errors import (
    CodeExpired,
    CodeUsedBefore,
    CodeUsedUp,
    CodeWithdrawn,
    NoSuchCode,
    OwnWallet,
    TooManyTries,
)
from bot.domain.wallet import EntryKind, WalletKey
from bot.storage.credits import ledger
from bot.storage.engine.store import Row, Script

TRIES_LIMIT = 10  # wrong codes of one member in an hour; each guess hits one code of 2^80
TRIES_MS = 3_600_000

_INSERT = """
    INSERT INTO codes (guild_id, sha256, hint, amount, uses, expires_at, reason, actor, at)
    VALUES (:guild_id, :sha256, :hint, :amount, :uses, :expires_at, :reason, :actor, :now) RETURNING *"""
_LIST = "SELECT * FROM codes WHERE guild_id = :guild_id ORDER BY id DESC LIMIT :limit"
_WITHDRAW = "UPDATE codes SET withdrawn = 1 WHERE id = :id AND guild_id = :guild_id RETURNING *"
_FIND = "SELECT * FROM codes WHERE sha256 = :sha256 AND guild_id = :guild_id /*postgres FOR UPDATE */"
_GET = "SELECT * FROM codes WHERE id = :id AND guild_id = :guild_id"
_USE = "UPDATE codes SET used = used + 1 WHERE id = :id"
_TRIES = "SELECT since, wrong FROM code_tries WHERE member_id = :member_id"
_COUNT_TRY = """
    INSERT INTO code_tries (member_id, since, wrong) VALUES (:member_id, :now, 1)
    ON CONFLICT (member_id) DO UPDATE SET
        wrong = CASE WHEN code_tries.since > :over THEN code_tries.wrong + 1 ELSE 1 END,
        since = CASE WHEN code_tries.since > :over THEN code_tries.since ELSE excluded.since END"""


def create(guild_id: int, new: NewCode, *, sha256: str, hint: str, actor: int, now: int) -> Script[Code]:
    facts = {"guild_id": guild_id, "sha256": sha256, "hint": hint, "actor": actor, "now": now}
    terms = {"amount": new.amount, "uses": new.uses, "expires_at": new.expires_at, "reason": new.reason}
    return _code((yield _INSERT, {**facts, **terms})[0])


def get(guild_id: int, code_id: int) -> Script[Code]:
    """Raises `NoSuchCode`, also for a code of another server."""
    rows = yield _GET, {"id": code_id, "guild_id": guild_id}
    if not rows:
        raise NoSuchCode(number=code_id)
    return _code(rows[0])


def newest(guild_id: int, *, limit: int) -> Script[list[Code]]:
    return [_code(row) for row in (yield _LIST, {"guild_id": guild_id, "limit": limit})]


def withdraw(guild_id: int, code_id: int) -> Script[Code]:
    """End a code. Credits that were redeemed stay. Raises `NoSuchCode`, also for a code of another server."""
    rows = yield _WITHDRAW, {"id": code_id, "guild_id": guild_id}
    if not rows:
        raise NoSuchCode(number=code_id)
    return _code(rows[0])


def redeem(
    taker: WalletKey,
    sha256: str,
    *,
    starting_credits: int | None,
    now: int,
    highest_balance: int | None = None,
    may_use_own: bool = True,
) -> Script[LedgerMove | None]:
    """Give the code's credits and return the entry; None where this server has no such code, which counts as a guess.

    `may_use_own`: the taker may redeem a code that the taker has made.

    Raises `TooManyTries`, `OwnWallet`, `CodeUsedBefore`, `CodeWithdrawn`, `CodeExpired`, `CodeUsedUp`, `WalletFull`.
    """
    yield from _check_tries(taker.member_id, now=now)
    rows = yield _FIND, {"sha256": sha256, "guild_id": taker.guild_id}
    if not rows:
        yield _COUNT_TRY, {"member_id": taker.member_id, "now": now, "over": now - TRIES_MS}
        return None
    code = _code(rows[0])
    key = f"code:{code.id}:{taker.member_id}"
    if (yield from ledger.move_by_key(key)):
        raise CodeUsedBefore
    _check_usable(code, by_maker=code.actor == taker.member_id and not may_use_own, now=now)
    yield _USE, {"id": code.id}
    wallet = yield from ledger.open_wallet(taker, starting_credits=starting_credits, now=now)
    ledger.check_room(wallet, code.terms.amount, highest_balance)
    return (
        yield from ledger.append(
            wallet,
            EntryKind.CODE,
            posted=code.terms.amount,
            key=key,
            actor=str(taker.member_id),
            reason=code.terms.reason,
            now=now,
        )
    )


def _check_tries(member_id: int, *, now: int) -> Script[None]:
    rows = yield _TRIES, {"member_id": member_id}
    if rows and rows[0]["wrong"] >= TRIES_LIMIT and now < rows[0]["since"] + TRIES_MS:
        raise TooManyTries(until=rows[0]["since"] + TRIES_MS)


def _check_usable(code: Code, *, by_maker: bool, now: int) -> None:
    if by_maker:
        raise OwnWallet
    if code.withdrawn:
        raise CodeWithdrawn
    if code.terms.expires_at is not None and code.over(now=now):
        raise CodeExpired(at=code.terms.expires_at)
    if code.used >= code.terms.uses:
        raise CodeUsedUp


def _code(row: Row) -> Code:
    return Code(
        id=row["id"],
        hint=row["hint"],
        terms=NewCode(amount=row["amount"], uses=row["uses"], expires_at=row["expires_at"], reason=row["reason"]),
        used=row["used"],
        withdrawn=bool(row["withdrawn"]),
        actor=row["actor"],
    )
