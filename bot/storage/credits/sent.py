"""The jobs that were sent to the supplier in a period. `stillframe reconcile` compares its bill with them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import JobState, ReleaseReason
from bot.domain.recipe import Recipe
from bot.domain.wallet import WalletKey
from bot.storage.engine.store import Row, Script

_SENT = """
    SELECT jobs.*, (SELECT min(at) FROM job_steps WHERE job_id = jobs.id AND job_steps.state = 'stored') AS stored_at
    FROM jobs WHERE submitted_at >= :since AND submitted_at < :until ORDER BY submitted_at, id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedJob:
    """A job that was sent to the supplier. Times are Unix milliseconds.

    `settled_at`: when the supplier was done with the job; None while it may still be at work. `made`: we have received
    the whole image. `price_micros`: the price in millionths that the supplier told us; None where it told none.
    """

    id: str
    wallet: WalletKey
    recipe: Recipe
    state: JobState
    release_reason: ReleaseReason | None
    prediction_id: str | None
    price_micros: int | None
    made: bool
    submitted_at: int
    settled_at: int | None


def sent(*, since: int, until: int) -> Script[list[SubmittedJob]]:
    rows = yield _SENT, {"since": since, "until": until}
    return [_sent_job(row) for row in rows]


def _sent_job(row: Row) -> SubmittedJob:
    state = JobState(row["state"])
    made = row["stored_at"] is not None or row["image_name"] is not None
    return SubmittedJob(
        id=row["id"],
        wallet=WalletKey(row["guild_id"], row["member_id"]),
        recipe=Recipe.model_validate_json(row["recipe"]),
        state=state,
        release_reason=ReleaseReason(row["release_reason"]) if row["release_reason"] else None,
        prediction_id=row["prediction_id"],
        price_micros=row["price_micros"],
        made=made,
        submitted_at=row["submitted_at"],
        settled_at=row["stored_at"] or (row["updated_at"] if state.ended else None),
    )
