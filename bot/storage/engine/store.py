"""One way to touch the database: a transaction script, run by a store.

A script is a generator. It yields `(sql, parameters)`, is sent the rows, and returns a value or raises a domain
error. `await store.run(script(...))` runs it as one transaction: all of it is committed when the call returns, or
none of it ever. Scripts are plain and synchronous; they know no engine, no loop and no thread.

One text for both engines. What only PostgreSQL has to read stands in a comment that its driver opens:
`/*postgres FOR UPDATE */`. On SQLite one transaction writes at a time; on PostgreSQL many do, so a script that looks
before it writes locks what it judges, first (`bot/storage/engine/locks.py` says in which order).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Parameters = Mapping[str, Any]
Row = Mapping[str, Any]
Statement = tuple[str, Parameters]
Script = Generator[Statement, list[Row], T]


class Store(Protocol):
    @property
    def shared(self) -> bool:
        """May other processes be at work on the same database?"""
        ...

    async def run(self, script: Script[T]) -> T:
        """Run a script that may write, as one transaction.

        Cancelling the call does not undo it: the script may still commit. Raises what the script raises, or
        `DatabaseUnavailable`: then nothing was committed, except where the connection to PostgreSQL was lost during
        the commit itself, which nobody can tell from here. So whoever repeats a script repeats one that knows itself.
        """
        ...

    async def read(self, script: Script[T]) -> T:
        """Run a script that only reads, on one consistent snapshot of what is committed."""
        ...

    def listen(self, channel: str, wake: Callable[[], None]) -> None:
        """Call `wake` soon after a script of any process has committed a `notify` on the channel; now and then more.

        Calls may be lost with a connection: it is a wake-up, and whoever needs certainty looks as well.
        """
        ...
