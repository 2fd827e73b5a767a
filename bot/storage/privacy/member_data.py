"""Transaction scripts that count, export and erase all data of one member, in every server.

The books stay, as numbers. Of an entry only the reason that a person typed can be erased.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from bot.domain.errors import ImagesUnderWay
from bot.domain.history import Cursor
from bot.domain.member_data import DataSummary, JsonObject
from bot.domain.preferences import Preferences
from bot.domain.proposal import Proposal
from bot.domain.recipe import FORGOTTEN, Recipe, files_of, forgotten
from bot.domain.wallet import ERASED_REASON, SYSTEM
from bot.storage.engine import locks
from bot.storage.engine.store import Row, Script
from bot.storage.orders import history, preferences, showings

_IMAGES = """
    SELECT count(*) AS images, min(created_at) AS since,
           count(CASE WHEN image_name IS NOT NULL AND deleted_at IS NULL AND erased_at IS NULL THEN 1 END) AS files
    FROM jobs WHERE member_id = :member_id AND forgotten_at IS NULL"""
_COUNTS = """
    SELECT (SELECT count(*) FROM tray WHERE member_id = :member_id) AS tray,
           (SELECT count(*) FROM proposals WHERE member_id = :member_id) AS proposals,
           (SELECT count(*) FROM templates WHERE member_id = :member_id) AS templates,
           (SELECT count(*) FROM templates WHERE member_id = :member_id AND published = 1) AS published,
           (SELECT count(*) FROM favourites WHERE member_id = :member_id) AS favourites,
           (SELECT count(*) FROM reports WHERE member_id = :member_id AND reason <> :forgotten) AS reports,
           (SELECT count(*) FROM requests WHERE member_id = :member_id AND words <> :forgotten) AS requests,
           (SELECT count(*) FROM blocks WHERE member_id = :member_id) AS blocks"""
_WALLETS = """
    SELECT * FROM wallets WHERE member_id = :member_id ORDER BY guild_id"""

_JOBS = """
    SELECT * FROM jobs
    WHERE member_id = :member_id AND forgotten_at IS NULL AND (created_at, id) > (:at, :id)
    ORDER BY created_at, id LIMIT :limit"""
_ENTRIES = "SELECT * FROM entries WHERE wallet_id = :wallet_id AND seq > :seq ORDER BY seq LIMIT :limit"
_SECTIONS = {
    "reference_images": "SELECT guild_id, name, sha256, content_type, added_at FROM tray WHERE member_id = :member_id",
    "messages_with_images": """
        SELECT showings.job_id, kind, showings.guild_id, showings.channel_id, showings.message_id, at
        FROM showings JOIN jobs ON jobs.id = showings.job_id WHERE jobs.member_id = :member_id""",
    "orders_not_confirmed": "SELECT guild_id, channel_id, body, updated_at FROM proposals WHERE member_id = :member_id",
    "templates": "SELECT guild_id, body, published, created_at FROM templates WHERE member_id = :member_id",
    "favourites": "SELECT job_id, starred_at FROM favourites WHERE member_id = :member_id",
    "reports": "SELECT job_id, reason, at FROM reports WHERE member_id = :member_id",
    "requests": "SELECT guild_id, amount, words, state, given, at FROM requests WHERE member_id = :member_id",
    "unconfirmed_acts": "SELECT guild_id, number, at FROM unconfirmed_acts WHERE actor_id = :member_id",
    "wallet_for_purchases": "SELECT guild_id, at FROM purchase_wallets WHERE member_id = :member_id",
    "blocks": "SELECT guild_id, blocked, until, reason, at FROM blocks WHERE member_id = :member_id",
}

_UNDER_WAY = """
    SELECT count(*) AS jobs FROM jobs
    WHERE member_id = :member_id AND state NOT IN ('delivered', 'released')
        AND (state <> 'awaiting' OR :awaiting_too = 1)"""
_ENDED = """
    SELECT id, created_at, image_name, recipe FROM jobs
    WHERE member_id = :member_id AND forgotten_at IS NULL AND state IN ('delivered', 'released')
        AND created_at <= :until AND (created_at, id) > (:at, :id)
    ORDER BY created_at, id LIMIT :limit"""
# The token can be used to answer the member for a quarter of an hour, so it goes. The new epoch stops a process that
# works on the job just now. `told` stays: a card that waits for an update gets it, without the prompt.
_FORGET_JOB = """
    UPDATE jobs SET recipe = :recipe, prompt = '', video = '', search_text = '', token = '', token_until = 0,
        output_url = NULL, image_sha256 = CASE WHEN image_name IS NULL THEN NULL ELSE '' END, made_from = NULL,
        late_looks = 0, noted = 1,
        deleted_at = coalesce(deleted_at, :now), deleted_by = coalesce(deleted_by, member_id), forgotten_at = :now,
        lease_epoch = lease_epoch + 1
    WHERE id = :id"""
# Reasons that people typed: for entries in the member's wallets, and for the gifts that the member sent.
_FORGET_REASONS = """
    UPDATE entries SET reason = :erased
    WHERE wallet_id = :wallet_id AND seq > :seq AND seq <= :seq + :limit AND actor <> :system
        AND kind NOT IN ('hold', 'capture', 'release', 'refill')"""
_FORGET_GIFTS = """
    UPDATE entries SET reason = :erased WHERE key IN (
        SELECT 'gift_received:' || substr(key, length('gift_sent:') + 1) FROM entries
        WHERE wallet_id = :wallet_id AND seq > :seq AND seq <= :seq + :limit AND kind = 'gift_sent')"""
_REFERENCES = "SELECT sha256 FROM tray WHERE member_id = :member_id"
_PROPOSALS = "SELECT body FROM proposals WHERE member_id = :member_id"
_FORGET_BESIDE = (
    "DELETE FROM preferences WHERE member_id = :member_id",
    "DELETE FROM tray WHERE member_id = :member_id",
    "DELETE FROM proposals WHERE member_id = :member_id",
    "DELETE FROM templates WHERE member_id = :member_id",
    "DELETE FROM favourites WHERE member_id = :member_id",
    "DELETE FROM searches WHERE CAST(json_extract(body, '$.asker_id') AS BIGINT) = :member_id",
    "DELETE FROM unconfirmed_acts WHERE actor_id = :member_id",
    "DELETE FROM purchase_wallets WHERE member_id = :member_id",
    "UPDATE reports SET reason = :forgotten WHERE member_id = :member_id",
    "UPDATE requests SET words = :forgotten WHERE member_id = :member_id",
)


FIRST = Cursor(at=-1, job_id="")  # the first page of jobs comes after this


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasableJob:
    """An ended job whose files and words are to be erased."""

    id: str
    created_at: int
    image_name: str | None
    recipe: Recipe

    @property
    def place(self) -> Cursor:
        return Cursor(self.created_at, self.id)


# --- counted ---------------------------------------------------------------------------------------------


def kept(member_id: int) -> Script[DataSummary]:
    """Count what is stored about a member."""
    images = (yield _IMAGES, {"member_id": member_id})[0]
    counts = (yield _COUNTS, {"member_id": member_id, "forgotten": FORGOTTEN})[0]
    wallets = yield _WALLETS, {"member_id": member_id}
    preferred = yield from preferences.get(member_id)
    return DataSummary(
        images=images["images"],
        since=images["since"],
        files=images["files"],
        references=counts["tray"],
        proposals=counts["proposals"],
        templates=counts["templates"],
        published=counts["published"],
        favourites=counts["favourites"],
        reports=counts["reports"],
        requests=counts["requests"],
        blocks=counts["blocks"],
        preferences=preferred != Preferences(),
        wallets=len(wallets),
        entries=sum(wallet["seq"] for wallet in wallets),  # no number is ever left out
    )


# --- given out -------------------------------------------------------------------------------------------


def beside_images(member_id: int) -> Script[list[tuple[str, JsonObject]]]:
    """All data except images and entries: pairs of a section's name and an item of it."""
    preferred = yield from preferences.get(member_id)
    found: list[tuple[str, JsonObject]] = [("preferences", _shown(asdict(preferred)))]
    for section, sql in _SECTIONS.items():
        rows = yield sql, {"member_id": member_id}
        found += [(section, _shown(dict(row))) for row in rows]
    return found


