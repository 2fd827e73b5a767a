"""Clips and images on disk: whole or not at all, under names that we choose."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.domain.errors import DiskUnavailable

P = ParamSpec("P")
T = TypeVar("T")

_NAME = re.compile(r"[a-z0-9]+(\.[a-z0-9]+)?")  # what our own names look like: nothing that climbs


async def sha256_of(data: bytes) -> str:
    """In hexadecimal; off the loop, which 15 MB would hold for a while."""
    return await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())


class Files:
    """One folder of files. A file appears under its name only when all of it is on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, name: str, data: bytes) -> None:
        """Write, or write again. Raises `DiskUnavailable`, and then nothing stands under the name."""
        await _in_thread(_write_whole, self._path(name), data)

    async def read(self, name: str) -> bytes | None:
        """The bytes, or None where the file is not kept any more. Raises `DiskUnavailable`."""
        try:
            return await _in_thread(Path.read_bytes, self._path(name))
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name of ours: {name!r}")
        return self._folder / name


async def _in_thread(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    try:
        return await asyncio.to_thread(work, *arguments, **named)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DiskUnavailable(detail=str(error)) from error


def _write_whole(path: Path, data: bytes) -> None:
    """Temporary name, fsync, rename, fsync of the folder: a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
