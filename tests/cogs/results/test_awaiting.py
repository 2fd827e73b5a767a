"""An image that could be shown nowhere: its member reads of it, shows it for its price, or gives it up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import actors
from simcord.actors import MemberActor

from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.policy import Block
from bot.storage.server import policy
from tests.support.factories import sql
from tests.support.house import House, files_of, labels, restrict, words_of

SHOW, GIVE_UP = "Show it here (150)", "Give it up"
NOTICE = "An image of yours could not be shown yet, and is tried again. It waits in `/history`"
# Where an image can be shown: our answer, the channel, a direct message. Code and status as Discord says that it can't.
DOORS = (
    ("PATCH", "/webhooks/*", 404, 10015),
    ("PATCH", "/channels/*/messages/*", 403, 50013),
    ("POST", "/channels/*/messages", 403, 50013),
)


async def waiting(house: House, **options: Any) -> Job:
    """An order of Ann's whose image could be shown nowhere. All doors are open again."""
    before = {job.id for job in await house.jobs()}
    for method, path, status, code in DOORS:
        house.env.inject_error(method, path, status=status, code=code, times=None)
    await house.imagine(**options)
    await house.until(found(house, JobState.AWAITING, but=before))
    house.env.backend.faults.clear()
    (job,) = [job for job in await house.jobs() if job.id not in before]
    return job


def found(house: House, state: JobState, *, but: Collection[str] = ()) -> Callable[[], Any]:
    async def all_are() -> bool:
        return {job.state for job in await house.jobs() if job.id not in but} == {state}

    return all_are


async def card_of(house: House, job: Job, actor: MemberActor | None = None) -> Any:
    return (await (actor or house.ann).slash(house.channel, "job", id=job.id)).response


async def out_of_reach(house: House, **options: Any) -> Job:
    """The same; and no try of the ladder can show it, since its token is dead and no message can be sent."""
    job = await waiting(house, **options)
    await house.app.store.run(sql("UPDATE jobs SET token_until = 0"))
    house.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=None)
    return job


async def test_the_next_command_says_so_in_one_line_once_and_the_image_is_tried_again(house: House) -> None:
    await waiting(house, prompt="A poster nobody saw")
    bob = house.guild.add_member(house.env.create_user("bob"))
    assert (await bob.slash(house.channel, "credits balance")).followups == []
    answer = await house.ann.slash(house.channel, "credits balance")
    (note,) = answer.followups
    assert note.ephemeral
    assert words_of(note).startswith(NOTICE)
    assert len(words_of(note).splitlines()) == 1
    (job,) = await house.ended()
    assert job.state is JobState.DELIVERED
    assert await house.available() == 150
    assert (await house.ann.slash(house.channel, "credits balance")).followups == []


async def test_nothing_of_it_is_shown_before_and_show_it_here_charges_it_also_after_a_restart(house: House) -> None:
    job = await out_of_reach(house)
    page: Any = (await house.ann.slash(house.channel, "history")).response
    assert files_of(page) == []
    assert "could not be shown, waits here" in words_of(page)
    assert labels(page)[:2] == [SHOW, GIVE_UP]
    assert files_of(await card_of(house, job)) == []
    theirs = (await house.moderator.slash(house.channel, "history", member=house.ann)).response
    assert (files_of(theirs), SHOW in labels(theirs)) == ([], False)
    await house.env.restart_bot()
    shown = await house.ann.click(page.message, label=SHOW)
    await house.until(found(house, JobState.DELIVERED))
    assert not shown.ephemeral
    (delivered,) = await house.jobs()
    message = house.channel.last_message
    assert message
    assert (delivered.result_id, files_of(message)) == (message.id, [f"dQw4w9WgXcQ_0m14-0m17_auto_1k_{job.id}.png"])
    assert await house.available() == 150
    again = await house.ann.click(page.message, label=SHOW)
    assert "has been shown, and `/history` has it" in words_of(again.response)
    assert await house.available() == 150


