"""How a script is performed on a connection to PostgreSQL: its text, its transaction, and what happens on the way."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Generic, TypeVar

import asyncpg

from bot.domain.errors import DatabaseUnavailable
from bot.storage.engine.store import Row, Script, Statement

T = TypeVar("T")

STATEMENTS_CACHED = 1_000  # for each connection: more than we have
REMEMBERED_ROWS = 1_000  # that a script was told; one that reads more is not repeated


async def transact(connection: Any, script: Script[T], *, readonly: bool) -> T:
    """READ COMMITTED to write: scripts lock what they judge. One snapshot to read."""
    performance = ScriptRun(script)
    while True:
        try:
            async with connection.transaction(isolation="repeatable_read" if readonly else None, readonly=readonly):
                return await performance.go_on(connection)
        except asyncpg.InvalidCachedStatementError:
            if not performance.repeatable:
                raise


async def drive(connection: Any, script: Script[T]) -> T:
    """In a transaction that is open already."""
    return await ScriptRun(script).go_on(connection)


class ScriptRun(Generic[T]):
    """A script on its way through a transaction.

    A newer version that starts beside this one changes tables, and the first statements that PostgreSQL had prepared
    for the old ones fail, and with them their transactions. A script can't be begun anew; so in a second transaction
    the statements before are repeated, and where each says the same again, the script never learns of it.
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
        """To the end of the script. Raises `asyncpg.InvalidCachedStatementError`: then once more, if `repeatable`."""
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
    rows: list[Row] = await connection.fetch(text, *(_kept(parameters[name]) for name in names))
    return rows


def _kept(value: Any) -> Any:
    """PostgreSQL keeps no NUL. In what somebody wrote it means nothing."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _same(rows: list[Row], others: list[Row]) -> bool:
    return [tuple(row.values()) for row in rows] == [tuple(row.values()) for row in others]


_OWN_WORDS = re.compile(r"/\*postgres (.*?)\*/", re.DOTALL)
_TOKEN = re.compile(r"'(?:[^']|'')*'|::|:(?P<name>[a-z_][a-z0-9_]*)")  # in literals and casts a colon means nothing


@lru_cache(maxsize=STATEMENTS_CACHED)
def compiled(sql: str) -> tuple[str, tuple[str, ...]]:
    """With `$1` for `:name`, and the names in that order."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match[0]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    text = _TOKEN.sub(number, _OWN_WORDS.sub(r"\1", sql))
    return text, tuple(names)
