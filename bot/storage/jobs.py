"""Transaction scripts of the job's life. Where credits end with a step, both are one transaction."""

from __future__ import annotations

from typing import Any

from bot.domain.errors import LeaseLost
from bot.domain.job import Job, JobState, NewJob, Placed, ReleaseReason, StoredImage
from bot.domain.recipe import Recipe
from bot.domain.wallet import Balance, WalletKey
from bot.storage import ledger
from bot.storage.store import Row, Script

TOKEN_LIFE_MS = 15 * 60_000  # of an interaction's token, by our own clock: Discord's may differ from it
ANSWER_GRACE_MS = 10_000  # Discord gives 3 s to answer; whoever has not by then has died

_SELECT = "SELECT * FROM jobs WHERE id = :id"
_INSERT = """
    INSERT INTO jobs (id, wallet_id, guild_id, channel_id, member_id, private, recipe, cost, state, created_at,
                      updated_at, token, token_until, file_limit, next_at)
    VALUES (:id, :wallet_id, :guild_id, :channel_id, :member_id, :private, :recipe, :cost, 'held', :now,
            :now, :token, :token_until, :file_limit, :next_at)"""
_ANSWERED = """
    UPDATE jobs SET message_id = :message_id, next_at = :now
    WHERE id = :id AND state = 'held' AND message_id IS NULL AND lease_owner IS NULL"""
_CLAIM = """
    UPDATE jobs SET lease_owner = :owner, lease_epoch = lease_epoch + 1 WHERE id IN (
        SELECT id FROM jobs
        WHERE state NOT IN ('delivered', 'released') AND {state} AND next_at <= :now AND lease_owner IS NOT :owner
        ORDER BY next_at, id LIMIT :limit)
    RETURNING *"""
_CLAIM_STARTED = _CLAIM.format(state="state <> 'held'")
_CLAIM_HELD = _CLAIM.format(state="state = 'held'")
_NEXT_DUE = """
    SELECT min(next_at) AS due FROM jobs
    WHERE state NOT IN ('delivered', 'released') AND lease_owner IS NOT :owner"""
_EVERYTHING = 1_000_000_000


def place(new: NewJob, *, starting_credits: int, now: int) -> Script[Placed]:
    """Hold the credits and write the job down. The same order again finds the first one and holds nothing.

    Raises `NotEnoughCredits`.
    """
    found = yield _SELECT, {"id": new.id}
    if found:
        balance = yield from ledger.balance(new.wallet)
        return Placed(_job(found[0]), balance or Balance(posted=0, held=0), created=False)
    wallet = yield from ledger.open_wallet(new.wallet, starting_credits=starting_credits, now=now)
    balance = yield from ledger.hold(
        wallet, new.cost, job_id=new.id, actor=str(new.wallet.member_id), reason="Image ordered", now=now
    )
    yield (
        _INSERT,
        {
            "id": new.id,
            "wallet_id": wallet["id"],
            "guild_id": new.wallet.guild_id,
            "channel_id": new.channel_id,
            "member_id": new.wallet.member_id,
            "private": int(new.private),
            "recipe": new.recipe.model_dump_json(),
            "cost": new.cost,
            "now": now,
            "token": new.token,
            "token_until": now + TOKEN_LIFE_MS,
            "file_limit": new.file_limit_bytes,
            "next_at": now + ANSWER_GRACE_MS,
        },
    )
    rows = yield _SELECT, {"id": new.id}
    return Placed(_job(rows[0]), balance, created=True)


def get(job_id: str) -> Script[Job | None]:
    rows = yield _SELECT, {"id": job_id}
    return _job(rows[0]) if rows else None


def answered(job_id: str, message_id: int, *, now: int) -> Script[None]:
    """Discord has confirmed the answer: the job may start."""
    yield _ANSWERED, {"id": job_id, "message_id": message_id, "now": now}


def found_answer(job: Job, message_id: int, *, now: int) -> Script[Job]:
    """As `answered`, but found out after a crash, by whoever has claimed the job."""
    return _advance(job, None, now=now, message_id=message_id)


