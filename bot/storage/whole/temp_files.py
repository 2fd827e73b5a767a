"""A place for what is only half of something: nobody else reads it, and it never outlives the work for long."""

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

P = ParamSpec("P")
T = TypeVar("T")

Stop = threading.Event  # set: nobody waits for this work any more

_PREFIX, _PARTIAL, _NEW = ".stillframe-", ".partial", ".new"
_LOCK = "lock"


async def in_thread(work: Callable[[Stop], T]) -> T:
    """Work that may take long. When the call is cancelled, it is told to stop, and waited for."""
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
    """As `in_thread`, for what is short, but must not be left alone."""
    return await in_thread(lambda _: work(*arguments, **named))


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder inside, gone in the end; where the process was killed, whoever asks next sweeps it away.

    A lock tells the folder of somebody at work from that of the dead. It is no file of SQLite's that is locked: on a
    network share such a lock would be in SQLite's own way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    path = folder / f"{_PREFIX}{secrets.token_hex(8)}{_PARTIAL}"
    unlocked = path.with_suffix(_NEW)  # under its own name it is never seen without its lock
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
    """What is whole by now: for nobody else to read, on the disk, and then under its name."""
    path.chmod(0o600)
    _sync(path)
    path.replace(at)
    _sync(at.parent)


def _sweep(folder: Path) -> None:
    for path in folder.glob(f"{_PREFIX}*{_PARTIAL}"):
        with suppress(OSError):
            descriptor = os.open(path / _LOCK, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
