"""Measures what `/usage` costs in a server of 100,000 orders in 30 days, and how long the event loop is held meanwhile.

    python -m bench.usage           # about two minutes, most of it to fill the tables

The same server is measured again beside ten times as many orders of others: the sum must not grow with them. In the
charts and in the sheet there are as many members, channels and days as a busy server has.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bench.report import table
from bot.app import settle_memory
from bot.domain.usage import UsagePeriod
from bot.services.server.usage import Reports
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.store import Script
from cogs.usage import cards as usage_cards
from cogs.usage.charts import ChartRenderer

NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
DAYS = 30
ORDERS = 100_000
OTHERS = 300_000
MEMBERS, CHANNELS = 2_000, 20
ROUNDS = 5
TICK_SECONDS = 0.001

# The rows are written straight into the tables: 400,000 jobs that go through their steps would take half an hour.
_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'jobs'"
_WALLET = "INSERT INTO wallets (id, guild_id, member_id) VALUES (:id, :id, 1)"
_FILL = """
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count)
    INSERT INTO jobs (id, wallet_id, guild_id, channel_id, member_id, private, recipe, cost, state, created_at,
                      updated_at, token, token_until, file_limit, price_micros, release_reason, next_at)
    SELECT :guild_id || ':' || n, :guild_id, :guild_id, n * 7919 % :channels, n * 104729 % :members, 0, :recipe, 150,
           iif(n % 10 = 0, 'released', 'delivered'), :since + n * :step, 0, 't', 0, 1, 150000,
           iif(n % 10 = 0, 'failed', NULL), 0
    FROM numbers"""

T = TypeVar("T")


def fill(guild_id: int, count: int) -> Script[None]:
    for row in (yield _TRIGGERS, {}):
        yield f"DROP TRIGGER {row['name']}", {}
    yield _WALLET, {"id": guild_id}
    yield (
        _FILL,
        {
            "guild_id": guild_id,
            "count": count,
            "channels": CHANNELS,
            "members": MEMBERS,
            "recipe": "x" * 400,
            "since": NOW - (DAYS - 1) * DAY_MS,
            "step": (DAYS - 1) * DAY_MS // count,
        },
    )


async def timed(act: Callable[[], Awaitable[T]]) -> tuple[float, float, T]:
    """Returns the milliseconds that it took, the longest hold of the event loop, and the result."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            longest = max(longest, time.perf_counter() - began - TICK_SECONDS)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    value = await act()
    took = time.perf_counter() - began
    ticking.cancel()
    return took * 1000, longest * 1000, value


async def repeated(name: str, act: Callable[[], Awaitable[object]]) -> list[str]:
    runs = [await timed(act) for _ in range(ROUNDS)]
    took = statistics.median(run[0] for run in runs)
    return [name, f"{took:,.0f}", f"{max(run[1] for run in runs):,.0f}"]


async def measure(store: SqliteStore) -> list[list[str]]:
    settle_memory()
    reports = Reports(store, clock=lambda: NOW)
    await store.run(fill(1, ORDERS))
    days = await reports.days(1, UsagePeriod.DAYS_30)
    rows = [await repeated(f"figures of {ORDERS:,} orders", lambda: reports.usage(1, days))]
    await store.run(fill(2, OTHERS))
    rows.append(await repeated(f"the same beside {OTHERS:,} orders of others", lambda: reports.usage(1, days)))
    usage = await reports.usage(1, days)
    assert usage.total.orders == ORDERS
    charts = [drawing.chart for drawing in usage_cards.drawings(usage, members={}, channels={})]
    draughtsman = ChartRenderer()
    took, away, _ = await timed(lambda: draughtsman.draw(charts))
    rows.append(["four charts, with the first import of matplotlib", f"{took:,.0f}", f"{away:,.0f}"])
    rows.append(await repeated("four charts", lambda: draughtsman.draw(charts)))
    parts = await reports.parts(1, days)
    sheet = await reports.sheet(parts, days, members={}, channels={}, limit_bytes=1_000_000_000)
    name = f"sheet of {len(parts):,} lines, {len(sheet.data) / 1e6:.1f} MB"
    rows.append(
        await repeated(name, lambda: reports.sheet(parts, days, members={}, channels={}, limit_bytes=1_000_000_000))
    )
    return rows


async def run() -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        async with open_sqlite(Path(folder) / "a.db") as store:
            return await measure(store)


def main() -> None:
    print(table(["what", "median ms", "event loop away, ms at most"], asyncio.run(run())))


if __name__ == "__main__":
    main()
