"""A database as a whole, whichever engine keeps it: copied out while others write, or filled where it is empty.

What moves is always one file of SQLite's, so a copy of one engine goes into either.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from bot.storage.engine.migrations import Engine
from bot.storage.whole.rows import Sums


class DatabaseCopy(Protocol):
    """Every call raises `bot.domain.errors.StorageError`."""

    @property
    def engine(self) -> Engine: ...

    @property
    def name(self) -> str:
        """For people; without a password."""
        ...

    @property
    def near(self) -> Path:
        """A folder where a file can be made that is to be brought in."""
        ...

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Nobody is at work there, nor begins. Raises `DatabaseInUse` and `DatabaseAtWork`."""
        ...

    async def size(self) -> int:
        """About how many bytes a copy takes, rather more than less."""
        ...

    async def copy_out(self, to: Path) -> None:
        """Everything that is committed at one moment, also while others write; `to` is an empty file or none."""
        ...

    async def sums(self) -> Sums | None:
        """Of everything that moves along; None where there is nothing. Raises `PlaceTaken` for what is none of ours."""
        ...

    async def bring_in(self, file: Path) -> Sums:
        """All of it, or nothing: `file` is of the newest migration, and may be gone after. There must be nothing yet.

        Returns what has arrived. Raises `PlaceTaken`, `CopyDiffers`, `BooksUnsound`.
        """
        ...
