"""SQLite and PostgreSQL have the same tables with the same rules, each in its own SQL.

PostgreSQL does the comparison: it reads SQLite's text of an index or a check, and writes both texts in its own form.
The tests of the ledger run on both engines, and prove that both refuse the same acts.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.storage.engine.sqlite import open_sqlite
from bot.storage.whole.rows import SEARCH_INDEX

OWN = {"migrations", *SEARCH_INDEX}  # each engine has its own table of migrations, and its own index of words
_CHECK = re.compile(r"(?:CONSTRAINT (?P<name>\w+) )?\bCHECK \(")
_MESSAGE = re.compile(r"raise\(ABORT, '([^']+)'\)|refuse\('([^']+)'\)|broken := '([^']+)'|EXCEPTION '([^%']+)'")


@dataclass
class Both:
    lite: sqlite3.Connection
    postgres: Any

    @property
    def tables(self) -> list[str]:
        return sorted({name for (name,) in self.lite.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )} - OWN)  # fmt: skip

    def text_of(self, table: str) -> str:
        """The statement that made the table in SQLite, without comments."""
        (text,) = self.lite.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        return " ".join(re.sub(r"--.*", "", text).split())


@pytest.fixture
async def both(tmp_path: Path, postgres_url: str) -> AsyncIterator[Both]:
    """Both engines. PostgreSQL has a second schema, `lite`, with the columns of each table and no rules."""
    async with open_sqlite(tmp_path / "a.db"):
        pass
    connection = await asyncpg.connect(postgres_url)
    with closing(sqlite3.connect(tmp_path / "a.db")) as lite:
        both = Both(lite, connection)
        await connection.execute("CREATE SCHEMA lite")
        for table in both.tables:
            await connection.execute(f"CREATE TABLE lite.{table} (LIKE public.{table})")
        yield both
    await connection.execute("DROP SCHEMA lite CASCADE")
    await connection.close()


async def test_they_have_the_same_tables(both: Both) -> None:
    rows = await both.postgres.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert both.tables == sorted({row["tablename"] for row in rows} - OWN)


async def test_each_table_has_the_same_columns_with_the_same_defaults(both: Both) -> None:
    rows = await both.postgres.fetch("""
        SELECT relname, attname, atttypid::regtype::text AS type, attnotnull,
            pg_get_expr(adbin, adrelid) AS default
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
        ORDER BY relname, attnum""")
    there = defaultdict(set)
    for row in rows:
        bare = re.sub(r"::\w+$", "", row["default"] or "")
        there[row["relname"]].add((row["attname"], row["type"], row["attnotnull"], bare.strip("'")))
    for table in both.tables:
        here = {
            (name, {"INTEGER": "bigint", "TEXT": "text"}[kind], bool(required or key), (default or "").strip("'"))
            for _, name, kind, required, default, key in both.lite.execute(f"PRAGMA table_info({table})")
        }
        assert (table, here) == (table, there[table])


async def test_words_compare_by_their_bytes(both: Both) -> None:
    rows = await both.postgres.fetch("""
        SELECT table_name, column_name, collation_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'text'""")
    assert {row["collation_name"] for row in rows if row["table_name"] not in OWN} == {"C"}


async def test_each_table_has_the_same_checks_by_the_same_names(both: Both) -> None:
    for table in both.tables:
        for number, (name, rule) in enumerate(_checks(both.text_of(table))):
            called = name or f"unnamed_{number}"
            await both.postgres.execute(f"ALTER TABLE lite.{table} ADD CONSTRAINT {called} CHECK ({rule})")
        found = {schema: await _constraints(both, f"{schema}.{table}") for schema in ("public", "lite")}
        named = {name: rule for name, rule in found["lite"].items() if not name.startswith("unnamed")}
        assert (table, sorted(found["lite"].values())) == (table, sorted(found["public"].values()))
        assert named.items() <= found["public"].items(), table


async def test_they_have_the_same_indexes_with_the_same_conditions(both: Both) -> None:
    await both.postgres.execute("SET search_path TO lite")
    made = both.lite.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for (text,) in made:
        await both.postgres.execute(text)
    await both.postgres.execute("SET search_path TO public")
    rows = await both.postgres.fetch("""
        SELECT schemaname, replace(indexdef, ' ON ' || schemaname || '.', ' ON ') AS text
        FROM pg_indexes JOIN pg_class ON relname = indexname AND relnamespace = schemaname::regnamespace
        LEFT JOIN pg_constraint ON conindid = pg_class.oid
        WHERE schemaname IN ('public', 'lite') AND pg_constraint.oid IS NULL AND indexname <> 'jobs_search'""")
    found = {schema: {row["text"] for row in rows if row["schemaname"] == schema} for schema in ("public", "lite")}
    assert len(found["lite"]) == len(made)
    assert found["lite"] == found["public"]


async def test_the_same_columns_are_keys_and_lead_to_the_same_tables(both: Both) -> None:
    rows = await both.postgres.fetch("""
        SELECT conrelid::regclass::text AS name, contype::text AS kind, confrelid::regclass::text AS target,
            (SELECT string_agg(attname, ',' ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS each (number, place)
             JOIN pg_attribute ON attrelid = conrelid AND attnum = number) AS columns
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f')""")
    there = defaultdict(set)
    for row in rows:
        target = row["target"] if row["kind"] == "f" else ""
        there[row["name"]].add((row["kind"], row["columns"], target))
    for table in both.tables:
        assert (table, set(_keys(both.lite, table))) == (table, there[table])


async def test_triggers_of_the_same_tables_refuse_in_the_same_words(both: Both) -> None:
    rows = await both.postgres.fetch("""
        SELECT tgrelid::regclass::text AS name, pg_get_triggerdef(pg_trigger.oid) || prosrc AS text
        FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal""")
    here: defaultdict[str, set[str]] = defaultdict(set)
    there: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        there[row["name"]] |= set(_messages(row["text"]))
    for table, text in both.lite.execute("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"):
        here[table] |= set(_messages(text))
    assert here == there


async def test_a_job_may_take_the_same_steps(both: Both) -> None:
    edges = both.lite.execute("SELECT from_state, to_state FROM job_edges ORDER BY 1, 2").fetchall()
    assert edges == [tuple(row) for row in await both.postgres.fetch("SELECT * FROM job_edges ORDER BY 1, 2")]


def _checks(text: str) -> Iterator[tuple[str | None, str]]:
    """The name and the rule of each CHECK. A rule reaches to the parenthesis that closes it."""
    for match in _CHECK.finditer(text):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield match["name"], text[match.end() : end - 1]


async def _constraints(both: Both, table: str) -> dict[str, str]:
    rows = await both.postgres.fetch(
        "SELECT conname, pg_get_constraintdef(oid) AS rule FROM pg_constraint "
        "WHERE conrelid = $1::text::regclass AND contype = 'c'",
        table,
    )
    return {row["conname"]: row["rule"] for row in rows}


def _keys(lite: sqlite3.Connection, table: str) -> Iterator[tuple[str, str, str]]:
    key = sorted((place, name) for _, name, _, _, _, place in lite.execute(f"PRAGMA table_info({table})") if place)
    if key:
        yield "p", ",".join(name for _, name in key), ""
    for _, name, _, origin, _ in lite.execute(f"PRAGMA index_list({table})"):
        if origin == "u":
            columns = [column for _, _, column in lite.execute(f"PRAGMA index_info({name})")]
            yield "u", ",".join(columns), ""
    for row in lite.execute(f"PRAGMA foreign_key_list({table})"):
        yield "f", row[3], row[2]


def _messages(text: str) -> list[str]:
    return ["".join(found) for found in _MESSAGE.findall(text)]
