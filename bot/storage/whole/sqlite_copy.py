"""A whole SQLite file. See `bot.storage.whole.database_copy`."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from bot.domain.errors import CopyDiffers, DatabaseUnavailable, PlaceTaken
from bot.storage.engine.migrations import Engine
from bot.storage.engine.sqlite_file import applied, check, connect, migrate, sole_owner
from bot.storage.whole.rows import OF_THE_SCHEMA, PAGE, PROCESS_TABLES, SEARCH_INDEX, Sum, Sums, Table, differing
from bot.storage.whole.temp_files import Stop, in_thread, settle

_FILL_INDEX = (
    "/*sqlite*/ INSERT INTO job_words (rowid, words) SELECT place, grams(search_text) FROM jobs ORDER BY place /*end*/"
)
STOP_EVERY = 10_000  # instructions of SQLite's virtual machine between two checks of `stop`


class SqliteCopy:
    engine: Engine = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)
        self.near = path.parent

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        try:
            with sole_owner(self._path):
                yield
        except OSError as error:
            raise DatabaseUnavailable(detail=f"{self._path}: {error}") from error

    async def size(self) -> int:
        return await in_thread(lambda _: self._size())

    async def copy_out(self, to: Path) -> None:
        await in_thread(lambda stop: _copy(self._path, to, stop))

    async def sums(self) -> Sums | None:
        return await in_thread(self._sums)

    async def bring_in(self, file: Path) -> Sums:
        return await in_thread(lambda stop: self._bring_in(file, stop))

    def _size(self) -> int:
        if not self._path.exists():
            raise DatabaseUnavailable(detail=f"there is no file at {self._path}")
        wal = self._beside("-wal")
        return self._path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)

    def _bring_in(self, file: Path, stop: Stop) -> Sums:
        with opened(file, stop) as db:
            found = sums_of(db)
        self._check_no_remains()
        settle(file, self._path)
        return found

    def _check_no_remains(self) -> None:
        """Raise `PlaceTaken` where the journal of an older file is left: SQLite would read it into the new file."""
        for remains in (self._beside("-wal"), self._beside("-journal")):
            if remains.exists() and remains.stat().st_size:
                raise PlaceTaken(where=str(remains))

    def _sums(self, stop: Stop) -> Sums | None:
        if not self._path.exists() or not self._path.stat().st_size:
            self._check_no_remains()
            return None
        with opened(self._path, stop) as db:
            if not applied(db):
                raise PlaceTaken(where=self.name)
            db.execute("BEGIN")
            found = sums_of(db)
            db.execute("ROLLBACK")
        return found if any(each.rows for each in found.values()) else None

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)


class Filling:
    """A new file that is filled table by table, in the order of `tables`. `finish` checks that all rows are in it.

    Raises `DatabaseUnavailable`.
    """

    def __init__(self, path: Path, *, up_to: int | None = None) -> None:
        self._path = path
        self._db = connect(path)
        try:
            self._begin(up_to)
        except BaseException:
            self.close()
            raise

    def _begin(self, up_to: int | None) -> None:
        with in_our_words(self._path):
            # Half a file is thrown away, so it need not survive a crash.
            self._db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            migrate(self._db, up_to=up_to)
            self.tables = tables_of(self._db)
            self._came = {table.name: Sum() for table in self.tables}
            self._triggers = self._db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            self._db.execute("BEGIN")
            for trigger in self._triggers:
                self._db.execute(f'DROP TRIGGER "{trigger["name"]}"')

    def add(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        self._came[table.name].add(rows)
        with in_our_words(self._path):
            self._db.executemany(table.insert, rows)

    def finish(self) -> None:
        """Raises `CopyDiffers`."""
        with in_our_words(self._path):
            for trigger in self._triggers:
                self._db.execute(trigger["sql"])
            if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'job_words'").fetchone():
                self._db.execute(_FILL_INDEX)
            self._db.execute("COMMIT")
            tables = differing(self._came, sums_of(self._db))
        if tables:
            raise CopyDiffers(detail=", ".join(tables))

    def close(self) -> None:
        self._db.close()


@contextmanager
def opened(path: Path, stop: Stop) -> Iterator[sqlite3.Connection]:
    """Open a file, in a thread. `stop` interrupts a running statement. Raises `DatabaseUnavailable`."""
    with in_our_words(path), closing(connect(path)) as db:
        db.execute("PRAGMA busy_timeout = 5000")
        db.set_progress_handler(stop.is_set, STOP_EVERY)
        yield db


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Raise `DatabaseUnavailable` for the errors of SQLite and of the disk."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise DatabaseUnavailable(detail=f"{path.name}: {error}") from error


def clear_process_state(db: sqlite3.Connection) -> None:
    """Delete what belonged to the running processes: none of them runs on the copy."""
    for name in PROCESS_TABLES:
        db.execute(f'DELETE FROM "{name}"')  # noqa: S608  # our own names


def mark_in_doubt(db: sqlite3.Connection) -> int:
    """Mark the open jobs of a backup as in doubt: since it was made, they may have been sent or shown.

    A job that waited becomes one whose request may have arrived, so it is given up and never sent a second time. For an
    image that was to be shown, the bot first looks whether it was. One that waited for its member is tried at once,
    since its file may be missing now. Returns how many jobs waited.
    """
    waited = db.execute("UPDATE jobs SET state = 'submitting', submitted_at = updated_at WHERE state = 'held'").rowcount
    db.execute("UPDATE jobs SET state = 'posting' WHERE state = 'stored'")
    db.execute("UPDATE jobs SET next_at = updated_at WHERE state = 'awaiting'")
    return waited


def tables_of(db: sqlite3.Connection) -> list[Table]:
    """The tables in an order in which they can be filled: a table comes after those that its foreign keys name."""
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
    names = [name for (name,) in found if name not in (*PROCESS_TABLES, *OF_THE_SCHEMA, *SEARCH_INDEX)]
    ordered: list[str] = []

    def take(name: str) -> None:
        for other in [row["table"] for row in db.execute(f'PRAGMA foreign_key_list("{name}")')]:
            if other != name and other not in ordered:
                take(other)
        if name not in ordered:
            ordered.append(name)

    for name in names:
        take(name)
    return [_table(db, name) for name in ordered]


def newest_tables() -> list[Table]:
    """The tables of a database of the newest migration."""
    with closing(connect(Path(":memory:"))) as db:
        migrate(db)
        return tables_of(db)


def pages_of(db: sqlite3.Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    cursor = db.execute(table.select)
    cursor.row_factory = None  # plain tuples
    while rows := cursor.fetchmany(PAGE):
        yield rows


def sums_of(db: sqlite3.Connection) -> dict[str, Sum]:
    """The hashes of all tables. They are of one snapshot, if the caller has begun a transaction."""
    sums = {}
    for table in tables_of(db):
        sums[table.name] = Sum()
        for rows in pages_of(db, table):
            sums[table.name].add(rows)
    return sums


def _copy(path: Path, to: Path, stop: Stop) -> None:
    """Copy the file with `VACUUM INTO`, which reads one snapshot while others write, and check the copy."""
    with opened(path, stop) as db:
        if not applied(db):
            raise DatabaseUnavailable(detail=f"{path} is no database of Stillframe's")
        db.execute("VACUUM INTO ?", (str(to),))
    with opened(to, stop) as db:
        check(db, thoroughly=True)


def count_of(db: sqlite3.Connection, table: Table) -> int:
    rows: int = db.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]  # noqa: S608  # our own names
    return rows


def credits_of(db: sqlite3.Connection) -> dict[str, int]:
    """The credits of all wallets together: `posted`, and how many of them are `held`. Works on every migration."""
    return dict(
        db.execute("SELECT coalesce(sum(posted), 0) AS posted, coalesce(sum(held), 0) AS held FROM wallets").fetchone()
    )


def _table(db: sqlite3.Connection, name: str) -> Table:
    columns = db.execute(f'PRAGMA table_info("{name}")').fetchall()
    key = sorted((column["pk"], column["name"]) for column in columns if column["pk"])
    return Table(name, tuple(column["name"] for column in columns), tuple(column for _, column in key))
