"""Scripts of the history: pages of images, a job found by any of its ids, and notes that members still have to get."""

from __future__ import annotations

from typing import Any

from bot.domain.history import Cursor, HistoryPage, Item, Search, Turn
from bot.domain.job import Job
from bot.domain.recipe import Recipe
from bot.domain.search_text import fold, fold_video, grams, match
from bot.storage.engine.store import Row, Script
from bot.storage.orders import jobs

PLACES = 2**32  # of one wallet
SEARCH_LIFE_MS = 7 * 24 * 3_600_000  # how long the pages of a search can be turned; private answers end sooner

_SELECT_PAGE = """
    SELECT jobs.id, jobs.result_channel, EXISTS (
        SELECT 1 FROM favourites WHERE favourites.member_id = :asker_id AND favourites.job_id = jobs.id) AS starred
    FROM jobs WHERE {conditions}
    ORDER BY jobs.created_at {order}, jobs.id {order} LIMIT :limit"""
# By an index of the pieces of words, where the jobs of a wallet lie side by side, so that those of others cost nothing.
# SQLite's is in the order of places. PostgreSQL's has no order, so what is in many jobs is looked for in the newest.
_SELECT_FOUND = """
    SELECT jobs.id, jobs.result_channel, EXISTS (
        SELECT 1 FROM favourites WHERE favourites.member_id = :asker_id AND favourites.job_id = jobs.id) AS starred
    FROM /*sqlite*/ job_words CROSS JOIN jobs
    WHERE job_words MATCH :grams AND job_words.rowid > :low AND job_words.rowid < :high
        AND jobs.place = job_words.rowid AND /*end*/
    /*postgres (SELECT * FROM jobs WHERE pieces_of(wallet_id, search_text, 1)
        @> pieces_of(CAST(:wallet_id AS BIGINT), :part, least(3, length(:part))) OFFSET 0) AS jobs
    WHERE jobs.place > :low AND jobs.place < :high AND */ {conditions}
    ORDER BY /*sqlite*/ job_words.rowid /*end*/ /*postgres jobs.place */ {order} LIMIT :limit"""
_SELECT_NEAR = """/*postgres SELECT jobs.id, jobs.result_channel, EXISTS (
        SELECT 1 FROM favourites WHERE favourites.member_id = :asker_id AND favourites.job_id = jobs.id) AS starred
    FROM (SELECT * FROM jobs WHERE place > :low AND place < :high ORDER BY place {order} LIMIT 500) AS jobs
    WHERE {conditions} ORDER BY jobs.place {order} LIMIT :limit */"""
_WALLET = "SELECT id FROM wallets WHERE guild_id = :guild_id AND member_id = :member_id"
_PLACE = "SELECT place FROM jobs WHERE id = :job_id"
_INDEX = "/*sqlite*/ INSERT INTO job_words (rowid, words) VALUES (:place, :words) /*end*/"
_INDEXED = "/*sqlite*/ SELECT place, search_text FROM jobs WHERE id = :id /*end*/"
_TAKE_OUT = "/*sqlite*/ INSERT INTO job_words (job_words, rowid, words) VALUES ('delete', :place, :words) /*end*/"
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
    "text": r"jobs.search_text LIKE :text ESCAPE '\'",
    "video": r"jobs.search_text LIKE :video ESCAPE '\'",
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
    facts = {**_parameters(search), **(beside._asdict() if beside else {}), "limit": limit}
    conditions = _conditions(search)
    select = _SELECT_PAGE
    order = "DESC" if turn is Turn.OLDER else "ASC"
    rows: list[Row] = []
    if search.member_id is not None and facts["part"]:
        select = _SELECT_FOUND
        facts |= yield from _bounds(search, turn, beside)
        rows = yield _SELECT_NEAR.format(conditions=" AND ".join(conditions), order=order), facts
    elif beside:
        conditions.append(_BESIDE[turn])
    if len(rows) < limit:
        rows = yield select.format(conditions=" AND ".join(conditions), order=order), facts
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


def _bounds(search: Search, turn: Turn, beside: Cursor | None) -> Script[dict[str, int]]:
    """The places between which the jobs of the page lie, both excluded."""
    wallets = yield _WALLET, {"guild_id": search.guild_id, "member_id": search.member_id}
    wallet_id = wallets[0]["id"] if wallets else 0
    low, high = place_of(wallet_id, 0), place_of(wallet_id + 1, 0)
    places = (yield _PLACE, {"job_id": beside.job_id}) if beside else []
    for row in places:
        low, high = (low, row["place"]) if turn is Turn.OLDER else (row["place"], high)
    return {"wallet_id": wallet_id, "low": low, "high": high}


def place_of(wallet_id: int, seq: int) -> int:
    """The place of a job among all: the jobs of a wallet side by side, by the number of the entry that holds them."""
    return wallet_id * PLACES + seq


def index(place: int, text: str) -> Script[None]:
    """Write a new job into SQLite's index. PostgreSQL keeps its own."""
    yield _INDEX, {"place": place, "words": grams(text)}


def take_out(job_id: str) -> Script[None]:
    """Take a job out of SQLite's index, before its text is changed."""
    for row in (yield _INDEXED, {"id": job_id}):
        yield _TAKE_OUT, {"place": row["place"], "words": grams(row["search_text"])}


def _parameters(search: Search) -> dict[str, Any]:
    text, video = fold(search.text or ""), fold_video(search.video or "")
    longer = max(text, video, key=len)
    return {
        **search.model_dump(),
        "text": f"%{_inert(text)}%\n%",  # the first line of the text is the prompt
        "video": f"%\n%{_inert(video)}%",
        "part": longer,
        "grams": match(longer) if longer else None,
        "size": search.size and search.size.value,
    }


def _inert(part: str) -> str:
    return part.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


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
