"""Clips and images: what may be asked of the place where they are kept, and the names that they have there."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Protocol

_NAME = re.compile(r"[a-z0-9]+(\.[a-z0-9]+)?")  # what our own names look like: nothing that climbs


class Files(Protocol):
    """One folder of files. A file appears under its name only when all of it is kept.

    `FilesUnavailable` is raised by each of these where the place can't be reached, read or written.
    """

    async def keep(self, name: str, data: bytes) -> None:
        """Write, or write again. Where it fails, what stands under the name is still whole: what was there before,
        or, where the answer of a distant store was lost, `data`.
        """

    async def read(self, name: str) -> bytes | None:
        """The bytes, or None where the file is not kept any more."""

    async def has(self, name: str) -> bool:
        """Soon, whatever the answer: commands ask before they answer Discord."""

    async def erase(self, name: str) -> None:
        """Gone is gone, however often it is asked for."""

    def names(self) -> AsyncIterator[str]:
        """Of all that is kept, in no order; what comes or goes meanwhile may be among them."""
        ...

    async def older_than(self, unix_ms: int) -> list[str]:
        """What was written before, by the clock of the place."""

    async def erase_if_older(self, name: str, unix_ms: int) -> bool:
        """Unless it was written again meanwhile. True where it was erased."""

    async def erase_remains(self, unix_ms: int) -> int:
        """Of writes before then that a crash has cut off; gives how many."""


async def sha256_of(data: bytes) -> str:
    """In hexadecimal; off the loop, which 15 MB would hold for a while."""
    return await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def checked(name: str) -> str:
    """The name. Raises `ValueError` where it is none of ours."""
    if not is_name(name):
        raise ValueError(f"not a name of ours: {name!r}")
    return name
