"""An event loop on virtual time: it jumps to the next timer when nothing is ready, but never past a thread's work.

What is handed to a thread (aiosqlite, `asyncio.to_thread`) takes no virtual time. It is done in real threads and waited
for in real time, one piece after another, whenever the loop has nothing else to do: thus one seed is one history.
"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, TypeVar, TypeVarTuple, Unpack

import aiosqlite.core
import pytest

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

START_MS = 1_790_000_000_000  # Unix time at which every simulation begins
THREAD_PATIENCE_SECONDS = 60.0  # real time; a commit takes milliseconds
TIMER_SLACK_SECONDS = 1e-6  # more than the rounding of the clock's sum, or a timer might never be reached
ANY_PAGES = 2**30  # as many as SQLite's own limit
STANDSTILL_TURNS = 20_000  # turns of the loop at one moment: then something goes round without end


@dataclass
class Clock:
    """Virtual seconds since the beginning. Outlives loops, so that one process can follow another."""

    seconds: float = 0.0

    def unix_ms(self) -> int:
        return START_MS + int(self.seconds * 1000)


class Deadlock(Exception):
    """Every task waits, and nothing is scheduled that could wake one."""


class Standstill(Exception):
    """Tasks run on and on, and time does not pass."""


class Killed(BaseException):
    """The loop was killed: raised out of `run_forever`, past everything that would clean up."""


class _Task(asyncio.Task[T]):
    """A set orders its tasks by their hashes: so these come by number, and not by where they lie in memory."""

    def __init__(self, number: int, work: Coroutine[Any, Any, T], **named: Any) -> None:
        self._number = number
        super().__init__(work, **named)

    def __hash__(self) -> int:
        return self._number


class VirtualLoop(asyncio.BaseEventLoop):
    """It has no sockets, so an attempt to reach a network fails.

    `on_edge` is called before and after each piece of work in a thread: the moments around which a process may die.
    `kill` lets nothing more of it happen. `disk_full` tells whether databases may grow just now.
    """

    def __init__(
        self, clock: Clock, *, on_edge: Callable[[], None] = lambda: None, disk_full: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__()
        self.disk_full = disk_full
        self.killed = False
        self._clock = clock
        self._on_edge = on_edge
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="simulation")
        self._own_thread = threading.get_ident()
        self._errands: list[Callable[[], object]] = []
        self._answers: list[asyncio.Handle] = []
        self._answered = threading.Condition()
        self._turns = 0
        numbers = count()
        self.set_task_factory(lambda loop, work, **named: _Task(next(numbers), work, loop=loop, **named))
        # `BaseEventLoop` asks its selector between two turns, and runs what is ready.
        self._selector = self
        self._clock_resolution = TIMER_SLACK_SECONDS
        self._ready: deque[asyncio.Handle]

    # --- time ---------------------------------------------------------------------------------------------

    def time(self) -> float:
        return self._clock.seconds

    def select(self, timeout: float | None) -> list[object]:
        """Called by `BaseEventLoop` before each turn. Passes time only when there is nothing else to do."""
        self._stop_if_killed()
        self._turns += 1
        if self._turns > STANDSTILL_TURNS:
            raise Standstill(f"{self._turns:,} turns at {self.time():.3f} s:\n{self._who_waits()}")
        if self._ready:
            return []
        if self._errands:
            self._run_errands()
        elif timeout is None:
            raise Deadlock(f"at {self.time():.3f} s everything waits for something else:\n{self._who_waits()}")
        elif timeout > 0:
            self._clock.seconds += timeout
            self._turns = 0
        return []

    def _process_events(self, _events: list[object]) -> None:
        """There are no sockets, so there are no events."""

    def _who_waits(self) -> str:
        return "\n".join(sorted(_whereabouts(task) for task in asyncio.all_tasks(self)))

    # --- threads ------------------------------------------------------------------------------------------

    def hand_over(self, begin: Callable[[], object]) -> None:
        """`begin` gives a thread work, whose answer comes by `call_soon_threadsafe`."""
        self._errands.append(begin)

    def run_in_executor(self, executor: object, func: Callable[[Unpack[Ts]], T], *args: *Ts) -> asyncio.Future[T]:
        """Always in our own thread."""
        answer: asyncio.Future[T] = self.create_future()

        def work() -> None:
            try:
                value = func(*args)
            except BaseException as error:  # noqa: BLE001  # handed on to the task that waits
                self.call_soon_threadsafe(_fail, answer, error)
            else:
                self.call_soon_threadsafe(_succeed, answer, value)

        self.hand_over(partial(self._pool.submit, work))
        return answer

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """A thread hands in its answer. From the loop's own thread (an async generator left open) it is `call_soon`."""
        if threading.get_ident() == self._own_thread:
            return self.call_soon(callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context)
        with self._answered:
            self._answers.append(handle)
            self._answered.notify()
        return handle

    def _run_errands(self) -> None:
        errands, self._errands = self._errands, []
        for number, begin in enumerate(errands, 1):
            self._on_edge()
            self._stop_if_killed()
            begin()
            with self._answered:
                if not self._answered.wait_for(partial(self._has_answers, number), THREAD_PATIENCE_SECONDS):
                    raise Deadlock(f"a thread does not come back from {begin}")
        self._on_edge()
        self._stop_if_killed()
        self._ready.extend(self._answers)
        self._answers.clear()

    def _has_answers(self, count: int) -> bool:
        return len(self._answers) >= count

    # --- ends ---------------------------------------------------------------------------------------------

    def kill(self) -> None:
        """Stop as by SIGKILL: what a thread was to do is done, or was not begun, and nothing follows it."""
        self.killed = True

    def _stop_if_killed(self) -> None:
        if self.killed:
            raise Killed

    def bury(self) -> None:
        """Close what a kill left open, on a clock of its own. The caller has copied the files before."""
        self._clock = Clock(self._clock.seconds)
        self._on_edge = lambda: None
        self.disk_full = lambda: False
        self._turns = 0
        self.killed = False
        self.set_exception_handler(lambda _loop, _context: None)
        while tasks := asyncio.all_tasks(self):
            for task in tasks:
                task.cancel()
            # Again and again: `asyncio.wait_for` of Python 3.11 may swallow a cancellation.
            self.run_until_complete(asyncio.wait(tasks, timeout=1.0))
        self.run_until_complete(self.shutdown_asyncgens())
        self.close()

    def close(self) -> None:
        self._pool.shutdown()
        super().close()


