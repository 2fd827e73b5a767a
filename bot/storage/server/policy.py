"""Transaction scripts of a server's policy: the document, the log of its changes, blocked members, the spending."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.budget_use import ALERT_PERCENTS
from bot.domain.errors import AlreadyUndone, ChangedSince, NoSuchChange
from bot.domain.policy import Block, Change, Policy
from bot.domain.revision import Edit
from bot.storage.engine import locks
from bot.storage.engine.store import Row, Script

_SELECT = "SELECT body FROM policies WHERE guild_id = :guild_id"
_PUT = """
    INSERT INTO policies (guild_id, body) VALUES (:guild_id, :body)
    ON CONFLICT (guild_id) DO UPDATE SET body = excluded.body"""
_LOG = """
    INSERT INTO policy_log (guild_id, rule, before, after, actor, at, undoes)
    VALUES (:guild_id, :rule, :before, :after, :actor, :at, :undoes) RETURNING *"""
_CHANGE = "SELECT * FROM policy_log WHERE id = :id AND guild_id = :guild_id"
_UNDONE = "SELECT id FROM policy_log WHERE undoes = :id"
_LATEST = "SELECT * FROM policy_log WHERE guild_id = :guild_id AND rule = :rule ORDER BY id DESC LIMIT 1"
_PAGE = """
    SELECT * FROM policy_log WHERE guild_id = :guild_id AND id < :before ORDER BY id DESC LIMIT :limit"""
_BLOCK = """
    INSERT INTO blocks (guild_id, member_id, blocked, until, reason, actor, at)
    VALUES (:guild_id, :member_id, :blocked, :until, :reason, :actor, :at)"""
_BLOCKS = """
    SELECT * FROM blocks WHERE guild_id = :guild_id AND member_id = :member_id ORDER BY id DESC LIMIT :limit"""
_REFUSALS = """
    SELECT count(*) AS refusals, max(updated_at) AS last FROM jobs
    WHERE member_id = :member_id AND guild_id = :guild_id AND release_reason = 'content_refused'
        AND updated_at >= :since"""
_SPENDING = "SELECT * FROM spending WHERE guild_id = :guild_id AND month = :month"
_SPENDING_OF_CHANNEL = """
    SELECT credits FROM channel_spending WHERE guild_id = :guild_id AND month = :month AND channel_id = :channel_id"""
_UNTOLD = "UPDATE spending SET untold = :untold WHERE guild_id = :guild_id AND month = :month"
_LOCK_SPENDING = f"{_SPENDING} /*postgres FOR UPDATE */"
_ALERTED = """
    UPDATE spending SET alerted = :percent, alerted_of = :budget WHERE guild_id = :guild_id AND month = :month"""
_NEVER = 2**62


def get(guild_id: int) -> Script[Policy]:
    rows = yield _SELECT, {"guild_id": guild_id}
    return Policy.model_validate_json(rows[0]["body"]) if rows else Policy()


def change(
    guild_id: int, rule: str, value: Any, *, actor: int, now: int, undoes: int | None = None
) -> Script[Change | None]:
    """Set one rule to a JSON value and log it; None where it had this value. Raises pydantic's `ValidationError`."""
    yield from locks.of_server(guild_id)
    before = (yield from get(guild_id)).model_dump(mode="json")
    after = Policy.model_validate({**before, rule: value}).model_dump(mode="json")
    if before[rule] == after[rule]:
        return None
    yield _PUT, {"guild_id": guild_id, "body": json.dumps(after)}
    facts = {"guild_id": guild_id, "rule": rule, "actor": actor, "at": now, "undoes": undoes}
    rows = yield _LOG, {**facts, "before": json.dumps(before[rule]), "after": json.dumps(after[rule])}
    return _change(rows[0])


def revise(guild_id: int, edits: Mapping[str, Edit], *, actor: int, now: int) -> Script[list[Change]]:
    """Change several rules, each by its edit of the present value. Returns the changes; raises as `change`."""
    yield from locks.of_server(guild_id)
    present = (yield from get(guild_id)).model_dump(mode="json")
    done: list[Change] = []
    for rule, edit in edits.items():
        changed = yield from change(guild_id, rule, edit(present[rule]), actor=actor, now=now)
        done += [changed] if changed else []
    return done


