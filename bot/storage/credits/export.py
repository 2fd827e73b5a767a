"""Transaction scripts of an export: a server's entries and jobs of a period, page by page.

A page reads `limit` rows at most, of this server or of others, so that other readers never wait long for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.csv_cells import Cell
from bot.storage.engine.store import Row, Script

ENTRY_COLUMNS = (
    "entry",
    "time_utc",
    "member_id",
    "kind",
    "amount",
    "on_hold_change",
    "available_before",
    "available_after",
    "on_hold_after",
    "allowance_after",
    "job",
    "undoes_entry",
    "actor_id",
    "reason",
)
JOB_COLUMNS = (
    "job",
    "time_utc",
    "member_id",
    "channel_id",
    "model",
    "size",
    "web_search",
    "price",
    "refunded",
    "state",
    "not_charged_because",
    "private",
)

_ENTRIES_END = """
    SELECT at, id FROM entries WHERE (at, id) > (:at, :id) AND at < :until ORDER BY at, id LIMIT 1 OFFSET :offset"""
# CROSS JOIN makes SQLite read the entries of the page and then their wallets, and never all entries of the server.
_ENTRIES = """
    SELECT entries.*, wallets.member_id FROM entries CROSS JOIN wallets
    WHERE wallets.id = entries.wallet_id AND wallets.guild_id = :guild_id AND entries.at < :until
        AND (entries.at, entries.id) > (:at, :id) AND (entries.at, entries.id) <= (:end_at, :end_id)
    ORDER BY entries.at, entries.id"""
_JOBS = """
    SELECT id, created_at, member_id, channel_id, model, json_extract(recipe, '$.size') AS size,
        CASE WHEN CAST(json_extract(recipe, '$.search') AS TEXT) IN ('1', 'true') THEN 1 ELSE 0 END AS search, cost,
        (SELECT coalesce(sum(posted_delta), 0) FROM entries WHERE job_id = jobs.id AND kind = 'refund') AS refunded,
        state, release_reason, private
    FROM jobs
    WHERE guild_id = :guild_id AND created_at < :until AND (created_at, id) > (:at, :id)
    ORDER BY created_at, id LIMIT :limit"""
_NO_END = 2**62


@dataclass(frozen=True, slots=True)
class ExportCursor:
    """The end of a page: Unix milliseconds, and the number of an entry or the id of a job."""

    at: int
    id: int | str


@dataclass(frozen=True, slots=True)
class ExportRows:
    """The rows of one page. The next page comes after `reached`; None at the end."""

    rows: list[tuple[Cell, ...]]
    reached: ExportCursor | None


def first_entry(since: int) -> ExportCursor:
    return ExportCursor(since, -1)


def first_job(since: int) -> ExportCursor:
    return ExportCursor(since, "")


def entries(guild_id: int, *, after: ExportCursor, until: int, limit: int) -> Script[ExportRows]:
    """Read the next `limit` entries of all servers, oldest first, and return those of this server."""
    since = {"at": after.at, "id": after.id, "until": until}
    ends = yield _ENTRIES_END, {**since, "offset": limit - 1}
    end = ExportCursor(ends[0]["at"], ends[0]["id"]) if ends else ExportCursor(_NO_END, 0)
    rows = yield _ENTRIES, {**since, "end_at": end.at, "end_id": end.id, "guild_id": guild_id}
    return ExportRows([_entry(row) for row in rows], end if ends else None)


def jobs(guild_id: int, *, after: ExportCursor, until: int, limit: int) -> Script[ExportRows]:
    """Read the next jobs, oldest first. Prompts and links are left out: the books do not need what members wrote."""
    rows = yield _JOBS, {"guild_id": guild_id, "at": after.at, "id": after.id, "until": until, "limit": limit}
    reached = ExportCursor(rows[-1]["created_at"], rows[-1]["id"]) if len(rows) == limit else None
    return ExportRows([_job(row) for row in rows], reached)


def _entry(row: Row) -> tuple[Cell, ...]:
    after = row["posted_after"] - row["held_after"]
    return (
        row["id"],
        row["at"],
        str(row["member_id"]),
        row["kind"],
        row["posted_delta"],
        row["held_delta"],
        after - row["posted_delta"] + row["held_delta"],
        after,
        row["held_after"],
        row["allowance_after"],
        row["job_id"],
        row["undoes"],
        row["actor"],
        row["reason"],
    )


def _job(row: Row) -> tuple[Cell, ...]:
    return (
        row["id"],
        row["created_at"],
        str(row["member_id"]),
        str(row["channel_id"]),
        row["model"],
        row["size"],
        "yes" if row["search"] else "no",
        row["cost"],
        row["refunded"],
        row["state"],
        row["release_reason"],
        "yes" if row["private"] else "no",
    )
