"""An image that can be shown nowhere waits with its hold: it is charged when it is shown, and else given up."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.awaiting import HOUR_MS, IN_DOUBT_MS, LONGEST_DAYS, longest_ms, next_look
from bot.domain.caller import Caller
from bot.domain.errors import ImageOnItsWay, ImageWaits, NotYours
from bot.domain.job import Job, JobState, ReleaseReason, Shown
from bot.domain.wallet import Balance, WalletKey
from bot.services.jobs import awaiting_images as awaiting_module
from bot.services.jobs.pipeline import Pipeline
from bot.storage.orders import jobs
from tests.services.conftest import JobHarness, an_ordering, awaiting_images, stored_job
from tests.services.jobs.test_worker import CHARGED, UNTOUCHED
from tests.support.factories import ANN, BOB, a_caller
from tests.support.house import a_png

DAY_MS = 24 * HOUR_MS
ON_HOLD = Balance(posted=1_000, held=150)
SOON_SECONDS = 0.1


async def waiting(harness: JobHarness, **changes: object) -> Job:
    """An image that could be shown nowhere, while a pipeline is at work."""
    harness.messenger.shut = True
    await harness.order(**changes)  # type: ignore[arg-type]  # facts of the order, by name
    job = await harness.until(state=JobState.AWAITING)
    harness.messenger.deliveries.clear()
    return job


async def later(harness: JobHarness, ms: int) -> None:
    harness.clock.now += ms
    harness.work.set()


def in_the_thread(wallet: WalletKey = ANN) -> Caller:
    return a_caller(channel_id=6, token="a fresh token", interaction_id=950, wallet=wallet)


# --- it waits -----------------------------------------------------------------------------------------


async def test_an_image_that_can_be_shown_nowhere_keeps_its_hold_and_its_file(harness: JobHarness) -> None:
    async with harness.at_work():
        job = await waiting(harness)
        assert await harness.balance() == ON_HOLD
        assert job.image
        assert await harness.images.read(job.image.name) == a_png()
        assert harness.messenger.awaiting == ["900"]
        assert harness.messenger.released == {}
        assert (await harness.store.read(jobs.line())) == {}
    assert await harness.findings() == ()


@pytest.mark.parametrize("hours", [1, 6, 24])
async def test_it_is_tried_again_after_some_hours_and_charged_when_it_is_shown(harness: JobHarness, hours: int) -> None:
    async with harness.at_work():
        since = (await waiting(harness)).awaiting_since or 0
        for each in (hour for hour in (1, 6) if hour < hours):
            harness.clock.now = since + each * HOUR_MS
            await later(harness, 0)
            await until_tried(harness)
        harness.messenger.shut = False
        harness.clock.now = since + hours * HOUR_MS
        await later(harness, -1)
        await asyncio.sleep(SOON_SECONDS)
        assert (await harness.job()).state is JobState.AWAITING
        await later(harness, 1)
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.messenger.deliveries == [("900", True)]
    assert await harness.balance() == CHARGED


async def until_tried(harness: JobHarness) -> None:
    async with asyncio.timeout(10):
        while not harness.messenger.deliveries:  # noqa: ASYNC110  # the messenger is a recording one
            await asyncio.sleep(0.005)
    await harness.until(state=JobState.AWAITING)
    harness.messenger.deliveries.clear()


@pytest.mark.parametrize("retention_days", [0, 3, 30])
async def test_it_is_given_up_after_seven_days_or_when_images_are_erased(
    harness: JobHarness, retention_days: int
) -> None:
    days = min(7, retention_days or 7)
    assert longest_ms(retention_days) == days * DAY_MS
    usual = harness.new_pipeline

    def with_retention() -> Pipeline:
        pipeline = usual()
        return replace(pipeline, limits=replace(pipeline.limits, awaiting_ms=longest_ms(retention_days)))

    harness.new_pipeline = with_retention
    async with harness.at_work():
        job = await waiting(harness)
        assert job.awaiting_since
        harness.clock.now = job.awaiting_since + days * DAY_MS - 1
        harness.work.set()
        await until_tried(harness)
        await later(harness, 1)
        ended = await harness.until()
    assert ended.release_reason is ReleaseReason.GIVEN_UP
    assert ended.image
    assert not await harness.images.has(ended.image.name)
    assert harness.messenger.deliveries == []
    assert await harness.balance() == UNTOUCHED
    assert await harness.findings() == ()


def test_the_next_look_is_after_one_six_and_twenty_four_hours_and_then_at_the_end() -> None:
    looks, now = [], 0
    while now < LONGEST_DAYS * DAY_MS:
        now = next_look(0, longest_ms=LONGEST_DAYS * DAY_MS, now=now)
        looks.append(now // HOUR_MS)
    assert looks == [1, 6, 24, 168]
    assert next_look(0, longest_ms=DAY_MS, now=7 * HOUR_MS) == DAY_MS


def test_one_that_a_lost_try_may_have_shown_is_looked_for_every_five_minutes() -> None:
    assert next_look(0, longest_ms=DAY_MS, now=0, in_doubt=True) == IN_DOUBT_MS
    assert next_look(0, longest_ms=DAY_MS, now=7 * HOUR_MS, in_doubt=True) == 7 * HOUR_MS + IN_DOUBT_MS
    assert next_look(0, longest_ms=DAY_MS, now=DAY_MS - 1, in_doubt=True) == DAY_MS


async def test_the_next_command_of_the_member_tries_it_again(harness: JobHarness) -> None:
    async with harness.at_work():
        await waiting(harness)
        await awaiting_images(harness).try_again(BOB.member_id)
        await asyncio.sleep(SOON_SECONDS)
        assert harness.messenger.deliveries == []
        await awaiting_images(harness).try_again(ANN.member_id)
        await until_tried(harness)
        harness.messenger.shut = False
        await awaiting_images(harness).try_again(ANN.member_id)
        assert (await harness.until()).state is JobState.DELIVERED
    assert await harness.balance() == CHARGED


async def test_commands_never_try_so_often_that_discord_shuts_the_bot_out(
    harness: JobHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(awaiting_module, "COMMAND_TRIES", 2)
    images = awaiting_images(harness)
    async with harness.at_work():
        await waiting(harness)
        for _ in range(2):
            await images.try_again(ANN.member_id)
            await until_tried(harness)
        await images.try_again(ANN.member_id)
        await asyncio.sleep(SOON_SECONDS)
        assert harness.messenger.deliveries == []
        monkeypatch.setattr(awaiting_module, "COMMAND_TRIES_SECONDS", 0.0)
        await images.try_again(ANN.member_id)
        await until_tried(harness)


async def test_one_whose_file_is_gone_or_damaged_is_given_up(harness: JobHarness) -> None:
    async with harness.at_work():
        for job_id, data in (("900", None), ("901", a_png()[:40])):
            harness.messenger.shut = True
            await harness.order(job_id)
            job = await harness.until(job_id, state=JobState.AWAITING)
            harness.messenger.shut = False
            assert job.image
            if data is None:
                await harness.images.erase(job.image.name)
            else:
                await harness.images.keep(job.image.name, data)
            await awaiting_images(harness).try_again(ANN.member_id)
            assert (await harness.until(job_id)).release_reason is ReleaseReason.GIVEN_UP
    assert await harness.balance() == UNTOUCHED
    assert harness.messenger.shown == {}


async def test_an_unsafe_one_is_shown_only_where_age_is_checked(harness: JobHarness) -> None:
    harness.standin.use("nsfw_true")
    harness.messenger.age_restricted = True
    async with harness.at_work():
        await waiting(harness)
        harness.messenger.age_restricted = harness.messenger.shut = False
        await later(harness, HOUR_MS)
        await asyncio.sleep(SOON_SECONDS)
        assert (await harness.job()).state is JobState.AWAITING
        assert harness.messenger.deliveries == []
        harness.messenger.age_restricted = True
        await later(harness, 5 * HOUR_MS)
        assert (await harness.until()).state is JobState.DELIVERED


async def test_one_that_waits_can_not_be_cancelled_by_its_old_card(harness: JobHarness) -> None:
    async with harness.at_work():
        await waiting(harness)
        with pytest.raises(ImageWaits):
            await an_ordering(harness).cancel("900", member_id=ANN.member_id, moderator=False)


# --- what its member does -----------------------------------------------------------------------------


async def test_shown_where_the_member_asks_by_that_answer_and_charged(harness: JobHarness) -> None:
    async with harness.at_work():
        await waiting(harness)
        harness.messenger.shut = False
        await later(harness, 2 * DAY_MS - HOUR_MS)
        asked = await awaiting_images(harness).show_here("900", in_the_thread(), 951)
        assert (asked.token, asked.message_id, asked.shown_in, asked.channel_id) == ("a fresh token", 951, 6, 5)
        job = await harness.until()
    assert job.state is JobState.DELIVERED
    assert job.token == ""
    assert await harness.balance() == CHARGED
    again = await awaiting_images(harness).show_here("900", in_the_thread(), 960)
    assert (again.state, again.message_id) == (JobState.DELIVERED, 951)


async def test_given_up_by_the_member_it_is_erased_and_its_credits_are_back(harness: JobHarness) -> None:
    async with harness.at_work():
        job = await waiting(harness)
        with pytest.raises(NotYours):
            await awaiting_images(harness).give_up("900", member_id=BOB.member_id)
        with pytest.raises(NotYours):
            await awaiting_images(harness).show_here("900", in_the_thread(wallet=BOB), 951)
        given_up = await awaiting_images(harness).give_up("900", member_id=ANN.member_id)
        assert (await awaiting_images(harness).give_up("900", member_id=ANN.member_id)).state is given_up.state
        shown = await awaiting_images(harness).show_here("900", in_the_thread(), 951)
    assert (given_up.release_reason, shown.release_reason) == (ReleaseReason.GIVEN_UP, ReleaseReason.GIVEN_UP)
    assert job.image
    assert not await harness.images.has(job.image.name)
    assert await harness.balance() == UNTOUCHED
    assert await harness.findings() == ()


async def test_while_it_is_tried_nothing_else_is_done_with_it(
    harness: JobHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(awaiting_module, "PATIENCE_SECONDS", 0.2)
    async with harness.at_work():
        await waiting(harness)
    harness.clock.now += HOUR_MS
    await harness.step(jobs.posting(await harness.claim(), now=harness.clock()))
    with pytest.raises(ImageOnItsWay):
        await awaiting_images(harness).give_up("900", member_id=ANN.member_id)
    with pytest.raises(ImageOnItsWay):
        await awaiting_images(harness).show_here("900", in_the_thread(), 951)
    assert await harness.balance() == ON_HOLD


async def test_one_that_an_earlier_try_has_shown_after_all_is_charged_and_not_given_up(harness: JobHarness) -> None:
    async with harness.at_work():
        await waiting(harness)
        harness.messenger.found = Shown(5, 99)
        job = await awaiting_images(harness).give_up("900", member_id=ANN.member_id)
    assert (job.state, job.result_id) == (JobState.DELIVERED, 99)
    assert job.image
    assert await harness.images.has(job.image.name)
    assert await harness.balance() == CHARGED


async def test_one_shown_before_a_crash_is_charged_though_its_file_is_gone_now(harness: JobHarness) -> None:
    await harness.step(jobs.posting(await stored_job(harness, keep=False), now=harness.clock()))
    harness.messenger.found = Shown(5, 99)
    async with harness.at_work():
        assert (await harness.until()).state is JobState.DELIVERED
    assert await harness.balance() == CHARGED
