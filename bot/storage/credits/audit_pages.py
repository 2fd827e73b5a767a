"""The proof of all books in small steps, for a bot that is at work: some wallets at a time, then server by server.

The whole check (`audit.check_books`) reads for seconds where there are a million entries, and commands would wait for
it. Here no step reads much more than `ENTRIES` of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.storage.credits.audit import RULES, TABLES
from bot.storage.engine.store import Script

ENTRIES = 10_000
WALLETS = 500

OF_MONTHS = "what a month has spent is what its jobs have cost"  # the one rule that is about a server, not a wallet

_WALLETS = "SELECT id, seq FROM wallets WHERE id > :after ORDER BY id LIMIT :limit"
_NEXT_SERVER = "SELECT min(guild_id) AS guild_id FROM spending WHERE guild_id > :after"

# The same rules over less: they look into parts of the tables. A job and its entries are of one
# wallet; an entry that strayed into another's is missed in one part, and too many in the other.
_OF_WALLETS = """
    WITH some_wallets AS (SELECT * FROM wallets WHERE id > :after AND id <= :until),
    some_entries AS (SELECT * FROM entries WHERE wallet_id > :after AND wallet_id <= :until),
    some_jobs AS (SELECT * FROM jobs WHERE wallet_id > :after AND wallet_id <= :until)"""
_OF_A_SERVER = """
    WITH some_spending AS (SELECT * FROM spending WHERE guild_id = :guild_id),
    some_jobs AS (SELECT * FROM jobs WHERE guild_id = :guild_id)"""


@dataclass(frozen=True, slots=True)
class Step:
    """`until`: where the next one begins; None where this was the last. `broken`: how many break each rule."""

    until: int | None
    broken: Mapping[str, int]


def check_wallets(after: int) -> Script[Step]:
    """Every rule but the one about months, for the next wallets by number. Begins after 0."""
    until = yield from _page(after)
    if until is None:
        return Step(None, {})
    broken: dict[str, int] = {}
    for rule, sql in RULES.items():
        if rule != OF_MONTHS:
            rows = yield _over(_OF_WALLETS, sql), {"after": after, "until": until}
            broken[rule] = len(rows)
    return Step(until, broken)


def check_months(after: int | None) -> Script[Step]:
    """The sums of the months of the next server by number. Begins after None."""
    guild_id = (yield _NEXT_SERVER, {"after": -1 if after is None else after})[0]["guild_id"]
    if guild_id is None:
        return Step(None, {})
    rows = yield _over(_OF_A_SERVER, RULES[OF_MONTHS]), {"guild_id": guild_id}
    return Step(guild_id, {OF_MONTHS: len(rows)})


def _page(after: int) -> Script[int | None]:
    """The last wallet of a step; at least one, however many entries it has."""
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
