"""Placing an order: what is checked before any credit is held, and what a repeated order finds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.domain.errors import (
    FileGone,
    FileTooLarge,
    NotAVideoFile,
    NotEnoughCredits,
)
from bot.domain.job import LineLimits
from bot.domain.order import Order, OrderText
from bot.domain.pricing import Pricing
from bot.domain.recipe import VIDEO_FILE_LIMIT_BYTES, Size, VideoLink
from bot.domain.wallet import StartingCredits
from bot.media.fetch import Fetcher, VideoFacts
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.orders.ordering import Ordering
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.files.base import Files
from bot.storage.files.folder import Folder
from bot.storage.orders import jobs
from sandbox.clip import make_clip
from tests.support.factories import NOW, a_caller, a_recipe
from tests.support.house import a_png

CLIP = make_clip(seconds=1, width=160, height=90)


@dataclass
class Meter(Fetcher):
    """Stands where the internet would be: says what a link leads to."""

    too_large: bool = False
    asked: list[str] = field(default_factory=list)

    async def measure_video(self, url: str, *, limit_bytes: int) -> VideoFacts:
        self.asked.append(url)
        if self.too_large:
            raise FileTooLarge(limit_bytes=limit_bytes)
        return VideoFacts(size_bytes=1_000, content_type="video/mp4")


@dataclass
class Counter:
    ordering: Ordering
    store: SqliteStore
    clips: Files
    meter: Meter
    woken: asyncio.Event


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    clips, meter, woken = Folder(tmp_path / "clips"), Meter(), asyncio.Event()
    async with open_sqlite(tmp_path / "a.db") as store:
        ordering = Ordering(
            store,
            clips,
            meter,
            CircuitBreaker(store),
            pricing=Pricing(),
            default_span_seconds=30,
            starting_credits=StartingCredits(amount=300),
            limits=LineLimits(),
            confirm_from_credits=200,
            clock=lambda: NOW,
            wake=woken.set,
        )
        yield Counter(ordering, store, clips, meter, woken)


async def test_a_linked_file_is_looked_at(counter: Counter) -> None:
    await counter.ordering.check_link(VideoLink(url="https://a.example/x.mp4"))
    assert counter.meter.asked == ["https://a.example/x.mp4"]


async def test_a_linked_file_that_is_too_large_is_refused(counter: Counter) -> None:
    counter.meter.too_large = True
    with pytest.raises(FileTooLarge):
        await counter.ordering.check_link(VideoLink(url="https://a.example/x.mp4"))


async def test_an_order_for_a_file_that_was_not_read_is_never_placed_unseen(counter: Counter) -> None:
    recipe = counter.ordering.understand(OrderText(prompt="x", attached=True))
    with pytest.raises(FileGone):
        await counter.ordering.check_files(recipe)


async def test_an_attached_clip_is_kept_once_under_what_it_is(counter: Counter) -> None:
    first = await counter.ordering.keep_clip(CLIP, name="one.mp4")
    second = await counter.ordering.keep_clip(CLIP, name="two.mov")
    assert (first.sha256, first.content_type) == (second.sha256, "video/mp4")
    assert await counter.clips.read(first.sha256) == CLIP


async def test_an_attached_file_is_judged_by_its_bytes_and_not_by_its_name(counter: Counter) -> None:
    with pytest.raises(NotAVideoFile) as refusal:
        await counter.ordering.keep_clip(a_png(), name="clip.mp4")
    assert refusal.value.found == "PNG image"
    with pytest.raises(FileTooLarge):
        await counter.ordering.keep_clip(CLIP + bytes(VIDEO_FILE_LIMIT_BYTES), name="clip.mp4")


async def test_credits_that_went_elsewhere_meanwhile_are_found_missing_at_the_hold(counter: Counter) -> None:
    caller, dearer = a_caller(interaction_id=2), a_recipe(size=Size.K2)
    await counter.ordering.check_balance(caller, await counter.ordering.facts(caller), dearer)
    await counter.ordering.place(a_caller(interaction_id=1), Order(recipe=a_recipe(), private=False))
    with pytest.raises(NotEnoughCredits) as refusal:
        await counter.ordering.place(caller, Order(recipe=dearer, private=False))
    assert (refusal.value.available, refusal.value.held) == (150, 150)
    assert refusal.value.cheaper == (("1K", 150),)


async def test_a_job_starts_only_when_discord_has_the_answer(counter: Counter) -> None:
    await counter.ordering.place(a_caller(interaction_id=1), Order(recipe=a_recipe(), private=False))
    claim = jobs.claim("a worker", at_supplier=1, each=1, now=NOW)
    assert await counter.store.run(claim) == []
    await counter.ordering.answered("1", 77)
    assert counter.woken.is_set()
    (job,) = await counter.store.run(jobs.claim("a worker", at_supplier=1, each=1, now=NOW))
    assert (job.id, job.message_id) == ("1", 77)


@pytest.mark.parametrize(("size", "search", "price"), [
    (Size.K1, False, 150), (Size.K2, False, 190), (Size.K4, False, 230),
    (Size.K1, True, 164), (Size.K2, True, 204), (Size.K4, True, 244),
])  # fmt: skip
def test_prices_are_those_of_the_suppliers_page_in_thousandths_of_a_dollar(
    size: Size, search: bool, price: int
) -> None:
    assert Pricing().credits(a_recipe(size=size, search=search)) == price


@pytest.mark.parametrize(("per_usd", "markup", "price"), [(100, 0, 15), (10, 0, 2), (1, 0, 1), (1_000, 10, 165)])
def test_a_price_rounds_up_to_a_whole_credit(per_usd: int, markup: int, price: int) -> None:
    assert Pricing(credits_per_usd=per_usd, markup_percent=markup).credits(a_recipe()) == price