def images(member_id: int, after: Cursor, *, limit: int) -> Script[list[tuple[Cursor, JsonObject]]]:
    """A page of the member's jobs after a cursor, oldest first, each with its own cursor."""
    rows = yield _JOBS, {"member_id": member_id, "at": after.at, "id": after.job_id, "limit": limit}
    return [(Cursor(row["created_at"], row["id"]), _image(row)) for row in rows]


def wallets(member_id: int) -> Script[list[tuple[int, JsonObject]]]:
    """The row id of each wallet of the member, and its balance."""
    rows = yield _WALLETS, {"member_id": member_id}
    return [
        (
            row["id"],
            _shown({name: row[name] for name in ("guild_id", "posted", "held", "allowance", "allowance_held")}),
        )
        for row in rows
    ]


def entry_counts(member_id: int) -> Script[list[tuple[int, int]]]:
    """The row id of each wallet of the member, and the number (`seq`) of its last entry."""
    rows = yield _WALLETS, {"member_id": member_id}
    return [(row["id"], row["seq"]) for row in rows]


def entries(wallet_id: int, after_seq: int, *, limit: int) -> Script[list[tuple[int, JsonObject]]]:
    """A page of the wallet's entries after `after_seq`, oldest first, each with its number (`seq`)."""
    rows = yield _ENTRIES, {"wallet_id": wallet_id, "seq": after_seq, "limit": limit}
    hidden = {"key", "wallet_id"}
    return [(row["seq"], _shown({name: row[name] for name in row.keys() if name not in hidden})) for row in rows]  # noqa: SIM118  # a database row is no mapping


