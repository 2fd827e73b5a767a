"""Scripts that look back: pages of what was made, one job by any of its numbers, and notes that are owed."""

from __future__ import annotations

from typing import Any

from bot.domain.history import Cursor, HistoryPage, Item, Search, Turn
from bot.domain.job import Job, ReleaseReason
from bot.domain.recipe import Recipe
from bot.storage.engine.store import Script
from bot.storage.orders import jobs

SEARCH_LIFE_MS = 7 * 24 * 3_600_000  # of a search whose pages may still be turned; private answers live shorter

_SELECT_PAGE = """
    SELECT jobs.id, jobs.result_channel, EXISTS (
        SELECT 1 FROM favourites WHERE favourites.member_id = :asker_id AND favourites.job_id = jobs.id) AS starred
    FROM jobs WHERE {conditions}
    ORDER BY jobs.created_at {order}, jobs.id {order} LIMIT :limit"""
_IN_WALLET = """
    jobs.wallet_id = (SELECT id FROM wallets WHERE wallets.guild_id = :guild_id AND wallets.member_id = :member_id)"""
_STARRED = "jobs.id IN (SELECT job_id FROM favourites WHERE favourites.member_id = :asker_id)"
_EVERYBODYS = """
    jobs.guild_id = :guild_id
    AND (jobs.member_id = :asker_id OR (jobs.private = 0 AND jobs.deleted_at IS NULL))"""
_READABLE = "(jobs.private = 0 OR jobs.member_id = :asker_id)"  # else an answer would tell what a private prompt says
_NOT_FORGOTTEN = "jobs.forgotten_at IS NULL"  # there is nothing to show, not even to moderators
_FILTERS = {
    "text": r"lower(jobs.prompt) LIKE :text ESCAPE '\'",
    "video": r"lower(jobs.video) LIKE :video ESCAPE '\'",
    "since": "jobs.created_at >= :since",
    "until": "jobs.created_at < :until",
    "size": "json_extract(jobs.recipe, '$.size') = :size",
}
_BESIDE = {
    Turn.OLDER: "(jobs.created_at, jobs.id) < (:at, :job_id)",
    Turn.NEWER: "(jobs.created_at, jobs.id) > (:at, :job_id)",
}

_KEEP_SEARCH = "INSERT INTO searches (id, body, made_at) VALUES (:id, :body, :now) ON CONFLICT (id) DO NOTHING"
_FORGET_SEARCHES = "DELETE FROM searches WHERE made_at < :before"
_SELECT_SEARCH = "SELECT body FROM searches WHERE id = :id"

_BY_MESSAGE = "SELECT id FROM jobs WHERE result_id = :message_id OR message_id = :message_id ORDER BY id LIMIT 1"
_UNNOTED = """
    member_id = :member_id AND guild_id = :guild_id AND noted = 0
    AND release_reason = 'undeliverable' AND image_name IS NOT NULL AND deleted_at IS NULL"""
_OWES_NOTE = f"SELECT count(*) AS jobs FROM jobs WHERE {_UNNOTED}"  # noqa: S608  # our own text
_CLAIM_NOTES = f"UPDATE jobs SET noted = 1 WHERE {_UNNOTED} RETURNING id"  # noqa: S608  # our own text
_OWE_NOTE = "UPDATE jobs SET noted = 0 WHERE id = :id AND release_reason = :reason"
_LAST_ORDERS = """
    SELECT recipe FROM jobs WHERE member_id = :member_id AND deleted_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT :limit"""


def page(search: Search, *, turn: Turn = Turn.OLDER, beside: Cursor | None = None, limit: int) -> Script[HistoryPage]:
    """The items next to `beside`, in that direction; without one, the newest."""
    found = yield from _items(search, turn, beside, limit + 1)
    more, items = len(found) > limit, found[:limit]
    if turn is Turn.OLDER:
        return HistoryPage(tuple(items), has_newer=beside is not None, has_older=more)
    if not more:  # the newest page is always a full one
        return (yield from page(search, limit=limit))
    return HistoryPage(tuple(reversed(items)), has_newer=True, has_older=True)


def _items(search: Search, turn: Turn, beside: Cursor | None, limit: int) -> Script[list[Item]]:
    order = "DESC" if turn is Turn.OLDER else "ASC"
    conditions = _conditions(search) + ([_BESIDE[turn]] if beside else [])
    rows = yield (
        _SELECT_PAGE.format(conditions=" AND ".join(conditions), order=order),
        {**_parameters(search), **(beside._asdict() if beside else {}), "limit": limit},
    )
    items: list[Item] = []
    for row in rows:
        job = yield from jobs.get(row["id"])
        if job is not None:
            items.append(Item(job, row["result_channel"], bool(row["starred"])))
    return items


def _conditions(search: Search) -> list[str]:
    """All of it is text of ours; what people typed goes in as parameters."""
    whose = [_EVERYBODYS if search.member_id is None else _IN_WALLET, _NOT_FORGOTTEN]
    if search.favourites:
        whose.append(_STARRED)
    if search.text or search.video:
        whose.append(_READABLE)
    return whose + [words for name, words in _FILTERS.items() if getattr(search, name) is not None]


def _parameters(search: Search) -> dict[str, Any]:
    return {
        **search.model_dump(),
        "text": _containing(search.text),
        "video": _containing(search.video),
        "size": search.size and search.size.value,
    }


def _containing(part: str | None) -> str | None:
    if part is None:
        return None
    inert = part.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{inert}%"


def keep_search(search_id: str, search: Search, *, now: int) -> Script[None]:
    yield _FORGET_SEARCHES, {"before": now - SEARCH_LIFE_MS}
    yield _KEEP_SEARCH, {"id": search_id, "body": search.model_dump_json(), "now": now}


def get_search(search_id: str) -> Script[Search | None]:
    rows = yield _SELECT_SEARCH, {"id": search_id}
    return Search.model_validate_json(rows[0]["body"]) if rows else None


def find(number: str) -> Script[Job | None]:
    """By the job's own id, else by that of a message that shows it."""
    job = yield from jobs.get(number)
    if job is not None or int(number) >= 2**63:
        return job
    rows = yield _BY_MESSAGE, {"message_id": int(number)}
    return (yield from jobs.get(rows[0]["id"])) if rows else None


def owes_note(*, guild_id: int, member_id: int) -> Script[bool]:
    """Cheap, since every command asks it."""
    rows = yield _OWES_NOTE, {"member_id": member_id, "guild_id": guild_id}
    return bool(rows[0]["jobs"])


def claim_notes(*, guild_id: int, member_id: int) -> Script[list[Job]]:
    """The member's images that could not be shown, and of which nobody has told the member yet; now somebody does."""
    rows = yield _CLAIM_NOTES, {"guild_id": guild_id, "member_id": member_id}
    found: list[Job] = []
    for row in rows:
        job = yield from jobs.get(row["id"])
        if job is not None:
            found.append(job)
    return found


def owe_note(job_id: str) -> Script[None]:
    """It could not be said after all."""
    yield _OWE_NOTE, {"id": job_id, "reason": ReleaseReason.UNDELIVERABLE}


def last_recipes(member_id: int, *, limit: int) -> Script[list[Recipe]]:
    """What a member ordered, newest first."""
    rows = yield _LAST_ORDERS, {"member_id": member_id, "limit": limit}
    return [Recipe.model_validate_json(row["recipe"]) for row in rows]
