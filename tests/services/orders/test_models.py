"""Orders of every row, from a member's words to the image, at a supplier that takes only the fields of each row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from bot.domain import errors as e
from bot.domain.history import Search
from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Model, Models, ModelState
from bot.domain.order import Order, OrderText
from bot.domain.pricing import Pricing
from bot.domain.recipe import Recipe, Reference, Size
from bot.domain.wallet import StartingCredits
from bot.providers.atlas_wire import submission_body
from bot.providers.base import (
    Completed,
    Output,
    OutputBytes,
    Prediction,
    Submission,
    Submitted,
    SupplierBalance,
    Waiting,
)
from bot.services.orders.ordering import Ordering
from bot.storage.files.base import sha256_of
from bot.storage.orders import history, jobs
from tests.services.conftest import JobHarness, an_ordering, open_harness
from tests.support.factories import ANN, a_caller, a_recipe
from tests.support.house import a_png

# By its own reading of the supplier's pages: what must be sent, and what else may be.
COMMON = {"aspect_ratio", "resolution", "enable_web_search"}
TAKES = {
    "google/nano-banana-2/reference-to-image-developer": (
        {"model", "prompt", "video_clips"}, COMMON | {"images", "thinking_level"}
    ),
    "google/nano-banana-2/edit": (
        {"model", "prompt", "images"},
        COMMON | {"thinking_level", "enable_image_search", "output_format", "media_resolution"},
    ),
    "google/nano-banana-2/text-to-image": (
        {"model", "prompt"}, COMMON | {"thinking_level", "enable_image_search", "output_format"}
    ),
}  # fmt: skip


@dataclass
class StrictSupplier:
    """It answers 404 for a model that it does not have, and 400 for a field that is not the model's."""

    bodies: list[dict[str, JsonValue]] = field(default_factory=list)

    async def submit(self, submission: Submission) -> Submitted:
        body = submission_body(submission)
        self.bodies.append(body)
        needed, more = TAKES.get(str(body["model"]), (set(), set()))
        if not needed <= set(body) <= needed | more:
            raise e.SupplierRejected(detail=f"a body that its model does not take: {sorted(body)}")
        return Submitted(prediction_id="p1", prediction=Waiting(), request_id=None)

    async def poll(self, prediction_id: str, *, age_seconds: float) -> Prediction:
        return Completed(outputs=(OutputBytes(a_png()),), unsafe=None, price_micros=None)

    async def upload(self, data: bytes, *, name: str, content_type: str) -> str:
        return f"https://lent.example/{name}"

    async def download(self, output: Output) -> bytes:
        assert isinstance(output, OutputBytes)
        return output.data

    async def catalogue(self) -> Mapping[str, str | None]:
        raise NotImplementedError

    async def misfits(self, row: Model, schema: str) -> tuple[str, ...]:
        raise NotImplementedError

    async def balance(self) -> SupplierBalance:
        return SupplierBalance(available_micros=10**9)


@pytest.fixture
async def job_harness(tmp_path: Path) -> AsyncIterator[JobHarness]:
    async with open_harness(tmp_path) as opened:
        yield opened


def at_a_strict_supplier(harness: JobHarness, pricing: Pricing) -> StrictSupplier:
    supplier, new = StrictSupplier(), harness.new_pipeline
    changes: dict[str, Any] = {"supplier": supplier, "pricing": pricing}
    harness.new_pipeline = lambda: replace(new(), **changes)
    return supplier


async def made(harness: JobHarness, ordering: Ordering, recipe: Recipe) -> tuple[Job, StrictSupplier]:
    supplier = at_a_strict_supplier(harness, ordering._pricing)
    await ordering.place(a_caller(wallet=ANN), Order(recipe=recipe, private=False))
    async with harness.at_work():
        await ordering.answered("900", 77)
        return await harness.until(), supplier


async def kept(harness: JobHarness, *, count: int) -> tuple[Reference, ...]:
    data = a_png()
    sha256 = await sha256_of(data)
    await harness.clips.keep(sha256, data)
    return tuple(Reference(name=f"{number}.png", sha256=sha256, content_type="image/png") for number in range(count))


def rich(harness: JobHarness, models: Models = BUILT_IN) -> Ordering:
    ordering = an_ordering(harness)
    ordering._starting_credits, ordering._pricing = StartingCredits(amount=1_000), Pricing(models=models)
    return ordering


async def test_an_image_is_made_from_words_alone_and_charged_at_its_rows_price(job_harness: JobHarness) -> None:
    ordering = rich(job_harness)
    recipe = ordering.understand(OrderText(prompt="A dog", model="nb2-text", size="2k", thinking="high"))
    job, supplier = await made(job_harness, ordering, recipe)
    assert (job.state, job.recipe, job.cost) == (JobState.DELIVERED, recipe, 120)
    assert supplier.bodies == [
        {"model": "google/nano-banana-2/text-to-image", "prompt": "A dog", "resolution": "2k", "thinking_level": "high"}
    ]
    assert (await job_harness.balance()).posted == 1_000 - 120 + job.refund


