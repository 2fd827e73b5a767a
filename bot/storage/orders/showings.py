"""Transaction scripts of the messages that show images. A delete makes them due, and none is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.domain.caller import TOKEN_LIFE_MS
from bot.domain.job import Job
from bot.domain.showing import Place, Showing, ShowingKind
from bot.storage.engine import locks
from bot.storage.engine.store import Row, Script

REMOVAL_GRACE_MS = 60_000  # in which the process that took the image down deletes the messages itself

_NOTE = """
    INSERT INTO showings (job_id, kind, guild_id, channel_id, message_id, ephemeral, token, token_until, at, since_id,
        due_at)
    SELECT id, :kind, :guild_id, :channel_id, :message_id, :ephemeral, :token, :token_until, :at, :since_id,
        deleted_at
    FROM jobs WHERE id = :job_id ON CONFLICT DO NOTHING"""  # an image that was deleted meanwhile has to go at once
_BEGIN = """
    INSERT INTO showings (job_id, kind, guild_id, channel_id, ephemeral, token, token_until, at, since_id)
    SELECT id, :kind, :guild_id, :channel_id, 0, :token, :token_until, :at, :since_id FROM jobs
    WHERE id = :job_id AND deleted_at IS NULL RETURNING *"""
_BEGIN_AGAIN = """
    UPDATE showings SET guild_id = :guild_id, channel_id = :channel_id, message_id = NULL, token = :token,
        token_until = :token_until, at = :at, since_id = :since_id
    WHERE id = :id AND at = :before AND due_at IS NULL RETURNING *"""
_BEGUN = """
    SELECT * FROM showings
    WHERE job_id = :job_id AND kind = :kind AND (kind = 'gallery' OR channel_id = :channel_id)"""
_POSTED = "UPDATE showings SET message_id = :message_id WHERE id = :id RETURNING *"
_SHARED = """
    UPDATE jobs SET shared = 1 WHERE id = :job_id AND guild_id = :guild_id"""
_SHARED_NO_MORE = """
    UPDATE jobs SET shared = 0 WHERE id = :job_id AND shared = 1 AND NOT EXISTS (
        SELECT 1 FROM showings
        WHERE showings.job_id = jobs.id AND kind = 'copy' AND showings.guild_id = jobs.guild_id)"""
_FORGET = "DELETE FROM showings WHERE id = :id RETURNING *"
_OF_JOB = "SELECT * FROM showings WHERE job_id = :job_id ORDER BY id"
_COPIES = """
    SELECT channel_id FROM showings
    WHERE job_id = :job_id AND guild_id = :guild_id AND kind = 'copy' AND message_id IS NOT NULL AND due_at IS NULL"""
_TAKE_DOWN = "UPDATE showings SET due_at = :due_at WHERE job_id = :job_id RETURNING *"
_DUE = "SELECT * FROM showings WHERE due_at <= :now ORDER BY due_at, id LIMIT :limit"
_PUT_OFF = "UPDATE showings SET due_at = :due_at, tries = tries + 1 WHERE id = :id"
_OLD_LOOKS = """
    DELETE FROM showings WHERE token <> '' AND token_until <= :now AND kind = 'look' RETURNING id"""
_OLD_TOKENS = "UPDATE showings SET token = '' WHERE token <> '' AND token_until <= :now"


def note_result(job: Job, *, channel_id: int, message_id: int, now: int) -> Script[None]:
    """Store the message that the ladder has shown the image in. Without an id, a member has deleted it already."""
    if not message_id:
        return
    is_answer, alive = message_id == job.message_id, now < job.token_until
    facts = {
        "job_id": job.id,
        "kind": ShowingKind.RESULT,
        "guild_id": job.wallet.guild_id if channel_id == job.shown_in else 0,
        "channel_id": channel_id,
        "message_id": message_id,
        "ephemeral": int(job.private and is_answer),
        "token": job.token if is_answer and alive else "",
        "token_until": job.token_until if is_answer and alive else 0,
        "at": now,
        "since_id": int(job.id),
    }
    yield _NOTE, facts


def note_look(job_id: str, place: Place, message_id: int, *, now: int) -> Script[None]:
    """Store an answer that is about to show the image to one member."""
    facts = {"job_id": job_id, "kind": ShowingKind.LOOK, "message_id": message_id, "at": now}
    yield _NOTE, {**facts, "ephemeral": int(place.ephemeral), **_place(place, now=now)}


def begin(job_id: str, kind: ShowingKind, place: Place, *, now: int) -> Script[tuple[Showing, bool] | None]:
    """Store that the image is about to be shown, in a channel by its owner, or in the gallery.

    Returns the row, and whether it is new: else the image is shown there, or another attempt has begun. None where the
    image was deleted.
    """
    yield from locks.lock(f"showing:{job_id}")
    rows = yield _BEGUN, {"job_id": job_id, "kind": kind, "channel_id": place.channel_id}
    if rows:
        return of_row(rows[0]), False
    rows = yield _BEGIN, {"job_id": job_id, "kind": kind, "at": now, **_place(place, now=now)}
    return (of_row(rows[0]), True) if rows else None


def begin_again(showing: Showing, place: Place, *, now: int) -> Script[Showing | None]:
    """Store that an image is about to be shown where it is not any more. None where another attempt was first."""
    facts = {"id": showing.id, "before": showing.at, "at": now, **_place(place, now=now)}
    rows = yield _BEGIN_AGAIN, facts
    return of_row(rows[0]) if rows else None


def posted(showing_id: int, message_id: int) -> Script[bool]:
    """Store the message of a showing. Returns False where the image was deleted meanwhile: the message has to go."""
    rows = yield _POSTED, {"id": showing_id, "message_id": message_id}
    if not rows:
        return False
    if rows[0]["kind"] == ShowingKind.COPY:
        yield _SHARED, {"job_id": rows[0]["job_id"], "guild_id": rows[0]["guild_id"]}
    return rows[0]["due_at"] is None


def forget(showing_id: int) -> Script[None]:
    """Delete the row of a message that certainly does not show the image, or not any more."""
    rows = yield _FORGET, {"id": showing_id}
    if rows and rows[0]["kind"] == ShowingKind.COPY:
        yield _SHARED_NO_MORE, {"job_id": rows[0]["job_id"]}


def of_job(job_id: str) -> Script[tuple[Showing, ...]]:
    return tuple(of_row(row) for row in (yield _OF_JOB, {"job_id": job_id}))


def channels_of_copies(job_id: str, *, guild_id: int) -> Script[frozenset[int]]:
    """The channels of the server in which the owner has posted the image."""
    rows = yield _COPIES, {"job_id": job_id, "guild_id": guild_id}
    return frozenset(row["channel_id"] for row in rows)


def take_down(job_id: str, *, due_at: int) -> Script[tuple[Showing, ...]]:
    """Let all messages of an image be deleted, from `due_at` on by the aftercare. Returns them."""
    rows = yield _TAKE_DOWN, {"job_id": job_id, "due_at": due_at}
    return tuple(sorted((of_row(row) for row in rows), key=lambda showing: showing.id))


def due(*, now: int, limit: int) -> Script[list[Showing]]:
    """Messages of deleted images that are still to be deleted."""
    return [of_row(row) for row in (yield _DUE, {"now": now, "limit": limit})]


def put_off(showing_id: int, *, until: int | None) -> Script[None]:
    """Store that the message could not be deleted. It is tried again then; never again without a time."""
    yield _PUT_OFF, {"id": showing_id, "due_at": until}


def forget_old_tokens(*, now: int) -> Script[Collection[Row]]:
    """Delete what can't be deleted on Discord any more: private answers whose token is dead, and dead tokens."""
    looks = yield _OLD_LOOKS, {"now": now}
    yield _OLD_TOKENS, {"now": now}
    return looks


def _place(place: Place, *, now: int) -> dict[str, Any]:
    return {
        "guild_id": place.guild_id,
        "channel_id": place.channel_id,
        "since_id": place.interaction_id,
        "token": place.token,
        "token_until": now + TOKEN_LIFE_MS if place.token else 0,
    }


def of_row(row: Row) -> Showing:
    return Showing(
        id=row["id"],
        job_id=row["job_id"],
        kind=ShowingKind(row["kind"]),
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        ephemeral=bool(row["ephemeral"]),
        token=row["token"],
        token_until=row["token_until"],
        at=row["at"],
        since_id=row["since_id"],
        tries=row["tries"],
    )
