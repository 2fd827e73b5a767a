"""Members order without pause while the bot is killed at random moments, and started again: `python -m tests.chaos`.

The seed decides what is done and how long is waited; what happens in between is up to the machine. So a seed brings
back the same weather, and not the same run.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.atlas import Latency, StandIn, serve
from sandbox.clip import make_clip
from sandbox.wire import Moment, Person, WireDiscord, serve_discord
from tests.chaos.aftermath import Aftermath, examine, hangs, quiet, read_books
from tests.house import API_KEY, LINK, draw_at_once, words_of
from tests.wire_house import TOKEN, a_bot_process

MEMBERS = 6
STARTING_CREDITS = 900_000
PAUSE_SECONDS = (0.05, 0.5)  # of a member between two orders
LIFE_SECONDS = (0.0, 1.2)  # of a process, once it is connected
EXACT_KILLS = 0.5  # of the lives end at a point of the crash table, if it comes in time
LAST_SECONDS = 45.0  # for all to end, once nothing disturbs any more
STOP_SECONDS = 25.0
SLOW_SUBMIT_SECONDS = 0.5
SETTINGS = {
    "STARTING_CREDITS": str(STARTING_CREDITS),
    "SUPPLIER_MAX_RUNNING": "5",
    "SUPPLIER_SUBMITS_PER_SECOND": "50",
    "SUPPLIER_POLLS_PER_SECOND": "200",
    "WIRE_GRACE_MS": "2000",
    "WIRE_TELL_AGAIN_MS": "300",
}
POINTS = (
    "before place", "after place", "before answered", "after answered", "before submitting", "after submitting",
    "before running", "after running", "before file", "before stored", "after stored", "after posting",
    *("before delivered",) * 3, *("before moved",) * 2, "after delivered",  # often: where an image may be shown twice
    "before released", "after released", "after care",
)  # fmt: skip
ENDINGS = (
    *("ok",) * 12, "failed_200", "failed_500", "failed_flip", "moderated_1039", "refused_google", "completed_empty",
    "nsfw_true", "fresh_404", "poll_502_html", "poll_429", "jpeg_named_png", "out_base64", "price_late", "sync_filled",
    "legacy_ids", "submit_slow", "submit_slow", "submit_accept_then_reset", "submit_503", "submit_400",
)  # fmt: skip
EDIT, SEND = ("PATCH", "/webhooks/*"), ("POST", "/channels/*/messages")
CALLBACK, HISTORY = ("POST", "/interactions/*/callback"), ("GET", "/channels/*/messages")
MOMENTS: tuple[Moment, ...] = ("before", "during_body", "after_handling")
CLIP = ("chorus.mp4", make_clip(seconds=1, width=64, height=48))


@dataclass
class Storm:
    """What was done. `orders` and `dead` (those whose token was killed) are interaction ids."""

    wire: WireDiscord
    standin: StandIn
    chance: random.Random
    orders: list[int] = field(default_factory=list)
    dead: set[int] = field(default_factory=set)
    acts: Counter[str] = field(default_factory=Counter)

    async def member(self, person: Person) -> None:
        """Orders for ever. Each order may be pressed away, told twice, or lose its token a little later."""
        async with asyncio.TaskGroup() as afterwards:
            while True:
                await asyncio.sleep(self.chance.uniform(*PAUSE_SECONDS))
                order = await self._order(person)
                act = self.chance.choices((None, self._cancel, self._redeliver, self._kill_token), (4, 1, 1, 3))[0]
                if act is not None:
                    afterwards.create_task(act(order, person, self.chance.uniform(0, 1.5)))

    async def _order(self, person: Person) -> int:
        options: dict[str, Any] = {"prompt": self._prompt(), "start": "0:14-0:17"}
        if self.chance.random() < 0.15:
            options |= {"clip": CLIP, "start": "0", "end": "1"}
        else:
            options |= {"video": LINK}
        if self.chance.random() < 0.25:
            options |= {"private": True}
        channel = self.wire.world.restricted if self.chance.random() < 0.15 else self.wire.world.images
        order = await self.wire.imagine(options, user_id=person.id, channel_id=channel.id)
        self.orders.append(order)
        return order

    def _prompt(self) -> str:
        return f"Poster {len(self.orders)}-{self.chance.getrandbits(32):x} [scenario:{self.chance.choice(ENDINGS)}]"

    async def _cancel(self, order: int, person: Person, seconds: float) -> None:
        await asyncio.sleep(seconds / 3)
        card = self.wire.answer(order)
        with suppress(ValueError):  # a card without the button
            if card:
                await self.wire.press(card.id, f"cancel:{order}", user_id=person.id)
                self.acts["cancels pressed"] += 1

    async def _redeliver(self, order: int, _person: Person, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.wire.redeliver(order)
        self.acts["orders told twice"] += 1

    async def _kill_token(self, order: int, _person: Person, seconds: float) -> None:
        await asyncio.sleep(seconds / 3)
        if self.wire.answer(order):  # in life, a token dies 15 minutes after its answer
            self.wire.kill_token(order)
            self.dead.add(order)
            self.acts["tokens that died"] += 1

    async def weather(self) -> None:
        """One fault after another, each for one request; now and then the supplier is busy, or the gateway drops."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.1, 0.8))
            self.acts["faults"] += 1
            match self.chance.randrange(8):
                case 0:
                    self.wire.reset(*EDIT, when=self.chance.choice(MOMENTS), times=1)
                case 1:
                    self.wire.fail(*EDIT, status=self.chance.choice((429, 500, 503)), times=1)
                case 2:
                    self.wire.fail(*EDIT, status=502, times=1, handled=True)
                case 3:
                    self.wire.reset(*SEND, when=self.chance.choice(MOMENTS), times=1)
                case 4:
                    self.wire.reset(*CALLBACK, when=self.chance.choice(("before", "after_handling")), times=1)
                case 5:
                    self.wire.fail(*HISTORY, status=503, times=1)
                case 6:
                    self.standin.use("submit_429", times=1)
                case _:
                    await self.wire.drop_gateway()


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """`counts`: what was done. `exact`: kills at a point of the table. `looking`: cards of clips that say for ever that
    the video is looked at; nothing was held for them, and nobody knows of them after a crash.
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


async def soak(folder: Path, *, kills: int, seed: int) -> Soaked:
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
        exact = await _in_the_storm(folder, storm, kills=kills)
        await _calm(folder, storm)
        books = await read_books(folder)
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
    async with _members(storm):
        return sum([await _one_life(folder, storm) for _ in range(kills - 1)])


async def _one_life(folder: Path, storm: Storm) -> bool:
    """Whether it ended at an exact point."""
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


@asynccontextmanager
async def _members(storm: Storm) -> AsyncIterator[None]:
    people = [storm.wire.world.join(f"member {number}") for number in range(MEMBERS)]
    tasks = [asyncio.create_task(storm.member(person)) for person in people]
    tasks.append(asyncio.create_task(storm.weather()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if not isinstance(end, asyncio.CancelledError) and end is not None:
            raise end


async def _calm(folder: Path, storm: Storm) -> None:
    """No orders and no faults any more: one last process brings all to its end."""
    storm.wire.mend()
    async with a_bot_process(storm.wire, storm.standin, folder, **SETTINGS) as last:
        with suppress(TimeoutError):  # then the figures say what has not ended
            await quiet(folder, seconds=LAST_SECONDS)
        last.terminate()
        assert await asyncio.wait_for(last.wait(), STOP_SECONDS) == 0
