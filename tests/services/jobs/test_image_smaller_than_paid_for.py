"""An image that is smaller than paid for costs only the price of its real size, also after a crash on the way."""

from __future__ import annotations

from bot.domain.job import JobState, ReleaseReason, StoredImage
from bot.domain.recipe import Size
from bot.domain.wallet import Balance
from bot.services.jobs.submission import WAIT_LIMIT_SECONDS
from bot.storage.orders import jobs
from tests.services.conftest import JobHarness
from tests.support.factories import a_recipe
from tests.support.house import a_png

A_4K_RECIPE = a_recipe(size=Size.K4)
PRICE = 230
TOO_MUCH = 80  # for what counts as 1K


async def test_a_1k_image_for_the_price_of_4k_gives_the_difference_back(harness: JobHarness) -> None:
    harness.standin.use("small_output")
    async with harness.at_work():
        await harness.order(recipe=A_4K_RECIPE, cost=PRICE)
        job = await harness.until()
    assert job.image
    assert (job.image.width, job.image.height) == (1408, 1408 * 64 // 4096)
    assert (job.state, job.refund) == (JobState.DELIVERED, TOO_MUCH)
    assert Balance(posted=1_000 - PRICE + TOO_MUCH, held=0) == await harness.balance()
    assert await harness.findings() == ()


async def test_the_size_that_was_paid_for_is_charged_in_full(harness: JobHarness) -> None:
    async with harness.at_work():
        await harness.order(recipe=A_4K_RECIPE, cost=PRICE)
        job = await harness.until()
    assert (job.state, job.refund) == (JobState.DELIVERED, 0)
    assert Balance(posted=1_000 - PRICE, held=0) == await harness.balance()


async def test_a_crash_while_it_is_shown_changes_neither_the_charge_nor_what_comes_back(harness: JobHarness) -> None:
    now, data = harness.clock(), a_png(width=1_408)
    await harness.order(recipe=A_4K_RECIPE, cost=PRICE)
    job = await harness.step(jobs.submitting(await harness.claim(), now=now))
    job = await harness.step(jobs.running(job, "prediction", now=now))
    await harness.images.keep("900.png", data)
    image = StoredImage(
        name="900.png", sha256="a" * 64, width=1_408, height=64, unsafe=None, output_url=None, price_micros=None
    )
    job = await harness.step(jobs.stored(job, image, refund=TOO_MUCH, now=now))
    await harness.step(jobs.posting(job, now=now))
    assert Balance(posted=1_000, held=PRICE) == await harness.balance()
    async with harness.at_work():
        job = await harness.until()
    assert (job.state, job.refund) == (JobState.DELIVERED, TOO_MUCH)
    assert Balance(posted=1_000 - PRICE + TOO_MUCH, held=0) == await harness.balance()
    assert await harness.findings() == ()


async def test_a_gift_costs_nothing_whatever_its_size(harness: JobHarness) -> None:
    harness.standin.use("never")
    async with harness.at_work():
        await harness.order(recipe=A_4K_RECIPE, cost=PRICE)
        await harness.until(state=JobState.RUNNING)
        harness.clock.now += int(WAIT_LIMIT_SECONDS * 1000) + 1
        job = await harness.until()
    assert (job.release_reason, job.refund) == (ReleaseReason.TIMED_OUT, 0)
    assert Balance(posted=1_000, held=0) == await harness.balance()
