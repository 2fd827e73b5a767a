"""Transaction scripts for the pages of `HTTP_PORT`: what is under way, and whether the database can be written."""

from __future__ import annotations

from bot.domain.job import JobState, UnderWay
from bot.storage.engine.store import Script

# Over the open jobs alone (`jobs_open`), however many have ended. What they cost is what is on hold, by the audit.
_UNDER_WAY = """
    SELECT state, count(*) AS jobs, sum(cost) AS credits, min(created_at) AS oldest_at FROM jobs
    WHERE state NOT IN ('delivered', 'released') GROUP BY state"""
# Written and taken back in one transaction: nobody ever sees it, and a disk that takes nothing is found out.
_WRITE = "INSERT INTO searches (id, body, made_at) VALUES (:id, '{}', :now)"
_TAKE_BACK = "DELETE FROM searches WHERE id = :id"


def under_way() -> Script[UnderWay]:
    rows = yield _UNDER_WAY, {}
    return UnderWay(
        jobs={JobState(row["state"]): row["jobs"] for row in rows},
        credits_held=int(sum(row["credits"] for row in rows)),
        oldest_at=min((row["oldest_at"] for row in rows), default=None),
    )


def write_nothing(name: str, *, now: int) -> Script[None]:
    """`name`: of whoever asks; no two may ask under one name at a moment."""
    yield _WRITE, {"id": name, "now": now}
    yield _TAKE_BACK, {"id": name}
