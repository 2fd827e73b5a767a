"""The database that an address names: a file of SQLite's, or PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from bot.domain.errors import DatabaseUnavailable
from bot.storage import sqlite
from bot.storage.store import Script, Store

T = TypeVar("T")

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
NO_ASYNCPG = "PostgreSQL needs the package asyncpg, which is not installed here: pip install 'stillframe[postgres]'"


def sqlite_file(url: str) -> Path | None:
    """None for PostgreSQL."""
    return None if url.startswith(POSTGRES) else Path(url.removeprefix(SQLITE))


@asynccontextmanager
async def open_database(url: str, *, patient: bool = False) -> AsyncIterator[Store]:
    """Open, create or migrate. `patient`: wait for a server that does not answer yet.

    Raises `bot.domain.errors.StorageError`, in one line where an operator can mend it.
    """
    file = sqlite_file(url)
    if file is not None:
        async with sqlite.open_sqlite(file) as store:
            yield store
        return
    try:
        from bot.storage.postgres import open_postgres  # noqa: PLC0415  # an extra that only this needs
    except ImportError as error:
        raise DatabaseUnavailable(detail=NO_ASYNCPG) from error
    async with open_postgres(url, patient=patient) as shared:
        yield shared


async def read_once(url: str, script: Script[T]) -> T:
    """Run one reading script beside whoever is at work there. Raises as `open_database`, and `DatabaseTooOld`."""
    file = sqlite_file(url)
    if file is not None:
        return await sqlite.read_once(file, script)
    try:
        from bot.storage import postgres  # noqa: PLC0415  # as above
    except ImportError as error:
        raise DatabaseUnavailable(detail=NO_ASYNCPG) from error
    return await postgres.read_once(url, script)
