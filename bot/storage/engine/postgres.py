"""The PostgreSQL store: a pool of connections, one transaction for each script, and one connection that listens.

Any number of processes, on any machines, may use the same database at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import chain, repeat
from typing import Any, TypeVar

import asyncpg

from bot.domain.errors import ConstraintBroken, DatabaseUnavailable, StillframeError
from bot.domain.search_text import search_text
from bot.storage.engine.migrations import Migration, check_compatible, check_readable, migrations_of
from bot.storage.engine.postgres_runner import STATEMENTS_CACHED, transact
from bot.storage.engine.store import Script

T = TypeVar("T")

log = logging.getLogger(__name__)

OLDEST_POSTGRES = 14  # the oldest version that its makers still support
POOL_SIZE = 10  # of one process; a statement takes a fraction of a millisecond
CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0
CONNECT_PAUSES_SECONDS = (1, 2, 5, 10)
CLOSE_SECONDS = 10.0
LOCK_WAIT_MS = 10_000
# For a process that is paused, or whose machine is gone, in the middle of a transaction: its locks must not stay.
IDLE_IN_TRANSACTION_MS = 10_000
LISTEN_AGAIN_SECONDS = 1.0
MIGRATING_SECONDS = 3_600.0  # for one statement of a migration, which may write every row
SEARCH_TEXT = 16  # the migration after which the text to search by is filled in
_UNFOLDED = "SELECT id, prompt, video FROM jobs WHERE id > $1 ORDER BY id LIMIT 1000"
_SEARCH_INDEX = "CREATE INDEX jobs_search ON jobs USING gin (pieces_of(wallet_id, search_text, 1))"
_MIGRATING = 7_313_461_905  # any number: the advisory lock of the process that migrates

TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
# The server is starting, stopping, or out of reach for the moment. A wrong password or a missing database is not here.
_NOT_YET = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError)


class PostgresStore:
    """Made by `open_postgres`."""

    shared = True

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], url: str) -> None:
        self._pool = pool
        self._url = url  # for the connection that listens, which is not one of the pool
        self._wakes: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False
        self._listening = asyncio.create_task(self._listen(), name="postgres listener")

    async def run(self, script: Script[T]) -> T:
        """Run the script in a task of its own: a caller that is cancelled must not cut a transaction in half."""
        if self._closing:
            script.close()
            raise DatabaseUnavailable(detail="the store is closed")
        task = asyncio.create_task(self._transact(script, readonly=False))
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    async def read(self, script: Script[T]) -> T:
        return await self._transact(script, readonly=True)

    def listen(self, channel: str, wake: Callable[[], None]) -> None:
        self._wakes[channel].append(wake)

    async def close(self) -> None:
        """Wait until the running transactions have ended, then close the connections."""
        self._closing = True
        self._listening.cancel()
        await asyncio.gather(self._listening, *self._tasks, return_exceptions=True)
        try:
            await asyncio.wait_for(self._pool.close(), CLOSE_SECONDS)
        except TROUBLE:
            self._pool.terminate()

    async def _transact(self, script: Script[T], *, readonly: bool) -> T:
        done: list[T] = []
        try:
            async with self._pool.acquire(timeout=CONNECT_SECONDS) as connection:
                done.append(await transact(connection, script, readonly=readonly))
        except TROUBLE as error:
            if not done:
                raise translate(error) from error
            log.warning("a connection was lost after its transaction had ended: %s", error)
        finally:
            script.close()
        return done[0]

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # read here, since a caller that is gone does not read it

    async def _listen(self) -> None:
        """Listen while the store is open. After a lost connection all listeners are woken: calls may be lost too."""
        while True:
            with suppress(*TROUBLE):
                connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
                try:
                    await self._listen_on(connection)
                finally:
                    connection.terminate()
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    async def _listen_on(self, connection: Any) -> None:
        """Pass the calls on until the connection ends."""
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        await connection.add_listener("stillframe", lambda *heard: self._wake(heard[-1]))
        for channel in list(self._wakes):
            self._wake(channel)
        await ended.wait()

    def _wake(self, channel: object) -> None:
        for wake in self._wakes[str(channel)]:
            wake()


@asynccontextmanager
async def open_postgres(url: str, *, patient: bool = False) -> AsyncIterator[PostgresStore]:
    """Connect, and create or migrate the tables. `patient`: wait for a server that does not answer yet.

    Raises `DatabaseTooNew`, and `DatabaseUnavailable` in one line.
    """
    if patient:
        await _until_it_answers(url)
    async with connected(url, migrate, size=POOL_SIZE) as pool:
        store = PostgresStore(pool, url)
        try:
            yield store
        finally:
            await store.close()


async def read_once(url: str, script: Script[T]) -> T:
    """Run one reading script without a migration. Raises as `open_postgres`, and `DatabaseTooOld`."""
    async with connected(url, _check_version, size=1) as pool:
        try:
            async with pool.acquire() as connection:
                return await transact(connection, script, readonly=True)
        except TROUBLE as error:
            raise translate(error) from error
        finally:
            script.close()


async def _until_it_answers(url: str) -> None:
    """Wait while the server does not answer. Returns also on any other error: the next connection will raise it."""
    pauses = chain(CONNECT_PAUSES_SECONDS, repeat(CONNECT_PAUSES_SECONDS[-1]))
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
        except _NOT_YET as error:
            pause_seconds = next(pauses)
            reason = str(error) or type(error).__name__
            log.warning("PostgreSQL does not answer (%s); the next try is in %d s", reason, pause_seconds)
            await asyncio.sleep(pause_seconds)
        except (*TROUBLE, ValueError):
            return
        else:
            connection.terminate()
            return


@asynccontextmanager
async def connected(
    url: str,
    prepare: Callable[[Any], Awaitable[None]],
    *,
    size: int,
    command_seconds: float = COMMAND_SECONDS,
    idle_ms: int = IDLE_IN_TRANSACTION_MS,
) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    """A pool of connections; `prepare` runs once, on one of them.

    Raises `DatabaseUnavailable`, and what `prepare` raises.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=0,  # no connection is kept open by force: after a restart of the server they are made anew
            max_size=size,
            timeout=CONNECT_SECONDS,
            command_timeout=command_seconds,
            statement_cache_size=STATEMENTS_CACHED,
            max_cached_statement_lifetime=0,
            init=_set_up,
            server_settings={
                "application_name": "stillframe",
                "timezone": "UTC",
                "lock_timeout": str(LOCK_WAIT_MS),
                "idle_in_transaction_session_timeout": str(idle_ms),
            },
        )
        async with pool.acquire() as connection:
            await prepare(connection)
    except (*TROUBLE, ValueError) as error:
        raise DatabaseUnavailable(detail=f"PostgreSQL: {error or type(error).__name__}") from error
    try:
        yield pool
    finally:
        pool.terminate()  # after a clean close there is nothing left to end


