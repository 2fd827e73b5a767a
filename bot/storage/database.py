"""Opens the database that a URL names: a SQLite file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.domain.errors import DatabaseUnavailable
from bot.storage.engine import sqlite
from bot.storage.engine.store import Script, Store
from bot.storage.whole.backup import before_migrating
from bot.storage.whole.database_copy import DatabaseCopy
from bot.storage.whole.sqlite_copy import SqliteCopy

T = TypeVar("T")

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
NO_ASYNCPG = "PostgreSQL needs the package asyncpg, which is not installed here: pip install 'stillframe[postgres]'"


def sqlite_file(url: str) -> Path | None:
    """The SQLite file that a URL names; None for PostgreSQL."""
    return None if url.startswith(POSTGRES) else Path(url.removeprefix(SQLITE))


@contextmanager
def _from_the_extra() -> Iterator[None]:
    """Raise `DatabaseUnavailable` where an import fails because the extra `postgres` is not installed."""
    try:
        yield
    except ImportError as error:
        raise DatabaseUnavailable(detail=NO_ASYNCPG) from error


@asynccontextmanager
async def open_database(url: str, *, backups: Path | None = None, patient: bool = False) -> AsyncIterator[Store]:
    """Open the database, and create or migrate it. `patient`: wait for a server that does not answer yet.

    `backups`: the folder where an older SQLite file is backed up before it is migrated.
    Raises `bot.domain.errors.StorageError`, with a text of one line where an operator can repair it.
    """
    file = sqlite_file(url)
    if file is not None:
        keep = partial(before_migrating, SqliteCopy(file), backups) if backups else None
        async with sqlite.open_sqlite(file, before_migrating=keep) as store:
            yield store
        return
    with _from_the_extra():
        from bot.storage.engine.postgres import open_postgres  # noqa: PLC0415  # nothing else needs asyncpg
    async with open_postgres(url, patient=patient) as shared:
        yield shared


def whole(url: str, *, near: Path) -> DatabaseCopy:
    """The whole database. `near`: a folder for copies on their way into PostgreSQL. Raises `DatabaseUnavailable`."""
    file = sqlite_file(url)
    if file is not None:
        return SqliteCopy(file)
    with _from_the_extra():
        from bot.storage.whole.postgres_copy import PostgresCopy  # noqa: PLC0415  # as above
    return PostgresCopy(url, near=near)


async def read_once(url: str, script: Script[T]) -> T:
    """Run one reading script, also while a bot is at work. Raises as `open_database`, and `DatabaseTooOld`."""
    file = sqlite_file(url)
    if file is not None:
        return await sqlite.read_once(file, script)
    with _from_the_extra():
        from bot.storage.engine import postgres  # noqa: PLC0415  # as above
    return await postgres.read_once(url, script)
