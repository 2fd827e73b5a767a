"""A SQLite file, without an event loop: opening, the lock of its one process, the check for damage, migrations."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.domain.errors import DatabaseInUse, DatabaseUnavailable
from bot.domain.search_text import grams, search_text
from bot.storage.engine.migrations import Migration, check_compatible, migrations_of

OLDEST_SQLITE = (3, 37, 0)  # STRICT tables

_MIGRATIONS = (
    "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
    "applied_at INTEGER NOT NULL, oldest_code INTEGER) STRICT"
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection for one thread at a time. Transactions begin only by our own BEGIN. Raises `DatabaseUnavailable`."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseUnavailable(detail=f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or newer is needed")
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    # A migration that moves many rows uses temporary files. Where the rest is read-only, only this folder takes them.
    with suppress(sqlite3.Error):  # a reader may not be allowed to write there either
        db.execute("PRAGMA temp_store_directory = '{}'".format(str(path.parent.absolute()).replace("'", "''")))
    # One process has one clock. PostgreSQL has a function of this name that reads its own.
    db.create_function("clock_ms", 1, lambda now: now)
    # What fills the index of the history from the tables.
    db.create_function("search_text", 2, search_text, deterministic=True)
    db.create_function("grams", 1, grams, deterministic=True)
    return db


@contextmanager
def sole_owner(path: Path) -> Iterator[None]:
    """Hold an advisory lock beside the file. It ends with the process, however that ends. Raises `DatabaseInUse`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseInUse(path=str(path)) from error
        yield
    finally:
        os.close(descriptor)


def check(db: sqlite3.Connection, *, thoroughly: bool = False) -> None:
    """Check the file for damage; `thoroughly`: indexes and foreign keys too. Raises `DatabaseUnavailable`."""
    damage = db.execute("PRAGMA integrity_check(1)" if thoroughly else "PRAGMA quick_check(1)").fetchone()[0]
    if damage == "ok" and thoroughly:
        strays = db.execute("PRAGMA foreign_key_check").fetchall()
        damage = f"a row of {strays[0]['table']} leads nowhere" if strays else "ok"
    if damage != "ok":
        raise DatabaseUnavailable(detail=f"the file is damaged: {damage}")


def pending(db: sqlite3.Connection) -> list[Migration]:
    """The migrations that the file does not have yet. Raises `DatabaseTooNew`."""
    ours, done = migrations_of("sqlite"), applied(db)
    check_compatible(done, ours)
    return [migration for migration in ours if migration.number > max(done, default=0)]


def migrate(db: sqlite3.Connection, *, up_to: int | None = None) -> None:
    """Apply the migrations that the file does not have, or those up to a number. Raises `DatabaseTooNew`."""
    steps = [migration for migration in pending(db) if up_to is None or migration.number <= up_to]
    if steps:
        db.execute(_MIGRATIONS)
        if not _tells_oldest_code(db):
            db.execute("ALTER TABLE migrations ADD COLUMN oldest_code INTEGER")
    for migration in steps:
        _apply(db, migration)


def applied(db: sqlite3.Connection) -> dict[int, int]:
    """The oldest code that can work on it, by the number of each migration; empty for a file that is not ours."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").fetchone():
        return {}
    if not _tells_oldest_code(db):  # the first three migrations did not store it
        return {number: number for (number,) in db.execute("SELECT number FROM migrations")}
    rows = db.execute("SELECT number, coalesce(oldest_code, number) FROM migrations").fetchall()
    return dict(rows)


def _tells_oldest_code(db: sqlite3.Connection) -> bool:
    return any(column["name"] == "oldest_code" for column in db.execute("PRAGMA table_info(migrations)"))


def _apply(db: sqlite3.Connection, migration: Migration) -> None:
    """Apply one migration in one transaction. `executescript` commits an open one first, so BEGIN is in the text."""
    facts = f"{migration.number}, '{migration.name}', {time.time_ns() // 1_000_000}, {migration.oldest_code}"
    record = f"INSERT INTO migrations (number, name, applied_at, oldest_code) VALUES ({facts});"  # noqa: S608  # our own
    try:
        db.executescript(f"BEGIN IMMEDIATE;\n{migration.sql}\n{record}\nCOMMIT;")
    except sqlite3.Error:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