@pytest.mark.parametrize("where", ["private", "no right"])
async def test_only_the_member_sees_it_where_the_order_was_private_or_the_bot_may_not_post(
    house: House, where: str
) -> None:
    job = await out_of_reach(house, private=where == "private")
    quiet = house.channel
    if where == "no right":
        quiet = house.guild.create_text_channel(
            "quiet", overwrites={house.guild.default_role: discord.PermissionOverwrite(send_messages=False)}
        )
    card: Any = (await house.ann.slash(quiet, "job", id=job.id)).response
    shown: Any = await house.ann.click(card.message, label=SHOW)
    await house.until(found(house, JobState.DELIVERED))
    assert shown.ephemeral
    assert await house.available() == 150
    known_as = await house.app.bot.services.showings.of_job(job.id)
    (known,) = [each for each in known_as if each.message_id == shown.response.id]
    assert known.ephemeral  # so a delete goes by its token, or says that the member alone sees it


async def test_given_up_its_credits_are_back_and_its_file_is_erased(house: House, tmp_path: Path) -> None:
    job = await out_of_reach(house)
    card = await card_of(house, job)
    assert job.image
    assert (tmp_path / "images" / job.image.name).exists()
    told = await house.ann.click(card.message, label=GIVE_UP)
    assert "**Nothing was charged:** 150 credits are back." in words_of(told.response)
    assert "given up. Its file is erased" in words_of(told.response)
    assert not (tmp_path / "images" / job.image.name).exists()
    assert await house.available() == 300
    (ended,) = await house.jobs()
    assert ended.release_reason is ReleaseReason.GIVEN_UP
    told = await house.ann.click(card.message, label=SHOW)
    assert files_of(told.response) == []
    assert await house.available() == 300


async def forged(house: House, actor: MemberActor, message: Any, custom_id: str) -> Any:
    """A press by any custom id, of a message that only Ann sees: the bot does not lean on Discord's own check."""
    stored = actors._visible_message(house.ann, message)
    pressed = {"custom_id": custom_id, "component_type": 2, "id": 1}
    return await actors._component_interaction(actor, stored, pressed)


async def test_only_its_owner_presses_its_buttons(house: House) -> None:
    job = await out_of_reach(house)
    card = await card_of(house, job)
    bob = house.guild.add_member(house.env.create_user("bob"))
    for actor in (bob, house.moderator):
        for name in ("show-here", "give-up"):
            told = await forged(house, actor, card.message, f"{name}:{job.id}")
            assert "only its owner can do that" in words_of(told.response)
    await house.until(found(house, JobState.AWAITING))
    assert await house.available() == 150


async def test_no_button_of_a_result_leads_around_the_charge(house: House) -> None:
    job = await out_of_reach(house, private=True)
    card = await card_of(house, job)
    for name in ("share", "reference", "repost", "open", "details", "star"):
        told = await forged(house, house.ann, card.message, f"{name}:{job.id}")
        shown = [told.response, *told.followups]
        assert [files_of(each) for each in shown if each] == [[] for each in shown if each]
        assert "https://" not in str([each.components for each in shown if each]).replace("https://youtu.be", "")
    assert (await house.ann.slash(house.channel, "tray")).response
    assert await house.available() == 150


async def test_a_block_a_budget_or_a_channel_rule_stops_nothing_but_age_restriction_does(house: House) -> None:
    job = await out_of_reach(house)
    other = house.guild.create_text_channel("other")
    for rule, value in (("budget", 1), ("allowed_channels", [other.id]), ("paused", "Not now")):
        await house.change_rule(rule, value)
    block = Block(blocked=True, until=None, reason="Spam", actor="3", at=0)
    await house.app.store.run(policy.block(house.guild.id, house.ann.id, block))
    await house.app.store.run(sql("UPDATE jobs SET unsafe = 1"))
    card = await card_of(house, job)
    refused = await house.ann.click(card.message, label=SHOW)
    assert "only in an age-restricted channel" in words_of(refused.response)
    restrict(house, house.channel)
    await house.ann.click(card.message, label=SHOW)
    await house.until(found(house, JobState.DELIVERED))
    assert await house.available() == 150
