"""A whole PostgreSQL database. See `bot.storage.whole.database_copy`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from bot.domain.errors import (
    BooksUnsound,
    CopyDiffers,
    DatabaseAtWork,
    DatabaseTooNew,
    DatabaseUnavailable,
    PlaceTaken,
)
from bot.storage.credits.audit import check_books
from bot.storage.engine.migrations import Engine, check_readable, migrations_of
from bot.storage.engine.postgres import TROUBLE, applied, connected, migrate, translate
from bot.storage.engine.postgres_runner import drive
from bot.storage.engine.sqlite_file import connect
from bot.storage.processes import leases
from bot.storage.whole.rows import PAGE, Sum, Sums, Table, differing
from bot.storage.whole.sqlite_copy import Filling, in_our_words, newest_tables, pages_of, tables_of
from bot.storage.whole.temp_files import to_its_end

Rows = Sequence[Sequence[Any]]

PATIENCE_SECONDS = 600.0  # for one statement, or one page on its way to the disk

_NUMBERED = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'YES'"""


class PostgresCopy:
    engine: Engine = "postgres"

    def __init__(self, url: str, *, near: Path) -> None:
        parts = urlsplit(url)
        self._url = url
        self.name = f"postgresql://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
        self.near = near

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        async with self._connection(_nothing, idle_ms=0) as connection, connection.transaction():
            if await applied(connection):
                # A process that starts writes its lease to this table first, and waits for this lock.
                await connection.execute("LOCK TABLE processes IN SHARE MODE")
                if alive := await drive(connection, leases.living(now=0)):  # PostgreSQL reads its own clock instead
                    raise DatabaseAtWork(where=self.name, processes=", ".join(alive))
            yield

    async def size(self) -> int:
        async with self._connection(_nothing) as connection:
            size: int = await connection.fetchval("SELECT pg_database_size(current_database())")
            return size

    async def copy_out(self, to: Path) -> None:
        async with self._snapshot() as connection:
            step = max(await applied(connection), default=0)
            if not step:
                raise DatabaseUnavailable(detail=f"{self.name} is no database of Stillframe's")
            if step > (known := migrations_of("postgres")[-1].number):  # it may have tables unknown to this code
                raise DatabaseTooNew(found=step, known=known)
            filling = await to_its_end(Filling, to, up_to=step)
            try:
                for table in filling.tables:
                    await _each_page(connection, table, partial(filling.add, table))
                await to_its_end(filling.finish)
            finally:
                filling.close()

    async def sums(self) -> Sums | None:
        async with self._snapshot() as connection:
            done = await applied(connection)
            if not done:
                return None
            check_readable(done, migrations_of("postgres"))
            found = await _sums(connection, newest_tables())
            return found if any(each.rows for each in found.values()) else None

    async def bring_in(self, file: Path) -> Sums:
        async with self._connection(migrate) as connection, connection.transaction():
            return await _fill(connection, file, where=self.name)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Any]:
        async with (
            self._connection(_nothing) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    @asynccontextmanager
    async def _connection(
        self, prepare: Callable[[Any], Awaitable[None]], *, idle_ms: int = int(PATIENCE_SECONDS * 1000)
    ) -> AsyncIterator[Any]:
        """`idle_ms`: how long a transaction may do nothing; 0 is without a limit."""
        async with connected(self._url, prepare, size=1, command_seconds=PATIENCE_SECONDS, idle_ms=idle_ms) as pool:
            try:
                async with pool.acquire() as connection:
                    yield connection
            except TROUBLE as error:
                raise translate(error) from error


async def _nothing(connection: Any) -> None:
    """Prepare nothing: leave the database as it is."""


async def _each_page(connection: Any, table: Table, take: Callable[[Rows], None]) -> None:
    """Call `take` in a thread for each page of a table. A cursor of asyncpg would lock its table until the end."""
    cursor = f"pages_of_{table.name}"
    await connection.execute(f"DECLARE {cursor} NO SCROLL CURSOR FOR {table.select}")
    while rows := await connection.fetch(f"FETCH {PAGE} FROM {cursor}"):
        await to_its_end(take, rows)
    await connection.execute(f"CLOSE {cursor}")


async def _sums(connection: Any, tables: Sequence[Table]) -> dict[str, Sum]:
    sums = {table.name: Sum() for table in tables}
    for table in tables:
        await _each_page(connection, table, sums[table.name].add)
    return sums


async def _fill(connection: Any, file: Path, *, where: str) -> Sums:
    """Fill the tables with the triggers off, then check what has arrived and the books, in the open transaction."""
    with closing(connect(file)) as db:
        tables = tables_of(db)
        listed = ", ".join(f'"{table.name}"' for table in tables)
        await connection.execute(f"LOCK TABLE {listed} IN SHARE ROW EXCLUSIVE MODE")
        for table in tables:
            if await connection.fetchval(f'SELECT EXISTS (SELECT 1 FROM "{table.name}")'):  # noqa: S608  # our own names
                raise PlaceTaken(where=where)
        await _triggers(connection, tables, "DISABLE")
        sent = {table.name: await _send(connection, table, pages_of(db, table)) for table in tables}
    arrived = await _sums(connection, tables)
    if names := differing(sent, arrived):
        raise CopyDiffers(detail=", ".join(names))
    await _triggers(connection, tables, "ENABLE")
    for name in ("duties", "buckets", "facts"):
        await connection.execute(f"DELETE FROM {name}")  # noqa: S608  # as above
    await connection.execute(f"ANALYZE {listed}")
    books = await drive(connection, check_books())
    if books.findings:
        raise BooksUnsound(findings=len(books.findings))
    return arrived


async def _triggers(connection: Any, tables: Sequence[Table], word: str) -> None:
    """Switch our own triggers. Foreign keys are still checked. The owner of the tables may do this."""
    for table in tables:
        await connection.execute(f'ALTER TABLE "{table.name}" {word} TRIGGER USER')


async def _send(connection: Any, table: Table, pages: Iterator[Rows]) -> Sum:
    """Copy the pages of a table into PostgreSQL, and let its numbers go on after the highest."""
    came = Sum()

    def page() -> Rows:
        with in_our_words(Path(table.name)):
            rows = next(pages, [])
        came.add(rows)
        return rows

    while rows := await to_its_end(page):
        try:
            await connection.copy_records_to_table(table.name, records=rows, columns=table.columns)
        except asyncpg.CharacterNotInRepertoireError as error:
            detail = f"a text in {table.name} has a NUL character in it, which PostgreSQL can't keep"
            raise DatabaseUnavailable(detail=detail) from error
    for numbered in await connection.fetch(_NUMBERED, table.name):
        column = numbered["column_name"]
        newest = await connection.fetchval(f'SELECT coalesce(max("{column}"), 0) FROM "{table.name}"')  # noqa: S608  # as above
        await connection.execute(f'ALTER TABLE "{table.name}" ALTER COLUMN "{column}" RESTART WITH {newest + 1}')
    return came
