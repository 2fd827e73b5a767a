"""The script that adds up a server's orders. `bot/domain/usage.py` makes the figures from it."""

from __future__ import annotations

from datetime import date

from bot.domain.job import JobState, ReleaseReason
from bot.domain.usage import OrderGroup, ending_of
from bot.storage.engine.store import Row, Script

_PARTS = """
    SELECT member_id, channel_id, model, state, release_reason, count(*) AS orders,
        sum(CASE WHEN state = 'delivered' THEN cost ELSE 0 END) AS charged,
        sum(CASE WHEN state = 'delivered' THEN (
            SELECT coalesce(sum(posted_delta), 0) FROM entries
            WHERE entries.job_id = jobs.id AND kind = 'refund') ELSE 0 END) AS refunded,
        count(price_micros) AS priced, coalesce(sum(price_micros), 0) AS cost_micros
    FROM jobs WHERE guild_id = :guild_id AND created_at >= :since AND created_at < :until
    GROUP BY member_id, channel_id, model, state, release_reason"""


def parts(guild_id: int, day: date, *, since: int, until: int) -> Script[list[OrderGroup]]:
    """Add up the orders of one day by member, channel, model and ending.

    `since` and `until` (Unix milliseconds) are that `day` in the time zone of the server. A script reads one day only,
    so that other readers of the database do not wait long.
    """
    rows = yield _PARTS, {"guild_id": guild_id, "since": since, "until": until}
    return [_part(row, day) for row in rows]


def _part(row: Row, day: date) -> OrderGroup:
    reason = row["release_reason"]
    return OrderGroup(
        day=day,
        member_id=row["member_id"],
        channel_id=row["channel_id"],
        model=row["model"],
        ending=ending_of(JobState(row["state"]), ReleaseReason(reason) if reason else None),
        orders=row["orders"],
        charged=row["charged"],
        refunded=row["refunded"],
        priced=row["priced"],
        cost_micros=row["cost_micros"],
    )
