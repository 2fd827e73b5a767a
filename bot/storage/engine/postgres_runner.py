"""Runs a script on a connection to PostgreSQL: translates its text, and repeats it where a migration interrupts it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Generic, TypeVar

import asyncpg

from bot.domain.errors import DatabaseUnavailable
from bot.storage.engine.store import Row, Script, Statement, too_large

T = TypeVar("T")

STATEMENTS_CACHED = 1_000  # for each connection: more than we have
REMEMBERED_ROWS = 1_000  # rows that a script has read; a script that reads more is not repeated
# After one of these during a commit, the server may have committed or not.
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


async def transact(connection: Any, script: Script[T], *, readonly: bool) -> T:
    """Run a script in one transaction. Writing is READ COMMITTED, with locks; reading sees one snapshot.

    Raises `DatabaseUnavailable` with `in_doubt` where the connection is lost during a commit.
    """
    running, committing = ScriptRun(script), False
    while True:
        try:
            async with connection.transaction(isolation="repeatable_read" if readonly else None, readonly=readonly):
                value = await running.go_on(connection)
                committing = not readonly
        except asyncpg.InvalidCachedStatementError:
            if not running.repeatable:
                raise
        except LOST as error:
            if not committing:
                raise
            raise DatabaseUnavailable(detail=str(error) or type(error).__name__, in_doubt=True) from error
        else:
            return value


async def drive(connection: Any, script: Script[T]) -> T:
    """Run a script in a transaction that is open already."""
    return await ScriptRun(script).go_on(connection)


class ScriptRun(Generic[T]):
    """A script that runs in a transaction.

    When a newer version starts beside this one and changes tables, the statements that PostgreSQL has prepared for the
    old tables fail once, and their transactions with them. A generator can't start again. So a second transaction
    repeats the statements up to there; if each returns the same rows again, the script goes on and notices nothing.
    """

    def __init__(self, script: Script[T]) -> None:
        self._script = script
        self._told: list[tuple[Statement, list[Row]]] = []
        self._rows = 0
        self._pending: Statement | None = None
        self._begun_anew = False

    @property
    def repeatable(self) -> bool:
        return not self._begun_anew and self._rows <= REMEMBERED_ROWS

    async def go_on(self, connection: Any) -> T:
        """Run the script to its end. After `asyncpg.InvalidCachedStatementError` call it once more, if `repeatable`."""
        self._begun_anew = self._pending is not None
        for statement, rows in self._told:
            if not _same(await _fetch(connection, statement), rows):
                raise DatabaseUnavailable(detail="the tables were changed by a newer version; it is to be tried again")
        try:
            statement = self._pending or next(self._script)
            while True:
                self._pending = statement
                rows = await _fetch(connection, statement)
                self._rows += len(rows)
                if self._rows <= REMEMBERED_ROWS:
                    self._told.append((statement, rows))
                else:
                    self._told.clear()
                statement = self._script.send(rows)
        except StopIteration as stop:
            value: T = stop.value
            return value


async def _fetch(connection: Any, statement: Statement) -> list[Row]:
    sql, parameters = statement
    text, names = compiled(sql)
    if not text.strip():  # for SQLite alone
        return []
    try:
        rows: list[Row] = await connection.fetch(text, *(_kept(parameters[name]) for name in names))
    except asyncpg.DataError as error:
        raise too_large(parameters) or error from error
    return rows


def _kept(value: Any) -> Any:
    """The value without NUL characters, which PostgreSQL can't store. In a text of a member they mean nothing."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _same(rows: list[Row], others: list[Row]) -> bool:
    return [tuple(row.values()) for row in rows] == [tuple(row.values()) for row in others]


_POSTGRES_ONLY = re.compile(r"/\*postgres (.*?)\*/", re.DOTALL)
_SQLITE_ONLY = re.compile(r"/\*sqlite\*/.*?/\*end\*/", re.DOTALL)
_TOKEN = re.compile(r"'(?:[^']|'')*'|::|:(?P<name>[a-z_][a-z0-9_]*)")  # in literals and casts a colon means nothing


@lru_cache(maxsize=STATEMENTS_CACHED)
def compiled(sql: str) -> tuple[str, tuple[str, ...]]:
    """The text of a statement with `$1` for `:name`, and the names in that order."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match[0]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    text = _TOKEN.sub(number, _POSTGRES_ONLY.sub(r"\1", _SQLITE_ONLY.sub("", sql)))
    return text, tuple(names)
