"""The worker: every ending of a job, at most one POST for each, and nothing lost over a restart."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from bot.domain.errors import DatabaseUnavailable, DiscordUnavailable, PictureTooLarge, Undeliverable
from bot.domain.job import Job, JobState, ReleaseReason, StoredImage
from bot.domain.recipe import AttachedVideo, Reference, Size, Thinking
from bot.domain.wallet import Balance
from bot.providers.base import Submission
from bot.services.jobs.delivery import DELIVERY_LIMIT_MS
from bot.services.jobs.submission import TURN_LIMIT_MS, WAIT_LIMIT_SECONDS
from bot.storage.orders import jobs
from sandbox.atlas import SCENARIOS, Latency
from sandbox.clip import make_clip
from tests.services.conftest import Workshop, open_workshop
from tests.support.factories import a_recipe
from tests.support.house import a_png

CHARGED = Balance(posted=850, held=0)
UNTOUCHED = Balance(posted=1_000, held=0)
CLIP = make_clip(seconds=1, width=160, height=90)

A_SUBMISSION = Submission(
    prompt="A poster", video_url="https://www.youtube.com/watch?v=dQw4w9WgXcQ", start_seconds=14, end_seconds=17,
    frame_rate=1, reference_urls=(), shape=None, size=Size.K1, thinking=Thinking.DEFAULT, search=False,
)  # fmt: skip

DELIVERED = (
    "ok", "ok_succeeded", "sync_filled", "fresh_404", "fresh_400", "poll_502_html", "poll_429", "out_object",
    "out_base64", "out_datauri", "jpeg_named_png", "price_late", "price_never", "price_number", "legacy_ids",
    "hostile_urls_get", "late_validation",
)  # fmt: skip
RELEASED = {
    "failed_200": ReleaseReason.FAILED,
    "failed_500": ReleaseReason.FAILED,
    "failed_flip": ReleaseReason.FAILED,
    "timeout_state": ReleaseReason.FAILED,
    "completed_empty": ReleaseReason.FAILED,
    "moderated_1039": ReleaseReason.CONTENT_REFUSED,
    "refused_google": ReleaseReason.CONTENT_REFUSED,
    "nsfw_true": ReleaseReason.UNSAFE,
    "url_dead": ReleaseReason.NO_IMAGE,
    "submit_401": ReleaseReason.CLOSED,
    "submit_402": ReleaseReason.CLOSED,
    "submit_403": ReleaseReason.CLOSED,
    "submit_451": ReleaseReason.CLOSED,
    "submit_404": ReleaseReason.REJECTED,
    "submit_413": ReleaseReason.REJECTED,
    "msg_vs_message": ReleaseReason.REJECTED,
    "submit_500": ReleaseReason.UNKNOWN,
    "submit_502": ReleaseReason.UNKNOWN,
    "submit_503": ReleaseReason.UNKNOWN,
    "submit_504": ReleaseReason.UNKNOWN,
    "submit_accept_then_reset": ReleaseReason.UNKNOWN,
}
OTHERWISE = {"submit_429", "submit_slow", "never", "huge_output", "small_output"}  # tests of their own below


def test_no_scenario_of_the_supplier_is_left_out() -> None:
    assert set(SCENARIOS) == {*DELIVERED, *RELEASED, *OTHERWISE}


@pytest.mark.parametrize("scenario", DELIVERED)
async def test_ends_with_the_image_and_the_charge(workshop: Workshop, scenario: str) -> None:
    workshop.standin.use(scenario)
    async with workshop.at_work():
        await workshop.order()
        job = await workshop.until()
    assert job.state is JobState.DELIVERED
    assert await workshop.balance() == CHARGED
    assert list(workshop.courier.shown) == ["900"]
    assert workshop.accepted == 1
    assert workshop.standin.violations == []
    assert await workshop.findings() == ()


@pytest.mark.parametrize(("scenario", "reason"), RELEASED.items())
async def test_ends_with_the_credits_back_and_never_a_second_post(
    workshop: Workshop, scenario: str, reason: ReleaseReason
) -> None:
    workshop.standin.use(scenario)
    async with workshop.at_work():
        await workshop.order()
        job = await workshop.until()
    assert job.release_reason is reason
    assert await workshop.balance() == UNTOUCHED
    assert workshop.courier.released == {"900": reason}
    assert workshop.courier.shown == {}
    posts = [request for request in workshop.standin.requests if request.path.endswith("/generateImage")]
    assert len(posts) == 1
    assert await workshop.findings() == ()


async def test_a_busy_supplier_is_asked_again_until_it_takes_the_job(workshop: Workshop) -> None:
    workshop.standin.use("submit_429", times=6)
    async with workshop.at_work():
        await workshop.order()
        await workshop.until(state=JobState.HELD)
        for _ in range(100):
            workshop.clock.now += 1_000
            workshop.work.set()
            if (await workshop.job()).state.ended:
                break
            await asyncio.sleep(0.02)
        job = await workshop.until()
    assert job.state is JobState.DELIVERED
    assert workshop.accepted == 1


async def test_a_supplier_that_stays_busy_for_an_hour_ends_it(workshop: Workshop) -> None:
    await workshop.order()
    workshop.clock.now += TURN_LIMIT_MS + 1
    async with workshop.at_work():
        job = await workshop.until()
    assert job.release_reason is ReleaseReason.BUSY
    assert workshop.accepted == 0


async def test_an_answer_that_does_not_come_in_time_is_unknown_and_never_sent_again(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, slow_submit_seconds=4) as workshop:
        workshop.standin.use("submit_slow")
        async with workshop.at_work():
            await workshop.order()
            job = await workshop.until()
        assert job.release_reason is ReleaseReason.UNKNOWN
        assert await workshop.balance() == UNTOUCHED


async def test_an_image_that_never_comes_is_given_up_after_ten_minutes(workshop: Workshop) -> None:
    workshop.standin.use("never")
    async with workshop.at_work():
        await workshop.order()
        await workshop.until(state=JobState.RUNNING)
        workshop.clock.now += int(WAIT_LIMIT_SECONDS * 1000) + 1
        job = await workshop.until()
    assert job.release_reason is ReleaseReason.TIMED_OUT
    assert await workshop.balance() == UNTOUCHED


async def test_an_image_over_the_file_limit_goes_out_smaller_and_the_original_is_kept(workshop: Workshop) -> None:
    workshop.standin.use("huge_output")
    async with workshop.at_work():
        await workshop.order()
        job = await workshop.until()
    picture = workshop.courier.shown["900"]
    assert picture.shrunk
    assert len(picture.data) <= job.file_limit_bytes
    assert job.image
    original = await workshop.images.read(job.image.name)
    assert original
    assert len(original) > 26_000_000
    assert hashlib.sha256(original).hexdigest() == job.image.sha256


async def test_bytes_that_fit_are_shown_untouched(workshop: Workshop) -> None:
    async with workshop.at_work():
        await workshop.order()
        await workshop.until()
    assert workshop.courier.shown["900"].data == a_png()


async def test_an_unsafe_image_is_shown_where_the_channel_is_age_restricted(workshop: Workshop) -> None:
    workshop.courier.age_restricted = True
    workshop.standin.use("nsfw_true")
    async with workshop.at_work():
        await workshop.order()
        assert (await workshop.until()).state is JobState.DELIVERED


# --- what a restart finds -----------------------------------------------------------------------------


async def test_a_job_found_held_goes_on_as_if_nothing_had_happened(workshop: Workshop) -> None:
    await workshop.order()
    await workshop.claim()
    async with workshop.at_work():
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.accepted == 1


async def test_a_job_found_submitting_is_never_sent_again(workshop: Workshop) -> None:
    await workshop.order()
    await workshop.step(jobs.submitting(await workshop.claim(), now=workshop.clock()))
    async with workshop.at_work():
        job = await workshop.until()
    assert job.release_reason is ReleaseReason.UNKNOWN
    assert workshop.accepted == 0
    assert await workshop.balance() == UNTOUCHED


async def test_a_job_found_running_is_polled_on(workshop: Workshop) -> None:
    await workshop.order()
    job = await workshop.step(jobs.submitting(await workshop.claim(), now=workshop.clock()))
    submitted = await workshop.supplier.submit(A_SUBMISSION)
    await workshop.step(jobs.running(job, submitted.prediction_id, now=workshop.clock()))
    async with workshop.at_work():
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.accepted == 1


async def test_a_job_found_stored_is_shown(workshop: Workshop) -> None:
    await _stored(workshop)
    async with workshop.at_work():
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.courier.deliveries == [("900", False)]


async def test_a_job_found_posting_is_looked_for_before_it_is_shown_again(workshop: Workshop) -> None:
    await workshop.step(jobs.posting(await _stored(workshop), now=workshop.clock()))
    async with workshop.at_work():
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.courier.deliveries == [("900", True)]
    assert await workshop.balance() == CHARGED


async def test_a_job_found_without_an_answer_in_discord_is_taken_back(workshop: Workshop) -> None:
    workshop.courier.answer_id = None
    await workshop.order(answered=False)
    async with workshop.at_work():
        await asyncio.sleep(0.05)
        assert (await workshop.job()).state is JobState.HELD  # the command may still be answering
        workshop.clock.now += 10_000
        workshop.work.set()
        job = await workshop.until()
    assert job.release_reason is ReleaseReason.UNANSWERED
    assert workshop.accepted == 0


async def test_a_job_whose_answer_is_found_in_discord_goes_on(workshop: Workshop) -> None:
    workshop.courier.fails_with = [DiscordUnavailable(detail="503")]
    await workshop.order(answered=False)
    workshop.clock.now += 10_000
    async with workshop.at_work():
        await workshop.until(state=JobState.HELD)
        await asyncio.sleep(0.05)
        workshop.clock.now += 10_000
        workshop.work.set()
        job = await workshop.until()
    assert job.state is JobState.DELIVERED
    assert job.message_id == 77


async def test_a_stop_lets_the_post_in_flight_finish_and_leaves_the_rest_to_the_next_run(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, slow_submit_seconds=0.4) as workshop:
        workshop.standin.use("submit_slow", times=1)
        async with workshop.at_work():
            await workshop.order()
            await workshop.until(state=JobState.SUBMITTING)
        stopped = await workshop.job()
        assert stopped.prediction_id is not None  # not lost, so not unknown
        async with workshop.at_work():
            assert (await workshop.until()).state is JobState.DELIVERED
        assert workshop.accepted == 1


async def test_a_stop_does_not_wait_for_images_that_are_being_made(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, latency=Latency.fixed(60)) as workshop:
        async with workshop.at_work():
            await workshop.order()
            await workshop.until(state=JobState.RUNNING)
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 1
        assert (await workshop.job()).state is JobState.RUNNING


# --- trouble ------------------------------------------------------------------------------------------


async def test_when_discord_does_not_answer_the_image_waits_and_is_looked_for_first(workshop: Workshop) -> None:
    workshop.courier.fails_with = [DiscordUnavailable(detail="503"), DiscordUnavailable(detail="503")]
    async with workshop.at_work():
        await workshop.order()
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.courier.deliveries == [("900", False), ("900", True), ("900", True)]


async def test_when_discord_does_not_answer_for_an_hour_the_credits_come_back(workshop: Workshop) -> None:
    workshop.courier.fails_with = [DiscordUnavailable(detail="503")]
    await _stored(workshop)
    workshop.clock.now += DELIVERY_LIMIT_MS + 1
    async with workshop.at_work():
        assert (await workshop.until()).release_reason is ReleaseReason.UNDELIVERABLE
    assert await workshop.balance() == UNTOUCHED


async def test_an_image_that_discord_finds_too_large_goes_out_smaller(tmp_path: Path) -> None:
    async def draw_noise(*_: object, **__: object) -> bytes:
        return a_png(noise=True)

    async with open_workshop(tmp_path, draw=draw_noise) as workshop:
        workshop.courier.fails_with = [PictureTooLarge()]
        async with workshop.at_work():
            await workshop.order()
            assert (await workshop.until()).state is JobState.DELIVERED
        assert workshop.courier.shown["900"].shrunk


async def test_an_image_that_can_be_shown_nowhere_gives_the_credits_back_and_is_kept(workshop: Workshop) -> None:
    workshop.courier.fails_with = [Undeliverable(detail="closed")]
    async with workshop.at_work():
        await workshop.order()
        job = await workshop.until()
    assert job.release_reason is ReleaseReason.UNDELIVERABLE
    assert job.image
    assert await workshop.images.read(job.image.name) == a_png()
    assert await workshop.balance() == UNTOUCHED


async def test_an_image_that_has_gone_from_the_disk_gives_the_credits_back(workshop: Workshop) -> None:
    await _stored(workshop, keep=False)
    async with workshop.at_work():
        assert (await workshop.until()).release_reason is ReleaseReason.NO_IMAGE


async def test_an_image_damaged_on_the_disk_gives_the_credits_back(workshop: Workshop) -> None:
    job = await _stored(workshop)
    assert job.image
    await workshop.images.keep(job.image.name, a_png()[:40])
    async with workshop.at_work():
        assert (await workshop.until()).release_reason is ReleaseReason.NO_IMAGE


async def test_a_bug_parks_the_job_and_it_is_taken_up_again(workshop: Workshop) -> None:
    workshop.courier.fails_with = [ZeroDivisionError("a bug")]
    async with workshop.at_work():
        await workshop.order()
        await workshop.until(state=JobState.POSTING)
        await asyncio.sleep(0.05)
        workshop.clock.now += 60_000
        workshop.work.set()
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.courier.deliveries == [("900", False), ("900", True)]


async def test_a_worker_that_lost_its_lease_writes_nothing_and_the_job_still_ends_once(workshop: Workshop) -> None:
    workshop.standin.use("never")
    async with workshop.at_work():
        await workshop.order()
        running = await workshop.until(state=JobState.RUNNING)
        stolen = await workshop.claim()
        workshop.clock.now += int(WAIT_LIMIT_SECONDS * 1000) + 1
        job = await workshop.until()
    assert stolen.lease_epoch == running.lease_epoch + 1
    # This run's again, since on SQLite every other owner is dead; and once more, since a release takes it from all.
    assert job.lease_epoch == running.lease_epoch + 3
    assert workshop.courier.released == {"900": ReleaseReason.TIMED_OUT}
    assert await workshop.findings() == ()


async def test_a_step_that_can_not_be_written_is_written_later_and_the_paid_id_is_not_lost(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, failures = workshop.store.run, iter([True, True])

    async def failing_at_running(script: object) -> object:
        name = getattr(script, "__name__", "")
        if name == "_advance" and workshop.standin.submits and next(failures, False):
            raise DatabaseUnavailable(detail="database or disk is full")
        return await run(script)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(workshop.store, "run", failing_at_running)
    monkeypatch.setattr("bot.services.jobs.job_steps.COMMIT_PAUSE_SECONDS", 0.01)
    async with workshop.at_work():
        await workshop.order()
        assert (await workshop.until()).state is JobState.DELIVERED
    assert workshop.accepted == 1


# --- files --------------------------------------------------------------------------------------------


async def test_a_clip_and_references_are_lent_to_the_supplier_just_before_the_job(workshop: Workshop) -> None:
    recipe = a_recipe(video=await _attached(workshop, CLIP), references=(await _reference(workshop, a_png()),))
    async with workshop.at_work():
        await workshop.order(recipe=recipe)
        assert (await workshop.until()).state is JobState.DELIVERED
    assert [workshop.standin.read(upload.url) for upload in workshop.standin.uploads] == [CLIP, a_png()]
    (submit,) = workshop.standin.submits
    assert submit.body["images"] == [workshop.standin.uploads[1].url]


async def test_a_clip_that_is_not_on_the_disk_any_more_gives_the_credits_back(workshop: Workshop) -> None:
    gone = AttachedVideo(name="gone.mp4", sha256="0" * 64, content_type="video/mp4")
    async with workshop.at_work():
        await workshop.order(recipe=a_recipe(video=gone))
        assert (await workshop.until()).release_reason is ReleaseReason.CLIP_GONE
    assert workshop.accepted == 0


# --- helpers ------------------------------------------------------------------------------------------


async def _stored(workshop: Workshop, *, keep: bool = True) -> Job:
    await workshop.order()
    job = await workshop.step(jobs.submitting(await workshop.claim(), now=workshop.clock()))
    job = await workshop.step(jobs.running(job, "p" * 32, now=workshop.clock()))
    image = StoredImage(
        name="900.png",
        sha256=hashlib.sha256(a_png()).hexdigest(),
        width=64,
        height=64,
        unsafe=None,
        output_url=None,
        price_micros=None,
    )
    if keep:
        await workshop.images.keep(image.name, a_png())
    return await workshop.step(jobs.stored(job, image, refund=0, now=workshop.clock()))


async def _attached(workshop: Workshop, data: bytes) -> AttachedVideo:
    digest = hashlib.sha256(data).hexdigest()
    await workshop.clips.keep(digest, data)
    return AttachedVideo(name="clip.mp4", sha256=digest, content_type="video/mp4")


async def _reference(workshop: Workshop, data: bytes) -> Reference:
    digest = hashlib.sha256(data).hexdigest()
    await workshop.clips.keep(digest, data)
    return Reference(name="logo.png", sha256=digest, content_type="image/png")
