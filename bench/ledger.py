"""Measures the ledger on SQLite with `synchronous=FULL`: holds per second beside two plain ways, and cost by size.

    python -m bench.ledger            # about a minute
    python -m bench.ledger --growth   # also 1,000 / 100,000 / 1,000,000 entries

Goals (DESIGN section 10): at least 20,000 holds/s at 500 tasks and 5x plain sqlite3; flat within 1.3x.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiosqlite

from bench.report import table
from bot.domain.bank import LedgerMove
from bot.domain.wallet import WalletKey
from bot.storage.credits import ledger
from bot.storage.engine.sqlite import _PRAGMAS, SqliteStore, open_sqlite
from bot.storage.engine.store import Script, Store

NOW = 1_790_000_000_000
MEMBERS = 1_000
RICH = 1_000_000_000
SECONDS = 1.5
ROUNDS = 3
FEW_MEMBERS = 50  # so few that even of 1,000 entries each has more than a page
GROWTH_ROUNDS = 15

PLAIN = """
CREATE TABLE wallets (id INTEGER PRIMARY KEY, posted INTEGER NOT NULL, held INTEGER NOT NULL);
CREATE TABLE entries (id INTEGER PRIMARY KEY, wallet_id INTEGER NOT NULL, held_delta INTEGER NOT NULL, key TEXT UNIQUE);
"""
TAKE = "UPDATE wallets SET held = held + 1 WHERE id = ? AND posted - held >= 1"
NOTE = "INSERT INTO entries (wallet_id, held_delta, key) VALUES (?, 1, ?)"


def hold(number: int, members: int = MEMBERS) -> Script[LedgerMove]:
    """Do to the ledger what an order does: find the wallet, check, write one entry (the triggers do the rest)."""
    wallet = yield from ledger.open_wallet(WalletKey(1, number % members), starting_credits=0, now=NOW)
    return (yield from ledger.hold(wallet, 1, job_id=str(number), actor="1", reason="Bench", now=NOW))


async def fill(store: Store, members: int = MEMBERS) -> None:
    grants = (
        ledger.grant(
            WalletKey(1, member), RICH, act_id=str(member), actor="1", reason="Bench", starting_credits=0, now=NOW
        )
        for member in range(members)
    )
    await asyncio.gather(*(store.run(grant) for grant in grants))


async def per_second(act: Callable[[int], Awaitable[object]], tasks: int, *, first: int) -> tuple[float, int]:
    """Run a closed loop: each task acts again once it has its answer. Returns acts per second, and their number."""
    done = 0
    until = time.perf_counter() + SECONDS

    async def one() -> None:
        nonlocal done
        while time.perf_counter() < until:
            done += 1
            await act(first + done)

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(tasks)))
    return done / (time.perf_counter() - start), done


async def ours(folder: Path, tasks: int) -> float:
    async with open_sqlite(folder / "ours.db") as store:
        await fill(store)
        rate, _ = await per_second(lambda number: store.run(hold(number)), tasks, first=0)
        return rate


async def plain(folder: Path, tasks: int) -> float:
    """Use sqlite3 directly on the event loop, with one commit for each hold, on tables without rules."""
    db = sqlite3.connect(folder / "plain.db", isolation_level=None)
    db.executescript(_PRAGMAS + PLAIN)
    db.executemany("INSERT INTO wallets VALUES (?, ?, 0)", [(member, RICH) for member in range(MEMBERS)])

    async def act(number: int) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.execute(TAKE, (number % MEMBERS,))
        db.execute(NOTE, (number % MEMBERS, str(number)))
        db.execute("COMMIT")
        await asyncio.sleep(0)

    rate, _ = await per_second(act, tasks, first=0)
    db.close()
    return rate


async def one_statement_an_await(folder: Path, tasks: int) -> float:
    """Use aiosqlite as its README shows it, with the lock that keeps two transactions apart."""
    lock = asyncio.Lock()
    async with aiosqlite.connect(folder / "await.db", isolation_level=None) as db:
        await db.executescript(_PRAGMAS + PLAIN)
        await db.executemany("INSERT INTO wallets VALUES (?, ?, 0)", [(member, RICH) for member in range(MEMBERS)])

        async def act(number: int) -> None:
            async with lock:
                await db.execute("BEGIN IMMEDIATE")
                await db.execute(TAKE, (number % MEMBERS,))
                await db.execute(NOTE, (number % MEMBERS, str(number)))
                await db.execute("COMMIT")

        rate, _ = await per_second(act, tasks, first=0)
        return rate


WAYS = {
    "ours: all the rules, group commit": ours,
    "plain sqlite3, one commit each": plain,
    "aiosqlite, one statement an await": one_statement_an_await,
}


async def rates() -> list[list[str]]:
    rows = []
    for tasks in (1, 50, 500):
        found: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(ROUNDS):
            for name, way in WAYS.items():  # the ways take turns, so that a busy moment slows all of them
                with tempfile.TemporaryDirectory() as folder:
                    found[name].append(await way(Path(folder), tasks))
        medians = {name: statistics.median(values) for name, values in found.items()}
        own = medians["ours: all the rules, group commit"]
        rows += [[str(tasks), name, f"{rate:,.0f}", f"{own / rate:.1f}x"] for name, rate in medians.items()]
    return rows


async def growth() -> list[list[str]]:
    """Return microseconds per operation, one at a time, on ledgers of three sizes, and the ratio to the smallest.

    All have the same members, each with more than a page of entries, so that only the size of the ledger differs. They
    are measured by turns, so that a busy moment slows all of them.
    """
    sizes = (1_000, 100_000, 1_000_000)
    async with AsyncExitStack() as stack:
        stores = {size: await _grown(stack, size) for size in sizes}
        rounds: dict[tuple[int, str], list[float]] = {}
        for number in range(GROWTH_ROUNDS):
            for size, store in stores.items():
                for name, cost in (await costs(store, first=(number + 1) * 100_000_000)).items():
                    rounds.setdefault((size, name), []).append(cost)
    medians = {key: statistics.median(samples) for key, samples in rounds.items()}
    return [
        [f"{size:,}", name, f"{cost:,.0f}", f"{cost / medians[sizes[0], name]:.2f}x"]
        for (size, name), cost in sorted(medians.items(), key=lambda item: item[0][::-1])
    ]


async def _grown(stack: AsyncExitStack, size: int) -> SqliteStore:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    store = await stack.enter_async_context(open_sqlite(Path(folder) / "a.db"))
    await fill(store, FEW_MEMBERS)
    for start in range(0, size - FEW_MEMBERS, 2_000):
        numbers = range(start, min(start + 2_000, size - FEW_MEMBERS))
        await asyncio.gather(*(store.run(hold(number, FEW_MEMBERS)) for number in numbers))
    return store


async def costs(store: SqliteStore, *, first: int) -> dict[str, float]:
    async def cost(act: Callable[[int], Awaitable[object]]) -> float:
        samples = []
        for number in range(100):
            start = time.perf_counter()
            await act(number)
            samples.append(time.perf_counter() - start)
        return statistics.median(samples) * 1e6

    def wallet(number: int) -> WalletKey:
        return WalletKey(1, number % FEW_MEMBERS)

    return {
        "hold": await cost(lambda number: store.run(hold(first + number, FEW_MEMBERS))),
        "release": await cost(lambda number: store.run(ledger.release(str(first + number), reason="Bench", now=NOW))),
        "balance": await cost(lambda number: store.read(ledger.balance(wallet(number)))),
        "statement page": await cost(lambda number: store.read(ledger.statement(wallet(number), before=None, limit=8))),
    }


def main(*, growth_too: bool) -> None:
    print(table(["tasks", "way", "holds/s", "ours is"], asyncio.run(rates())))
    if growth_too:
        print()
        print(table(["entries", "operation", "median us", "to the smallest"], asyncio.run(growth())))


if __name__ == "__main__":
    main(growth_too="--growth" in sys.argv)
