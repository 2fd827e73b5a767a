"""Transaction scripts of favourites."""

from __future__ import annotations

from bot.storage.engine import locks
from bot.storage.engine.store import Script

_UNSTAR = "DELETE FROM favourites WHERE member_id = :member_id AND job_id = :job_id RETURNING job_id"
_STAR = "INSERT INTO favourites (member_id, job_id, starred_at) VALUES (:member_id, :job_id, :now)"
_COUNT = """
    SELECT count(*) AS favourites FROM favourites JOIN jobs ON jobs.id = favourites.job_id
    WHERE favourites.member_id = :member_id AND jobs.guild_id = :guild_id
        AND (jobs.member_id = :member_id OR ((jobs.private = 0 OR jobs.shared = 1) AND jobs.deleted_at IS NULL))"""


def toggle(job_id: str, *, member_id: int, now: int) -> Script[bool]:
    """Add the favourite, or remove it. Returns whether it is a favourite now."""
    yield from locks.of_member(member_id)
    removed = yield _UNSTAR, {"member_id": member_id, "job_id": job_id}
    if removed:
        return False
    yield _STAR, {"member_id": member_id, "job_id": job_id, "now": now}
    return True


def count(*, guild_id: int, member_id: int) -> Script[int]:
    """Count the favourites of a member in a server, as many as `/history` lists."""
    rows = yield _COUNT, {"guild_id": guild_id, "member_id": member_id}
    found: int = rows[0]["favourites"]
    return found
