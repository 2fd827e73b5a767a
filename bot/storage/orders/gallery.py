"""Transaction scripts of favourites, and of the messages in the gallery channel that show them."""

from __future__ import annotations

from bot.storage.engine import locks
from bot.storage.engine.store import Script

_UNSTAR = "DELETE FROM favourites WHERE member_id = :member_id AND job_id = :job_id RETURNING job_id"
_STAR = "INSERT INTO favourites (member_id, job_id, starred_at) VALUES (:member_id, :job_id, :now)"
_COUNT = """
    SELECT count(*) AS favourites FROM favourites JOIN jobs ON jobs.id = favourites.job_id
    WHERE favourites.member_id = :member_id AND jobs.guild_id = :guild_id
        AND (jobs.member_id = :member_id OR (jobs.private = 0 AND jobs.deleted_at IS NULL))"""

_SHOWN = "SELECT channel_id, message_id FROM gallery WHERE job_id = :job_id"
_BEGIN = """
    INSERT INTO gallery (job_id, channel_id, message_id, added_at) VALUES (:job_id, :channel_id, NULL, :now)"""
_FINISH = "UPDATE gallery SET message_id = :message_id WHERE job_id = :job_id"
_TAKE_BACK = "DELETE FROM gallery WHERE job_id = :job_id AND message_id IS NULL"


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


def begin(job_id: str, *, channel_id: int, now: int) -> Script[tuple[int, bool] | None]:
    """Store that an image is about to be shown in the gallery.

    Returns the channel, and whether an earlier process has tried to show it; None where it is shown already.
    """
    yield from locks.lock(f"gallery:{job_id}")
    rows = yield _SHOWN, {"job_id": job_id}
    if not rows:
        yield _BEGIN, {"job_id": job_id, "channel_id": channel_id, "now": now}
        return channel_id, False
    return None if rows[0]["message_id"] is not None else (rows[0]["channel_id"], True)


def finish(job_id: str, message_id: int) -> Script[None]:
    """Store the message that shows the image."""
    yield _FINISH, {"job_id": job_id, "message_id": message_id}


def take_back(job_id: str) -> Script[None]:
    """Delete what `begin` stored, when the image certainly was not shown: the next star may try again."""
    yield _TAKE_BACK, {"job_id": job_id}
