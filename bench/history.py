"""Measures what a page of history costs, among 1,000 and among 100,000 jobs of others, in one run.

    python -m bench.history           # about two minutes
    python -m bench.history search    # about three minutes: one member with 100,000 jobs, on both engines

Goal (DESIGN section 10): a page is flat within 1.3x as the table grows. A page of a search for words among 100,000 jobs
of one member takes at most 5 ms.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from bench.report import table
from bot.domain.history import Search
from bot.domain.job import LineLimits, ReleaseReason
from bot.domain.recipe import Clip, Recipe, Size, Span, YouTubeVideo
from bot.domain.wallet import WalletKey
from bot.services.orders.history import PAGE_ITEMS
from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.store import Row, Script, Store
from bot.storage.orders import history, jobs, placing
from tests.support.factories import an_order
from tests.support.postgres import a_server

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


def order(number: int, wallet: WalletKey, prompt: str = RECIPE.prompt) -> Script[None]:
    """Place and cancel an order, because a growing line would make each order slower."""
    new = an_order(str(number), wallet=wallet, recipe=RECIPE.evolve(prompt=prompt), cost=1)
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


async def page(store: Store, search: Search) -> object:
    return await store.read(history.page(search, limit=PAGE_ITEMS))


WORDS = [
    "cinematic",
    "poster",
    "of",
    "the",
    "key",
    "scene",
    "with",
    "warm",
    "light",
    "over",
    "a",
    "quiet",
    "sea",
    "cat",
    "and",
    "dog",
    "in",
    "style",
    "watercolour",
    "night",
    "city",
    "neon",
    "закат",
    "над",
    "морем",
    "ночь",
    "город",
    "日落",
    "海边",
    "猫",
]
FOR_WORDS = {
    "in most": "poster", "in few": "unicorn", "in one, the oldest": "quokka", "in none": "nowhere",
    "in none, two letters": "qz", "two words": "warm light", "Cyrillic": "ЗАКАТ", "two characters": "日落",
    "in none, two characters": "風車",
}  # fmt: skip
SEARCHED = 100_000
SEARCH_GOAL_MS = 5.0


async def searched() -> dict[tuple[str, str], float]:
    """The medians by engine and words, in milliseconds."""
    found: dict[tuple[str, str], float] = {}
    with a_server() as server:
        url = await server.create()
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            stores: dict[str, Store] = {
                "SQLite": await stack.enter_async_context(open_sqlite(Path(folder) / "a.db")),
                "PostgreSQL": await stack.enter_async_context(open_postgres(url)),
            }
            await _fill(stores["SQLite"])
            await _copy(stores["SQLite"], stores["PostgreSQL"], url)
            for name, words in FOR_WORDS.items():
                for engine, store in stores.items():
                    search = mine(text=words)
                    cost = await microseconds(lambda store=store, search=search: page(store, search))  # type: ignore[misc]  # mypy does not infer a lambda with defaults
                    found[engine, name] = cost / 1_000
    return found


async def _fill(store: Store) -> None:
    """Orders of one member, and as many of others."""
    chance = random.Random(16)  # noqa: S311 - samples, no secrets
    for start in range(0, 2 * SEARCHED, AT_ONCE):
        await asyncio.gather(*(store.run(_worded(number, chance)) for number in range(start, start + AT_ONCE)))


def _worded(number: int, chance: random.Random) -> Script[None]:
    prompt = " ".join(chance.choices(WORDS, k=14))
    if number % 2:
        return order(number, WalletKey(guild_id=1, member_id=number % OTHERS), prompt=f"{prompt} nowhere 風車")
    extra = " quokka" if number == 0 else " unicorn" if number % 1_000 == 0 else ""
    return order(number, ME, prompt=prompt + extra)


async def _copy(of: Store, into: Store, url: str) -> None:
    """What a search reads. To order everything on PostgreSQL too would take half an hour."""
    rows = await of.read(_all("SELECT * FROM wallets")), await of.read(_all("SELECT * FROM jobs ORDER BY id"))
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for table, copied in zip(("wallets", "jobs"), rows, strict=True):
            columns = list(copied[0].keys())
            await connection.copy_records_to_table(table, records=map(tuple, copied), columns=columns)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _all(statement: str) -> Script[list[Row]]:
    return (yield statement, {})


def search_main() -> int:
    medians = asyncio.run(searched())
    rows = [[name, *(f"{medians[engine, name]:.2f}" for engine in ("SQLite", "PostgreSQL"))] for name in FOR_WORDS]
    print(table(["words", "SQLite, ms", "PostgreSQL, ms"], rows))
    return 0 if max(medians.values()) <= SEARCH_GOAL_MS else 1


def main() -> int:
    medians = asyncio.run(growth())
    ratios = {key: cost / medians[key[0], SIZES[0]] for key, cost in medians.items()}
    rows = [[name, f"{size:,}", f"{cost:,.0f}", f"{ratios[name, size]:.2f}x"] for (name, size), cost in medians.items()]
    print(table(["page", "jobs in the table", "median us", "to the smallest"], rows))
    return 0 if ratios["newest page", SIZES[-1]] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(search_main() if sys.argv[1:] == ["search"] else main())
