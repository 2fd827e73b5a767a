"""The only way to use the database: a transaction script, run by a store.

A script is a generator. It yields `(sql, parameters)`, is sent the rows, and returns a value or raises a domain
error. `await store.run(script(...))` runs it as one transaction: when the call returns, all of it is committed; when
it raises, nothing is. Scripts are synchronous; they know no engine, no event loop and no thread.

One text serves both engines. What only PostgreSQL reads is in a comment that its runner opens:
`/*postgres FOR UPDATE */`. On SQLite one transaction writes at a time. On PostgreSQL many do, so a script that reads
before it writes first locks what it reads (`bot/storage/engine/locks.py` says in which order).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol, TypeVar

from bot.domain.errors import NumberTooLarge

T = TypeVar("T")

Parameters = Mapping[str, Any]
Row = Mapping[str, Any]
Statement = tuple[str, Parameters]
Script = Generator[Statement, list[Row], T]


INTEGER_MAX = 2**63 - 1  # of both engines


def too_large(parameters: Parameters) -> NumberTooLarge | None:
    """The refusal of the first number that no engine keeps. Asked only after an engine has refused the statement."""
    for name, value in parameters.items():
        if isinstance(value, int) and not -INTEGER_MAX <= value <= INTEGER_MAX:
            return NumberTooLarge(name=name, value=value)
    return None


class Store(Protocol):
    @property
    def shared(self) -> bool:
        """Can other processes use the same database?"""
        ...

    async def run(self, script: Script[T]) -> T:
        """Run a script that may write, as one transaction.

        Cancelling the call does not undo it: the script may still commit. Raises what the script raises, or
        `DatabaseUnavailable`. Then nothing was committed, with one exception: the connection to PostgreSQL may be lost
        during the commit, and the caller can't know the outcome. So only an idempotent script may be repeated.
        """
        ...

    async def read(self, script: Script[T]) -> T:
        """Run a script that only reads, on one consistent snapshot of what is committed."""
        ...

    def listen(self, channel: str, wake: Callable[[], None]) -> None:
        """Call `wake` soon after a script of any process has committed a `notify` on the channel, and sometimes more.

        Calls may be lost with a connection. So the caller has to look by itself too, from time to time.
        """
        ...
