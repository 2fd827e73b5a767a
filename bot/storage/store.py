"""One way to touch the database: a transaction script, run by a store.

A script is a generator. It yields `(sql, parameters)`, is sent the rows, and returns a value or raises a domain
error. `await store.run(script(...))` runs it as one transaction: all of it is committed when the call returns, or
none of it ever. Scripts are plain and synchronous; they know no engine, no loop and no thread.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Parameters = Mapping[str, Any]
Row = Mapping[str, Any]
Statement = tuple[str, Parameters]
Script = Generator[Statement, list[Row], T]


class Store(Protocol):
    async def run(self, script: Script[T]) -> T:
        """Run a script that may write, as one transaction.

        Cancelling the call does not undo it: the script may still commit. Raises what the script raises, or
        `DatabaseUnavailable` when nothing was committed for the database's own reasons.
        """
        ...

    async def read(self, script: Script[T]) -> T:
        """Run a script that only reads, on one consistent snapshot of what is committed."""
        ...
