"""Files in a folder of this machine. A write stores the whole file or nothing."""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.domain.errors import FilesUnavailable
from bot.storage.files.base import checked, is_name

P = ParamSpec("P")
T = TypeVar("T")

LISTED = 1_000  # names that are in memory at once
PARTIAL = ".partial"  # how the name of a file ends that is being written, or that a crash has left


class Folder:
    """`bot.storage.files.base.Files` on a disk. A write that fails leaves the old file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, name: str, data: bytes) -> None:
        await _in_thread(_write_whole, self._path(name), data)

    async def read(self, name: str) -> bytes | None:
        try:
            return await _in_thread(Path.read_bytes, self._path(name))
        except FileNotFoundError:
            return None

    async def has(self, name: str) -> bool:
        return await _in_thread(Path.is_file, self._path(name))

    async def erase(self, name: str) -> None:
        await _in_thread(Path.unlink, self._path(name), missing_ok=True)

    async def names(self) -> AsyncIterator[str]:
        listing = _names(self._folder)
        while batch := await _in_thread(lambda: list(islice(listing, LISTED))):
            for name in batch:
                yield name

    async def older_than(self, unix_ms: int) -> list[str]:
        found = await _in_thread(_older_than, self._folder, unix_ms)
        return [name for name in found if is_name(name)]

    async def erase_if_older(self, name: str, unix_ms: int) -> bool:
        return await _in_thread(_erase_if_older, self._path(name), unix_ms)

    async def erase_remains(self, unix_ms: int) -> int:
        remains = [name for name in await _in_thread(_older_than, self._folder, unix_ms) if name.endswith(PARTIAL)]
        for name in remains:
            await _in_thread(Path.unlink, self._folder / name, missing_ok=True)
        return len(remains)

    def _path(self, name: str) -> Path:
        return self._folder / checked(name)


async def _in_thread(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    try:
        return await asyncio.to_thread(work, *arguments, **named)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FilesUnavailable(detail=str(error)) from error


def _names(folder: Path) -> Iterator[str]:
    if folder.exists():
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_name(entry.name) and entry.is_file():
                    yield entry.name


def _older_than(folder: Path, unix_ms: int) -> list[str]:
    if not folder.exists():  # nothing was ever kept in it
        return []
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if _is_older(entry, unix_ms)]


def _erase_if_older(path: Path, unix_ms: int) -> bool:
    if not _is_older(path, unix_ms):
        return False
    path.unlink(missing_ok=True)
    return True


def _is_older(file: Path | os.DirEntry[str], unix_ms: int) -> bool:
    """Was the file written before then? False where it is gone or is not a plain file."""
    try:
        facts = file.stat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_mtime_ns < unix_ms * 1_000_000


def _write_whole(path: Path, data: bytes) -> None:
    """Write under a temporary name, fsync, rename, fsync the folder: a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
