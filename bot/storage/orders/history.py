"""Scripts of the history: pages of images, a job found by any of its ids, and notes that members still have to get."""

from __future__ import annotations

from typing import Any

from bot.domain.history import Cursor, HistoryPage, Item, Search, Turn
from bot.domain.job import Job
from bot.domain.recipe import Recipe
from bot.storage.engine.store import Script
from bot.storage.orders import jobs

SEARCH_LIFE_MS = 7 * 24 * 3_600_000  # how long the pages of a search can be turned; private answers end sooner

_SELECT_PAGE = """
    SELECT jobs.id, jobs.result_channel, EXISTS (
        SELECT 1 FROM favourites WHERE favourites.member_id = :asker_id AND favourites.job_id = jobs.id) AS starred
    FROM jobs WHERE {conditions}
    ORDER BY jobs.created_at {order}, jobs.id {order} LIMIT :limit"""
_IN_WALLET = """
    jobs.wallet_id = (SELECT id FROM wallets WHERE wallets.guild_id = :guild_id AND wallets.member_id = :member_id)"""
_STARRED = "jobs.id IN (SELECT job_id FROM favourites WHERE favourites.member_id = :asker_id)"
_VISIBLE = """
    jobs.guild_id = :guild_id
    AND (jobs.member_id = :asker_id OR ((jobs.private = 0 OR jobs.shared = 1) AND jobs.deleted_at IS NULL))"""
# Else a search would tell what a private prompt says.
_READABLE = "(jobs.private = 0 OR jobs.shared = 1 OR jobs.member_id = :asker_id)"
_NOT_FORGOTTEN = "jobs.forgotten_at IS NULL"  # there is nothing left to show, also to moderators
_FILTERS = {
    "text": r"lower(jobs.prompt) LIKE :text ESCAPE '\'",
    "video": r"lower(jobs.video) LIKE :video ESCAPE '\'",
    "since": "jobs.created_at >= :since",
    "until": "jobs.created_at < :until",
    "size": "json_extract(jobs.recipe, '$.size') = :size",
    "model": "jobs.model = :model",
}
_BESIDE = {
    Turn.OLDER: "(jobs.created_at, jobs.id) < (:at, :job_id)",
    Turn.NEWER: "(jobs.created_at, jobs.id) > (:at, :job_id)",
}

_KEEP_SEARCH = "INSERT INTO searches (id, body, made_at) VALUES (:id, :body, :now) ON CONFLICT (id) DO NOTHING"
_FORGET_SEARCHES = "DELETE FROM searches WHERE made_at < :before"
_SELECT_SEARCH = "SELECT body FROM searches WHERE id = :id"

_BY_MESSAGE = """
    SELECT * FROM jobs WHERE result_id = :message_id OR message_id = :message_id
        OR id IN (SELECT job_id FROM showings WHERE showings.message_id = :message_id) ORDER BY id LIMIT 1"""
_UNNOTED = "member_id = :member_id AND guild_id = :guild_id AND noted = 0"
_GIFT = "release_reason = 'undeliverable' AND image_name IS NOT NULL AND deleted_at IS NULL"
_OWES_NOTE = f"""
    SELECT (SELECT count(*) FROM jobs WHERE member_id = :member_id AND state = 'awaiting')
         + (SELECT count(*) FROM jobs WHERE {_UNNOTED} AND {_GIFT}) AS jobs"""  # noqa: S608  # our own text
_CLAIM_NOTES = (
    f"UPDATE jobs SET noted = 1 WHERE {_UNNOTED} AND state = 'awaiting' RETURNING *",  # noqa: S608  # our own text
    f"UPDATE jobs SET noted = 1 WHERE {_UNNOTED} AND {_GIFT} RETURNING *",  # noqa: S608  # our own text
)
_OWE_NOTE = "UPDATE jobs SET noted = 0 WHERE id = :id AND (state = 'awaiting' OR release_reason = 'undeliverable')"
_LAST_ORDERS = """
    SELECT recipe FROM jobs WHERE member_id = :member_id AND deleted_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT :limit"""


def page(search: Search, *, turn: Turn = Turn.OLDER, beside: Cursor | None = None, limit: int) -> Script[HistoryPage]:
    """The page of items next to `beside` in the direction `turn`; without `beside`, the newest page."""
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
    """The conditions in SQL. They are our own text; what a member typed goes into the parameters."""
    whose = [_VISIBLE if search.member_id is None else _IN_WALLET, _NOT_FORGOTTEN]
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
    """Find a job by its own id, else by the id of a message that shows it."""
    job = yield from jobs.get(number)
    if job is not None or int(number) >= 2**63:
        return job
    rows = yield _BY_MESSAGE, {"message_id": int(number)}
    return jobs.of_row(rows[0]) if rows else None


def owes_note(*, guild_id: int, member_id: int) -> Script[bool]:
    """Does an image of the member wait to be shown, or was one kept and not told of? Cheap: every command asks it."""
    rows = yield _OWES_NOTE, {"member_id": member_id, "guild_id": guild_id}
    return bool(rows[0]["jobs"])


def claim_notes(*, guild_id: int, member_id: int) -> Script[list[Job]]:
    """The jobs whose image could not be shown and that the member was not told about. Marks them as told."""
    found: list[Job] = []
    for claim in _CLAIM_NOTES:
        rows = yield claim, {"guild_id": guild_id, "member_id": member_id}
        found += [jobs.of_row(row) for row in rows]
    return found


def owe_note(job_id: str) -> Script[None]:
    """Undo `claim_notes` for a job, when the member could not be told after all."""
    yield _OWE_NOTE, {"id": job_id}


def last_recipes(member_id: int, *, limit: int) -> Script[list[Recipe]]:
    """The recipes of a member's last orders, newest first."""
    rows = yield _LAST_ORDERS, {"member_id": member_id, "limit": limit}
    return [Recipe.model_validate_json(row["recipe"]) for row in rows]