async def test_fourteen_images_are_changed_without_a_video(job_harness: JobHarness) -> None:
    ordering = rich(job_harness)
    recipe = ordering.understand(OrderText(prompt="Make it night", model="nb2-edit"))
    recipe = ordering.models.with_references(recipe, *await kept(job_harness, count=14))
    await ordering.check_files(recipe)
    job, supplier = await made(job_harness, ordering, recipe)
    assert (job.state, job.cost) == (JobState.DELIVERED, 80)
    (body,) = supplier.bodies
    assert body["images"] == [f"https://lent.example/{number}.png" for number in range(14)]
    for model, ids in (("nb2-edit", ["900"]), ("nb2-dev", [])):
        search = Search(guild_id=1, asker_id=10, member_id=10, model=model)
        page = await job_harness.store.read(history.page(search, limit=4))
        assert [item.job.id for item in page.items] == ids


@pytest.mark.parametrize(
    ("recipe", "refusal"),
    [
        (Recipe(prompt="x"), e.ModelNeedsVideo),
        (Recipe(prompt="x", model="nb2-edit"), e.ModelNeedsImages),
        (a_recipe(model="nb2-text"), e.ModelTakesNoVideo),
        (a_recipe(model="nb2"), e.ModelOff),
        (a_recipe(model="unheard-of"), e.ModelOff),
        (a_recipe(image_search=True), e.ModelLacks),
    ],
)
async def test_what_a_row_does_not_make_is_refused_before_the_hold(
    job_harness: JobHarness, recipe: Recipe, refusal: type[e.Refusal]
) -> None:
    ordering, caller = rich(job_harness), a_caller(wallet=ANN)
    facts = await ordering.facts(caller)
    with pytest.raises(refusal):
        ordering.check_admission(caller, facts, recipe)
    with pytest.raises(refusal):
        await ordering.place(caller, Order(recipe=recipe, private=False))
    assert await job_harness.store.read(jobs.get("900")) is None


async def test_a_row_that_was_turned_off_after_the_order_still_makes_it(job_harness: JobHarness) -> None:
    off = Models(tuple(replace(row, state=ModelState.OFF) if row.key == "nb2-text" else row for row in BUILT_IN.rows))
    ordering = rich(job_harness)
    await ordering.place(a_caller(wallet=ANN), Order(recipe=Recipe(prompt="x", model="nb2-text"), private=False))
    at_a_strict_supplier(job_harness, Pricing(models=off))
    async with job_harness.at_work():
        await ordering.answered("900", 77)
        assert (await job_harness.until()).state is JobState.DELIVERED
    facts, job = await rich(job_harness, off).facts_of_job(a_caller(wallet=ANN), "900")
    assert facts.job
    assert (facts.job.recipe.model, job.recipe.model) == ("nb2-text", "nb2-text")  # nothing else makes it from words


async def test_a_row_that_was_taken_out_after_the_order_gives_the_credits_back_and_sends_nothing(
    job_harness: JobHarness,
) -> None:
    without = Models(tuple(row for row in BUILT_IN.rows if row.key != "nb2-text"))
    ordering = rich(job_harness)
    await ordering.place(a_caller(wallet=ANN), Order(recipe=Recipe(prompt="x", model="nb2-text"), private=False))
    supplier = at_a_strict_supplier(job_harness, Pricing(models=without))
    async with job_harness.at_work():
        await ordering.answered("900", 77)
        job = await job_harness.until()
    assert (job.release_reason, supplier.bodies) == (ReleaseReason.CLOSED, [])
    assert (await job_harness.balance()).posted == 1_000


async def test_a_button_of_a_row_that_has_ended_orders_its_successor_at_its_price(job_harness: JobHarness) -> None:
    ordering = rich(job_harness)
    await ordering.place(a_caller(wallet=ANN), Order(recipe=a_recipe(size=Size.K4), private=False))
    prices = BUILT_IN.default.prices
    assert prices
    dearer = replace(BUILT_IN.get("nb2.1"), state=ModelState.ON, prices=replace(prices, clip=100_000))
    ended = Models((replace(BUILT_IN.default, state=ModelState.OFF), dearer, *BUILT_IN.rows[1:6]))
    later = rich(job_harness, ended)
    facts, job = await later.facts_of_job(a_caller(wallet=ANN), "900")
    assert facts.job
    assert facts.job.recipe.model == "nb2-dev"
    assert (job.recipe.model, later.price(job.recipe)) == ("nb2.1", 260)
    placed = await later.place(a_caller(wallet=ANN, interaction_id=901), Order(recipe=job.recipe, private=False))
    assert (placed.job.recipe.model, placed.job.cost) == ("nb2.1", 260)
