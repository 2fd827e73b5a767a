"""The check of all books in small steps, for a bot that is at work: some wallets at a time, then server by server.

With a million entries, the whole check (`audit.check_books`) reads for seconds, and commands would wait for it. A step
of this module reads about `ENTRIES` entries at most. What days have cost (`OF_DAYS`) only the whole check can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.storage.credits.audit import OF_SERVERS, OF_WALLETS, TABLES
from bot.storage.engine.store import Script

ENTRIES = 10_000
WALLETS = 500

_WALLETS = "SELECT id, seq FROM wallets WHERE id > :after ORDER BY id LIMIT :limit"
_NEXT_SERVER = """
    SELECT min(guild_id) AS guild_id FROM (
        SELECT min(guild_id) AS guild_id FROM spending WHERE guild_id > :after UNION ALL
        SELECT min(guild_id) FROM server_costs WHERE guild_id > :after) AS following"""

# The same rules, on parts of the tables. A job and its entries belong to one wallet; if an entry is in a wrong wallet,
# one part has an entry too few and the other part has one too many, so the rules find it.
_SOME_WALLETS = """
    WITH some_wallets AS (SELECT * FROM wallets WHERE id > :after AND id <= :until),
    some_entries AS (SELECT * FROM entries WHERE wallet_id > :after AND wallet_id <= :until),
    some_jobs AS (SELECT * FROM jobs WHERE wallet_id > :after AND wallet_id <= :until)"""
_OF_A_SERVER = """
    WITH some_spending AS (SELECT * FROM spending WHERE guild_id = :guild_id),
    some_channel_spending AS (SELECT * FROM channel_spending WHERE guild_id = :guild_id),
    some_server_costs AS (SELECT * FROM server_costs WHERE guild_id = :guild_id),
    some_jobs AS (SELECT * FROM jobs WHERE guild_id = :guild_id)"""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step found. The next step begins after `until`, None after the last. `broken`: findings by rule."""

    until: int | None
    broken: Mapping[str, int]


def check_wallets(after: int) -> Script[Step]:
    """Check `OF_WALLETS` on the next wallets by number. The first step is after 0."""
    until = yield from _page(after)
    if until is None:
        return Step(None, {})
    broken: dict[str, int] = {}
    for rule, sql in OF_WALLETS.items():
        rows = yield _over(_SOME_WALLETS, sql), {"after": after, "until": until}
        broken[rule] = len(rows)
    return Step(until, broken)


def check_months(after: int | None) -> Script[Step]:
    """Check `OF_SERVERS` on the next server by number. The first step is after None."""
    guild_id = (yield _NEXT_SERVER, {"after": -1 if after is None else after})[0]["guild_id"]
    if guild_id is None:
        return Step(None, {})
    broken: dict[str, int] = {}
    for rule, sql in OF_SERVERS.items():
        rows = yield _over(_OF_A_SERVER, sql), {"guild_id": guild_id}
        broken[rule] = len(rows)
    return Step(guild_id, broken)


def _page(after: int) -> Script[int | None]:
    """The number of the last wallet of a step. A step has at least one wallet, however many entries that has."""
    rows = yield _WALLETS, {"after": after, "limit": WALLETS}
    until, entries = None, 0
    for row in rows:
        entries += row["seq"]
        if until is not None and entries > ENTRIES:
            break
        until = row["id"]
    return until


def _over(parts: str, rule: str) -> str:
    return parts + rule.format(**{table: f"some_{table}" for table in TABLES})
