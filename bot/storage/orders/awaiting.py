"""Transaction scripts of images that could be shown nowhere, and wait with their hold for their member."""

from __future__ import annotations

from bot.domain.caller import TOKEN_LIFE_MS, Caller
from bot.domain.job import Job
from bot.storage.engine import locks
from bot.storage.engine.store import Script
from bot.storage.orders import jobs

AT_ONCE = 10  # images of a member that one command lets be tried again
_TRY_AGAIN = """
    UPDATE jobs SET next_at = :now WHERE id IN (
        SELECT id FROM jobs WHERE member_id = :member_id AND state = 'awaiting' AND next_at > :now
        ORDER BY updated_at LIMIT :limit)
    RETURNING id"""
_IDS = "SELECT id FROM jobs WHERE member_id = :member_id AND state = 'awaiting' ORDER BY id"
# Only where no living process tries to show it at the moment. The new epoch stops one that was paused.
_FREE = f"id = :id AND state = 'awaiting' AND {jobs.FREE}"
_TAKE = f"""
    UPDATE jobs SET lease_owner = :owner, lease_epoch = lease_epoch + 1 WHERE {_FREE} RETURNING *"""  # noqa: S608  # our own text
_SHOW_HERE = f"""
    UPDATE jobs SET token = :token, token_until = :token_until, message_id = :message_id, answer_channel = :channel_id,
        file_limit = :file_limit, locale = :locale, next_at = :now, lease_owner = NULL, lease_epoch = lease_epoch + 1
    WHERE {_FREE} RETURNING *"""  # noqa: S608  # as above


def try_again(member_id: int, *, now: int) -> Script[int]:
    """Let images of a member be tried again now, those first whose last try is longest ago. Returns how many."""
    found = yield _TRY_AGAIN, {"member_id": member_id, "now": now, "limit": AT_ONCE}
    if found:
        yield from locks.notify(locks.WORK)
    return len(found)


def ids(member_id: int) -> Script[list[str]]:
    """The ids of the member's images that wait, in all servers."""
    return [row["id"] for row in (yield _IDS, {"member_id": member_id})]


def take(job_id: str, owner: str, *, grace_ms: int, now: int) -> Script[Job | None]:
    """Lease an image that waits; None where it does not wait any more, or a living process tries to show it."""
    rows = yield _TAKE, {"id": job_id, "owner": owner, "grace_ms": grace_ms, "now": now}
    return jobs.of_row(rows[0]) if rows else None


def show_here(
    job_id: str, caller: Caller, message_id: int, *, owner: str, grace_ms: int, now: int
) -> Script[Job | None]:
    """Make our answer to `caller` the place where the image is to be shown, and let it be tried at once. As `take`.

    `message_id`: that answer, which Discord has taken.
    """
    facts = {
        "id": job_id,
        "owner": owner,
        "grace_ms": grace_ms,
        "now": now,
        "token": caller.token,
        "token_until": now + TOKEN_LIFE_MS,
        "message_id": message_id,
        "channel_id": caller.channel_id,
        "file_limit": caller.file_limit_bytes,
        "locale": caller.locale,
    }
    rows = yield _SHOW_HERE, facts
    if rows:
        yield from locks.notify(locks.WORK)
    return jobs.of_row(rows[0]) if rows else None
