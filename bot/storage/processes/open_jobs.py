"""Transaction scripts of the HTTP server: which jobs are open, and whether the database can be written."""

from __future__ import annotations

from bot.domain.job import JobState, UnderWay
from bot.storage.engine.store import Script

# Reads the open jobs alone, by the index `jobs_open`. Their cost is the credits on hold: a rule of the audit.
_UNDER_WAY = """
    SELECT state, count(*) AS jobs, sum(cost) AS credits, min(created_at) AS oldest_at FROM jobs
    WHERE state NOT IN ('delivered', 'released') GROUP BY state"""
# Written and deleted in one transaction: no reader ever sees the row, and a full disk is found out.
_WRITE = "INSERT INTO searches (id, body, made_at) VALUES (:id, '{}', :now)"
_TAKE_BACK = "DELETE FROM searches WHERE id = :id"


def under_way() -> Script[UnderWay]:
    rows = yield _UNDER_WAY, {}
    return UnderWay(
        jobs={JobState(row["state"]): row["jobs"] for row in rows},
        credits_held=int(sum(row["credits"] for row in rows)),
        oldest_at=min((row["oldest_at"] for row in rows if row["state"] != JobState.AWAITING), default=None),
    )


def write_nothing(name: str, *, now: int) -> Script[None]:
    """Write a row and delete it. No two processes may use the same `name` at one moment."""
    yield _WRITE, {"id": name, "now": now}
    yield _TAKE_BACK, {"id": name}