def _whereabouts(task: asyncio.Task[Any]) -> str:
    """The chain of coroutines down to what the task awaits; `get_stack` shows only the first of them."""
    places: list[str] = []
    waiting: Any = task.get_coro()
    while (frame := getattr(waiting, "cr_frame", None)) is not None:
        places.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        waiting = getattr(waiting, "cr_await", None)
    return f"{task.get_name()}: {' > '.join(places)}"


def _succeed(answer: asyncio.Future[T], value: T) -> None:
    if not answer.done():
        answer.set_result(value)


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)


class _Errands(queue.SimpleQueue[Any]):
    """What aiosqlite hands to the thread of a connection: (future, work) pairs."""

    def put_nowait(self, item: Any) -> None:
        future, work = item
        loop = future.get_loop() if future is not None else None
        if isinstance(loop, VirtualLoop):
            errand = (future, partial(_on_a_disk, work, full=loop.disk_full()))
            loop.hand_over(partial(super().put_nowait, errand))
        else:
            super().put_nowait(item)


def _on_a_disk(work: Callable[[], T], *, full: bool) -> T:
    """Do the work as on a disk that may be full: then SQLite changes what is there, and adds nothing."""
    database = work.args[0] if isinstance(work, partial) and work.args else None
    if isinstance(database, sqlite3.Connection):
        database.execute(f"PRAGMA max_page_count = {1 if full else ANY_PAGES}")
    return work()


@contextmanager
def databases_watched() -> Iterator[None]:
    """Inside, virtual loops know what aiosqlite's threads are doing.

    The queue is the one place through which all of its work goes, a close after a cancelled task included.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.core, "SimpleQueue", _Errands)
        yield
