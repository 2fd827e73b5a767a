"""Temporary folders for files that are not finished, and the threads that write them.

No other user can read them, and they are deleted soon, also where the process is killed.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.storage.files.folder import sync

P = ParamSpec("P")
T = TypeVar("T")

Stop = threading.Event  # set: the caller does not wait for this work any more

_PREFIX, _PARTIAL, _NEW = ".stillframe-", ".partial", ".new"
_LOCK = "lock"


async def in_thread(work: Callable[[Stop], T]) -> T:
    """Run long work in a thread. When the call is cancelled, `Stop` is set, and the end of the work is waited for."""
    stop = Stop()
    working = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        stop.set()
        with suppress(Exception):
            await working
        raise


async def to_its_end(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """As `in_thread`, for short work that does not stop earlier."""
    return await in_thread(lambda _: work(*arguments, **named))


@contextmanager
def temp_folder(folder: Path) -> Iterator[Path]:
    """A new folder inside `folder`, deleted in the end. The next call deletes folders that killed processes have left.

    A lock shows that the process of a folder is alive. The lock is on a file of its own: on a network share, a lock on
    a SQLite file would get in the way of SQLite's own locks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    path = folder / f"{_PREFIX}{secrets.token_hex(8)}{_PARTIAL}"
    unlocked = path.with_suffix(_NEW)  # it gets its final name when it is locked
    unlocked.mkdir(mode=0o700)
    descriptor = os.open(unlocked / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        unlocked.rename(path)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def settle(path: Path, at: Path) -> None:
    """Make a finished file readable by its owner alone, wait until it is on the disk, and move it to its final name."""
    path.chmod(0o600)
    sync(path)
    path.replace(at)
    sync(at.parent)


def _sweep(folder: Path) -> None:
    for path in folder.glob(f"{_PREFIX}*{_PARTIAL}"):
        with suppress(OSError):
            descriptor = os.open(path / _LOCK, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(descriptor)
