"""A member, a moderator and another member use `/history` and `/job`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

from bot.domain.job import Job
from bot.storage.orders import jobs
from sandbox.atlas import Latency
from tests.support.factories import sql
from tests.support.house import House, files_of, nobody_is_pinged, open_house, restrict, words_of

RICH: dict[str, Any] = {"starting_credits": 30_000}


async def made(house: House, *prompts: str, actor: MemberActor | None = None, **options: Any) -> list[Job]:
    before = len(await house.jobs())
    for prompt in prompts:
        await house.imagine(actor, prompt=prompt, **options)
    return (await house.ended(count=before + len(prompts)))[before:]


async def history(house: House, actor: MemberActor | None = None, **options: Any) -> Any:
    return (await (actor or house.ann).slash(house.channel, "history", **options)).response


async def show(house: House, number: str, actor: MemberActor | None = None) -> Any:
    return await (actor or house.ann).slash(house.channel, "job", id=number)


async def test_a_member_pages_through_what_was_made_and_back_also_after_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path, **RICH) as house:
        page = await history(house)
        assert "No images yet. `/imagine` makes your first one." in words_of(page)
        bob = house.guild.add_member(house.env.create_user("bob"))
        await made(house, "of bob", actor=bob)
        found = await made(house, *(f"Poster {number}" for number in range(6)))
        page = await history(house)
        assert page.ephemeral
        words = words_of(page)
        assert words.startswith("### Your images")
        assert files_of(page) == [f"{job.id}.jpg" for job in reversed(found[2:])]
        for fact in ("**1** `Poster 5`", "**4** `Poster 2`", "](https://youtu.be/dQw4w9WgXcQ?t=14)", "1K · 150 credits",
                     f"<t:{found[5].created_at // 1000}:R>", f"job {found[5].id}"):  # fmt: skip
            assert fact in words
        assert f"{house.channel.id}/{found[5].result_id}" in words
        assert "bob" not in words
        assert "Newer" not in str(page.components)
        await house.env.restart_bot()
        await house.ann.click(page.message, label="Older")
        assert files_of(page) == [f"{job.id}.jpg" for job in reversed(found[:2])]
        assert "Poster 2" not in words_of(page)
        assert "Older" not in str(page.components)
        await house.ann.click(page.message, label="Newer")
        assert words_of(page) == words


async def test_a_search_says_what_it_leaves_out_and_keeps_to_it_on_each_page(tmp_path: Path) -> None:
    async with open_house(tmp_path, **RICH) as house:
        await made(house, *(f"Sunset {number}" for number in range(5)), "Dawn")
        page = await history(
            house, text="sunset", video="https://youtu.be/dQw4w9WgXcQ?t=3", since="yesterday", size="1k"
        )
        for fact in ("prompt with `sunset`", "video `dQw4w9WgXcQ`", "since <t:", "1K"):
            assert fact in words_of(page).splitlines()[1]
        await house.ann.click(page.message, label="Older")
        assert "Sunset 0" in words_of(page)
        assert "prompt with `sunset`" in words_of(page)
        assert "Nothing fits this search" in words_of(await history(house, video="other.mp4"))
        assert "Nothing fits this search" in words_of(await history(house, until="1d", text="   "))
        refused = await history(house, since="soon")
        assert "I can't read `soon` as `since`" in words_of(refused)
        assert refused.ephemeral


async def test_pages_of_a_search_that_is_long_forgotten_say_so(tmp_path: Path) -> None:
    async with open_house(tmp_path, **RICH) as house:
        await made(house, *(f"Poster {number}" for number in range(5)))
        page = await history(house)
        await house.app.store.run(sql("DELETE FROM searches"))
        told = await house.ann.click(page.message, label="Older")
        assert "Use `/history` again" in words_of(told.response)


async def test_a_moderator_sees_a_members_images_and_of_private_ones_only_that_they_exist(house: House) -> None:
    (public,) = await made(house, "A public poster")
    (private,) = await made(house, "A secret poster", private=True)
    refused = await history(house, member=house.moderator)
    assert "for those who may manage the server" in words_of(refused)
    page = await history(house, house.moderator, member=house.ann)
    words = words_of(page)
    assert f"Images of <@{house.ann.id}>" in words
    assert files_of(page) == [f"{public.id}.jpg"]
    assert "A private image" in words
    assert private.id in words
    assert "secret" not in str(page.components)
    asked = await show(house, private.id, house.moderator)
    assert "I know no image of yours or of this channel's by" in words_of(asked.response)
    assert words_of(await history(house, house.moderator, member=house.ann, text="secret")).endswith("alone.")
    assert words_of(await history(house, house.ann, member=house.ann)).startswith("### Your images")


async def test_who_is_no_moderator_any_more_can_not_turn_the_pages_of_a_member(tmp_path: Path) -> None:
    async with open_house(tmp_path, **RICH) as house:
        await made(house, *(f"Poster {number}" for number in range(5)))
        page = await history(house, house.moderator, member=house.ann)
        house.env.backend.guilds[house.guild.id].members[house.moderator.id].role_ids.clear()
        told = await house.moderator.click(page.message, label="Older")
        assert "for those who may manage the server" in words_of(told.response)


async def test_an_image_is_opened_from_its_page_with_its_buttons_and_posted_again(house: House) -> None:
    (job,) = await made(house, "A poster of the chorus")
    page = await history(house)
    opened: Any = (await house.ann.select(page.message, [job.id])).response
    assert opened.ephemeral
    assert files_of(opened) == [f"dQw4w9WgXcQ_0m14-0m17_auto_1k_{job.id}.png"]
    assert "A poster of the chorus" in words_of(opened)
    assert f"star:{job.id}" in str(opened.components)
    await house.env.restart_bot()
    posted = await house.ann.click(opened.message, label="Post it here")
    assert not posted.ephemeral
    message = house.channel.last_message
    assert message
    assert message.id != job.result_id
    assert files_of(message) == files_of(opened)
    assert nobody_is_pinged(house)
    assert "Post it here" not in str(message.components)
    assert len(house.standin.submits) == 1


async def test_only_its_owner_posts_it_again_and_only_where_the_bot_may(house: House) -> None:
    (job,) = await made(house, "A poster")
    theirs = (await show(house, job.id, house.moderator)).response
    assert "Post it here" not in str(theirs.components)
    quiet = house.guild.create_text_channel(
        "quiet", overwrites={house.guild.default_role: discord.PermissionOverwrite(attach_files=False)}
    )
    opened: Any = (await house.ann.slash(quiet, "job", id=job.id)).response
    refused = await house.ann.click(opened.message, label="Post it here")
    assert refused.ephemeral
    assert "missing: Attach Files" in words_of(refused.response)


async def test_a_job_is_found_by_number_link_and_file_name_by_whoever_can_see_its_channel(house: House) -> None:
    (job,) = await made(house, "A poster")
    (private,) = await made(house, "A secret", private=True)
    bob = house.guild.add_member(house.env.create_user("bob"))
    link = f"https://discord.com/channels/{house.guild.id}/{house.channel.id}/{job.result_id}"
    for number in (job.id, link, f"x_0m14-0m17_auto_1k_{job.id}.png"):
        assert files_of((await show(house, number, bob)).response)
    for number in (private.id, "5", "poster"):
        told = await show(house, number, bob)
        assert told.ephemeral
        assert "I know no image of yours" in words_of(told.response)
    staff_room = house.guild.create_text_channel(
        "staff", overwrites={house.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    )
    await house.app.store.run(sql("UPDATE jobs SET channel_id = :id WHERE id = :job", id=staff_room.id, job=job.id))
    assert "I know no image of yours" in words_of((await show(house, job.id, bob)).response)
    assert files_of((await show(house, job.id, house.moderator)).response)
    assert files_of((await show(house, job.id)).response)


async def test_jobs_of_another_server_are_not_known_here(house: House) -> None:
    (job,) = await made(house, "A poster")
    other = house.env.create_guild("Other")
    elsewhere = other.create_text_channel("images")
    bob = other.add_member(house.env.create_user("bob"))
    told = await bob.slash(elsewhere, "job", id=job.id)
    assert "I know no image of yours" in words_of(told.response)
    ann_there = other.add_member(house.ann_user)
    page = await ann_there.slash(elsewhere, "history")
    assert "No images yet" in words_of(page.response)


async def test_a_job_under_way_says_where_it_stands(tmp_path: Path) -> None:
    async with open_house(tmp_path, supplier_max_running=1, latency=Latency.fixed(0.8)) as house:
        await house.imagine(prompt="First")
        await house.imagine(prompt="Second")

        async def working() -> bool:
            return [str(job.state) for job in await house.jobs()] == ["running", "held"]

        await house.until(working)
        first, second = await house.jobs()
        assert "Making your image" in words_of((await show(house, first.id)).response)
        assert "Next in line" in words_of((await show(house, second.id)).response)
        page = words_of(await history(house))
        assert "in line" in page
        assert "being made" in page
        waiting = await show(house, second.id)
        await house.ann.click(waiting.response.message, label="Cancel")
        assert "### Cancelled" in words_of((await show(house, second.id)).response)
        await house.ended(count=2)
        assert "cancelled, not charged" in words_of(await history(house))


async def test_an_image_that_is_not_kept_any_more_has_a_line_instead(house: House, tmp_path: Path) -> None:
    gone, deleted, broken = await made(house, "Gone") + await made(house, "Deleted") + [None]
    assert gone
    assert deleted
    assert broken is None
    assert gone.image
    (tmp_path / "images" / gone.image.name).unlink()
    await house.app.store.run(sql("UPDATE jobs SET deleted_at = 1 WHERE id = :id", id=deleted.id))
    page = await history(house)
    assert files_of(page) == []
    assert "`Gone`" in words_of(page)
    assert f"deleted · job {deleted.id}" in words_of(page)
    assert "no longer kept here" in words_of((await show(house, gone.id)).response)
    assert "This image was deleted" in words_of((await show(house, deleted.id)).response)


async def test_an_image_that_an_older_version_could_not_show_stays_a_gift_and_the_next_command_says_so_once(
    house: House,
) -> None:
    (job,) = await made(house, "A poster nobody saw")
    await house.app.store.run(
        sql(
            "UPDATE jobs SET release_reason = 'undeliverable', result_id = NULL, result_channel = NULL WHERE id = :id",
            id=job.id,
        )
    )
    bob = house.guild.add_member(house.env.create_user("bob"))
    assert (await bob.slash(house.channel, "credits balance")).followups == []
    (note,) = (await house.ann.slash(house.channel, "credits balance")).followups
    assert note.ephemeral
    assert "An image of yours could not be shown when it was ready" in words_of(note)
    assert "A poster nobody saw" in words_of(note)
    assert (await house.ann.slash(house.channel, "credits balance")).followups == []
    await house.env.restart_bot()
    opened = (await house.ann.click(note.message, label="Show 1")).response
    assert files_of(opened) == [f"dQw4w9WgXcQ_0m14-0m17_auto_1k_{job.id}.png"]


async def test_a_note_that_could_not_be_sent_is_owed_still(house: House) -> None:
    (job,) = await made(house, "A poster")
    await house.app.store.run(sql("UPDATE jobs SET release_reason = 'undeliverable' WHERE id = :id", id=job.id))
    house.env.inject_error("POST", "/webhooks/*", status=403, code=50013)
    assert (await house.ann.slash(house.channel, "credits balance")).followups == []
    assert len((await house.ann.slash(house.channel, "credits balance")).followups) == 1


async def test_an_image_marked_unsafe_is_shown_only_in_an_age_restricted_channel(house: House) -> None:
    (job,) = await made(house, "A poster")
    opened = (await show(house, job.id)).response
    await house.app.store.run(sql("UPDATE jobs SET unsafe = 1"))
    assert files_of(await history(house)) == []
    for told in (await show(house, job.id), await house.ann.click(opened.message, label="Post it here")):
        assert told.ephemeral
        assert "only in an age-restricted channel" in words_of(told.response)
    restrict(house, house.channel)
    assert files_of(await history(house)) == [f"{job.id}.jpg"]
    assert files_of((await show(house, job.id)).response)


async def test_a_broken_file_fails_neither_its_page_nor_its_card(house: House, tmp_path: Path) -> None:
    (job,) = await made(house, "A poster")
    opened = (await show(house, job.id)).response
    assert job.image
    await asyncio.to_thread((tmp_path / "images" / job.image.name).write_bytes, b"broken")
    assert files_of(await history(house)) == []
    assert "no longer kept here" in words_of((await show(house, job.id)).response)
    told = await house.ann.click(opened.message, label="Post it here")
    assert "no longer kept here" in words_of(told.response)
    await asyncio.to_thread((tmp_path / "images" / job.image.name).unlink)
    told = await house.ann.click(opened.message, label="Post it here")
    assert told.ephemeral
    assert "no longer kept here" in words_of(told.response)
    assert await house.app.store.read(jobs.get(job.id))


async def test_an_image_that_can_not_be_read_just_now_is_not_said_to_be_gone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    (job,) = await made(house, "A poster")
    opened = (await show(house, job.id)).response
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", unreadable)
        assert files_of(await history(house)) == []
        asked = await show(house, job.id)
        told = await house.ann.click(opened.message, label="Post it here")
    for words in (words_of(asked.response), words_of(told.response)):
        assert "Clips and images can't be read or kept just now. Nothing was charged." in words
    house.env._errors.clear()  # it is written down as an error, as it should be
    assert files_of((await show(house, job.id)).response)


@pytest.mark.parametrize("count", [1, 7])
async def test_many_waiting_images_are_told_in_one_note(tmp_path: Path, count: int) -> None:
    async with open_house(tmp_path, **RICH) as house:
        await made(house, *(f"Poster {number}" for number in range(count)))
        await house.app.store.run(sql("UPDATE jobs SET release_reason = 'undeliverable'"))
        (note,) = (await house.ann.slash(house.channel, "credits balance")).followups
        assert str(note.components).count("open:") == min(count, 5)
        assert ("7 images of yours" in words_of(note)) == (count == 7)
