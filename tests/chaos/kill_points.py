"""Ends the process by SIGKILL at an exact point: `KILL_AT="before submitting"`, or `"after running 2"` for the second.

A point is a script of `bot.storage.orders.jobs`, `placing.place`, or a call of `CALLS`. "before" a script: its
statements have run, and the commit has not. "after": it is committed, and its caller does not know yet. Armed by
`tests/support/bot_process.py`, in a process of its own and never in that of the tests.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bot.discord import cards
from bot.storage.engine.sqlite import SqliteStore
from bot.storage.engine.store import Script
from bot.storage.orders import jobs, placing

T = TypeVar("T")

# Whoever is called is never reached: a file is written but not yet under its name; an image is posted in the channel,
# but its first card does not lead there yet.
CALLS: dict[str, tuple[Any, str]] = {"file": (Path, "replace"), "moved": (cards, "moved")}

Die = Callable[[], None]


def arm(point: str) -> None:
    """Raises `ValueError` and `AttributeError` for what is no point."""
    moment, step, *count = point.split()
    die = _after(int(count[0]) if count else 1)
    if step in CALLS and moment == "before":
        _arm_call(*CALLS[step], die)
    elif moment == "before":
        _arm_commit(step, die)
    elif moment == "after":
        _arm_committed(step, die)
    else:
        raise ValueError(f"no point {point!r}")


def _after(times: int) -> Die:
    left = times

    def die() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return die


def _arm_call(owner: Any, name: str, die: Die) -> None:
    original = getattr(owner, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        die()
        return original(*args, **kwargs)

    setattr(owner, name, dying)


def _module_of(name: str) -> Any:
    return placing if name == "place" else jobs


def _arm_commit(name: str, die: Die) -> None:
    original = getattr(_module_of(name), name)

    def dying(*args: Any, **kwargs: Any) -> Script[Any]:
        value = yield from original(*args, **kwargs)
        die()
        return value

    setattr(_module_of(name), name, dying)


def _arm_committed(name: str, die: Die) -> None:
    original, run = getattr(_module_of(name), name), SqliteStore.run
    watched: list[object] = []

    def watching(*args: Any, **kwargs: Any) -> Script[Any]:
        script: Script[Any] = original(*args, **kwargs)
        watched.append(script)
        return script

    async def dying(self: SqliteStore, script: Script[T]) -> T:
        value = await run(self, script)
        if any(script is each for each in watched):
            die()
        return value

    setattr(_module_of(name), name, watching)
    SqliteStore.run = dying  # type: ignore[method-assign]  # in a process that exists to be killed
