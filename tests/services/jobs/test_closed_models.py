"""One model closes and the others go on: the supplier does not know it any more, or it fails again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.domain.failure import Failure
from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.models import Closed, WhyClosed
from bot.domain.recipe import Recipe
from bot.services.jobs.closed_models import FAILURES, PAUSE_MS, ClosedModels
from bot.storage.engine.store import Store
from bot.storage.processes import closed_models
from tests.services.conftest import Clock, JobHarness

VIDEO_MODEL = "nb2-dev"
WORDS_ALONE = Recipe(model="nb2-text", prompt="A lighthouse")


async def ended(harness: JobHarness, job_id: str, recipe: Recipe | None = None) -> Job:
    await harness.order(job_id, recipe=recipe)
    return await harness.until(job_id)


@asynccontextmanager
async def following(closed: ClosedModels) -> AsyncIterator[None]:
    task = asyncio.create_task(closed.follow())
    yield
    closed.stop()
    await task


async def test_a_model_that_is_gone_from_the_third_order_on_closes_alone_and_no_more_is_sent_for_it(
    harness: JobHarness,
) -> None:
    harness.standin.use("model_gone", times=None)
    async with harness.at_work() as pipeline:
        ends = [await ended(harness, str(number)) for number in range(900, 904)]
        other = await ended(harness, "904", recipe=WORDS_ALONE)
    assert [job.state for job in ends] == [JobState.DELIVERED] * 2 + [JobState.RELEASED] * 2
    assert {job.release_reason for job in ends[2:]} == {ReleaseReason.MODEL_GONE}
    assert other.state is JobState.DELIVERED
    posts = [request for request in harness.standin.requests if request.path.endswith("/generateImage")]
    assert (
        len(posts) == len(ends) - 1 + 1
    )  # the last order of the closed model was stopped here; the other one went out
    assert pipeline.closed_models.closed == {VIDEO_MODEL: Closed(because=WhyClosed.GONE)}
    assert pipeline.breaker.tripped_for is None
    assert len(harness.messenger.operator) == 1
    assert f"`stillframe models open {VIDEO_MODEL}`" in harness.messenger.operator[0]
    assert await harness.findings() == ()


async def test_a_model_that_ends_behind_an_id_that_lives_on_closes_too(harness: JobHarness) -> None:
    harness.standin.use("upstream_retired")
    async with harness.at_work() as pipeline:
        job = await ended(harness, "900")
    assert job.release_reason is ReleaseReason.MODEL_GONE
    assert VIDEO_MODEL in pipeline.closed_models.closed


@pytest.mark.parametrize("scenario", ["moderated_1039", "video_refused", "no_image", "beyond_the_end"])
async def test_what_is_about_one_order_closes_no_model(harness: JobHarness, scenario: str) -> None:
    harness.standin.use(scenario, times=None)
    async with harness.at_work() as pipeline:
        for number in range(900, 901 + FAILURES):
            await ended(harness, str(number))
    assert pipeline.closed_models.closed == {}


async def test_a_model_that_fails_again_and_again_closes_for_a_while_and_opens_by_itself(
    store: Store, clock: Clock
) -> None:
    told: list[str] = []

    async def tell(words: str) -> None:
        told.append(words)

    finder, other = (ClosedModels(store, tell, clock=clock) for _ in range(2))
    for _ in range(FAILURES - 1):
        await finder.failed("nb2", Failure.BUSY)
    finder.made("nb2")
    for failure in (Failure.CONTENT, *[Failure.OTHER] * (FAILURES - 1)):
        await finder.failed("nb2", failure)
    assert finder.closed == {}
    await finder.failed("nb2", Failure.OUT_OF_ORDER)
    assert finder.closed["nb2"].because is WhyClosed.FAILING
    await other.failed("nb2", Failure.MODEL)  # this one is for good, and not for a while
    assert len(told) == 2
    async with following(other):
        await asyncio.sleep(0.05)
        assert other.closed == {"nb2": Closed(because=WhyClosed.GONE)}
    await store.run(closed_models.close("pro", Closed(because=WhyClosed.FAILING, until=clock() + PAUSE_MS)))
    clock.now += PAUSE_MS
    async with following(finder):
        await asyncio.sleep(0.05)
        assert "pro" not in finder.closed


async def test_a_closed_model_is_closed_after_a_restart_until_it_is_opened(store: Store, clock: Clock) -> None:
    async def tell(_words: str) -> None: ...

    await ClosedModels(store, tell, clock=clock).failed("nb2", Failure.MODEL)
    again = ClosedModels(store, tell, clock=clock)
    async with following(again):
        await asyncio.sleep(0.05)
        assert "nb2" in again.closed
    assert await store.run(closed_models.reopen("nb2"))
    assert not await store.run(closed_models.reopen("nb2"))
    async with following(again := ClosedModels(store, tell, clock=clock)):
        await asyncio.sleep(0.05)
        assert again.closed == {}