def undo(guild_id: int, change_id: int, *, actor: int, now: int) -> Script[Change]:
    """Set the rule to its value before a change. Raises `NoSuchChange`, `AlreadyUndone` and `ChangedSince`."""
    yield from locks.of_server(guild_id)
    rows = yield _CHANGE, {"id": change_id, "guild_id": guild_id}
    if not rows:
        raise NoSuchChange(change_id=change_id)
    old = _change(rows[0])
    if (yield _UNDONE, {"id": change_id}):
        raise AlreadyUndone(entry_id=change_id)
    present = (yield from get(guild_id)).model_dump(mode="json")[old.rule]
    if present != old.after:
        raise ChangedSince(rule=old.rule)
    done = yield from change(guild_id, old.rule, old.before, actor=actor, now=now, undoes=change_id)
    if done is None:
        raise ChangedSince(rule=old.rule)
    return done


def latest(guild_id: int, rule: str) -> Script[Change | None]:
    """The newest change of a rule; None where it was never changed."""
    rows = yield _LATEST, {"guild_id": guild_id, "rule": rule}
    return _change(rows[0]) if rows else None


def latest_of(guild_id: int, rules: Iterable[str]) -> Script[dict[str, Change]]:
    """The newest change of each rule, without rules that were never changed."""
    found: dict[str, Change] = {}
    for rule in rules:
        newest = yield from latest(guild_id, rule)
        if newest:
            found[rule] = newest
    return found


def log(guild_id: int, *, before: int | None = None, limit: int) -> Script[list[Change]]:
    """The changes that are older than `before` (an id), newest first."""
    rows = yield _PAGE, {"guild_id": guild_id, "before": before or _NEVER, "limit": limit}
    return [_change(row) for row in rows]


def block(guild_id: int, member_id: int, block: Block) -> Script[None]:
    """Store a block or its end. The newest row counts; the older rows are the member's history."""
    facts = {"guild_id": guild_id, "member_id": member_id, "blocked": int(block.blocked), "until": block.until}
    yield _BLOCK, {**facts, "reason": block.reason, "actor": block.actor, "at": block.at}


def blocks(guild_id: int, member_id: int, *, limit: int) -> Script[list[Block]]:
    """The blocks of a member and their ends, newest first."""
    rows = yield _BLOCKS, {"guild_id": guild_id, "member_id": member_id, "limit": limit}
    return [
        Block(blocked=bool(row["blocked"]), until=row["until"], reason=row["reason"], actor=row["actor"], at=row["at"])
        for row in rows
    ]


def refusals(guild_id: int, member_id: int, *, since: int) -> Script[tuple[int, int | None]]:
    """How many orders of the member the content filter has refused since then, and when the last."""
    rows = yield _REFUSALS, {"guild_id": guild_id, "member_id": member_id, "since": since}
    return rows[0]["refusals"], rows[0]["last"]


def spending(guild_id: int, month: str) -> Script[tuple[int, int]]:
    """The credits that were spent in a month, and those on hold for it."""
    rows = yield _SPENDING, {"guild_id": guild_id, "month": month}
    return (rows[0]["spent"], rows[0]["held"]) if rows else (0, 0)


def spending_of_channel(guild_id: int, month: str, channel_id: int) -> Script[int]:
    """The credits of a channel with its threads in a month, spent or on hold."""
    rows = yield _SPENDING_OF_CHANNEL, {"guild_id": guild_id, "month": month, "channel_id": channel_id}
    return rows[0]["credits"] if rows else 0


def is_untold(guild_id: int, month: str) -> Script[bool]:
    """Whether the last alert about the month's budget has reached no person."""
    rows = yield _SPENDING, {"guild_id": guild_id, "month": month}
    return bool(rows and rows[0]["untold"])


def mark_untold(guild_id: int, month: str, *, untold: bool) -> Script[None]:
    yield _UNTOLD, {"guild_id": guild_id, "month": month, "untold": int(untold)}


def alert_due(guild_id: int, month: str, *, budget: int, used_up: bool) -> Script[tuple[int, int] | None]:
    """The highest of `ALERT_PERCENTS` that is reached, and the credits spent or on hold. Marks it as told.

    None where it was told before. `used_up`: an order was refused because it did not fit into the budget.
    """
    rows = yield _LOCK_SPENDING, {"guild_id": guild_id, "month": month}
    if not rows:
        return None
    total = rows[0]["spent"] + rows[0]["held"]
    used = 100 if used_up else total * 100 / budget
    reached = max((percent for percent in ALERT_PERCENTS if used >= percent), default=0)
    told = rows[0]["alerted"] if rows[0]["alerted_of"] == budget else 0
    if reached <= told:
        return None
    yield _ALERTED, {"guild_id": guild_id, "month": month, "percent": reached, "budget": budget}
    return reached, total


def _change(row: Row) -> Change:
    return Change(
        id=row["id"],
        rule=row["rule"],
        before=json.loads(row["before"]),
        after=json.loads(row["after"]),
        actor=row["actor"],
        at=row["at"],
        undoes=row["undoes"],
    )
