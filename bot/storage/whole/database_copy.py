"""A whole database of either engine: it can be copied out while others write, and filled where it is empty.

A copy is always one SQLite file, so a copy of one engine can be brought into the other.
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
        """A name to show to people, without a password."""
        ...

    @property
    def near(self) -> Path:
        """A folder for the file that is to be brought in."""
        ...

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Keep every other process out of the database. Raises `DatabaseInUse` and `DatabaseAtWork`."""
        ...

    async def size(self) -> int:
        """About how many bytes a copy takes; rather too many than too few."""
        ...

    async def copy_out(self, to: Path) -> None:
        """Write all that is committed at one moment to `to`, an empty or new file. Others can go on writing."""
        ...

    async def sums(self) -> Sums | None:
        """The hashes of the tables that move along; None where all are empty. Raises `PlaceTaken` on foreign files."""
        ...

    async def bring_in(self, file: Path) -> Sums:
        """Fill the empty database with all of `file`, or with nothing. Returns the hashes of what has arrived.

        `file` is of the newest migration; it may be gone after. Raises `PlaceTaken`, `CopyDiffers`, `BooksUnsound`.
        """
        ...