def _image(row: Row) -> JsonObject:
    names = (
        "guild_id",
        "channel_id",
        "private",
        "spoiler",
        "cost",
        "refund",
        "state",
        "release_reason",
        "created_at",
        "message_id",
        "result_id",
        "result_channel",
        "made_from",
        "locale",
        "width",
        "height",
        "image_sha256",
        "deleted_at",
        "erased_at",
    )
    return {"job": row["id"], **_shown({name: row[name] for name in names}), "recipe": json.loads(row["recipe"])}


def _shown(columns: JsonObject) -> JsonObject:
    """The columns as people and programs read them: times in ISO 8601, ids as text (some readers can't hold them)."""
    return {name: _value(name, value) for name, value in columns.items()}


_FLAGS = frozenset({"private", "spoiler", "published", "blocked"})


def _value(name: str, value: object) -> object:
    if isinstance(value, int) and (name in {"until", "at"} or name.endswith("_at")):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="seconds")
    if isinstance(value, int) and name.endswith(("_id", "_channel")):
        return str(value)
    if name in _FLAGS:
        return bool(value)
    return json.loads(value) if name == "body" and isinstance(value, str) else value


# --- forgotten -------------------------------------------------------------------------------------------


def check_at_rest(member_id: int, *, awaiting_too: bool) -> Script[None]:
    """Check that the member has no open job. Raises `ImagesUnderWay`.

    `awaiting_too`: an image that waits to be shown counts as one.
    """
    count: int = (yield _UNDER_WAY, {"member_id": member_id, "awaiting_too": int(awaiting_too)})[0]["jobs"]
    if count:
        raise ImagesUnderWay(count=count)


def files_beside(member_id: int) -> Script[frozenset[str]]:
    """The SHA-256 hashes of the files in the member's tray and proposals."""
    references = yield _REFERENCES, {"member_id": member_id}
    proposals = yield _PROPOSALS, {"member_id": member_id}
    recipes = [Proposal.model_validate_json(row["body"]).recipe for row in proposals]
    of_recipes = frozenset(sha256 for recipe in recipes for sha256 in files_of(recipe))
    return of_recipes | {row["sha256"] for row in references}


def forget_beside(member_id: int) -> Script[None]:
    """Erase all data except images and entries. Raises `ImagesUnderWay`."""
    yield from locks.of_member(member_id)
    yield from check_at_rest(member_id, awaiting_too=True)
    for sql in _FORGET_BESIDE:
        yield sql, {"member_id": member_id, "forgotten": FORGOTTEN} if ":forgotten" in sql else {"member_id": member_id}


def ended(member_id: int, after: Cursor, *, until: int, limit: int) -> Script[list[ErasableJob]]:
    """A page of the jobs ordered up to `until` (Unix milliseconds) that have ended and are not erased, oldest first."""
    facts = {"member_id": member_id, "at": after.at, "id": after.job_id, "until": until, "limit": limit}
    rows = yield _ENDED, facts
    return [
        ErasableJob(
            id=row["id"],
            created_at=row["created_at"],
            image_name=row["image_name"],
            recipe=Recipe.model_validate_json(row["recipe"]),
        )
        for row in rows
    ]


def forget_images(batch: Collection[ErasableJob], *, now: int) -> Script[None]:
    """Erase the words and links of some jobs, and let their messages be deleted. Their files are erased before."""
    for each in batch:
        yield from history.take_out(each.id)
        yield _FORGET_JOB, {"id": each.id, "recipe": forgotten(each.recipe).model_dump_json(), "now": now}
        yield from showings.take_down(each.id, due_at=now)


def forget_reasons(wallet_id: int, after_seq: int, *, limit: int) -> Script[None]:
    """Erase the reasons in a page of the wallet's entries, and in the entries of the members who got its gifts."""
    facts = {"erased": ERASED_REASON, "wallet_id": wallet_id, "seq": after_seq, "limit": limit}
    yield _FORGET_REASONS, {**facts, "system": SYSTEM}
    yield _FORGET_GIFTS, facts
