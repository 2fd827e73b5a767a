"""The interface of a place that stores clips and images, and the names of the files there."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Protocol

NAME = r"[a-z0-9]+(\.[a-z0-9]+)?"  # a regular expression for our own names: no path out of the folder matches it


class Files(Protocol):
    """One folder of files. A file appears under its name only when all of it is stored.

    Each method raises `FilesUnavailable` where the place can't be reached, read or written.
    """

    async def keep(self, name: str, data: bytes) -> None:
        """Write a file, or write it again. Where it fails, the file under the name is still whole: it has the old data
        or, where the answer of a distant store was lost, `data`.
        """

    async def read(self, name: str) -> bytes | None:
        """The bytes; None where there is no such file."""

    async def has(self, name: str) -> bool:
        """Is there such a file? The answer comes soon in any case: commands ask before they answer Discord."""

    async def erase(self, name: str) -> None:
        """Erase a file. A file that does not exist is no error."""

    def names(self) -> AsyncIterator[str]:
        """The names of all files, in no order. Files that come or go meanwhile may be among them."""
        ...

    async def older_than(self, unix_ms: int) -> list[str]:
        """The names of the files that were written before then, by the clock of the place."""

    async def erase_if_older(self, name: str, unix_ms: int) -> bool:
        """Erase a file, unless it was written again meanwhile. Returns whether it was erased."""

    async def erase_remains(self, unix_ms: int) -> int:
        """Erase what crashes have left of writes before then. Returns how many files."""


async def sha256_of(data: bytes) -> str:
    """The hash in hexadecimal. It is computed in a thread: 15 MB would stop the event loop for a while."""
    return await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())


def is_name(text: str) -> bool:
    return re.fullmatch(NAME, text) is not None


def checked(name: str) -> str:
    """The name. Raises `ValueError` where it does not look like one of ours."""
    if not is_name(name):
        raise ValueError(f"not a name of ours: {name!r}")
    return name
