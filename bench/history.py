"""Measures what a page of history costs, among 1,000 and among 100,000 jobs of others, in one run.

    python -m bench.history           # about two minutes

Goal (DESIGN section 10): a page is flat within 1.3x as the table grows. A search that finds nothing reads all jobs of
one member, which lie further apart in a larger table: it is shown, and bounded by the member's own jobs.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from bench.report import table
from bot.domain.history import Search
from bot.domain.job import LineLimits, ReleaseReason
from bot.domain.recipe import Clip, Recipe, Size, Span, YouTubeVideo
from bot.domain.wallet import WalletKey
from bot.services.orders.history import PAGE_ITEMS
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.store import Script
from bot.storage.orders import history, jobs, placing
from tests.support.factories import an_order

NOW = 1_790_000_000_000
SIZES = (1_000, 100_000)
MINE = 500  # jobs of the one member who looks
OTHERS = 50  # members
RICH = 1_000_000_000
AT_ONCE = 2_000
ROUNDS = 15
LOOKS = 50
GOAL = 1.3
MANY = LineLimits(running=RICH, waiting=RICH)
ME = WalletKey(guild_id=1, member_id=1_000_000)
RECIPE = Recipe(
    prompt="A poster of the chorus, in three colours",
    clip=Clip(video=YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=14, end=17), frame_rate=1),
)


def order(number: int, wallet: WalletKey) -> Script[None]:
    """Place and cancel an order, because a growing line would make each order slower."""
    new = an_order(str(number), wallet=wallet, recipe=RECIPE, cost=1)
    yield from placing.place(new, starting_credits=RICH, limits=MANY, now=NOW + number)
    yield from jobs.withdraw(new.id, ReleaseReason.CANCELLED, now=NOW + number)


def wallet_of(number: int, size: int) -> WalletKey:
    """Spread the member's jobs evenly among those of others."""
    return ME if number % (size // MINE) == 0 else WalletKey(guild_id=1, member_id=number % OTHERS)


def mine(**narrowed: object) -> Search:
    return Search.model_validate({"guild_id": 1, "asker_id": ME.member_id, "member_id": ME.member_id, **narrowed})


SEARCHES = {
    "newest page": mine(),
    "one size, none found": mine(size=Size.K4),
    "words in the prompt, none found": mine(text="nowhere"),
}


async def grown(stack: AsyncExitStack, size: int) -> SqliteStore:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    store = await stack.enter_async_context(open_sqlite(Path(folder) / "a.db"))
    for start in range(0, size, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, size))
        await asyncio.gather(*(store.run(order(number, wallet_of(number, size))) for number in numbers))
    return store


async def microseconds(act: Callable[[], Awaitable[object]]) -> float:
    samples = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        await act()
        samples.append(time.perf_counter() - started)
    return statistics.median(samples) * 1e6


async def growth() -> dict[tuple[str, int], float]:
    """Return the medians. The sizes take turns, so that a busy moment slows all of them."""
    found: dict[tuple[str, int], list[float]] = {}
    async with AsyncExitStack() as stack:
        stores = {size: await grown(stack, size) for size in SIZES}
        for _ in range(ROUNDS):
            for name, search in SEARCHES.items():
                for size, store in stores.items():
                    cost = await microseconds(lambda store=store, search=search: page(store, search))  # type: ignore[misc]  # mypy does not infer a lambda with defaults
                    found.setdefault((name, size), []).append(cost)
    return {key: statistics.median(samples) for key, samples in found.items()}


async def page(store: SqliteStore, search: Search) -> object:
    return await store.read(history.page(search, limit=PAGE_ITEMS))


def main() -> int:
    medians = asyncio.run(growth())
    ratios = {key: cost / medians[key[0], SIZES[0]] for key, cost in medians.items()}
    rows = [[name, f"{size:,}", f"{cost:,.0f}", f"{ratios[name, size]:.2f}x"] for (name, size), cost in medians.items()]
    print(table(["page", "jobs in the table", "median us", "to the smallest"], rows))
    return 0 if ratios["newest page", SIZES[-1]] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
