"""Backing up, restoring and moving between engines: seconds, memory, and how long the loop is held meanwhile.

    python -m bench.moving            # about two minutes; starts a PostgreSQL of its own

60,000 orders with 120,000 entries. The last lines are backups while eight tasks order images as fast as they can.
Goals: a backup holds the loop for less than 50 ms, and memory does not grow with the database.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.history import AT_ONCE, order
from bench.report import table
from bot.domain.wallet import WalletKey
from bot.storage.database import open_database, whole
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.engine.store import Store
from bot.storage.whole.backup import back_up
from bot.storage.whole.database_copy import DatabaseCopy
from bot.storage.whole.restore import move, restore
from tests.support import postgres

ORDERS = 60_000
MEMBERS = 1_000
TASKS = 8
LOOK_SECONDS = 0.002
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Watched:
    """The cost of one act. `memory`: of this process, above what it had before; `gap`: the longest hold of the loop."""

    seconds: float = 0
    gap: float = 0
    memory: int = 0


@dataclass
class Traffic:
    orders: int = 0
    waits: list[float] = field(default_factory=list)


def memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


async def watched(act: Awaitable[object]) -> Watched:
    found, before, began = Watched(), memory(), time.perf_counter()
    working = asyncio.ensure_future(act)
    last = began
    while not working.done():
        await asyncio.wait({working}, timeout=LOOK_SECONDS)
        now = time.perf_counter()
        found.gap = max(found.gap, now - last - LOOK_SECONDS)
        found.memory = max(found.memory, memory() - before)
        last = now
    await working
    found.seconds = time.perf_counter() - began
    return found


def wallet_of(number: int) -> WalletKey:
    return WalletKey(guild_id=1, member_id=number % MEMBERS)


async def fill(store: Store) -> None:
    for start in range(0, ORDERS, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, ORDERS))
        await asyncio.gather(*(store.run(order(number, wallet_of(number))) for number in numbers))


@asynccontextmanager
async def traffic(store: Store) -> AsyncIterator[Traffic]:
    found, numbers, over = Traffic(), iter(range(ORDERS, 10_000_000)), asyncio.Event()

    async def one() -> None:
        while not over.is_set():
            number, began = next(numbers), time.perf_counter()
            await store.run(order(number, wallet_of(number)))
            found.orders += 1
            found.waits.append(time.perf_counter() - began)

    tasks = [asyncio.create_task(one()) for _ in range(TASKS)]
    try:
        yield found
    finally:
        over.set()
        await asyncio.gather(*tasks)


def line(name: str, found: Watched, more: str = "") -> list[str]:
    return [name, f"{found.seconds:.2f}", f"{found.gap * 1000:.0f}", f"{found.memory / 1e6:.0f}", more]


async def under_load(name: str, url: str, at: DatabaseCopy, to: Path) -> list[list[str]]:
    """Measure orders during a backup, and for as long without one, in the same run."""
    async with open_database(url, backups=to.parent) as store:
        async with traffic(store) as during:
            found = await watched(back_up(at, to))
        async with traffic(store) as alone:
            quiet = await watched(asyncio.sleep(max(1.0, found.seconds)))
    return [
        line(f"{name}, under load", found, said(during, found.seconds)),
        line("  the same load alone", quiet, said(alone, quiet.seconds)),
    ]


def said(found: Traffic, seconds: float) -> str:
    waits = sorted(found.waits)
    slowest = waits[int(len(waits) * 0.99)]
    return f"{found.orders / seconds:,.0f} orders/s, p99 {slowest * 1000:.0f} ms"


async def run(folder: Path, server: postgres.Server) -> list[list[str]]:
    def file(name: str) -> DatabaseCopy:
        return whole(f"sqlite:///{folder / name}", near=folder)

    async with open_sqlite(folder / "a.db") as store:
        await fill(store)
    first, second = await server.create(), await server.create()
    there, also_there = (whole(url, near=folder) for url in (first, second))
    acts: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        ("back up SQLite", lambda: back_up(file("a.db"), folder / "a.tar")),
        ("restore into SQLite", lambda: restore(folder / "a.tar", file("b.db"), {})),
        ("SQLite to PostgreSQL", lambda: move(file("a.db"), there)),
        ("the same again", lambda: move(file("a.db"), there)),
        ("back up PostgreSQL", lambda: back_up(there, folder / "p.tar")),
        ("restore into PostgreSQL", lambda: restore(folder / "p.tar", also_there, {})),
        ("PostgreSQL to SQLite", lambda: move(there, file("c.db"))),
    ]
    rows = [line(name, await watched(act())) for name, act in acts]
    rows += await under_load("back up SQLite", f"sqlite:///{folder / 'a.db'}", file("a.db"), folder / "b.tar")
    rows += await under_load("back up PostgreSQL", first, there, folder / "q.tar")
    size = (folder / "a.tar").stat().st_size
    return [*rows, [f"({ORDERS:,} orders: a backup of {size / 1e6:.0f} MB)", "", "", "", ""]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, postgres.a_server(options=()) as server:
        rows = asyncio.run(run(Path(folder), server))
    print(table(["what", "seconds", "loop held, ms", "memory, MB more", "orders meanwhile"], rows))


if __name__ == "__main__":
    main()
