"""Members who order again and again, and faults at Discord and the supplier. Other modules kill the bot meanwhile.

The seed decides what is done and how long is waited; the machine decides what happens in between. So the same seed
brings the same faults back, and not the same run.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sandbox.atlas import StandIn
from sandbox.clip import make_clip
from tests.support.house import LINK
from tests.wire import Moment, Person, WireDiscord
from tests.wire.components import walk

MEMBERS = 6
STARTING_CREDITS = 900_000
PAUSE_SECONDS = (0.05, 0.5)  # of a member between two orders
LAST_SECONDS = 45.0  # for all to end, once nothing disturbs any more
STOP_SECONDS = 25.0
SETTINGS = {
    "STARTING_CREDITS": str(STARTING_CREDITS),
    "STARTING_CREDITS_ACCOUNT_DAYS": "0",
    "SUPPLIER_MAX_RUNNING": "5",
    "SUPPLIER_SUBMITS_PER_SECOND": "50",
    "SUPPLIER_POLLS_PER_SECOND": "200",
    "WIRE_GRACE_MS": "2000",
    "WIRE_TELL_AGAIN_MS": "300",
}
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
        """Order without end. A little later an order may be cancelled, delivered again, or lose its token."""
        async with asyncio.TaskGroup() as afterwards:
            while True:
                await asyncio.sleep(self.chance.uniform(*PAUSE_SECONDS))
                order = await self._order(person)
                acts = (None, self._cancel, self._redeliver, self._kill_token, self._look_for_waiting)
                act = self.chance.choices(acts, (4, 1, 1, 3, 2))[0]
                if act is not None:
                    afterwards.create_task(act(order, person, self.chance.uniform(0, 1.5)))

    async def _order(self, person: Person) -> int:
        options: dict[str, Any] = {"prompt": self._prompt()}
        way = self.chance.random()
        if way < 0.15:
            options |= {"clip": CLIP, "start": "0", "end": "1"}
        elif way < 0.3:
            options |= {"model": "nb2-text"}
        else:
            options |= {"video": LINK, "start": "0:14-0:17"}
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

    async def _look_for_waiting(self, _order: int, person: Person, seconds: float) -> None:
        """Open the history, and press a button of an image that waits, if there is one."""
        await asyncio.sleep(seconds)
        asked = await self.wire.slash("history", user_id=person.id)
        await asyncio.sleep(seconds)
        page, wanted = self.wire.answer(asked), self.chance.choice(("show-here:", "show-here:", "give-up:"))
        ids = [str(each.get("custom_id", "")) for each in walk(page.components)] if page else []
        for custom_id in [each for each in ids if each.startswith(wanted)][:1]:
            with suppress(ValueError):
                await self.wire.press(page.id, custom_id, user_id=person.id)  # type: ignore[union-attr]  # it has buttons
                self.acts[f"{wanted.rstrip(':')} pressed"] += 1

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
            match self.chance.randrange(9):
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
                case 6:  # an image or two can be shown nowhere
                    self.wire.fail(*EDIT, status=403, code=50013, times=2)
                case 7:
                    self.standin.use("submit_429", times=1)
                case _:
                    await self.wire.drop_gateway()


@asynccontextmanager
async def members(storm: Storm) -> AsyncIterator[None]:
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
