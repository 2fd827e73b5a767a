"""Transaction scripts of members who ask for credits. A member has one open request, and it is answered once."""

from __future__ import annotations

from bot.domain.bank import LedgerMove
from bot.domain.credit_request import CreditRequest, RequestState
from bot.domain.errors import AlreadyAsked, RequestDecided
from bot.domain.wallet import StartingCredits, WalletKey
from bot.storage.credits import ledger
from bot.storage.engine import locks
from bot.storage.engine.store import Row, Script

_LOCK = "SELECT * FROM requests WHERE id = :id AND guild_id = :guild_id /*postgres FOR UPDATE */"
_SELECT_OPEN = "SELECT * FROM requests WHERE guild_id = :guild_id AND member_id = :member_id AND state = 'open'"
_INSERT = """
    INSERT INTO requests (id, guild_id, member_id, amount, words, state, channel_id, locale, at)
    VALUES (:id, :guild_id, :member_id, :amount, :words, 'open', :channel_id, :locale, :at)"""
_SHOWN = "UPDATE requests SET message_id = :message_id WHERE id = :id"
_DECIDE = """
    UPDATE requests SET state = :state, given = :given, decided_by = :decided_by WHERE id = :id RETURNING *"""


def ask(new: CreditRequest, *, channel_id: int) -> Script[None]:
    """Store a request. An earlier one that has waited too long is closed; else `AlreadyAsked` is raised."""
    key = {"guild_id": new.wallet.guild_id, "member_id": new.wallet.member_id}
    yield from locks.of_member(new.wallet.member_id)
    for row in (yield _SELECT_OPEN, key):
        earlier = _request(row)
        if new.at < earlier.patience_until:
            raise AlreadyAsked(amount=earlier.amount, at=earlier.at, again_at=earlier.patience_until)
        yield from close(earlier.id)
    facts = {"id": new.id, "amount": new.amount, "words": new.words, "locale": new.locale, "at": new.at}
    yield _INSERT, {**key, **facts, "channel_id": channel_id}


def shown(request_id: str, message_id: int) -> Script[None]:
    """Store which message in the moderators' channel is the request's card."""
    yield _SHOWN, {"id": request_id, "message_id": message_id}


def close(request_id: str) -> Script[None]:
    """Deny a request that no moderator will answer any more."""
    yield from _decide(request_id, RequestState.DENIED)


def approve(
    request_id: str,
    amount: int,
    *,
    guild_id: int,
    actor: int,
    starting: StartingCredits,
    now: int,
    highest_balance: int | None = None,
) -> Script[tuple[CreditRequest, LedgerMove]]:
    """Grant the credits once: the id of the request is the `act_id`. Raises `RequestDecided` and `WalletFull`."""
    request = yield from _open(request_id, guild_id)
    granted = yield from ledger.grant(
        request.wallet,
        amount,
        act_id=request_id,
        actor=str(actor),
        reason=request.words,
        starting_credits=starting.for_member(request.wallet.member_id, now=now),
        now=now,
        highest_balance=highest_balance,
    )
    decided = yield from _decide(request_id, RequestState.APPROVED, given=amount, decided_by=actor)
    return decided, granted


def deny(request_id: str, *, guild_id: int, actor: int) -> Script[CreditRequest]:
    """Deny an open request. Raises `RequestDecided`."""
    yield from _open(request_id, guild_id)
    return (yield from _decide(request_id, RequestState.DENIED, decided_by=actor))


def _open(request_id: str, guild_id: int) -> Script[CreditRequest]:
    rows = yield _LOCK, {"id": request_id, "guild_id": guild_id}
    if not rows:
        raise RequestDecided(decided_by=None, given=None)
    request = _request(rows[0])
    if request.state is not RequestState.OPEN:
        raise RequestDecided(decided_by=request.decided_by, given=request.given)
    return request


def _decide(
    request_id: str, state: RequestState, *, given: int | None = None, decided_by: int | None = None
) -> Script[CreditRequest]:
    rows = yield _DECIDE, {"id": request_id, "state": state, "given": given, "decided_by": decided_by}
    return _request(rows[0])


def _request(row: Row) -> CreditRequest:
    return CreditRequest(
        id=row["id"],
        wallet=WalletKey(row["guild_id"], row["member_id"]),
        amount=row["amount"],
        words=row["words"],
        locale=row["locale"],
        at=row["at"],
        state=RequestState(row["state"]),
        given=row["given"],
        decided_by=row["decided_by"],
        message_id=row["message_id"],
    )
