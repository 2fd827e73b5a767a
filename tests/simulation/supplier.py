"""The supplier, in process: images as each order's fate says, and counts of what it was sent and charged."""

from __future__ import annotations

import asyncio
import io
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from PIL import Image

from bot.domain.errors import (
    ContentRefused,
    PredictionLost,
    SubmitUnknown,
    SupplierBusy,
    SupplierClosed,
    SupplierRejected,
    SupplierUnreachable,
)
from bot.domain.failure import Failure
from bot.domain.models import Model
from bot.domain.pricing import Pricing
from bot.providers.base import (
    Completed,
    Failed,
    Output,
    OutputUrl,
    Prediction,
    Submission,
    Submitted,
    SupplierBalance,
    SupplierPrice,
    Waiting,
)
from tests.simulation.loop import Clock
from tests.simulation.plan import Accepting, Order, Plan
from tests.simulation.simulated_discord import SimulatedDiscord
from tests.simulation.trace import Trace

ACCEPTED: frozenset[Accepting] = frozenset({"yes", "at_once", "unknown_taken"})
NOTHING_TAKEN: frozenset[str] = frozenset({"busy", "closed"})  # after which, and only then, it may be sent again
ROUND_TRIP_SECONDS = (0.05, 0.2, 0.6)
RICH_MICROS, POOR_MICROS = 50_000_000, 10_000


def picture(*, large: bool) -> bytes:
    """A tiny image. The large one is of noise, so that it can be made smaller."""
    buffer = io.BytesIO()
    if large:
        noise = random.Random("noise").randbytes(64 * 64 * 3)  # noqa: S311  # seeded on purpose
        Image.frombytes("RGB", (64, 64), noise).save(buffer, "PNG", compress_level=1)
    else:
        Image.new("RGB", (16, 16), (20, 90, 160)).save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Sent:
    """A POST that arrived, and how it was answered. `heard`: the process that sent it lived to hear the answer."""

    order: Order
    at: float
    answer: str
    heard: bool


