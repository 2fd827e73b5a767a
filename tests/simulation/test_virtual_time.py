"""The loop on virtual time: it passes months at once, and never a thread."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.domain.errors import DatabaseUnavailable
from bot.storage.engine.sqlite import open_sqlite
from tests.simulation import loop as loops
from tests.simulation.loop import Clock, Deadlock, Killed, Standstill, VirtualLoop, databases_watched
from tests.support.factories import sql

T = TypeVar("T")
MONTH_SECONDS = 30 * 24 * 3600.0


def run(main: Coroutine[Any, Any, T], *, clock: Clock | None = None, loop: VirtualLoop | None = None) -> T:
    loop = loop or VirtualLoop(clock or Clock())
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


def test_wall_time_goes_with_it() -> None:
    clock = Clock()
    began = clock.unix_ms()
    run(asyncio.sleep(90), clock=clock)
    assert clock.unix_ms() - began == 90_000


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


def test_a_read_asked_for_after_a_write_sees_it_however_fast_its_own_thread_is(tmp_path: Path) -> None:
    """Two connections have two threads. One seed is one history only if these do not race."""

    async def main() -> list[int]:
        async with open_sqlite(tmp_path / "a.db") as store:
            seen = []
            for member in range(30):
                write = store.run(sql("INSERT INTO wallets (guild_id, member_id) VALUES (1, :member)", member=member))
                read = store.read(sql("SELECT count(*) AS wallets FROM wallets"))
                _, rows = await asyncio.gather(write, _a_turn_later(read))
                seen.append(rows[0]["wallets"])
            return seen

    assert run(main()) == list(range(1, 31))


async def _a_turn_later(act: Coroutine[Any, Any, T]) -> T:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return await act


def test_what_a_thread_raises_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        run(_in_a_thread(lambda: 1 // 0))


async def _in_a_thread(work: Any) -> Any:
    return await asyncio.to_thread(work)


def test_a_cancelled_task_does_not_mind_the_threads_answer() -> None:
    async def main() -> bool:
        asked = asyncio.ensure_future(asyncio.to_thread(time.sleep, 0.01))
        failing = asyncio.ensure_future(_in_a_thread(lambda: 1 // 0))
        await asyncio.sleep(0)
        asked.cancel()
        failing.cancel()
        await asyncio.wait({asked, failing})
        await asyncio.to_thread(time.sleep, 0)
        return asked.cancelled() and failing.cancelled()

    assert run(main())


# --- when nothing goes on any more ----------------------------------------------------------------------------


def test_when_everything_waits_for_something_else_it_is_a_deadlock() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match=r"main"):
        run(main())


def test_when_tasks_run_on_and_time_stands_still_it_is_said() -> None:
    async def main() -> None:
        while True:  # noqa: ASYNC110  # it is what is waited for
            await asyncio.sleep(0)

    with pytest.raises(Standstill):
        run(main())


def test_a_thread_that_never_comes_back_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "THREAD_PATIENCE_SECONDS", 0.05)
    with pytest.raises(Deadlock, match="thread"):
        run(_in_a_thread(partial(time.sleep, 0.3)))


def test_there_is_no_network() -> None:
    async def main() -> None:
        await asyncio.open_connection("127.0.0.1", 9)

    with pytest.raises(NotImplementedError):
        run(main())


# --- death ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edge", range(1, 9))
def test_around_each_commit_a_process_may_die_and_then_does_nothing_more(tmp_path: Path, edge: int) -> None:
    """Four commits, each with a moment before and one after: by then so many are done, and no line of code follows."""
    armed, edges, went_on = False, 0, False

    def on_edge() -> None:
        nonlocal edges
        edges += armed
        if edges == edge:
            loop.kill()

    async def main() -> None:
        nonlocal armed, went_on
        async with open_sqlite(tmp_path / "a.db") as store:
            armed = True
            try:
                for member in range(4):
                    await store.run(sql("INSERT INTO wallets (guild_id, member_id) VALUES (1, :member)", member=member))
            finally:
                went_on = not buried

    armed = buried = False
    loop = VirtualLoop(Clock(), on_edge=on_edge)
    with databases_watched():
        with pytest.raises(Killed):
            loop.run_until_complete(main())
        buried = True
        loop.bury()
    assert not went_on
    with sqlite3.connect(tmp_path / "a.db") as database:
        (done,) = database.execute("SELECT count(*) FROM wallets").fetchone()
    database.close()
    assert done == edge // 2


def test_a_full_disk_takes_nothing_new_until_there_is_room_again(tmp_path: Path) -> None:
    full = False

    async def main() -> int:
        nonlocal full
        insert = "INSERT INTO job_edges VALUES (:one, :other)"
        async with open_sqlite(tmp_path / "a.db") as store:
            full = True
            with pytest.raises(DatabaseUnavailable):  # noqa: PT012  # the block is the story
                for number in range(1_000):
                    await store.run(sql(insert, one="x" * 500, other=f"{number}"))
            full = False
            await store.run(sql(insert, one="x" * 500, other="room"))
            rows = await store.read(sql("SELECT count(*) AS rows FROM job_edges WHERE to_state = 'room'"))
            return int(rows[0]["rows"])

    assert run(main(), loop=VirtualLoop(Clock(), disk_full=lambda: full)) == 1
