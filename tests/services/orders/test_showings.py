"""Every message that shows an image is written down, found after a crash, and deleted with it, on both engines."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.errors import AlreadyPosted, BeingPosted, DiscordUnavailable, ImageGone
from bot.domain.job import Job
from bot.domain.showing import Place, ShowingKind
from bot.domain.takedown import Period, Window
from bot.services.jobs.showings import POSTING_MS, RETRY_MS, Showings
from bot.services.orders.takedowns import Takedowns
from bot.storage.orders import jobs, results, showings
from tests.services.conftest import JobHarness
from tests.services.orders.test_result_actions import being_posted
from tests.support.factories import ANN

HERE = Place(interaction_id=901, guild_id=1, channel_id=6, token="a token")
WALL = Place(interaction_id=902, guild_id=1, channel_id=7)


def showings_of(harness: JobHarness) -> Showings:
    return Showings(harness.store, lambda: harness.messenger, clock=harness.clock)


async def delivered(harness: JobHarness) -> Job:
    job = await being_posted(harness)
    return await harness.step(jobs.delivered(job, channel_id=5, message_id=77, now=harness.clock()))


async def taken_down(harness: JobHarness, job: Job) -> tuple[object, ...]:
    """Delete the image. Returns the kinds of the messages that are left."""
    found = await harness.store.run(results.delete(job, member_id=ANN.member_id, now=harness.clock()))
    assert found
    return tuple(each.kind for each in await showings_of(harness).remove(found.messages))


async def remove_due(harness: JobHarness) -> None:
    """As the aftercare does."""
    await showings_of(harness).remove(await harness.store.read(showings.due(now=harness.clock(), limit=9)))


async def test_a_charge_writes_the_message_down_in_the_same_commit(harness: JobHarness) -> None:
    job = await delivered(harness)
    (result,) = await showings_of(harness).of_job(job.id)
    assert (result.kind, result.guild_id, result.channel_id, result.message_id) == ("result", 1, 5, 77)


async def test_of_two_presses_at_once_one_posts_and_the_second_later_gets_the_link(harness: JobHarness) -> None:
    job, shown = await delivered(harness), showings_of(harness)
    begun = await asyncio.gather(shown.begin_copy(job, HERE), shown.begin_copy(job, HERE), return_exceptions=True)
    assert sorted(type(each).__name__ for each in begun) == ["BeingPosted", "Showing"]
    (copy,) = [each for each in begun if not isinstance(each, BaseException)]
    await shown.posted(copy, 78)
    harness.messenger.standing = frozenset({78})
    with pytest.raises(AlreadyPosted) as told:
        await shown.begin_copy(job, HERE)
    assert told.value.link == "https://discord.com/channels/1/6/78"
    await shown.begin_copy(job, Place(interaction_id=903, guild_id=1, channel_id=8))  # another channel


async def test_a_copy_that_is_gone_or_whose_attempt_died_may_be_posted_again(harness: JobHarness) -> None:
    job, shown = await delivered(harness), showings_of(harness)
    copy = await shown.begin_copy(job, HERE)
    with pytest.raises(BeingPosted):
        await shown.begin_copy(job, HERE)
    harness.clock.now += POSTING_MS
    again = await shown.begin_copy(job, HERE)
    assert again.id == copy.id
    await shown.posted(again, 79)  # a person deletes it: it does not stand any more
    harness.clock.now += POSTING_MS
    assert (await shown.begin_copy(job, HERE)).message_id is None


async def test_a_share_opens_a_private_image_to_its_server_until_it_is_withdrawn(harness: JobHarness) -> None:
    job, shown = await delivered(harness), showings_of(harness)
    copy = await shown.begin_copy(job, HERE)
    await shown.posted(copy, 78)
    assert (await harness.job()).shared
    await shown.withdraw(copy)
    assert not (await harness.job()).shared
    elsewhere = await shown.begin_copy(job, Place(interaction_id=903, guild_id=2, channel_id=9))
    await shown.posted(elsewhere, 80)
    assert not (await harness.job()).shared


async def test_a_delete_takes_all_and_what_is_under_way_meanwhile_is_stopped(harness: JobHarness) -> None:
    job, shown = await delivered(harness), showings_of(harness)
    copy = await shown.begin_copy(job, HERE)
    await shown.posted(copy, 78)
    late = await shown.begin_copy(job, Place(interaction_id=903, guild_id=1, channel_id=8))
    in_gallery = await shown.begin_in_gallery(job, WALL)
    assert in_gallery
    assert await taken_down(harness, job) == (ShowingKind.GALLERY,)  # perhaps on its way: it is looked for again
    assert harness.messenger.removed == [77, 78]
    for showing, message_id in ((late, 79), (in_gallery[0], 80)):
        with pytest.raises(ImageGone):
            await shown.posted(showing, message_id)
    assert harness.messenger.removed[-1] == 80
    with pytest.raises(ImageGone):
        await shown.begin_copy(job, Place(interaction_id=904, guild_id=1, channel_id=9))
    assert await shown.of_job(job.id) == ()


async def test_a_gallery_post_whose_answer_was_lost_in_a_crash_is_found_and_deleted(harness: JobHarness) -> None:
    job, shown = await delivered(harness), showings_of(harness)
    assert await shown.begin_in_gallery(job, WALL)
    harness.messenger.standing = frozenset({77, 81})  # 77 is known to be the result
    assert await taken_down(harness, job) == ()
    assert harness.messenger.removed == [77, 81]


async def test_what_discord_refuses_is_tried_again_for_a_day_and_by_another_process_after_a_crash(
    harness: JobHarness,
) -> None:
    job = await delivered(harness)
    harness.messenger.shut = True
    assert await taken_down(harness, job) == (ShowingKind.RESULT,)
    for pause in RETRY_MS[:-1]:
        await remove_due(harness)
        harness.clock.now += pause
        assert len(await harness.store.read(showings.due(now=harness.clock(), limit=9))) == 1
        await remove_due(harness)
    harness.messenger.shut = False
    harness.messenger.fails_with = [DiscordUnavailable(detail="down")]
    harness.clock.now += RETRY_MS[-1]
    await remove_due(harness)  # this was the last try
    harness.clock.now += 10 * RETRY_MS[-1]
    await remove_due(harness)
    assert harness.messenger.removed == []


async def test_a_process_that_dies_between_the_delete_and_its_messages_leaves_them_to_the_aftercare(
    harness: JobHarness,
) -> None:
    job, shown = await delivered(harness), showings_of(harness)
    await harness.store.run(results.delete(job, member_id=ANN.member_id, now=harness.clock()))
    await remove_due(harness)
    assert harness.messenger.removed == []  # the process that took it down may be at it
    harness.clock.now += showings.REMOVAL_GRACE_MS
    await remove_due(harness)
    assert harness.messenger.removed == [77]
    assert await shown.of_job(job.id) == ()


async def test_a_private_answer_is_tried_by_its_token_alone_and_then_forgotten(
    harness: JobHarness,
) -> None:
    job, shown = await delivered(harness), showings_of(harness)
    look = Place(interaction_id=905, guild_id=1, channel_id=5, ephemeral=True, token="a token")
    await shown.note_look(job, look, 90)
    harness.messenger.shut = True
    await taken_down(harness, job)
    (left,) = [each for each in await shown.of_job(job.id) if each.kind is ShowingKind.LOOK]
    assert left.ephemeral
    assert (left.token_until, left.tries) == (harness.clock() + 900_000, 1)
    due = await harness.store.read(showings.due(now=harness.clock() + RETRY_MS[-1], limit=9))
    assert [each.kind for each in due] == [ShowingKind.RESULT]  # the look is not tried again
    await harness.store.run(showings.forget_old_tokens(now=harness.clock() + 900_000))
    assert [each.kind for each in await shown.of_job(job.id)] == [ShowingKind.RESULT]


async def test_an_image_that_is_noted_after_its_delete_has_to_go_at_once(harness: JobHarness) -> None:
    """A late image whose job was deleted while it was shown."""
    job, shown = await delivered(harness), showings_of(harness)
    await taken_down(harness, job)
    await shown.note_look(job, HERE, 91)
    await remove_due(harness)
    assert harness.messenger.removed == [77, 91]


async def test_a_window_holds_what_was_ordered_in_it_and_a_second_pass_finds_no_more(harness: JobHarness) -> None:
    await delivered(harness)
    takedowns = Takedowns(harness.store, showings_of(harness), images=harness.images, clock=harness.clock)
    ordered_at = harness.clock()
    hour_ms = 3_600_000
    windows = ((Period.HOUR, hour_ms - 1), (Period.HOUR, hour_ms), (Period.DAY, 24 * hour_ms), (Period.EVER, 10**10))
    counts = [(await takedowns.count(Window(ANN, period, ordered_at + later))).images for period, later in windows]
    assert counts == [1, 0, 0, 1]
    ever = Window(ANN, Period.EVER, ordered_at)
    done = [page async for page in takedowns.take_down(ever, actor_id=99)]
    assert done == [(1, ())]
    assert [page async for page in takedowns.take_down(ever, actor_id=99)] == []
    assert harness.messenger.removed == [77]
    assert not await harness.images.has("900.png")
