"""Members use the buttons, selects and forms under an image."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

from bot.discord import cards
from bot.discord.cards import actions
from bot.domain.job import Job
from bot.domain.preferences import Preferences
from bot.domain.pricing import Pricing
from bot.domain.recipe import AttachedVideo, Shape
from bot.domain.wallet import Balance
from cogs.results import shapes_cards as shapes
from sandbox.clip import make_clip
from tests.support.factories import clip_of, sql
from tests.support.house import LINK, House, a_png, answer_to, labels, open_house, pressable, words_of

CLIP = make_clip(seconds=1, width=160, height=90)
RICH = 5_000  # credits

Custom = dict[str, Any]

EDITED: Custom = {
    "prompt": "A poster",
    "moment": "0:14-0:17",
    "shape": ["auto"],
    "size": ["1k"],
    "thinking": ["default"],
}


async def press(house: House, message: Any, action: str, job: Job, actor: MemberActor | None = None) -> Any:
    return await (actor or house.ann).click(message, custom_id=f"{action}:{job.id}")


async def choose(house: House, message: Any, job: Job, *shapes: str, actor: MemberActor | None = None) -> Any:
    return await (actor or house.ann).select(message, list(shapes), custom_id=f"shapes:{job.id}")


async def newest(house: House, *, count: int) -> Job:
    return (await house.ended(count=count))[-1]


def stranger_in(house: House) -> MemberActor:
    return house.guild.add_member(house.env.create_user("stranger"))


async def open_buttons_of(house: House, member_id: int) -> None:
    await house.app.bot.services.preferences.set(member_id, Preferences(open_buttons=True))


def edited(*, prompt: str, moment: str, **chosen: str) -> Custom:
    """The values as the form sends them."""
    return {**EDITED, "prompt": prompt, "moment": moment, **{name: [value] for name, value in chosen.items()}}


# --- The buttons --------------------------------------------------------------------------------------


async def test_under_an_image_stand_the_ways_on_each_paid_one_with_its_price(house: House) -> None:
    message, _ = await house.a_result(shape="16:9", search=True)
    assert labels(message) == [
        "Again (164)", "Edit (164)", "Trim (164)", "2K (204)", "4K (244)",
        "Other shapes (164 each)",
        "Star", "Use as reference", "Details", "Delete", "Report",
    ]  # fmt: skip
    assert "16:9" not in [option["value"] for each in pressable(message) for option in each.get("options", [])]


async def test_a_larger_image_leads_only_to_larger_ones_and_a_private_one_can_be_shared(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, _ = await house.a_result(size="2k", private=True)
        assert [label for label in labels(message) if "K (" in label] == ["4K (230)"]
        assert "Share in this channel" in labels(message)
        assert "Delete" in labels(message)


# --- Again, Edit, Trim, sizes ---------------------------------------------------------------------------


async def test_after_a_restart_every_way_on_reaches_the_supplier_with_what_was_changed(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, first = await house.a_result(shape="16:9", frames=2.0, thinking="minimal")
        await house.env.restart_bot()

        again = await press(house, message, "again", first)
        assert not again.ephemeral
        await house.ended(count=2)

        form = await press(house, message, "edit", first)
        assert [each["component"].get("value") for each in form.modal["components"][:2]] == ["A poster", "0:14-0:17"]
        await house.ann.submit_modal(
            form, edited(prompt="A calm poster", moment="0:20-0:22", shape="1:1", size="2k", thinking="high")
        )
        await house.ended(count=3)

        form = await press(house, message, "trim", first)
        assert "Now: 0:14 → 0:17 (3 s, about 6 frames). Another moment costs 150 credits." in str(form.modal)
        await house.ann.submit_modal(form, {"start": "0:15", "end": "+1s"})
        await house.ended(count=4)

        await press(house, message, "size:4k", first)
        jobs = await house.ended(count=5)

        bodies: list[Any] = [submit.body for submit in house.standin.submits]
        assert bodies[1] == bodies[0]
        assert bodies[2] == bodies[0] | {
            "prompt": "A calm poster", "aspect_ratio": "1:1", "resolution": "2k", "thinking_level": "high",
            "video_clips": [{**bodies[0]["video_clips"][0], "start": 20, "ends": 22}],
        }  # fmt: skip
        assert bodies[3] == bodies[0] | {"video_clips": [{**bodies[0]["video_clips"][0], "start": 15, "ends": 16}]}
        assert bodies[4] == bodies[0] | {"resolution": "4k"}
        assert [job.made_from for job in jobs] == [None, *[first.id] * 4]
        assert [job.cost for job in jobs] == [150, 150, 190, 150, 230]
        assert await house.findings() == ()


async def test_a_form_of_a_whole_video_is_filled_in_with_it_and_what_is_left_empty_stays(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result(start="whole")
        form = await press(house, message, "trim", job)
        assert "Now: the whole video" in str(form.modal)
        await house.ann.submit_modal(form, {"start": "whole", "end": ""})
        trimmed = await newest(house, count=2)
        form = await press(house, message, "edit", job)
        await house.ann.submit_modal(form, edited(prompt="Another", moment="  "))
        remade = await newest(house, count=3)
        assert {clip_of(job.recipe), trimmed.recipe.clip, remade.recipe.clip} == {clip_of(job.recipe)}
        assert remade.recipe.shape is None


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("trim", {"start": "soon", "end": ""}, "I can't read `soon`"),
        ("trim", {"start": "0:14", "end": "0:10"}, "is before the start"),
        ("edit", {**EDITED, "prompt": "  "}, "What should the image show?"),
    ],
)
async def test_a_form_with_a_slip_is_answered_privately_and_nothing_is_held(
    house: House, action: str, fields: Custom, words: str
) -> None:
    message, job = await house.a_result()
    form = await press(house, message, action, job)
    answer: Any = await house.ann.submit_modal(form, fields)
    assert answer.ephemeral
    assert words in answer_to(answer)
    assert "Nothing was charged" in answer_to(answer)
    assert len(await house.jobs()) == 1


async def test_what_follows_a_private_image_is_private_too(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result(private=True)
        again = await press(house, message, "again", job)
        assert again.ephemeral
        assert (await newest(house, count=2)).private
        shared = await press(house, message, "share", job)
        assert "Delete" in labels(shared.response)
        again = await press(house, shared.response.message, "again", job)
        assert not again.ephemeral
        assert not (await newest(house, count=3)).private


async def test_with_too_few_credits_or_without_the_right_to_post_nothing_is_held(house: House) -> None:
    message, job = await house.a_result()
    dear = await press(house, message, "size:2k", job)
    assert dear.ephemeral
    assert "so you need another 40" in words_of(dear.response)
    many = await choose(house, message, job, "1:1", "9:16")
    assert many.ephemeral
    assert "This costs 300 credits" in words_of(many.response)

    no_files = discord.PermissionOverwrite(attach_files=False)
    quiet = house.guild.create_text_channel("quiet", overwrites={house.guild.default_role: no_files})
    card = cards.Card(discord.Colour.green(), *actions.rows(job, Pricing()))
    message = await house.app.bot.get_partial_messageable(quiet.id).send(view=card)
    for action in ("again", "edit", "trim", "size:2k"):
        refused = await press(house, message, action, job)
        assert refused.ephemeral
        assert "missing: Attach Files" in words_of(refused.response)
    assert "missing: Attach Files" in words_of((await choose(house, message, job, "1:1")).response)
    assert len(await house.jobs()) == 1


async def test_a_double_press_on_again_is_two_orders_since_each_press_says_its_price(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result()
        for _ in range(2):
            await press(house, message, "again", job)
        assert [each.cost for each in await house.ended(count=3)] == [150] * 3


async def test_a_button_drawn_at_another_price_asks_for_none(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result()
        object.__setattr__(house.app.bot.services.ordering._pricing, "markup_percent", 100)  # as a restart would
        refused = await press(house, message, "again", job)
        assert refused.ephemeral
        assert "it costs 300 credits now" in words_of(refused.response)
        assert len(await house.jobs()) == 1


async def test_an_image_whose_clip_is_gone_can_not_be_made_again_and_says_so_before_the_form(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result(video=None, clip=("take 2.mp4", CLIP), start="0", end="1")
        video = clip_of(job.recipe).video
        assert isinstance(video, AttachedVideo)
        (tmp_path / "clips" / video.sha256).unlink()
        for action in ("again", "edit", "trim", "size:2k"):
            refused = await press(house, message, action, job)
            assert refused.ephemeral
            assert "`take 2.mp4` is no longer kept here" in words_of(refused.response)
        assert "no longer kept" in words_of((await choose(house, message, job, "1:1")).response)
        assert len(await house.jobs()) == 1


# --- Who may --------------------------------------------------------------------------------------------


async def test_somebody_else_may_look_and_report_but_not_order_until_the_owner_opens_the_buttons(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, starting_credits=1_000) as house:
        message, job = await house.a_result()
        stranger = stranger_in(house)
        for action in ("again", "edit", "trim", "size:2k", "reference", "delete"):
            refused = await press(house, message, action, job, stranger)
            assert refused.ephemeral
            assert "belongs to somebody else" in words_of(refused.response)
        assert "belongs to somebody else" in words_of(
            (await choose(house, message, job, "1:1", actor=stranger)).response
        )
        assert (await press(house, message, "details", job, stranger)).ephemeral

        await open_buttons_of(house, house.ann.id)
        await press(house, message, "again", job, stranger)
        again = await newest(house, count=2)
        assert stranger.id == again.wallet.member_id
        assert await house.available(stranger.id) == 850
        assert await house.available() == 850
        assert "belongs to somebody else" in words_of((await press(house, message, "delete", job, stranger)).response)
        assert (await press(house, message, "edit", job, stranger)).modal


# --- Several shapes -------------------------------------------------------------------------------------


async def test_several_shapes_are_ordered_only_when_the_total_was_read_and_pressed_even_after_a_restart(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, starting_credits=1_000) as house:
        message, first = await house.a_result(shape="16:9")
        asked = await choose(house, message, first, "9:16", "1:1", "4:5")
        assert asked.ephemeral
        assert "3 images, 450 credits in all - you have 850" in words_of(asked.response)
        assert "9:16 (story or short)" in words_of(asked.response)
        assert "400 credits are left after that" in words_of(asked.response)
        assert len(await house.jobs()) == 1

        await house.env.restart_bot()
        question = asked.response.message
        await house.ann.click(question, label="Create (450)")
        assert "Ordered: 9:16, 1:1, 4:5." in words_of(asked.response)
        jobs = await house.ended(count=4)
        assert [job.recipe.shape for job in jobs[1:]] == [Shape.TALL, Shape.SQUARE, Shape.PORTRAIT]
        assert {first.id} == {job.made_from for job in jobs[1:]}
        assert {job.id for job in jobs} == {
            name.rpartition("_")[2].removesuffix(".png")
            for each in house.channel.history()
            for name in [attachment.filename for attachment in each.attachments]
        }
        assert await house.available() == 400
        assert await house.findings() == ()


async def test_the_same_question_pressed_twice_is_one_order(tmp_path: Path) -> None:
    """Presses on a phone and on a computer at the same time."""
    async with open_house(tmp_path, starting_credits=RICH) as house:
        _, job = await house.a_result()
        question = shapes.asking(
            job, [Shape.SQUARE], Balance(posted=RICH, held=0), Pricing(), order_id=int(job.id) + 1, private=True
        )
        channel = house.app.bot.get_partial_messageable(house.channel.id)
        for _ in range(2):
            pressed = await house.ann.click(await channel.send(view=question), label="Create (150)")
        assert "only once" in answer_to(pressed)
        assert len(await house.ended(count=2)) == 2


async def test_where_only_some_shapes_find_room_it_is_said_which(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH, member_max_running=1, member_max_waiting=1) as house:
        message, job = await house.a_result()
        asked = await choose(house, message, job, "9:16", "1:1", "4:5")
        await house.ann.click(asked.response.message, label="Create (450)")
        words = words_of(asked.response)
        assert "Ordered: 9:16, 1:1.\nNot ordered: 4:5. You have 2 images under way already" in words
        await house.ended(count=3)
        assert [each for each in house.channel.history() if "Ordering" in words_of(each)] == []


async def test_where_discord_takes_no_card_nothing_is_ordered_and_it_is_said(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result()
        asked = await choose(house, message, job, "9:16")
        house.env.inject_error("POST", "/webhooks/*", status=403, code=50013)
        await house.ann.click(asked.response.message, label="Create (150)")
        assert "Not ordered: 9:16." in words_of(asked.response)
        assert "Nothing was charged" in words_of(asked.response)
        assert len(await house.jobs()) == 1


# --- Use as reference, Details -------------------------------------------------------------------------


async def test_an_image_goes_into_the_tray_of_whoever_presses(house: House) -> None:
    message, job = await house.a_result()
    shown = await press(house, message, "reference", job)
    assert shown.ephemeral
    assert "1 of 10" in words_of(shown.response)
    tray = await house.app.bot.services.references.tray(house.wallet())
    assert [f"{job.id}.png"] == [each.name for each in tray]


async def test_a_full_tray_says_that_the_image_is_not_in_it(house: House) -> None:
    message, job = await house.a_result()
    references = house.app.bot.services.references
    others = [await references.keep(a_png(width=20 + number), name="other.png") for number in range(10)]
    await references.collect(house.wallet(), others)
    shown = await press(house, message, "reference", job)
    assert "10 of 10" in words_of(shown.response)
    assert "Your tray is full" in words_of(shown.response)


async def test_details_are_private_and_their_command_gives_the_same_order(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result(
            prompt="A poster", shape="9:16", size="2k", frames=2.5, thinking="high", search=True
        )
        shown = await press(house, message, "details", job)
        assert shown.ephemeral
        words = words_of(shown.response)
        command = re.search(r"```\n/imagine (.*)\n```", words)
        assert command
        parts = re.split(r"(?:^| )(prompt|video|start|shape|size|frames|thinking|search):", command[1])[1:]
        options: dict[str, Any] = dict(zip(parts[::2], parts[1::2], strict=True))
        options |= {"frames": float(options["frames"]), "search": options["search"] == "True"}
        _, same = await house.a_result(**options)
        assert job.recipe == same.recipe
        for fact in (f"Job {job.id}", str(job.prediction_id), "Price: 204 credits", "Ordered <t:", "Shown after",
                     "Content Credentials are", "Expect differences"):  # fmt: skip
            assert fact in words
        assert "US$" not in words
        moderators = await press(house, message, "details", job, house.moderator)
        assert "charged the operator US$0.204" in words_of(moderators.response)


async def test_details_of_what_was_made_from_another_lead_there(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, first = await house.a_result()
        again = await press(house, message, "again", first)
        second = await newest(house, count=2)
        shown = await press(house, again.response.message, "details", second)
        assert f"Made from job {first.id}: {message.jump_url}" in words_of(shown.response)


async def test_a_command_that_would_not_fit_on_a_card_comes_as_a_file(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        for prompt in ("x" * 4_000, "Say ```hello```"):
            message, job = await house.a_result(prompt=prompt)
            shown = await press(house, message, "details", job)
            (file,) = shown.response.attachments
            assert file.filename == "command.txt"
            assert f"/imagine prompt:{prompt} video:{LINK} start:0:14-0:17 size:1k" == (await file.read()).decode()


async def test_details_of_an_attached_clip_say_what_to_attach(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result(video=None, clip=("take 2.mp4", CLIP), start="0", end="1", private=True)
        await press(house, message, "reference", job)
        (tmp_path / "images" / f"{job.id}.png").unlink()
        words = words_of((await press(house, message, "details", job)).response)
        assert "attach `take 2.mp4` as `clip`" in words
        assert "private:True" in words
        assert "The file is no longer kept here." in words
        assert "no longer kept" in answer_to(await press(house, message, "reference", job))


# --- Delete and Report ----------------------------------------------------------------------------------


async def rows(house: House, text: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in map(dict, await house.app.store.read(sql(text)))]


@pytest.mark.parametrize("by_moderator", [False, True], ids=["owner", "moderator"])
async def test_deleting_asks_once_erases_the_image_everywhere_and_gives_nothing_back(
    tmp_path: Path, *, by_moderator: bool
) -> None:
    async with open_house(tmp_path) as house:
        message, job = await house.a_result()
        gallery = house.guild.create_text_channel("gallery")
        await house.change_rule("gallery_channel", gallery.id)
        await house.ann.click(message, label="Star")
        assert gallery.last_message
        who = house.moderator if by_moderator else house.ann
        await house.env.restart_bot()
        form = await press(house, message, "delete", job, who)
        assert "Its 150 credits are not given back." in str(form.modal)
        assert house.channel.last_message

        done: Any = await who.submit_modal(form, {})
        assert "The image is deleted, and" in answer_to(done)
        assert "not given back" in answer_to(done)
        assert done.followups[-1].ephemeral
        assert house.channel.last_message is None
        assert gallery.last_message is None
        assert not (tmp_path / "images" / f"{job.id}.png").exists()
        assert [(who.id,)] == await rows(house, "SELECT deleted_by FROM jobs WHERE deleted_at IS NOT NULL")
        assert await rows(house, "SELECT * FROM showings") == []
        assert await house.available() == 150
        assert await house.findings() == ()


async def test_the_buttons_of_a_deleted_image_say_that_it_is_gone(tmp_path: Path) -> None:
    async with open_house(tmp_path, starting_credits=RICH) as house:
        message, job = await house.a_result(private=True)
        old = cards.Card(discord.Colour.green(), *actions.rows(job, Pricing()))
        await house.ann.submit_modal(await press(house, message, "delete", job), {})
        message = await house.app.bot.get_partial_messageable(house.channel.id).send(view=old)
        for action in ("again", "edit", "trim", "size:2k", "reference", "details", "share", "report"):
            assert "no longer kept here" in answer_to(await press(house, message, action, job))
        assert len(await house.jobs()) == 1


async def test_where_discord_lets_no_message_be_deleted_the_image_is_gone_and_it_is_said(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        message, job = await house.a_result()
        form = await press(house, message, "delete", job)
        house.env.inject_error("DELETE", "*", status=403, code=50013, times=3)
        done: Any = await house.ann.submit_modal(form, {})
        assert f"Discord does not let me delete: {message.jump_url}" in answer_to(done)
        assert not (tmp_path / "images" / f"{job.id}.png").exists()


async def test_a_report_reaches_the_operator_once_and_is_thanked_for(house: House) -> None:
    message, job = await house.a_result()
    staff = house.guild.create_text_channel("staff")
    house.app.messenger._operator_channel = staff.id  # its id is new
    stranger = stranger_in(house)
    form = await press(house, message, "report", job, stranger)
    other = await press(house, message, "report", job, stranger)
    thanks: Any = await stranger.submit_modal(form, {"reason": "That is `my` face @everyone"})
    assert thanks.ephemeral
    assert "Thank you" in answer_to(thanks)
    told = staff.last_message
    assert told
    assert message.jump_url in words_of(told)
    assert "Reason: `That is ˋmyˋ face @everyone`" in words_of(told)
    assert [(job.id, stranger.id)] == await rows(house, "SELECT job_id, member_id FROM reports")

    again: Any = await stranger.submit_modal(other, {"reason": "Twice"})
    assert "already" in answer_to(again)
    assert "already" in words_of((await press(house, message, "report", job, stranger)).response)
    assert len(staff.history()) == 1
    assert (await press(house, message, "report", job, house.moderator)).modal