async def _set_up(connection: Any) -> None:
    """Read the type `numeric` as `int`: PostgreSQL uses it for sums of whole numbers."""
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=int, format="text")


def translate(error: Exception) -> StillframeError:
    """The domain error for an error of the driver. Only this function translates them."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return ConstraintBroken(detail=str(error))
    return DatabaseUnavailable(detail=str(error) or type(error).__name__)


# --- Opening ------------------------------------------------------------------------------------------


async def migrate(connection: Any) -> None:
    version = connection.get_server_version()
    if version.major < OLDEST_POSTGRES:
        raise DatabaseUnavailable(detail=f"PostgreSQL {version.major} is too old; {OLDEST_POSTGRES} or newer is needed")
    ours = migrations_of("postgres")
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATING)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL, "
            "applied_at BIGINT NOT NULL, oldest_code BIGINT NOT NULL)"
        )
        done = await applied(connection)
        check_compatible(done, ours)
        for migration in ours:
            if migration.number > max(done, default=0):
                await _apply(connection, migration)


async def _apply(connection: Any, migration: Migration) -> None:
    await connection.execute(migration.sql, timeout=MIGRATING_SECONDS)
    await connection.execute(
        "INSERT INTO migrations VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, $3)",
        migration.number,
        migration.name,
        migration.oldest_code,
    )
    if migration.number == SEARCH_TEXT:
        await _fill_search_text(connection)


async def _fill_search_text(connection: Any) -> None:
    """What the migration can't say in SQL, a page at a time."""
    after = ""
    while rows := await connection.fetch(_UNFOLDED, after):
        found = [(row["id"], search_text(row["prompt"], row["video"])) for row in rows]
        await connection.executemany("UPDATE jobs SET search_text = $2 WHERE id = $1", found)
        after = rows[-1]["id"]
    await connection.execute(_SEARCH_INDEX, timeout=MIGRATING_SECONDS)


async def _check_version(connection: Any) -> None:
    check_readable(await applied(connection), migrations_of("postgres"))


async def applied(connection: Any) -> dict[int, int]:
    """The oldest code that can work on it, by the number of each migration that was applied."""
    if await connection.fetchval("SELECT to_regclass('migrations') IS NULL"):
        return {}
    return {row["number"]: row["oldest_code"] for row in await connection.fetch("SELECT * FROM migrations")}
