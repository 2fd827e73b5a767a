"""Transaction scripts of proposals: orders that wait to be confirmed."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.errors import NotYours
from bot.domain.proposal import LIFE_MS, Proposal, Proposed
from bot.domain.wallet import WalletKey
from bot.storage.engine.store import Row, Script

_SELECT = "SELECT * FROM proposals WHERE id = :id AND updated_at > :after"
_LOCK = f"{_SELECT} /*postgres FOR UPDATE */"
_INSERT = """
    INSERT INTO proposals (id, guild_id, member_id, channel_id, body, created_at, updated_at)
    VALUES (:id, :guild_id, :member_id, :channel_id, :body, :now, :now)
    ON CONFLICT (id) DO NOTHING"""
_UPDATE = "UPDATE proposals SET body = :body, updated_at = :now WHERE id = :id RETURNING *"
_DELETE = "DELETE FROM proposals WHERE id = :id"
_DELETE_OLD = "DELETE FROM proposals WHERE updated_at <= :after"

Change = Callable[[Proposal], Proposal]


def put(proposed: Proposed, *, now: int) -> Script[Proposed]:
    """Store a proposal, and delete those that have expired. The same interaction again returns the first proposal."""
    yield _DELETE_OLD, {"after": now - LIFE_MS}
    yield (
        _INSERT,
        {
            "id": proposed.id,
            "guild_id": proposed.wallet.guild_id,
            "member_id": proposed.wallet.member_id,
            "channel_id": proposed.channel_id,
            "body": proposed.proposal.model_dump_json(),
            "now": now,
        },
    )
    found = yield from get(proposed.id, now=now)
    return found or proposed


def get(proposal_id: str, *, now: int) -> Script[Proposed | None]:
    """None where there is no such proposal, or where it has expired."""
    rows = yield _SELECT, {"id": proposal_id, "after": now - LIFE_MS}
    return _proposed(rows[0]) if rows else None


def change(proposal_id: str, member_id: int, how: Change, *, now: int) -> Script[Proposed | None]:
    """Replace a proposal by what `how` returns for it; None as `get`. Raises `NotYours`, and what `how` raises."""
    rows = yield _LOCK, {"id": proposal_id, "after": now - LIFE_MS}
    if not rows:
        return None
    found = _proposed(rows[0])
    if found.wallet.member_id != member_id:
        raise NotYours
    rows = yield _UPDATE, {"id": proposal_id, "body": how(found.proposal).model_dump_json(), "now": now}
    return _proposed(rows[0])


def forget(proposal_id: str) -> Script[None]:
    yield _DELETE, {"id": proposal_id}


def _proposed(row: Row) -> Proposed:
    return Proposed(
        id=row["id"],
        wallet=WalletKey(row["guild_id"], row["member_id"]),
        channel_id=row["channel_id"],
        proposal=Proposal.model_validate_json(row["body"]),
    )
