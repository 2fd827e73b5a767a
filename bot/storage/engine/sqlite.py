"""The SQLite store: one writer that commits in groups, one reader, one process per file.

All scripts that wait at a moment run in ONE transaction, each under its own savepoint, in one call to the thread. Their
callers get the results after the one commit: with `synchronous=FULL` a single fsync then serves the whole queue.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.domain.errors import (
    ConstraintBroken,
    DatabaseUnavailable,
    StillframeError,
)
from bot.storage.engine.migrations import Migration, check_readable, migrations_of
from bot.storage.engine.sqlite_file import applied, check, connect, migrate, pending, sole_owner
from bot.storage.engine.store import Row, Script, too_large

T = TypeVar("T")

BeforeMigrating = Callable[[int], Awaitable[object]]

BUSY_TIMEOUT_MS = 5_000  # a backup tool may hold the file for a moment
JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024

_PRAGMAS = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA recursive_triggers = ON;
PRAGMA trusted_schema = OFF;
PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};
PRAGMA journal_size_limit = {JOURNAL_LIMIT_BYTES};
"""


class SqliteStore:
    """Made by `open_sqlite`. Holds two connections and the task that writes."""

    shared = False

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._writer = writer
        self._reader = reader
        self._waiting: list[_Waiting] = []
        self._work = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._write_in_groups(), name="sqlite writer")

    async def run(self, script: Script[T]) -> T:
        if self._closing:
            script.close()
            raise DatabaseUnavailable(detail="the store is closed")
        waiting = _Waiting(script, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._work.set()
        value: T = await waiting.answer
        return value

    async def read(self, script: Script[T]) -> T:
        outcome: _Outcome = await _in_thread(self._reader, _read_snapshot, script)
        value: T = outcome.unwrap()
        return value

    def listen(self, channel: str, wake: Callable[[], None]) -> None:
        """Does nothing: no other process can write here, and this process wakes itself."""

    async def close(self) -> None:
        """Commit the scripts that wait, then stop."""
        self._closing = True
        self._work.set()
        await self._task
        with suppress(sqlite3.Error):  # it only helps; on a full disk it must not fail a clean stop
            await self._writer.execute("PRAGMA optimize")

    async def _write_in_groups(self) -> None:
        while not (self._closing and not self._waiting):
            await self._work.wait()
            self._work.clear()
            group, self._waiting = self._waiting, []
            if group:
                outcomes = await _in_thread(self._writer, _commit_together, [each.script for each in group])
                for waiting, outcome in zip(group, outcomes, strict=True):
                    waiting.tell(outcome)


@asynccontextmanager
async def open_sqlite(path: Path, *, before_migrating: BeforeMigrating | None = None) -> AsyncIterator[SqliteStore]:
    """Open the database file, and create or migrate it.

    Before an older file is migrated, `before_migrating` is called with the number of the newest migration; if that
    raises, the file is not opened. Raises `DatabaseInUse` when another process has the file, `DatabaseTooNew` when a
    newer version wrote it, and `DatabaseUnavailable` when it can't be opened, is damaged or can't be written.
    """
    async with AsyncExitStack() as stack:
        try:
            store = await _open(path, stack, before_migrating)
        except (sqlite3.Error, OSError) as error:
            raise DatabaseUnavailable(detail=f"{path}: {error}") from error
        yield store


async def read_once(path: Path, script: Script[T]) -> T:
    """Run one reading script on a file, without a migration; another process may have the file open.

    Raises as `open_sqlite`, and `DatabaseTooOld`.
    """
    async with AsyncExitStack() as stack:
        try:
            reader = await _connect(path, stack, f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA query_only = ON;")
            await _in_thread(reader, _check_version)
            outcome: _Outcome = await _in_thread(reader, _read_snapshot, script)
        except (sqlite3.Error, OSError) as error:
            raise DatabaseUnavailable(detail=f"{path}: {error}") from error
    value: T = outcome.unwrap()
    return value


async def _open(path: Path, stack: AsyncExitStack, before_migrating: BeforeMigrating | None) -> SqliteStore:
    stack.enter_context(sole_owner(path))
    # The file has the tokens of open interactions, and what members wrote: no other user may read it.
    path.touch(mode=0o600)  # noqa: ASYNC240  # nothing else runs yet
    writer = await _connect(path, stack, _PRAGMAS)
    steps = await _in_thread(writer, _prepare)
    if before_migrating is not None and steps and steps[0].number > 1:
        await before_migrating(steps[-1].number)
    await _in_thread(writer, migrate)
    reader = await _connect(path, stack, _PRAGMAS + "PRAGMA query_only = ON;")
    store = SqliteStore(writer, reader)
    stack.push_async_callback(store.close)
    return store


async def _connect(path: Path, stack: AsyncExitStack, pragmas: str) -> aiosqlite.Connection:
    # Opened here and not by aiosqlite, which leaves a thread behind when its own opening fails.
    raw = await asyncio.to_thread(connect, path)
    connection = await stack.enter_async_context(aiosqlite.Connection(lambda: raw, iter_chunk_size=64))
    await connection.executescript(pragmas)
    return connection


async def _in_thread(connection: aiosqlite.Connection, work: Any, *arguments: Any) -> Any:
    """Run `work(raw connection, *arguments)` in the connection's own thread, in one call.

    This uses a private method: aiosqlite has no public way to run more than one statement per call. One statement per
    await is ten times slower, and a cancelled task leaves half a transaction. A test asserts that the method exists.
    """
    return await connection._execute(work, connection._conn, *arguments)  # type: ignore[no-untyped-call]  # noqa: SLF001  # see above


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any = None
    error: BaseException | None = None

    def unwrap(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.value


@dataclass(frozen=True, slots=True)
class _Waiting:
    script: Script[Any]
    answer: asyncio.Future[Any]

    def tell(self, outcome: _Outcome) -> None:
        if self.answer.done():  # the caller was cancelled meanwhile
            return
        if outcome.error is None:
            self.answer.set_result(outcome.value)
        else:
            self.answer.set_exception(outcome.error)


# --- In the connection's thread -----------------------------------------------------------------------


def _commit_together(db: sqlite3.Connection, scripts: Sequence[Script[Any]]) -> list[_Outcome]:
    try:
        db.execute("BEGIN IMMEDIATE")
        outcomes = [_under_savepoint(db, script) for script in scripts]
        db.execute("COMMIT")
    except sqlite3.Error as error:  # full, read-only, damaged: every script of the group has failed
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        return [_Outcome(error=_translate(error)) for _ in scripts]
    return outcomes


def _under_savepoint(db: sqlite3.Connection, script: Script[Any]) -> _Outcome:
    db.execute("SAVEPOINT script")
    outcome = _drive(db, script)
    if outcome.error is not None:
        db.execute("ROLLBACK TO script")  # fails where SQLite has ended the whole transaction: then all scripts fail
    db.execute("RELEASE script")
    return outcome


def _read_snapshot(db: sqlite3.Connection, script: Script[Any]) -> _Outcome:
    db.execute("BEGIN")
    try:
        return _drive(db, script)
    finally:
        db.execute("ROLLBACK")


def _drive(db: sqlite3.Connection, script: Script[Any]) -> _Outcome:
    try:
        sql, parameters = next(script)
        while True:
            rows: list[Row] = db.execute(sql, parameters).fetchall()
            sql, parameters = script.send(rows)
    except StopIteration as stop:
        return _Outcome(value=stop.value)
    except sqlite3.Error as error:
        return _Outcome(error=_translate(error))
    except OverflowError as error:
        return _Outcome(error=too_large(parameters) or error)
    except Exception as error:  # noqa: BLE001  # what a script raises goes to its own caller
        return _Outcome(error=error)
    finally:
        script.close()


def _translate(error: sqlite3.Error) -> StillframeError:
    """The domain error for an error of SQLite. Only this function translates them."""
    if isinstance(error, sqlite3.IntegrityError):
        domain_error: StillframeError = ConstraintBroken(detail=str(error))
    else:
        domain_error = DatabaseUnavailable(detail=str(error))
    domain_error.__cause__ = error
    return domain_error


# --- Opening ------------------------------------------------------------------------------------------


def _prepare(db: sqlite3.Connection) -> list[Migration]:
    """Check the file, and return the migrations that it still needs."""
    check(db)
    return pending(db)


def _check_version(db: sqlite3.Connection) -> None:
    check_readable(applied(db), migrations_of("sqlite"))
