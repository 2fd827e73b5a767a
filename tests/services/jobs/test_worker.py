"""The worker brings each job to its ending with at most one POST, and a restart loses nothing."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from bot.domain.awaiting import IN_DOUBT_MS
from bot.domain.errors import DatabaseUnavailable, DiscordUnavailable, PictureTooLarge
from bot.domain.job import JobState, ReleaseReason, Shown
from bot.domain.model_rows import BUILT_IN
from bot.domain.recipe import AttachedVideo, Reference
from bot.domain.wallet import Balance
from bot.providers.base import Submission
from bot.services.jobs.delivery import DELIVERY_LIMIT_MS
from bot.services.jobs.submission import TURN_LIMIT_MS, WAIT_LIMIT_SECONDS
from bot.storage.orders import jobs
from sandbox.atlas import SCENARIOS, Latency
from sandbox.clip import make_clip
from tests.services.conftest import JobHarness, open_harness, stored_job
from tests.support.factories import a_recipe, sql
from tests.support.house import a_png

CHARGED = Balance(posted=850, held=0)
UNTOUCHED = Balance(posted=1_000, held=0)
CLIP = make_clip(seconds=1, width=160, height=90)

A_SUBMISSION = Submission(
    recipe=a_recipe(), model=BUILT_IN.default, video_url="https://www.youtube.com/watch?v=dQw4w9WgXcQ"
)

DELIVERED = (
    "ok", "ok_succeeded", "sync_filled", "fresh_404", "fresh_400", "poll_502_html", "poll_429", "out_object",
    "out_base64", "out_datauri", "out_string", "out_images", "out_drafts", "ok_done", "square_output",
    "jpeg_named_png", "price_late", "price_never", "price_number", "legacy_ids",
    "hostile_urls_get", "late_validation", "model_gone", "foreign_field_400", "foreign_field_500", "price_moved",
    "schema_moved",
)  # fmt: skip
RELEASED = {
    "failed_200": ReleaseReason.FAILED,
    "failed_500": ReleaseReason.FAILED,
    "failed_flip": ReleaseReason.FAILED,
    "timeout_state": ReleaseReason.OVERLOADED,
    "upstream_retired": ReleaseReason.MODEL_GONE,
    "overloaded": ReleaseReason.OVERLOADED,
    "moderation_down": ReleaseReason.OUT_OF_ORDER,
    "too_many_tokens": ReleaseReason.TOO_MUCH_VIDEO,
    "bad_image": ReleaseReason.FAILED,  # none was given
    "beyond_the_end": ReleaseReason.MOMENT_TOO_LATE,
    "video_refused": ReleaseReason.VIDEO_NOT_PUBLIC,
    "no_image": ReleaseReason.NO_IMAGE,
    "out_words": ReleaseReason.NO_IMAGE,
    "completed_empty": ReleaseReason.NO_IMAGE,
    "moderated_1039": ReleaseReason.CONTENT_REFUSED,
    "refused_google": ReleaseReason.CONTENT_REFUSED,
    "nsfw_true": ReleaseReason.UNSAFE,
    "url_dead": ReleaseReason.NO_IMAGE,
    "ultra_8k": ReleaseReason.NO_IMAGE,  # more pixels than the bot decodes
    "submit_401": ReleaseReason.CLOSED,
    "submit_402": ReleaseReason.CLOSED,
    "submit_403": ReleaseReason.CLOSED,
    "submit_451": ReleaseReason.CLOSED,
    "submit_404": ReleaseReason.MODEL_GONE,
    "model_unknown": ReleaseReason.MODEL_GONE,
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
async def test_ends_with_the_image_and_the_charge(harness: JobHarness, scenario: str) -> None:
    harness.standin.use(scenario)
    async with harness.at_work():
        await harness.order()
        job = await harness.until()
    assert job.state is JobState.DELIVERED
    assert await harness.balance() == CHARGED
    assert list(harness.messenger.shown) == ["900"]
    assert harness.accepted == 1
    assert harness.standin.violations == []
    assert await harness.findings() == ()


@pytest.mark.parametrize(("scenario", "reason"), RELEASED.items())
async def test_ends_with_the_credits_back_and_never_a_second_post(
    harness: JobHarness, scenario: str, reason: ReleaseReason
) -> None:
    harness.standin.use(scenario)
    async with harness.at_work():
        await harness.order()
        job = await harness.until()
    assert job.release_reason is reason
    assert await harness.balance() == UNTOUCHED
    assert harness.messenger.released == {"900": reason}
    assert harness.messenger.shown == {}
    posts = [request for request in harness.standin.requests if request.path.endswith("/generateImage")]
    assert len(posts) == 1
    assert await harness.findings() == ()


async def test_a_busy_supplier_is_asked_again_until_it_takes_the_job(harness: JobHarness) -> None:
    harness.standin.use("submit_429", times=6)
    async with harness.at_work():
        await harness.order()
        await harness.until(state=JobState.HELD)
        for _ in range(100):
            harness.clock.now += 1_000
            harness.work.set()
            if (await harness.job()).state.ended:
                break
            await asyncio.sleep(0.02)
        job = await harness.until()
    assert job.state is JobState.DELIVERED
    assert harness.accepted == 1


async def test_a_supplier_that_stays_busy_for_an_hour_ends_it(harness: JobHarness) -> None:
    await harness.order()
    harness.clock.now += TURN_LIMIT_MS + 1
    async with harness.at_work():
        job = await harness.until()
    assert job.release_reason is ReleaseReason.BUSY
    assert harness.accepted == 0


async def test_an_answer_that_does_not_come_in_time_is_unknown_and_never_sent_again(tmp_path: Path) -> None:
    async with open_harness(tmp_path, slow_submit_seconds=4) as harness:
        harness.standin.use("submit_slow")
        async with harness.at_work():
            await harness.order()
            job = await harness.until()
        assert job.release_reason is ReleaseReason.UNKNOWN
        assert await harness.balance() == UNTOUCHED


async def test_an_image_that_never_comes_is_given_up_after_ten_minutes(harness: JobHarness) -> None:
    harness.standin.use("never")
    async with harness.at_work():
        await harness.order()
        await harness.until(state=JobState.RUNNING)
        harness.clock.now += int(WAIT_LIMIT_SECONDS * 1000) + 1
        job = await harness.until()
    assert job.release_reason is ReleaseReason.TIMED_OUT
    assert await harness.balance() == UNTOUCHED


async def test_an_image_over_the_file_limit_goes_out_smaller_and_the_original_is_kept(harness: JobHarness) -> None:
    harness.standin.use("huge_output")
    async with harness.at_work():
        await harness.order()
        job = await harness.until()
    picture = harness.messenger.shown["900"]
    assert picture.shrunk
    assert len(picture.data) <= job.file_limit_bytes
    assert job.image
    original = await harness.images.read(job.image.name)
    assert original
    assert len(original) > 26_000_000
    assert hashlib.sha256(original).hexdigest() == job.image.sha256


async def test_bytes_that_fit_are_shown_untouched(harness: JobHarness) -> None:
    async with harness.at_work():
        await harness.order()
        await harness.until()
    assert harness.messenger.shown["900"].data == a_png()


async def test_an_unsafe_image_is_shown_where_the_channel_is_age_restricted(harness: JobHarness) -> None:
    harness.messenger.age_restricted = True
    harness.standin.use("nsfw_true")
    async with harness.at_work():
        await harness.order()
        assert (await harness.until()).state is JobState.DELIVERED


# --- what a restart finds -----------------------------------------------------------------------------


async def test_a_job_found_held_goes_on_as_if_nothing_had_happened(harness: JobHarness) -> None:
    await harness.order()
    await harness.claim()
    async with harness.at_work():
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.accepted == 1


async def test_a_job_found_submitting_is_never_sent_again(harness: JobHarness) -> None:
    await harness.order()
    await harness.step(jobs.submitting(await harness.claim(), now=harness.clock()))
    async with harness.at_work():
        job = await harness.until()
    assert job.release_reason is ReleaseReason.UNKNOWN
    assert harness.accepted == 0
    assert await harness.balance() == UNTOUCHED


async def test_a_job_found_running_is_polled_on(harness: JobHarness) -> None:
    await harness.order()
    job = await harness.step(jobs.submitting(await harness.claim(), now=harness.clock()))
    submitted = await harness.supplier.submit(A_SUBMISSION)
    await harness.step(jobs.running(job, submitted.prediction_id, now=harness.clock()))
    async with harness.at_work():
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.accepted == 1


async def test_a_job_found_stored_is_shown(harness: JobHarness) -> None:
    await stored_job(harness)
    async with harness.at_work():
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.messenger.deliveries == [("900", False)]


async def test_a_job_found_posting_is_looked_for_before_it_is_shown_again(harness: JobHarness) -> None:
    await harness.step(jobs.posting(await stored_job(harness), now=harness.clock()))
    async with harness.at_work():
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.messenger.deliveries == [("900", True)]
    assert await harness.balance() == CHARGED


async def test_a_job_found_without_an_answer_in_discord_is_taken_back(harness: JobHarness) -> None:
    harness.messenger.answer_id = None
    await harness.order(answered=False)
    async with harness.at_work():
        await asyncio.sleep(0.05)
        assert (await harness.job()).state is JobState.HELD  # the command may still be answering
        harness.clock.now += 10_000
        harness.work.set()
        job = await harness.until()
    assert job.release_reason is ReleaseReason.UNANSWERED
    assert harness.accepted == 0


async def test_a_job_whose_answer_is_found_in_discord_goes_on(harness: JobHarness) -> None:
    harness.messenger.fails_with = [DiscordUnavailable(detail="503")]
    await harness.order(answered=False)
    harness.clock.now += 10_000
    async with harness.at_work():
        await harness.until(state=JobState.HELD)
        await asyncio.sleep(0.05)
        harness.clock.now += 10_000
        harness.work.set()
        job = await harness.until()
    assert job.state is JobState.DELIVERED
    assert job.message_id == 77


async def test_a_stop_lets_the_post_in_flight_finish_and_leaves_the_rest_to_the_next_run(tmp_path: Path) -> None:
    async with open_harness(tmp_path, slow_submit_seconds=0.4) as harness:
        harness.standin.use("submit_slow", times=1)
        async with harness.at_work():
            await harness.order()
            await harness.until(state=JobState.SUBMITTING)
        stopped = await harness.job()
        assert stopped.prediction_id is not None  # not lost, so not unknown
        async with harness.at_work():
            assert (await harness.until()).state is JobState.DELIVERED
        assert harness.accepted == 1


async def test_a_stop_does_not_wait_for_images_that_are_being_made(tmp_path: Path) -> None:
    async with open_harness(tmp_path, latency=Latency.fixed(60)) as harness:
        async with harness.at_work():
            await harness.order()
            await harness.until(state=JobState.RUNNING)
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 1
        assert (await harness.job()).state is JobState.RUNNING


# --- trouble ------------------------------------------------------------------------------------------


async def test_when_discord_does_not_answer_the_image_waits_and_is_looked_for_first(harness: JobHarness) -> None:
    harness.messenger.fails_with = [DiscordUnavailable(detail="503"), DiscordUnavailable(detail="503")]
    async with harness.at_work():
        await harness.order()
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.messenger.deliveries == [("900", False), ("900", True), ("900", True)]


async def test_the_image_waits_as_long_as_discord_says(harness: JobHarness) -> None:
    harness.messenger.fails_with = [DiscordUnavailable(detail="429", wait_seconds=0.5)]
    async with harness.at_work():
        await harness.order()
        await harness.until(state=JobState.POSTING)
        await asyncio.sleep(0.3)
        assert (await harness.job()).state is JobState.POSTING
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.messenger.deliveries == [("900", False), ("900", True)]


async def test_the_card_that_an_image_left_behind_is_changed_also_when_discord_takes_it_late(
    harness: JobHarness,
) -> None:
    harness.messenger.told_fails = 2
    async with harness.at_work():
        await harness.order()
        assert (await harness.until()).state is JobState.DELIVERED  # nothing waits for the card
        async with asyncio.timeout(5):
            while len(harness.messenger.told_where) < 3:  # noqa: ASYNC110  # the messenger sends no signal
                await asyncio.sleep(0.01)
    assert harness.messenger.told_where == [("900", Shown(5, 77))] * 3


async def test_when_discord_does_not_answer_for_an_hour_the_image_waits_for_its_member(harness: JobHarness) -> None:
    harness.messenger.fails_with = [DiscordUnavailable(detail="503")]
    await stored_job(harness)
    harness.clock.now += DELIVERY_LIMIT_MS + 1
    async with harness.at_work():
        await harness.until(state=JobState.AWAITING)
        (row,) = await harness.store.read(sql("SELECT next_at FROM jobs"))
    assert row["next_at"] == harness.clock() + IN_DOUBT_MS  # the last try may have shown it
    assert await harness.balance() == Balance(posted=1_000, held=150)


async def test_an_image_that_discord_finds_too_large_goes_out_smaller(tmp_path: Path) -> None:
    noise = a_png(noise=True)

    async def draw_noise(*_: object, **__: object) -> bytes:
        return noise

    async with open_harness(tmp_path, draw=draw_noise) as harness:
        harness.messenger.fails_with = [PictureTooLarge()]
        async with harness.at_work():
            await harness.order()
            assert (await harness.until()).state is JobState.DELIVERED
        assert harness.messenger.shown["900"].shrunk


async def test_an_image_that_has_gone_from_the_disk_gives_the_credits_back(harness: JobHarness) -> None:
    await stored_job(harness, keep=False)
    async with harness.at_work():
        assert (await harness.until()).release_reason is ReleaseReason.NO_IMAGE


async def test_an_image_damaged_on_the_disk_gives_the_credits_back(harness: JobHarness) -> None:
    job = await stored_job(harness)
    assert job.image
    await harness.images.keep(job.image.name, a_png()[:40])
    async with harness.at_work():
        assert (await harness.until()).release_reason is ReleaseReason.NO_IMAGE


async def test_a_bug_parks_the_job_and_it_is_taken_up_again(harness: JobHarness) -> None:
    harness.messenger.fails_with = [ZeroDivisionError("a bug")]
    async with harness.at_work():
        await harness.order()
        await harness.until(state=JobState.POSTING)
        await asyncio.sleep(0.05)
        harness.clock.now += 60_000
        harness.work.set()
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.messenger.deliveries == [("900", False), ("900", True)]


async def test_a_worker_that_lost_its_lease_writes_nothing_and_the_job_still_ends_once(harness: JobHarness) -> None:
    harness.standin.use("never")
    async with harness.at_work():
        await harness.order()
        running = await harness.until(state=JobState.RUNNING)
        stolen = await harness.claim()
        harness.clock.now += int(WAIT_LIMIT_SECONDS * 1000) + 1
        job = await harness.until()
    assert stolen.lease_epoch == running.lease_epoch + 1
    # This run's again, since on SQLite every other owner is dead; and once more, since a release takes it from all.
    assert job.lease_epoch == running.lease_epoch + 3
    assert harness.messenger.released == {"900": ReleaseReason.TIMED_OUT}
    assert await harness.findings() == ()


async def test_a_step_that_can_not_be_written_is_written_later_and_the_paid_id_is_not_lost(
    harness: JobHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, failures = harness.store.run, iter([True, True])

    async def failing_at_running(script: object) -> object:
        name = getattr(script, "__name__", "")
        if name == "_advance" and harness.standin.submits and next(failures, False):
            raise DatabaseUnavailable(detail="database or disk is full")
        return await run(script)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(harness.store, "run", failing_at_running)
    monkeypatch.setattr("bot.services.jobs.job_steps.COMMIT_PAUSE_SECONDS", 0.01)
    async with harness.at_work():
        await harness.order()
        assert (await harness.until()).state is JobState.DELIVERED
    assert harness.accepted == 1


# --- files --------------------------------------------------------------------------------------------


async def test_a_clip_and_references_are_lent_to_the_supplier_just_before_the_job(harness: JobHarness) -> None:
    recipe = a_recipe(video=await _attached(harness, CLIP), references=(await _reference(harness, a_png()),))
    async with harness.at_work():
        await harness.order(recipe=recipe)
        assert (await harness.until()).state is JobState.DELIVERED
    assert [harness.standin.read(upload.url) for upload in harness.standin.uploads] == [CLIP, a_png()]
    (submit,) = harness.standin.submits
    assert submit.body["images"] == [harness.standin.uploads[1].url]


async def test_a_clip_that_is_not_on_the_disk_any_more_gives_the_credits_back(harness: JobHarness) -> None:
    gone = AttachedVideo(name="gone.mp4", sha256="0" * 64, content_type="video/mp4")
    async with harness.at_work():
        await harness.order(recipe=a_recipe(video=gone))
        assert (await harness.until()).release_reason is ReleaseReason.CLIP_GONE
    assert harness.accepted == 0


# --- helpers ------------------------------------------------------------------------------------------


async def _attached(harness: JobHarness, data: bytes) -> AttachedVideo:
    digest = hashlib.sha256(data).hexdigest()
    await harness.clips.keep(digest, data)
    return AttachedVideo(name="clip.mp4", sha256=digest, content_type="video/mp4")


async def _reference(harness: JobHarness, data: bytes) -> Reference:
    digest = hashlib.sha256(data).hexdigest()
    await harness.clips.keep(digest, data)
    return Reference(name="logo.png", sha256=digest, content_type="image/png")
