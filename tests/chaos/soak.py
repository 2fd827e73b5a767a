"""A storm in which the bot is killed at random moments, and started again: `python -m tests.chaos`."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.storage.engine.migrations import Engine
from sandbox.atlas import Latency, serve
from tests.chaos import fleet_storm
from tests.chaos.aftermath import Aftermath, database, examine, hangs, quiet, read_books
from tests.chaos.storm import LAST_SECONDS, SETTINGS, STARTING_CREDITS, STOP_SECONDS, Storm, members
from tests.support import postgres
from tests.support.house import API_KEY, draw_at_once, words_of
from tests.support.wire_house import TOKEN, a_bot_process
from tests.wire import WireDiscord, serve_discord

LIFE_SECONDS = (0.0, 1.2)  # of a process, once it is connected
EXACT_KILLS = 0.5  # of the lives end at a point of the crash table, if it comes in time
SLOW_SUBMIT_SECONDS = 0.5
POINTS = (
    "before awaiting", "after awaiting",
    "before place", "after place", "before answered", "after answered", "before submitting", "after submitting",
    "before running", "after running", "before file", "before stored", "after stored", "after posting",
    *("before delivered",) * 3, *("before moved",) * 2, "after delivered",  # often: where an image may be shown twice
    "before released", "after released", "after care",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """`counts` has what was done; `exact` counts the kills at a point of the table.

    `looking` counts the cards of clips that say for ever that the video is looked at: nothing was held for them, and
    after a crash no process knows of them.
    """

    seed: int
    kills: int
    exact: int
    orders: int
    counts: Counter[str]
    seconds: float
    looking: tuple[str, ...]
    unforeseen: int
    posts: int
    aftermath: Aftermath

    @property
    def sound(self) -> bool:
        return self.aftermath.sound and not self.unforeseen


async def soak(folder: Path, *, kills: int, seed: int, engine: Engine = "sqlite") -> Soaked:
    """On SQLite one process is killed again and again; on PostgreSQL, several are ill-treated at once."""
    began, chance = time.monotonic(), random.Random(seed)  # noqa: S311  # it makes weather
    async with (
        serve_discord(token=TOKEN) as wire,
        serve(
            api_key=API_KEY,
            latency=Latency(median_seconds=0.25, spread=0.8, by_order=False),
            balance_usd="1000000",
            seed=seed,
            slow_submit_seconds=SLOW_SUBMIT_SECONDS,
            draw=draw_at_once,
        ) as standin,
    ):
        storm = Storm(wire, standin, chance)
        if engine == "sqlite":
            exact = await _in_the_storm(folder, storm, kills=kills)
            await _calm(folder, storm)
            books = await read_books(database(folder))
        else:
            exact = 0
            with postgres.a_server(options=()) as server:  # as in life: what was committed outlives a crash
                books = await read_books(await fleet_storm.in_the_storm(folder, server, storm, kills=kills))
        aftermath = examine(books, wire, standin, starting_credits=STARTING_CREDITS, dead=storm.dead)
        known = {int(job.id) for job in books.jobs}
        return Soaked(
            seed=seed,
            kills=kills,
            exact=exact,
            orders=len(storm.orders),
            counts=storm.acts,
            seconds=time.monotonic() - began,
            looking=tuple(str(order) for order in storm.orders if order not in known and _looks(wire, order)),
            unforeseen=(folder / "bot.log").read_text().count("nobody foresaw"),
            posts=len(standin.charges),
            aftermath=aftermath,
        )


def _looks(wire: WireDiscord, order: int) -> bool:
    card = wire.answer(order)
    return card is not None and hangs(card) and "Nothing is charged yet" in words_of(card)


async def _in_the_storm(folder: Path, storm: Storm, *, kills: int) -> int:
    """Returns how many processes died at an exact point."""
    async with a_bot_process(storm.wire, storm.standin, folder, **SETTINGS) as process:  # its commands are known now
        process.kill()
        await process.wait()
    async with members(storm):
        return sum([await _one_life(folder, storm) for _ in range(kills - 1)])


async def _one_life(folder: Path, storm: Storm) -> bool:
    """Kill a process. Returns whether it died at an exact point."""
    point = ""
    if storm.chance.random() < EXACT_KILLS:
        point = f"{storm.chance.choice(POINTS)} {storm.chance.choice((1, 1, 2, 3))}"
    seconds = LIFE_SECONDS[1] if point else storm.chance.uniform(*LIFE_SECONDS)
    try:
        async with a_bot_process(storm.wire, storm.standin, folder, **SETTINGS, KILL_AT=point) as process:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), seconds)
            exact = process.returncode is not None
    except AssertionError:  # it did not come up
        if not point:
            raise
        return True  # but did its work, and met its point
    if exact and process.returncode != -signal.SIGKILL:
        raise AssertionError(f"the bot ended by itself: {process.returncode}, see {folder / 'bot.log'}")
    return exact


async def _calm(folder: Path, storm: Storm) -> None:
    """Without more orders and faults, one last process brings all jobs to their end."""
    storm.wire.mend()
    async with a_bot_process(storm.wire, storm.standin, folder, **SETTINGS) as last:
        with suppress(TimeoutError):  # then the figures say what has not ended
            await quiet(database(folder), seconds=LAST_SECONDS)
        last.terminate()
        assert await asyncio.wait_for(last.wait(), STOP_SECONDS) == 0
