"""Measures what a page of history costs, among 1,000 and among 100,000 jobs of others, in one run.

    python -m bench.history           # about two minutes
    python -m bench.history search    # about a minute: one member with 100,000 jobs, on both engines

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
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from bench.report import table
from bot.domain.history import Search
from bot.domain.job import LineLimits, ReleaseReason
from bot.domain.recipe import Clip, Recipe, Size, Span, YouTubeVideo
from bot.domain.search_text import search_text
from bot.domain.wallet import WalletKey
from bot.services.orders.history import PAGE_ITEMS
from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.sqlite_file import connect
from bot.storage.engine.store import Script, Store
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
OTHER_WALLETS = tuple(WalletKey(guild_id=1, member_id=2_000_000 + number) for number in range(OTHERS))
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


WORDS = (
    "cinematic", "poster", "of", "the", "key", "scene", "with", "warm", "light", "over", "a", "quiet", "sea", "cat",
    "dog", "in", "style", "night", "city", "neon", "закат", "над", "морем", "ночь", "город", "日落", "海边", "猫",
)  # fmt: skip
FOR_WORDS = {
    "in most": "poster", "in few": "unicorn", "in one, the oldest": "quokka", "in none": "nowhere",
    "in none, two letters": "qz", "two words": "warm light", "Cyrillic": "ЗАКАТ", "two characters": "日落",
    "in none, two characters": "風車",
}  # fmt: skip
SEARCHED = 100_000  # jobs of the one member, and a fifth as many of others
SEARCH_GOAL_MS = 5.0


async def searched() -> dict[tuple[str, str], float]:
    """The medians by engine and words, in milliseconds."""
    found: dict[tuple[str, str], float] = {}
    with a_server() as server, tempfile.TemporaryDirectory() as folder:
        url, file = await server.create(), Path(folder) / "a.db"
        async with open_sqlite(file) as lite, open_postgres(url):
            for wallet in (ME, *OTHER_WALLETS):
                await lite.run(order(wallet.member_id, wallet))
        await asyncio.to_thread(_fill, file)
        await _copy(file, url)
        async with open_sqlite(file) as lite, open_postgres(url) as postgres:
            for name, words in FOR_WORDS.items():
                stores: dict[str, Store] = {"SQLite": lite, "PostgreSQL": postgres}
                for engine, store in stores.items():
                    cost = await microseconds(partial(page, store, mine(text=words)))
                    found[engine, name] = cost / 1_000
    return found


def _fill(file: Path) -> None:
    """Jobs beside the books, because it would take long to order them."""
    chance = random.Random(16)  # noqa: S311 - samples, no secrets
    with closing(connect(file)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        first = [dict(row) for row in db.execute("SELECT * FROM jobs ORDER BY wallet_id")]
        places = ", ".join("?" * len(first[0]))
        started = time.perf_counter()
        db.execute("BEGIN")
        for trigger in triggers:
            db.execute(f"DROP TRIGGER {trigger['name']}")
        for number in range(SEARCHED + SEARCHED // 5):
            db.execute(f"INSERT INTO jobs VALUES ({places})", tuple(_another(first, number, chance).values()))  # noqa: S608  # our own text
        for trigger in triggers:
            db.execute(trigger["sql"])
        filled = time.perf_counter()
        db.execute("INSERT INTO job_words (job_words) VALUES ('delete-all')")
        db.execute("INSERT INTO job_words (rowid, words) SELECT place, grams(search_text) FROM jobs ORDER BY place")
        db.execute("COMMIT")
        print(f"rows: {filled - started:.1f} s, SQLite's index: {time.perf_counter() - filled:.1f} s")


def _another(first: list[dict[str, Any]], number: int, chance: random.Random) -> dict[str, Any]:
    """A job like a first one, with other words, later."""
    prompt = " ".join(chance.choices(WORDS, k=14))
    if number < SEARCHED:
        like = first[0]
        prompt += " quokka" if number == 0 else " unicorn" if number % 1_000 == 0 else ""
    else:
        like, prompt = chance.choice(first[1:]), f"{prompt} nowhere 風車"
    recipe = RECIPE.evolve(prompt=prompt).model_dump_json()
    words = {"prompt": prompt, "recipe": recipe, "search_text": search_text(prompt, like["video"])}
    place = like["place"] + 2 * (number + 1)
    return {**like, **words, "id": str(10**9 + number), "place": place, "created_at": NOW + 10**6 + number}


async def _copy(file: Path, url: str) -> None:
    with closing(connect(file)) as db:
        rows = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in ("wallets", "jobs")}  # noqa: S608  # our own text
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")  # without triggers
        index = await connection.fetchval("SELECT pg_get_indexdef('jobs_search'::regclass)")
        await connection.execute("DROP INDEX jobs_search")
        for name, copied in rows.items():
            await connection.copy_records_to_table(name, records=map(tuple, copied), columns=list(copied[0].keys()))
        await connection.execute(index)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


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
