"""Transaction scripts of what members do with a result: look at its details, take it down, report it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.job import Job, JobState, Shown
from bot.domain.result_action import Moments, Takedown
from bot.domain.takedown import Found, Window
from bot.storage.engine.store import Script
from bot.storage.orders import jobs, showings

_STEPS = "SELECT state, max(at) AS at FROM job_steps WHERE job_id = :id GROUP BY state"
_SHOWN = """
    SELECT result_channel, result_id FROM jobs
    WHERE id = :id AND result_id IS NOT NULL AND private = 0 AND deleted_at IS NULL"""
_SHOWN_IN_PLACE = """
    SELECT channel_id, result_id AS message_id FROM jobs
    WHERE id = :id AND result_id IS NOT NULL AND result_channel = channel_id AND private = 0 AND deleted_at IS NULL"""
_DELETE = """
    UPDATE jobs SET deleted_at = :now, deleted_by = :member_id, late_looks = 0
    WHERE id = :id AND deleted_at IS NULL RETURNING id"""
_IN_WINDOW = """
    wallet_id = (SELECT id FROM wallets WHERE guild_id = :guild_id AND member_id = :member_id)
    AND created_at > :since AND created_at <= :until AND deleted_at IS NULL"""
_IMAGES_IN = f"{_IN_WINDOW} AND image_name IS NOT NULL AND state IN ('delivered', 'released')"
_COUNT_IN = f"""
    SELECT count(*) AS images, coalesce(sum(CASE WHEN private = 1 AND shared = 0 THEN 1 ELSE 0 END), 0) AS private
    FROM jobs WHERE {_IMAGES_IN}"""  # noqa: S608  # our own text
_UNDER_WAY_IN = f"""
    SELECT count(*) AS jobs FROM jobs WHERE {_IN_WINDOW} AND state NOT IN ('delivered', 'released')"""  # noqa: S608  # as above
_PAGE_IN = f"SELECT * FROM jobs WHERE {_IMAGES_IN} ORDER BY created_at, id LIMIT :limit"  # noqa: S608  # as above
_REPORTED = "SELECT 1 AS found FROM reports WHERE job_id = :id AND member_id = :member_id"
_REPORT = """
    INSERT INTO reports (job_id, member_id, reason, at) VALUES (:id, :member_id, :reason, :now)
    ON CONFLICT (job_id, member_id) DO NOTHING RETURNING job_id"""


def moments(job: Job) -> Script[Moments]:
    """When the job was ordered, submitted, ready and shown, in Unix milliseconds."""
    at = {row["state"]: row["at"] for row in (yield _STEPS, {"id": job.id})}
    return Moments(
        ordered=job.created_at,
        submitted=at.get(JobState.SUBMITTING),
        ready=at.get(JobState.STORED),
        shown=at.get(JobState.DELIVERED),
    )


def shown(job_id: str) -> Script[Shown | None]:
    """The public message of a result; None where the result is private, deleted or not shown."""
    rows = yield _SHOWN, {"id": job_id}
    return Shown(rows[0]["result_channel"], rows[0]["result_id"]) if rows else None


def delete(job: Job, *, member_id: int, now: int) -> Script[Takedown | None]:
    """Mark a result as deleted. Returns the messages to delete; None where it was deleted before."""
    if not (yield _DELETE, {"id": job.id, "member_id": member_id, "now": now}):
        return None
    return Takedown(job, (yield from showings.take_down(job.id, due_at=now + showings.REMOVAL_GRACE_MS)))


def count_in(window: Window) -> Script[Found]:
    """Count the images of a member that can be taken down."""
    counts = (yield _COUNT_IN, _facts(window))[0]
    under_way = (yield _UNDER_WAY_IN, _facts(window))[0]
    return Found(images=counts["images"], private=counts["private"], under_way=under_way["jobs"])


def images_in(window: Window, *, limit: int) -> Script[list[Job]]:
    """The oldest images of a member that can be taken down."""
    return [jobs.of_row(row) for row in (yield _PAGE_IN, {**_facts(window), "limit": limit})]


def _facts(window: Window) -> dict[str, int]:
    wallet = window.wallet
    return {
        "guild_id": wallet.guild_id,
        "member_id": wallet.member_id,
        "since": window.since,
        "until": window.until,
    }


def has_reported(job_id: str, *, member_id: int) -> Script[bool]:
    return bool((yield _REPORTED, {"id": job_id, "member_id": member_id}))


def report(job_id: str, *, member_id: int, reason: str, now: int) -> Script[bool]:
    """Store a report. False where this member has reported the job before: the first report stays."""
    return bool((yield _REPORT, {"id": job_id, "member_id": member_id, "reason": reason, "now": now}))


def links_of(job_ids: Iterable[str]) -> Script[dict[str, str]]:
    """Links to the public messages that show the images, by the id of the job."""
    links: dict[str, str] = {}
    for job_id in set(job_ids):
        rows = yield _SHOWN_IN_PLACE, {"id": job_id}
        job = (yield from jobs.get(job_id)) if rows else None
        if job:
            links[job_id] = job.link_to(rows[0]["channel_id"], rows[0]["message_id"])
    return links