class Works:
    """The supplier's side, which outlives the processes that use it."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self.sent: list[Sent] = []
        self.charged: Counter[int] = Counter()  # images, by the order's number
        self.downloads: Counter[int] = Counter()
        self.pictures = {large: picture(large=large) for large in (False, True)}
        self._orders = {order.number: order for order in plan.orders}
        self._clock = clock
        self._accepted: dict[str, tuple[Order, float]] = {}

    def order_of(self, prompt: str) -> Order:
        named = re.search(r"order (\d+)\.", prompt)
        assert named, prompt
        return self._orders[int(named[1])]

    def posts_of(self, order: Order) -> list[Sent]:
        return [each for each in self.sent if each.order is order]

    def accept(self, order: Order) -> str:
        prediction_id = f"prediction-{order.number}-{len(self._accepted)}"
        self._accepted[prediction_id] = order, self._clock.seconds
        if order.fate.ready_seconds is not None and order.fate.making not in {"failed", "refused"}:
            self.charged[order.number] += 1
        return prediction_id

    def look(self, prediction_id: str) -> Prediction:
        order, began = self._accepted[prediction_id]
        age = self._clock.seconds - began
        if order.fate.making == "forgotten" and age > 3:
            raise PredictionLost
        if order.fate.ready_seconds is None or age < order.fate.ready_seconds:
            return Waiting()
        return self.finished(order, prediction_id)

    def finished(self, order: Order, prediction_id: str) -> Completed | Failed:
        if order.fate.making in {"failed", "refused"}:
            failure = Failure.CONTENT if order.fate.making == "refused" else Failure.OTHER
            return Failed(failure=failure, detail="simulated")
        url = OutputUrl(f"https://outputs.example/{prediction_id}.png")
        unsafe = True if order.fate.making == "unsafe" else (None, False)[order.number % 2]
        return Completed(outputs=(url,), unsafe=unsafe, price_micros=None)

    def bytes_of(self, output: Output) -> bytes:
        assert isinstance(output, OutputUrl)
        order, _ = self._accepted[output.url.rpartition("/")[2].removesuffix(".png")]
        self.downloads[order.number] += 1
        whole = self.pictures[order.fate.making == "large"]
        broken = order.fate.making == "broken" or (
            order.fate.making == "broken_once" and self.downloads[order.number] < 2
        )
        return whole[: len(whole) // 2] if broken else whole


class Door:
    """One process's way to the supplier: a `bot.providers.base.ImageSupplier`. `edge`: there the process may die."""

    def __init__(
        self,
        works: Works,
        server: SimulatedDiscord,
        clock: Clock,
        trace: Trace,
        edge: Callable[[], Awaitable[None]],
        *,
        seed: str,
    ) -> None:
        self._works = works
        self._weather = server
        self._clock = clock
        self._trace = trace
        self._edge = edge
        self._rng = random.Random(seed)  # noqa: S311  # seeded on purpose

    async def submit(self, submission: Submission) -> Submitted:
        order = self._works.order_of(submission.recipe.prompt)
        await self._edge()
        await self._travel()
        answer = self._answer_to(order)
        prediction_id = self._works.accept(order) if answer in ACCEPTED else ""
        self._trace.note(f"supplier: POST of order {order.number} -> {answer}")
        heard = len(self._works.sent)
        self._works.sent.append(Sent(order, self._clock.seconds, answer, heard=False))
        await self._edge()
        await asyncio.sleep(order.fate.answer_seconds)
        await self._edge()
        self._works.sent[heard] = Sent(order, self._clock.seconds, answer, heard=True)
        if answer not in ACCEPTED or answer == "unknown_taken":
            self._refuse(answer)
        finished = answer == "at_once"
        prediction = self._works.finished(order, prediction_id) if finished else Waiting()
        return Submitted(prediction_id=prediction_id, prediction=prediction, request_id="simulated")

    async def poll(self, prediction_id: str, *, age_seconds: float) -> Prediction:
        await self._pass()
        try:
            prediction = self._works.look(prediction_id)
        except PredictionLost:
            self._trace.note(f"supplier: {prediction_id} -> forgotten")
            raise
        self._trace.note(f"supplier: {prediction_id} -> {type(prediction).__name__}")
        return prediction

    async def upload(self, data: bytes, *, name: str, content_type: str) -> str:
        await self._pass()
        return f"https://lent.example/{name}"

    async def download(self, output: Output) -> bytes:
        await self._pass(unsettled=0.1)
        return self._works.bytes_of(output)

    async def price(self, submission: Submission) -> SupplierPrice:
        await self._pass()
        return SupplierPrice(price_micros=Pricing().supplier_micros(submission.recipe), list_price_micros=None)

    async def catalogue(self) -> Mapping[str, str | None]:
        raise SupplierUnreachable(detail="this supplier tells nothing of its catalogue")

    async def misfits(self, row: Model, schema: str) -> tuple[str, ...]:
        del row, schema
        return ()

    async def balance(self) -> SupplierBalance:
        await self._pass()
        spell = self._weather.under("supplier_closed")
        return SupplierBalance(available_micros=POOR_MICROS if spell and spell.because == "funds" else RICH_MICROS)

    async def _pass(self, *, unsettled: float = 0.0) -> None:
        """A round trip, for what may be repeated."""
        await self._edge()
        await self._travel()
        await self._edge()
        spell = self._weather.under("supplier_closed")
        if spell and spell.because == "key":
            raise SupplierClosed(because="key")
        if self._weather.under("supplier_unreachable") or self._rng.random() < unsettled:
            self._trace.note("supplier: does not answer")
            raise SupplierUnreachable

    async def _travel(self) -> None:
        await asyncio.sleep(self._rng.choice(ROUND_TRIP_SECONDS))

    def _answer_to(self, order: Order) -> str:
        if self._weather.under("supplier_closed"):
            return "closed"
        if self._weather.under("supplier_unreachable"):
            return self._rng.choice(("unknown_lost", "unknown_taken"))
        if self._weather.under("supplier_busy"):
            return "busy"
        answered = [each for each in self._works.posts_of(order) if each.answer not in NOTHING_TAKEN]
        busy = [each for each in self._works.posts_of(order) if each.answer == "busy"]
        accepting = order.fate.accepting
        return "yes" if answered else accepting[min(len(busy), len(accepting) - 1)]

    def _refuse(self, answer: str) -> NoReturn:
        match answer:
            case "busy":
                raise SupplierBusy
            case "rejected":
                raise SupplierRejected
            case "refused":
                raise ContentRefused
            case "closed":
                spell = self._weather.under("supplier_closed")
                raise SupplierClosed(because=spell.because if spell else "funds")
            case _:
                raise SubmitUnknown
