"""Transaction scripts of the life of a job. A step that charges or returns credits does so in the same transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.domain.errors import LeaseLost
from bot.domain.job import Job, JobState, ReleaseReason, StoredImage
from bot.domain.recipe import Recipe
from bot.domain.wallet import WalletKey
from bot.storage.credits import ledger
from bot.storage.engine import locks
from bot.storage.engine.store import Row, Script
from bot.storage.orders import showings
from bot.storage.processes import leases

TELL_AGAIN_MS = 30_000  # after which the message about a release is tried again
LATE_LOOKS = 6  # after a release, for an image that may yet come

_SELECT = "SELECT * FROM jobs WHERE id = :id"
_LOCK = f"{_SELECT} /*postgres FOR UPDATE */"
_ANSWERED = """
    UPDATE jobs SET message_id = :message_id, next_at = :now, told = 0
    WHERE id = :id AND (message_id IS NULL OR message_id = :message_id)
        AND (lease_owner IS NULL OR state = 'released')"""

# A process has the job's lease: this one, or another one that is alive. The jobs of a dead process are free.
_LEASED_NOW = f"(jobs.lease_owner = :owner OR {leases.alive('jobs.lease_owner')})"
FREE = f"(jobs.lease_owner IS NULL OR NOT {_LEASED_NOW})"

# At the supplier, or about to be sent: this is the condition of the index `jobs_at_supplier`.
_AT_SUPPLIER_OR_LEASED = (
    "(jobs.state IN ('submitting', 'running') OR (jobs.state = 'held' AND jobs.lease_owner IS NOT NULL))"
)
_SENT = f"{_AT_SUPPLIER_OR_LEASED} AND jobs.state <> 'held'"
_BEING_MADE = f"{_AT_SUPPLIER_OR_LEASED} AND (jobs.state <> 'held' OR {_LEASED_NOW})"

# The line: members take turns. The turn of a job is the number of jobs of its member before it, with those being made.
# The plus keeps SQLite from reading all jobs there ever were, in the order of their members.
_TURNS = """
    SELECT id, row_number() OVER (ORDER BY turn, created_at, id) AS place, turn, running_limit FROM (
        SELECT jobs.id, jobs.created_at, jobs.running_limit, coalesce(busy.jobs, 0)
               + row_number() OVER (PARTITION BY jobs.member_id ORDER BY jobs.created_at, jobs.id) AS turn
        FROM jobs LEFT JOIN (
            SELECT +jobs.member_id AS member_id, count(*) AS jobs FROM jobs WHERE {being_made} GROUP BY +jobs.member_id
            ) AS busy
            ON busy.member_id = jobs.member_id
        WHERE jobs.state = 'held' AND {which}) AS turns"""
_LINE = _TURNS.format(being_made=_SENT, which="1 = 1")
_NEXT_IN_LINE = _TURNS.format(being_made=_BEING_MADE, which=f"jobs.next_at <= :now AND {FREE}")

_CLAIM = """
    UPDATE jobs SET lease_owner = :owner, lease_epoch = lease_epoch + 1
    WHERE id IN (SELECT id FROM jobs WHERE {which} /*postgres FOR UPDATE SKIP LOCKED */) RETURNING *"""
_CLAIM_STARTED = _CLAIM.format(
    which=f"""
        state NOT IN ('delivered', 'released') AND state <> 'held' AND next_at <= :now AND {FREE}"""
)
_CLAIM_WAITING = _CLAIM.format(
    which=f"""
        state = 'held' AND {FREE} AND id IN (
            SELECT id FROM ({_NEXT_IN_LINE}) AS line
            WHERE turn <= coalesce(running_limit, :each) ORDER BY place LIMIT :limit)"""  # noqa: S608  # our own text
)
_AT_SUPPLIER = f"SELECT count(*) AS jobs FROM jobs WHERE {_BEING_MADE}"  # noqa: S608  # our own text
_NEXT_DUE = f"""
    SELECT min(next_at) AS due FROM jobs
    WHERE state NOT IN ('delivered', 'released') AND next_at > :now AND {FREE}"""  # noqa: S608  # as above
_LEASED = """
    SELECT id FROM jobs WHERE state NOT IN ('delivered', 'released') AND lease_owner = :owner ORDER BY id"""
_LET_GO = "UPDATE jobs SET lease_owner = NULL WHERE id = :id AND lease_owner = :owner"
_PAST = """
    SELECT jobs.recipe, job_steps.at - jobs.submitted_at AS ms FROM job_steps JOIN jobs ON jobs.id = job_steps.job_id
    WHERE job_steps.state = 'stored' ORDER BY job_steps.id DESC LIMIT :limit"""
_AFTERCARE = """
    SELECT * FROM jobs WHERE state = 'released' AND (told = 0 OR late_looks > 0) AND next_at <= :now
    ORDER BY next_at LIMIT :limit"""


def get(job_id: str) -> Script[Job | None]:
    rows = yield _SELECT, {"id": job_id}
    return of_row(rows[0]) if rows else None


def answered(job_id: str, message_id: int, *, now: int) -> Script[None]:
    """Store that Discord has our answer: the job may start. If it was released meanwhile, its card is to be updated."""
    yield _ANSWERED, {"id": job_id, "message_id": message_id, "now": now}
    yield from locks.notify(locks.WORK)


def found_answer(job: Job, message_id: int, *, now: int) -> Script[Job]:
    """As `answered`, by the process that has claimed the job after a crash and has found the answer."""
    return _advance(job, None, now=now, message_id=message_id)


def withdraw(job_id: str, reason: ReleaseReason, *, now: int) -> Script[Job | None]:
    """Release a job that certainly was not sent; None where it was sent or has ended.

    A process that is just preparing the job loses the lease, and with it the right to send the job.
    """
    found = yield _LOCK, {"id": job_id}
    if not found or found[0]["state"] != JobState.HELD:
        return None
    return (yield from released(of_row(found[0]), reason, now=now))


def claim(owner: str, *, at_supplier: int, each: int, grace_ms: int = 0, now: int) -> Script[list[Job]]:
    """Lease every started job that no living process has, and as many waiting jobs as there is room for.

    `owner`: this process. `at_supplier`: how many jobs of all processes may be at the supplier at once.
    `grace_ms`: how long after the end of its lease another process still counts as alive.
    Waiting jobs are taken in the order of the line. A member has at most `each` jobs being made, or as many as the
    server's policy allowed when the job was ordered.
    """
    facts = {"owner": owner, "grace_ms": grace_ms, "now": now}
    started = yield _CLAIM_STARTED, facts
    yield from locks.lock("line")  # so that two processes never both take the last place
    room = at_supplier - (yield _AT_SUPPLIER, facts)[0]["jobs"]
    waiting: list[Row] = []
    if room > 0:
        waiting = yield _CLAIM_WAITING, {**facts, "each": each, "limit": room}
    return [of_row(row) for row in (*started, *waiting)]


def take_up(
    owner: str, *, at_supplier: int, each: int, grace_ms: int, now: int
) -> Script[tuple[list[Job], int | None]]:
    """What the worker asks in one trip: `claim`, and then `next_due`."""
    claimed = yield from claim(owner, at_supplier=at_supplier, each=each, grace_ms=grace_ms, now=now)
    return claimed, (yield from next_due(owner, grace_ms=grace_ms, now=now))


def let_go(owner: str, *, but: Collection[str]) -> Script[int]:
    """Free every open job that `owner` has, except those in `but`. Returns how many were freed."""
    rows = yield _LEASED, {"owner": owner}
    loose = [row["id"] for row in rows if row["id"] not in but]
    for job_id in loose:
        yield _LET_GO, {"owner": owner, "id": job_id}
    return len(loose)


def line() -> Script[dict[str, int]]:
    """The place in the line, from 1, of each job that was not sent; also of jobs that are being prepared."""
    rows = yield _LINE, {}
    return {row["id"]: row["place"] for row in rows}


def next_due(owner: str, *, grace_ms: int = 0, now: int) -> Script[int | None]:
    """When the next job comes due that no living process has, in Unix milliseconds; None where no job will."""
    rows = yield _NEXT_DUE, {"owner": owner, "grace_ms": grace_ms, "now": now}
    due: int | None = rows[0]["due"]
    return due


def past(*, limit: int) -> Script[list[tuple[Recipe, float]]]:
    """The recipes of the last images, newest first, with the seconds from the submission to the image on our disk."""
    rows = yield _PAST, {"limit": limit}
    return [(Recipe.model_validate_json(row["recipe"]), row["ms"] / 1000) for row in rows]


def submitting(job: Job, *, now: int) -> Script[Job]:
    return _advance(job, JobState.SUBMITTING, now=now, submitted_at=now)


def back_to_held(job: Job, *, next_at: int, now: int) -> Script[Job]:
    """Put the job back into the line, when the supplier certainly has not accepted it."""
    return _advance(job, JobState.HELD, now=now, submitted_at=None, next_at=next_at, lease_owner=None)


def running(job: Job, prediction_id: str, *, now: int) -> Script[Job]:
    return _advance(job, JobState.RUNNING, now=now, prediction_id=prediction_id)


def stored(job: Job, image: StoredImage, *, refund: int, now: int) -> Script[Job]:
    """Store the image. `refund`: credits that will be given back because the image is smaller than paid for."""
    return _advance(job, JobState.STORED, now=now, refund=refund, **_image_columns(image))


def posting(job: Job, *, now: int) -> Script[Job]:
    return _advance(job, JobState.POSTING, now=now)


def awaiting(job: Job, *, next_at: int, now: int) -> Script[Job]:
    """Keep an image that could be shown nowhere, with its hold. It is looked at again at `next_at`."""
    since = now if job.awaiting_since is None else job.awaiting_since
    return _advance(job, JobState.AWAITING, now=now, awaiting_since=since, next_at=next_at, lease_owner=None)


def delivered(job: Job, *, channel_id: int, message_id: int, now: int) -> Script[Job]:
    """End a job whose image was shown: charge it, and refund what a smaller image costs less."""
    row = yield from _fence(job)
    if row["state"] == JobState.DELIVERED:  # an earlier try was committed, and its answer was lost
        return of_row(row)
    yield from ledger.capture(job.id, reason="Image delivered", now=now)
    if job.refund:
        yield from ledger.refund(job.id, job.refund, reason="Image smaller than paid for", now=now)
    yield from showings.note_result(job, channel_id=channel_id, message_id=message_id, now=now)
    return (
        yield from _advance(job, JobState.DELIVERED, now=now, result_channel=channel_id, result_id=message_id, token="")
    )


def released(job: Job, reason: ReleaseReason, *, now: int) -> Script[Job]:
    """End a job without a charge: give all credits back. A process that still has the job loses its lease.

    The file of an image that is given up has been erased before.
    """
    yield from _fence(job)
    yield from ledger.release(job.id, reason=f"Not charged: {reason.value.replace('_', ' ')}", now=now)
    may_come_yet = reason is ReleaseReason.TIMED_OUT and job.prediction_id is not None
    return (
        yield from _advance(
            job,
            JobState.RELEASED,
            now=now,
            release_reason=reason,
            late_looks=LATE_LOOKS if may_come_yet else 0,
            next_at=now + TELL_AGAIN_MS,
            lease_epoch=job.lease_epoch + 1,
            **({"erased_at": now} if reason is ReleaseReason.GIVEN_UP else {}),
        )
    )


def aftercare(*, limit: int, now: int) -> Script[list[Job]]:
    """Released jobs that need more work: the member was not told, or the image may still come."""
    rows = yield _AFTERCARE, {"limit": limit, "now": now}
    return [of_row(row) for row in rows]


def care(job: Job, *, told: bool, late_looks: int, next_at: int, now: int) -> Script[Job]:
    """Store what was done for a released job, and when it is to be looked at again.

    It does not count as told when `answered` has stored another card in the meantime: that card was not updated.
    """
    card = (yield _LOCK, {"id": job.id})[0]["message_id"]
    told = told and card == job.message_id
    return (yield from _advance(job, None, now=now, told=int(told), late_looks=late_looks, next_at=next_at))


def gift(job: Job, image: StoredImage, *, now: int) -> Script[Job]:
    """Store an image that came after the release. It is never charged."""
    return _advance(job, None, now=now, **_image_columns(image))


def gifted(job: Job, *, channel_id: int, message_id: int, now: int) -> Script[Job]:
    yield from showings.note_result(job, channel_id=channel_id, message_id=message_id, now=now)
    return (
        yield from _advance(job, None, now=now, result_channel=channel_id, result_id=message_id, late_looks=0, token="")
    )


def park(job: Job, *, next_at: int, now: int) -> Script[Job]:
    """End the lease and leave the job in its state. It can be claimed again at `next_at`."""
    return _advance(job, None, now=now, next_at=next_at, lease_owner=None)


def still_ours(job: Job) -> Script[None]:
    """Check that this process still has the lease. Raises `LeaseLost`."""
    yield from _fence(job)


def _fence(job: Job) -> Script[Row]:
    """Lock the job and check the lease before credits move, since `_advance` comes after. Raises `LeaseLost`."""
    rows = yield _LOCK, {"id": job.id}
    if rows[0]["lease_epoch"] != job.lease_epoch:
        raise LeaseLost(job_id=job.id)
    return rows[0]


def _advance(job: Job, state: JobState | None, *, now: int, **columns: Any) -> Script[Job]:
    """Store a step, if this process still has the lease. Raises `LeaseLost`.

    The same step again changes nothing: a connection may be lost after the commit, before we hear of it. The names of
    the columns come from the functions above, never from input.
    """
    changes: dict[str, Any] = {"updated_at": now, **columns}
    facts: dict[str, Any] = {"id": job.id, "epoch": job.lease_epoch}
    condition = "id = :id AND lease_epoch = :epoch"
    if state is not None:
        changes["state"] = state
        facts["before"] = job.state
        condition += " AND state = :before"
    assignments = ", ".join(f"{column} = :{column}" for column in changes)
    rows = yield f"UPDATE jobs SET {assignments} WHERE {condition} RETURNING *", {**changes, **facts}  # noqa: S608  # see above
    if not rows:
        rows = [(yield from _fence(job))]
        if rows[0]["state"] != state:
            raise LeaseLost(job_id=job.id)
    return of_row(rows[0])


def of_row(row: Row) -> Job:
    return Job(
        id=row["id"],
        wallet=WalletKey(row["guild_id"], row["member_id"]),
        channel_id=row["channel_id"],
        private=bool(row["private"]),
        recipe=Recipe.model_validate_json(row["recipe"]),
        cost=row["cost"],
        state=JobState(row["state"]),
        created_at=row["created_at"],
        token=row["token"],
        token_until=row["token_until"],
        file_limit_bytes=row["file_limit"],
        message_id=row["message_id"],
        submitted_at=row["submitted_at"],
        prediction_id=row["prediction_id"],
        image=_image(row),
        result_id=row["result_id"],
        release_reason=ReleaseReason(row["release_reason"]) if row["release_reason"] else None,
        told=bool(row["told"]),
        late_looks=row["late_looks"],
        lease_epoch=row["lease_epoch"],
        locale=row["locale"],
        spoiler=bool(row["spoiler"]),
        made_from=row["made_from"],
        deleted=row["deleted_at"] is not None,
        refund=row["refund"],
        awaiting_since=row["awaiting_since"],
        answer_channel_id=row["answer_channel"],
        shared=bool(row["shared"]),
    )


def _image(row: Row) -> StoredImage | None:
    if row["image_name"] is None:
        return None
    return StoredImage(
        name=row["image_name"],
        sha256=row["image_sha256"],
        width=row["width"] or 0,
        height=row["height"] or 0,
        unsafe=None if row["unsafe"] is None else bool(row["unsafe"]),
        output_url=row["output_url"],
        price_micros=row["price_micros"],
    )


def _image_columns(image: StoredImage) -> dict[str, Any]:
    return {
        "image_name": image.name,
        "image_sha256": image.sha256,
        "width": image.width,
        "height": image.height,
        "unsafe": None if image.unsafe is None else int(image.unsafe),
        "output_url": image.output_url,
        "price_micros": image.price_micros,
    }
