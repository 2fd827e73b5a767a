"""A database of any earlier version is migrated with all its data, and then has the schema of a new one."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.domain.errors import DatabaseTooOld, DatabaseUnavailable
from bot.domain.history import Search
from bot.domain.job import JobState
from bot.domain.search_text import search_text
from bot.domain.wallet import Balance
from bot.storage.credits import ledger
from bot.storage.credits.audit import check_books
from bot.storage.database import open_database, whole
from bot.storage.engine.migrations import Engine, migrations_of
from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.sqlite import open_sqlite, read_once
from bot.storage.engine.store import Store
from bot.storage.orders import history, jobs, showings, tray
from bot.storage.whole.backup import back_up
from bot.storage.whole.restore import restore
from bot.storage.whole.rows import OF_THE_SCHEMA, SEARCH_INDEX
from tests.support.everything import OPEN
from tests.support.factories import ANN, NOW, a_recipe, sql
from tests.support.places import ENGINES, Places, left_in

DATABASES = Path(__file__).parents[2] / "data" / "databases"
VERSIONS = sorted(path.stem for path in DATABASES.glob("*.sql"))
OF_POSTGRES = sorted(path.stem for path in DATABASES.glob("postgres/*.sql"))
RECIPE = a_recipe(prompt="A poster of the old days")
KEPT = ("wallets", "entries", "jobs", "job_steps", "job_edges")  # since the first version


def make(version: str, file: Path) -> None:
    """A database as the code of that version left it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as db:
        db.executescript((DATABASES / f"{version}.sql").read_text(encoding="utf-8"))


def tables_of(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return [name for (name,) in found]


def counts(file: Path, tables: list[str]) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as db:
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608  # ours


def schema(file: Path) -> dict[tuple[str, str], str]:
    """Every object of the schema as SQLite writes it, without blanks, comments and quotes, which mean nothing."""
    with closing(sqlite3.connect(file)) as db:
        rows = db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'")
        return {(kind, name): _folded(text) for kind, name, text in rows}


def _folded(text: str) -> str:
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(re.sub(r"--.*", "", text).replace('"', "").split()))