def withdraw(job_id: str, reason: ReleaseReason, *, now: int) -> Script[Job | None]:
    """Release a job that nobody has taken up yet; None where somebody has."""
    found = yield _SELECT, {"id": job_id}
    if not found or found[0]["state"] != JobState.HELD or found[0]["lease_owner"] is not None:
        return None
    return (yield from released(_job(found[0]), reason, now=now))


def claim(owner: str, *, waiting_limit: int, now: int) -> Script[list[Job]]:
    """Take up every started job that nobody of this run has, and at most `waiting_limit` of those that wait.

    One process owns the file, so a lease of any other owner is a dead process's.
    """
    started = yield _CLAIM_STARTED, {"owner": owner, "now": now, "limit": _EVERYTHING}
    waiting = yield _CLAIM_HELD, {"owner": owner, "now": now, "limit": waiting_limit}
    return [_job(row) for row in (*started, *waiting)]


def next_due(owner: str) -> Script[int | None]:
    """When the next job that nobody of this run has may be taken up; None where there is none."""
    rows = yield _NEXT_DUE, {"owner": owner}
    due: int | None = rows[0]["due"]
    return due


def submitting(job: Job, *, now: int) -> Script[Job]:
    return _advance(job, JobState.SUBMITTING, now=now, submitted_at=now)


def back_to_held(job: Job, *, next_at: int, now: int) -> Script[Job]:
    """Certainly nothing was accepted: wait for another turn."""
    return _advance(job, JobState.HELD, now=now, submitted_at=None, next_at=next_at, lease_owner=None)


def running(job: Job, prediction_id: str, *, now: int) -> Script[Job]:
    return _advance(job, JobState.RUNNING, now=now, prediction_id=prediction_id)


def stored(job: Job, image: StoredImage, *, now: int) -> Script[Job]:
    return _advance(
        job,
        JobState.STORED,
        now=now,
        image_name=image.name,
        image_sha256=image.sha256,
        unsafe=None if image.unsafe is None else int(image.unsafe),
        output_url=image.output_url,
        price_micros=image.price_micros,
    )


def posting(job: Job, *, now: int) -> Script[Job]:
    return _advance(job, JobState.POSTING, now=now)


def delivered(job: Job, *, channel_id: int, message_id: int, now: int) -> Script[Job]:
    """The image is in front of the member: charge, and end."""
    yield from ledger.capture(job.id, reason="Image delivered", now=now)
    return (
        yield from _advance(job, JobState.DELIVERED, now=now, result_channel=channel_id, result_id=message_id, token="")
    )


def released(job: Job, reason: ReleaseReason, *, now: int) -> Script[Job]:
    """Give everything back, and end."""
    yield from ledger.release(job.id, reason=f"Not charged: {reason.value.replace('_', ' ')}", now=now)
    return (yield from _advance(job, JobState.RELEASED, now=now, release_reason=reason))


def park(job: Job, *, next_at: int, now: int) -> Script[Job]:
    """Leave the job where it is, to be taken up again at `next_at`."""
    return _advance(job, None, now=now, next_at=next_at, lease_owner=None)


def _advance(job: Job, state: JobState | None, *, now: int, **columns: Any) -> Script[Job]:
    """Write a step, unless somebody else has claimed the job since. Raises `LeaseLost`.

    The columns are named by the functions above, never by input.
    """
    changes: dict[str, Any] = {"updated_at": now, **columns}
    if state is not None:
        changes["state"] = state
    assignments = ", ".join(f"{column} = :{column}" for column in changes)
    rows = yield (
        f"UPDATE jobs SET {assignments} WHERE id = :id AND lease_epoch = :epoch RETURNING *",  # noqa: S608  # see above
        {**changes, "id": job.id, "epoch": job.lease_epoch},
    )
    if not rows:
        raise LeaseLost(job_id=job.id)
    return _job(rows[0])


def _job(row: Row) -> Job:
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
        lease_epoch=row["lease_epoch"],
    )


def _image(row: Row) -> StoredImage | None:
    if row["image_name"] is None:
        return None
    return StoredImage(
        name=row["image_name"],
        sha256=row["image_sha256"],
        unsafe=None if row["unsafe"] is None else bool(row["unsafe"]),
        output_url=row["output_url"],
        price_micros=row["price_micros"],
    )
