"""An event loop on virtual time: it jumps to the next timer when nothing is ready, but never past a thread's work.

What is handed to a thread (aiosqlite, `asyncio.to_thread`) takes no virtual time. It is waited for in real time, and
all answers are taken together, in the order in which the work was handed over: thus one seed is one history.
"""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple, Unpack

import aiosqlite.core
import pytest

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

START_MS = 1_790_000_000_000  # Unix time at which every simulation begins
THREAD_PATIENCE_SECONDS = 60.0  # real time; a commit takes milliseconds
TIMER_SLACK_SECONDS = 1e-6  # more than the rounding of the clock's sum, or a timer might never be reached
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


class VirtualLoop(asyncio.BaseEventLoop):
    """Without sockets: who tries to reach a network fails.

    `on_edge` is called before work goes to a thread and after its answer has come: the moments around which a
    process may die. `kill` makes this the last turn of the loop, and nothing more goes to a thread.
    """

    def __init__(self, clock: Clock, *, on_edge: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._selector = self  # `BaseEventLoop` asks it between two turns: see `select`
        self._clock = clock
        self._on_edge = on_edge
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="simulation")
        self._arrival = threading.Condition()
        self._handed_over: dict[asyncio.Future[Any], int] = {}
        self._arrived: list[tuple[int, asyncio.Handle]] = []
        self._numbers = 0
        self._turns = 0
        self._clock_resolution = TIMER_SLACK_SECONDS
        self.killed = False

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
        if self._handed_over or self._arrived:
            self._take_arrivals()
        elif timeout is None:
            raise Deadlock(f"at {self.time():.3f} s everything waits for something else:\n{self._who_waits()}")
        elif timeout > 0:
            self._clock.seconds += timeout
            self._turns = 0
        return []

    def _process_events(self, _events: list[object]) -> None:
        """There are no sockets, so there are no events."""

    def _who_waits(self) -> str:
        return "\n".join(sorted(repr(task.get_coro()) for task in asyncio.all_tasks(self)))

    # --- threads ------------------------------------------------------------------------------------------

    def hand_over(self, future: asyncio.Future[Any]) -> bool:
        """Expect a thread's answer to this future. False for a loop that was killed: the work must not be done."""
        if not self.killed:
            self._on_edge()
        if self.killed:
            return False
        with self._arrival:
            self._handed_over[future] = self._next_number()
        return True

    def run_in_executor(  # type: ignore[override]  # a Future, where typeshed says Future too, but by another name
        self, executor: object, func: Callable[[Unpack[Ts]], T], *args: Unpack[Ts]
    ) -> asyncio.Future[T]:
        """Always in our own thread, one after another."""
        answer: asyncio.Future[T] = self.create_future()

        def work() -> None:
            try:
                value = func(*args)
            except BaseException as error:  # noqa: BLE001  # whatever it is belongs to whoever waits
                self.call_soon_threadsafe(_fail, answer, error)
            else:
                self.call_soon_threadsafe(_succeed, answer, value)

        if self.hand_over(answer):
            self._pool.submit(work)
        return answer

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[Ts]], object], *args: Unpack[Ts], context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """From a thread: kept back until the loop has nothing else to do and all threads have answered."""
        handle = asyncio.Handle(callback, args, self, context)
        with self._arrival:
            number = self._handed_over.pop(args[0], None) if args and isinstance(args[0], asyncio.Future) else None
            self._arrived.append((self._next_number() if number is None else number, handle))
            self._arrival.notify()
        return handle

    def _take_arrivals(self) -> None:
        with self._arrival:
            if not self._arrival.wait_for(lambda: not self._handed_over, THREAD_PATIENCE_SECONDS):
                raise Deadlock(f"{len(self._handed_over)} pieces of work do not come back from their threads")
            arrived, self._arrived = sorted(self._arrived, key=lambda each: each[0]), []
        self._on_edge()
        self._stop_if_killed()
        self._ready.extend(handle for _, handle in arrived)

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    # --- ends ---------------------------------------------------------------------------------------------

    def kill(self) -> None:
        """As SIGKILL does. What a thread is doing is done to its end, or was not begun; nothing follows it."""
        self.killed = True

    def _stop_if_killed(self) -> None:
        if self.killed:
            raise Killed

    def bury(self) -> None:
        """Close what a kill left open, on a clock of its own. The caller has seen to it that this changes nothing."""
        self._clock = Clock(self._clock.seconds)
        self._on_edge = lambda: None
        self._turns = 0
        self.killed = False
        self.set_exception_handler(lambda _loop, _context: None)
        while tasks := asyncio.all_tasks(self):
            for task in tasks:
                task.cancel()
            self.run_until_complete(asyncio.wait(tasks))
        self.run_until_complete(self.shutdown_asyncgens())
        self.close()

    def close(self) -> None:
        self._pool.shutdown()
        super().close()


def _succeed(answer: asyncio.Future[T], value: T) -> None:
    if not answer.done():
        answer.set_result(value)


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)


class _Errands(queue.SimpleQueue[Any]):
    """What aiosqlite hands to the thread of a connection: (future, work) pairs."""

    def put_nowait(self, item: Any) -> None:
        future, _ = item
        loop = future.get_loop() if future is not None else None
        if not isinstance(loop, VirtualLoop) or loop.hand_over(future):
            super().put_nowait(item)


@contextmanager
def databases_watched() -> Iterator[None]:
    """Inside, virtual loops know what aiosqlite's threads are doing.

    The queue is the one place through which all of its work goes, a close after a cancelled task included.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.core, "SimpleQueue", _Errands)
        yield
