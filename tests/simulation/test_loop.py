"""The loop on virtual time: it passes hours at once, and never a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.storage.sqlite import open_sqlite
from tests.factories import sql
from tests.simulation import loop as loop_module
from tests.simulation.loop import Clock, Deadlock, Killed, Standstill, VirtualLoop, databases_watched

T = TypeVar("T")
MONTH_SECONDS = 30 * 24 * 3600.0


def run(main: Coroutine[Any, Any, T], *, clock: Clock | None = None) -> T:
    loop = VirtualLoop(clock or Clock())
    with databases_watched():
        try:
            return loop.run_until_complete(main)
        finally:
            loop.bury()


def test_a_month_passes_at_once() -> None:
    clock, began = Clock(), time.monotonic()
    run(asyncio.sleep(MONTH_SECONDS), clock=clock)
    assert clock.seconds == pytest.approx(MONTH_SECONDS)
    assert time.monotonic() - began < 1


def test_timers_ring_in_order() -> None:
    async def main() -> list[tuple[int, float]]:
        rung: list[tuple[int, float]] = []

        async def ring(after: int) -> None:
            await asyncio.sleep(after)
            rung.append((after, asyncio.get_running_loop().time()))

        await asyncio.gather(*(ring(after) for after in (30, 10, 20)))
        return rung

    assert run(main()) == [(10, 10.0), (20, 20.0), (30, 30.0)]


def test_work_in_a_thread_takes_no_time_and_no_timer_rings_meanwhile() -> None:
    async def main() -> float:
        async with asyncio.timeout(0.001):
            await asyncio.to_thread(time.sleep, 0.05)
        return asyncio.get_running_loop().time()

    assert run(main()) == 0.0


def test_a_database_is_waited_for_and_no_timer_rings_meanwhile(tmp_path: Path) -> None:
    """Where looptime 0.9 runs past aiosqlite's thread, and the time limit ends the commit."""

    async def main() -> tuple[int, float]:
        async with open_sqlite(tmp_path / "a.db") as store:
            for _ in range(20):
                async with asyncio.timeout(0.001):
                    rows = await store.run(sql("SELECT count(*) AS wallets FROM wallets"))
            return rows[0]["wallets"], asyncio.get_running_loop().time()

    assert run(main()) == (0, 0.0)


def test_answers_come_in_the_order_of_the_questions_however_long_each_took() -> None:
    async def main() -> list[int]:
        answered: list[int] = []

        async def ask(number: int, loop: asyncio.AbstractEventLoop, took: float) -> None:
            if number % 2:  # by another thread than the loop's own
                answer = loop.create_future()
                assert isinstance(loop, VirtualLoop)
                loop.hand_over(answer)
                asyncio.get_running_loop()
                _in_a_thread_of_its_own(loop, answer, took)
                await answer
            else:
                await asyncio.to_thread(time.sleep, took)
            answered.append(number)

        loop = asyncio.get_running_loop()
        await asyncio.gather(*(ask(number, loop, 0.03 - number * 0.01) for number in range(4)))
        return answered

    assert run(main()) == [0, 1, 2, 3]


def _in_a_thread_of_its_own(loop: VirtualLoop, answer: asyncio.Future[None], took: float) -> None:
    import threading

    def work() -> None:
        time.sleep(max(0.0, took))
        loop.call_soon_threadsafe(answer.set_result, answer)  # type: ignore[arg-type]  # the number goes by the future

    threading.Thread(target=work).start()