def test_there_is_a_database_of_every_version() -> None:
    assert [f"{each.number:04}" for each in migrations_of("sqlite")] == VERSIONS
    assert [f"{each.number:04}" for each in migrations_of("postgres")] == OF_POSTGRES


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_older_file_ends_like_a_new_one_and_loses_nothing(version: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    make(version, old)
    # The rows of the gallery are in another table now.
    tables = [name for name in tables_of(old) if name not in {*OF_THE_SCHEMA, *SEARCH_INDEX, "gallery"}]
    before = counts(old, tables)
    async with open_sqlite(old) as store, open_sqlite(new):
        books = await store.read(check_books())
        assert books.findings == ()
        assert await store.read(sql("PRAGMA foreign_key_check")) == []
        await each_is_found(store)
    assert counts(old, tables) == before
    assert schema(old) == schema(new)


async def each_is_found(store: Store) -> None:
    """Each job is found by the words of its prompt."""
    jobs_there = await store.read(sql("SELECT * FROM jobs WHERE private = 0 AND forgotten_at IS NULL"))
    for row in jobs_there:
        assert row["search_text"] == search_text(row["prompt"], row["video"])
        owner = {"guild_id": row["guild_id"], "member_id": row["member_id"], "asker_id": row["member_id"]}
        page = await store.read(history.page(Search(text=row["prompt"].upper(), **owner), limit=1_000))
        assert row["id"] in [item.job.id for item in page.items]
    assert jobs_there


@pytest.mark.parametrize("version", OF_POSTGRES)
async def test_an_older_database_of_postgres_ends_like_a_new_one(version: str, places: Places) -> None:
    old, new = await places.url("postgres"), await places.url("postgres")
    connection = await asyncpg.connect(old)
    await connection.execute((DATABASES / "postgres" / f"{version}.sql").read_text(encoding="utf-8"))
    await connection.close()
    async with open_postgres(old) as store, open_postgres(new):
        books = await store.read(check_books())
        assert (books.findings, books.open_jobs) == ((), len(OPEN) + (version >= "0006"))
        await each_is_found(store)
        assert len(await store.run(jobs.claim("new", at_supplier=100, each=100, now=NOW + 60_000))) == len(OPEN)
    assert await _schema_of(old) == await _schema_of(new)


async def _schema_of(url: str) -> list[Any]:
    """Every column, constraint, index, trigger and function as PostgreSQL writes it.

    Parentheses are left out: a dump that was read again has more of them around the same expressions.
    """
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("""
            SELECT attrelid::regclass::text AS name, attname::text AS part, concat_ws(' ', atttypid::regtype,
                attnotnull, attidentity, attcollation::regcollation, pg_get_expr(adbin, adrelid)) AS text
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE relnamespace = 'public'::regnamespace AND attnum > 0
            UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger
            WHERE NOT tgisinternal
            UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace""")
        return sorted((row["name"], row["part"], re.sub(r"[()\s]+", " ", row["text"])) for row in rows)
    finally:
        await connection.close()


async def test_wallets_entries_and_open_jobs_of_the_first_version_go_on(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    make("0001", file)
    async with open_sqlite(file) as store:
        assert await store.read(ledger.balance(ANN)) == Balance(posted=300, held=150)
        job = await store.read(jobs.get("900"))
        assert job
        assert (job.state, job.recipe, job.locale, job.spoiler) == (JobState.HELD, RECIPE, "en-US", False)
        (found,) = await store.read(sql("SELECT prompt, video FROM jobs"))
        assert {"prompt": RECIPE.prompt, "video": "dQw4w9WgXcQ"} == dict(found)
        await store.run(jobs.answered("900", 77, now=NOW))
        (claimed,) = await store.run(jobs.claim("worker", at_supplier=1, each=1, now=NOW))
        await store.run(jobs.submitting(claimed, now=NOW))
        assert (await store.read(check_books())).findings == ()


@pytest.mark.parametrize("engine", ENGINES)
async def test_messages_that_showed_images_are_known_and_trays_go_to_the_server_of_the_newest_order(
    engine: Engine, places: Places
) -> None:
    url = await places.url(engine)
    if engine == "sqlite":
        make("0012", Path(url.removeprefix("sqlite:///")))
    else:
        connection = await asyncpg.connect(url)
        await connection.execute((DATABASES / "postgres" / "0012.sql").read_text(encoding="utf-8"))
        await connection.close()
    async with open_database(url) as store:
        found = await store.read(showings.of_job("901"))
        assert [(each.kind, each.guild_id, each.channel_id, each.message_id) for each in found] == [
            ("result", 1, 5, 80_000),
            ("gallery", 1, 7, 90_000),
        ]
        assert [each.name for each in await store.read(tray.get(ANN, older_than=0))] == ["logo.png"]


async def test_a_reader_is_told_of_an_older_database_and_leaves_it_alone(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    make("0001", file)
    before = file.read_bytes()
    with pytest.raises(DatabaseTooOld) as refusal:
        await read_once(file, check_books())
    assert refusal.value.found == 1
    assert file.read_bytes() == before


# --- the way back -------------------------------------------------------------------------------------


async def test_an_older_file_is_backed_up_before_it_is_brought_up_to_date(places: Places) -> None:
    url = await places.url("sqlite")
    file, kept = Path(url.removeprefix("sqlite:///")), places.folder / "before"
    for version in ("0001", "0002"):
        make(version, file)
        before = counts(file, tables_of(file))
        async with places.opened(url):
            pass
        newest = migrations_of("sqlite")[-1].number
        assert left_in(kept) == [f"stillframe-before-{newest:04}.tar"]
        restored = await restore(kept / left_in(kept)[0], whole(await places.url("sqlite"), near=places.folder), {})
        assert restored.manifest.migration == int(version)
        assert {name: rows for name, rows in before.items() if name in restored.manifest.rows} == (
            restored.manifest.rows
        )
        file.unlink()
    async with places.opened(url), places.opened(await places.url("sqlite")):
        pass
    assert len(left_in(kept)) == 1  # a new file needs no backup, and neither does one that is up to date


async def test_without_a_way_back_nothing_is_brought_up_to_date(places: Places) -> None:
    url = await places.url("sqlite")
    file = Path(url.removeprefix("sqlite:///"))
    make("0001", file)
    (places.folder / "before").write_text("a file where the folder should be")
    with pytest.raises(DatabaseUnavailable, match="there is no way back but a backup, which could not be made"):
        async with places.opened(url):
            pass
    with pytest.raises(DatabaseTooOld):
        await read_once(file, check_books())


async def test_backups_before_older_steps_make_room_for_that_of_the_newest(places: Places) -> None:
    url, kept = await places.url("sqlite"), places.folder / "before"
    kept.mkdir()
    for name in ("stillframe-before-0002.tar", "stillframe-before-them.tar", "stillframe-20260101T000000Z.tar"):
        (kept / name).touch()
    make("0003", Path(url.removeprefix("sqlite:///")))
    async with places.opened(url):
        pass
    newest = migrations_of("sqlite")[-1].number
    assert left_in(kept) == [
        "stillframe-20260101T000000Z.tar", f"stillframe-before-{newest:04}.tar", "stillframe-before-them.tar",
    ]  # fmt: skip


async def test_an_older_file_can_be_backed_up_as_it_is(places: Places) -> None:
    url = await places.url("sqlite")
    make("0002", Path(url.removeprefix("sqlite:///")))
    backup = await back_up(places.whole(url), places.folder / "a.tar")
    assert (backup.manifest.migration, backup.books) == (2, None)
    with pytest.raises(DatabaseTooOld):
        await read_once(Path(url.removeprefix("sqlite:///")), check_books())
    empty = await places.url("postgres")
    restored = await restore(backup.path, places.whole(empty), {})
    assert (restored.books.findings, restored.books.open_jobs) == ((), len(OPEN))
