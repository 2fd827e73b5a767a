"""A member uses the card that asks before an order is paid."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.app import unix_ms
from bot.domain.proposal import LIFE_MS
from bot.domain.recipe import Shape, Size
from bot.domain.wallet import NO_SERVER
from bot.media.title import Titles
from bot.storage.orders import proposals as storage
from sandbox.atlas import Latency
from sandbox.clip import make_clip
from tests.support.factories import sql
from tests.support.house import House, JobState, a_png, open_house, pressable, words_of

ASK_FROM = 200
FILE_UPLOAD = 19  # Discord's number of this kind of component
CLIP = make_clip(seconds=1, width=160, height=90)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, confirm_from_credits=ASK_FROM, starting_credits=400) as house:
        yield house


def button(answer: Any, action: str) -> str:
    """The custom id of a button or select on the card."""
    (found,) = [
        each["custom_id"] for each in pressable(answer.response) if each["custom_id"].startswith(f"propose:{action}:")
    ]
    return str(found)


async def proposals(house: House) -> list[Any]:
    return await house.app.store.read(sql("SELECT * FROM proposals"))


async def test_an_order_is_shown_changed_and_made_only_when_its_member_says_yes(house: House) -> None:
    answer = await house.imagine(prompt="A poster", size="4k", shape="16:9")
    assert answer.ephemeral
    words = words_of(answer.response)
    for fact in ("Shall I make this?", "A poster", "https://youtu.be/dQw4w9WgXcQ?t=14", "16:9 · 4K",
                 "**Cost 230** · you have 400 · 170 after", "Nothing is charged until you press Create"):  # fmt: skip
        assert fact in words
    assert await house.jobs() == []

    await house.ann.select(answer.response.message, ["2k"], custom_id=button(answer, "size"))
    await house.ann.select(answer.response.message, ["9:16"], custom_id=button(answer, "shape"))
    form = await house.ann.click(answer.response.message, label="Edit")
    await house.ann.submit_modal(form, {"prompt": "A postcard", "moment": "0:20-0:22"})
    words = words_of(answer.response)
    for fact in ("A postcard", "0:20 → 0:22", "9:16 · 2K", "**Cost 190**"):
        assert fact in words

    created = await house.ann.click(answer.response.message, label="Create (190)")
    assert not created.ephemeral
    (job,) = await house.ended()
    assert (
        job.state, job.recipe.size, job.recipe.shape, job.recipe.prompt
    ) == (JobState.DELIVERED, Size.K2, Shape.TALL, "A postcard")  # fmt: skip
    assert words_of(answer.response) == "Ordered: your image is under way."
    assert await house.available() == 400 - 190
    assert await proposals(house) == []


async def test_below_the_limit_nobody_is_asked_unless_they_want_to_be(house: House) -> None:
    placed = await house.imagine(size="2k")
    assert not placed.ephemeral
    asked = await house.imagine(size="1k", confirm=True)
    assert "Shall I make this?" in words_of(asked.response)
    assert len(await house.ended()) == 1


async def test_every_button_still_works_after_a_restart(house: House) -> None:
    answer = await house.imagine(size="4k")
    await house.env.restart_bot()
    await house.ann.select(answer.response.message, ["1k"], custom_id=button(answer, "size"))
    assert "**Cost 150**" in words_of(answer.response)
    await house.env.restart_bot()
    await house.ann.click(answer.response.message, label="Create (150)")
    (job,) = await house.ended()
    assert job.state is JobState.DELIVERED


async def test_a_yes_that_is_said_twice_is_one_image(tmp_path: Path) -> None:
    async with open_house(tmp_path, confirm_from_credits=0, latency=Latency.fixed(0.5)) as house:
        answer = await house.imagine()
        house.env.inject_error(
            "PATCH", f"*/messages/{answer.response.id}", status=404, code=10008
        )  # it keeps its buttons
        await house.ann.click(answer.response.message, label="Create (150)")
        again = await house.ann.click(answer.response.message, label="Create (150)")
        assert "this image is under way, and is charged only once" in words_of(again.response)
        for label in ("Edit", "Add images", "Cancel"):
            pressed = await house.ann.click(answer.response.message, label=label)
            assert "You have said yes already" in words_of(pressed.response)
        assert len(await house.ended()) == 1
        late = await house.ann.click(answer.response.message, label="Create (150)")
        assert "This order has ended. Nothing was charged." in words_of(late.response)
        assert await house.findings() == ()


async def test_a_second_yes_that_overtakes_the_first_is_one_image(house: House) -> None:
    answer = await house.imagine(size="4k")
    house.env.inject_error("PATCH", f"*/messages/{answer.response.id}", status=404, code=10008)
    (row,) = await proposals(house)
    kept = await house.app.store.read(storage.get(row["id"], now=unix_ms()))
    assert kept
    await house.ann.click(answer.response.message, label="Create (230)")
    await house.app.store.run(storage.put(kept, now=unix_ms()))  # read by the second before the first forgot it
    again = await house.ann.click(answer.response.message, label="Create (230)")
    assert "charged only once" in words_of(again.response)
    assert len(await house.ended()) == 1
    assert await house.available() == 170


async def test_who_cancels_pays_nothing_and_the_card_has_no_buttons_left(house: House) -> None:
    answer = await house.imagine(size="4k")
    await house.ann.click(answer.response.message, label="Cancel")
    assert words_of(answer.response) == "Cancelled. Nothing was charged."
    assert await proposals(house) == []
    assert await house.jobs() == []


async def test_too_few_credits_are_said_on_the_card_with_what_would_fit(tmp_path: Path) -> None:
    async with open_house(tmp_path, confirm_from_credits=0, starting_credits=200) as house:
        answer = await house.imagine(size="4k")
        assert "This costs 230 credits and you have 200" in words_of(answer.response)
        assert "2K for 190" in words_of(answer.response)
        refused = await house.ann.click(answer.response.message, label="Create (230)")
        assert refused.ephemeral
        assert "you need another 30" in words_of(refused.response)
        await house.ann.select(answer.response.message, ["2k"], custom_id=button(answer, "size"))
        assert "**Cost 190** · you have 200 · 10 after" in words_of(answer.response)
        await house.ann.select(answer.response.message, ["4k"], custom_id=button(answer, "size"))
        await house.moderator.slash(house.channel, "bank grant", member=house.ann, amount=30, reason="Contest")
        await house.ann.click(answer.response.message, label="Create (230)")
        (job,) = await house.ended()
        assert job.state is JobState.DELIVERED


async def test_a_private_order_stays_private_and_a_spoiler_a_spoiler(house: House) -> None:
    answer = await house.imagine(size="4k", private=True, spoiler=True)
    assert "only you will see it · hidden as a spoiler" in words_of(answer.response)
    created = await house.ann.click(answer.response.message, label="Create (230)")
    assert created.ephemeral
    (job,) = await house.ended()
    assert (job.private, job.spoiler) == (True, True)


def shown_files(message: Any) -> list[str]:
    """The files that the card's gallery names. The message must have them."""
    found = re.findall(r"attachment://([0-9a-f]+\.\w+)|/([0-9a-f]{16}\.\w+)", str(message.components))
    return list(dict.fromkeys(one or other for one, other in found))


async def test_images_are_added_once_each_and_ten_at_most(house: House) -> None:
    answer = await house.imagine(size="4k")
    images = [(f"{number}.png", a_png(width=64 + number)) for number in range(6)]
    for _ in range(2):  # the same ones again
        form = await house.ann.click(answer.response.message, label="Add images")
        await house.ann.submit_modal(form, {upload_of(form): images})
        assert "with 6 references" in words_of(answer.response)
        assert shown_files(answer.response) == [each.filename for each in answer.response.attachments]
        assert len(answer.response.attachments) == 6
    await house.ann.select(answer.response.message, ["2k"], custom_id=button(answer, "size"))
    assert len(shown_files(answer.response)) == 6
    form = await house.ann.click(answer.response.message, label="Add images")
    more = [(f"{number}.png", a_png(width=128 + number)) for number in range(5)]
    refused = await house.ann.submit_modal(form, {upload_of(form): more})
    assert "11 reference images" in words_of(refused.followups[0])
    await house.ann.click(answer.response.message, label="Create (190)")
    (job,) = await house.ended()
    assert len(job.recipe.references) == 6
    images_sent: Any = house.standin.submits[0].body["images"]
    assert len(images_sent) == 6


async def test_the_tray_of_this_server_is_shown_on_each_card_and_a_press_leaves_it_out(house: House) -> None:
    references = house.app.bot.services.references
    kept = [await references.keep(a_png(width=64 + number), name=f"{number}.png") for number in range(3)]
    await references.collect(house.wallet(), kept)
    await references.collect(house.wallet(guild_id=NO_SERVER), kept[:1])
    answer = await house.imagine(size="4k")
    assert "with 3 references" in words_of(answer.response)
    await house.ann.click(answer.response.message, label="Leave the images out")
    assert "reference" not in words_of(answer.response)
    assert answer.response.attachments == []
    await house.ann.click(answer.response.message, label="Create (230)")
    (job,) = await house.ended()
    assert job.recipe.references == ()
    assert await references.tray(house.wallet()) == tuple(kept)  # it is for the next order
    await house.moderator.slash(house.channel, "bank grant", member=house.ann, amount=500, reason="More")
    shown, _ = await house.a_result()
    assert "with 3 references" in words_of(shown)
    assert await references.tray(house.wallet()) == ()
    assert await references.tray(house.wallet(guild_id=NO_SERVER)) == (kept[0],)


@pytest.mark.parametrize("size", ["1k", "4k"])
async def test_a_bad_file_among_ten_leaves_nine_and_the_card_says_which_before_it_costs(
    house: House, size: str
) -> None:
    form = await house.imagine(size=size, images=True)
    images = [(f"{number}.png", a_png(width=64 + number)) for number in range(9)]
    answer: Any = await house.ann.submit_modal(form, {upload_of(form): [*images, ("notes.png", b"nothing")]})
    asked = answer.followups[-1] if size == "1k" else answer.response
    assert asked.ephemeral
    assert "with 9 references" in words_of(asked)
    assert "Left out\n" in words_of(asked).replace("*", "")
    assert "notes.png" in words_of(asked)
    assert await house.jobs() == []
    message = getattr(asked, "message", asked)
    price = {"1k": "150", "4k": "230"}[size]
    await house.ann.click(message, label=f"Create ({price})")
    (job,) = await house.ended()
    assert len(job.recipe.references) == 9


async def test_words_that_can_not_be_understood_leave_the_order_as_it_was(house: House) -> None:
    answer = await house.imagine(prompt="A poster", size="4k")
    form = await house.ann.click(answer.response.message, label="Edit")
    refused = await house.ann.submit_modal(form, {"prompt": "A postcard", "moment": "soon"})
    assert refused.ephemeral
    assert "I can't read `soon`" in words_of(refused.response)
    assert json.loads((await proposals(house))[0]["body"])["recipe"]["prompt"] == "A poster"


async def test_a_price_that_has_changed_is_shown_before_it_is_paid(house: House) -> None:
    answer = await house.imagine(size="2k", confirm=True)
    await house.app.store.run(
        sql('UPDATE proposals SET body = replace(body, \'"size":"2k"\', \'"size":"4k"\')')
    )  # changed on another device, and this card has not heard of it
    await house.ann.click(answer.response.message, label="Create (190)")
    assert "**Cost 230**" in words_of(answer.response)
    assert "The price was 190 on the card that you pressed" in words_of(answer.response)
    assert await house.jobs() == []


async def test_nobody_else_can_say_yes_change_it_or_cancel_it(house: House) -> None:
    answer = await house.imagine(size="4k")
    await house.app.store.run(sql("UPDATE proposals SET member_id = :other", other=house.moderator.id))
    create, size = button(answer, "create"), button(answer, "size")
    for custom_id in (create, button(answer, "cancel"), button(answer, "words"), button(answer, "images")):
        pressed = await house.ann.click(answer.response.message, custom_id=custom_id)
        assert "belongs to somebody else" in words_of(pressed.response)
    pressed = await house.ann.select(answer.response.message, ["1k"], custom_id=size)
    assert "belongs to somebody else" in words_of(pressed.response)
    assert await house.jobs() == []


async def test_a_card_of_yesterday_says_that_it_has_ended_and_goes_when_the_next_is_made(house: House) -> None:
    answer = await house.imagine(size="4k")
    await house.app.store.run(sql("UPDATE proposals SET updated_at = :then", then=unix_ms() - LIFE_MS))
    pressed = await house.ann.select(answer.response.message, ["1k"], custom_id=button(answer, "size"))
    assert "This order has ended." in words_of(pressed.response)
    pressed = await house.ann.click(answer.response.message, label="Create (230)")
    assert "This order has ended. Nothing was charged. To make the image, run the command" in words_of(pressed.response)
    await house.imagine(size="4k")
    assert len(await proposals(house)) == 1


async def test_where_images_may_not_be_posted_any_more_the_yes_is_refused(house: House) -> None:
    answer = await house.imagine(size="4k")
    closed = Overwrite(house.guild.id, type=OverwriteType.ROLE, deny=discord.Permissions(attach_files=True).value)
    house.env.backend.get_channel(house.channel.id).overwrites.append(closed)
    pressed = await house.ann.click(answer.response.message, label="Create (230)")
    assert "missing: Attach Files" in words_of(pressed.response)
    assert await house.jobs() == []


async def test_a_file_is_looked_at_before_its_order_is_shown(house: House) -> None:
    answer = await house.imagine(video=None, clip=("clip.mp4", CLIP), start="0", size="4k")
    assert answer.ephemeral
    assert "`clip.mp4`" in words_of(answer.response)
    await house.ann.click(answer.response.message, label="Create (230)")
    (job,) = await house.ended()
    assert job.state is JobState.DELIVERED
    short = await house.imagine(video=None, clip=("clip.mp4", CLIP), start="0", size="4k")
    assert "you need another 60" in words_of(short.response)
    refused = await house.imagine(video=None, clip=("clip.mp4", CLIP), start="0", size="2k", private=True)
    assert "you need another 20" in words_of(refused.response)
    assert len(await house.jobs()) == 1
    broken = await house.imagine(video=None, clip=("clip.mp4", a_png()), start="0", size="1k", confirm=True)
    assert "That file is something else" in words_of(broken.followups[0])
    assert len(await proposals(house)) == 1


async def test_while_the_shop_is_closed_nobody_is_asked(tmp_path: Path) -> None:
    async with open_house(tmp_path, supplier_balance_warn_usd=1_000_000) as house:
        await house.until(house.closed)
        answer = await house.imagine(confirm=True)
        assert "No new images are made just now" in words_of(answer.response)
        assert await proposals(house) == []


# --- the title of the video ---------------------------------------------------------------------------


async def test_the_title_of_the_video_is_added_when_it_can_be_had(house: House) -> None:
    asked: list[str] = []

    async def oembed(url: str, *, limit_bytes: int) -> bytes:
        asked.append(url)
        return json.dumps({"title": "A song, **live** @everyone"}).encode()

    house.app.bot.services.proposals._titles = Titles(oembed)
    answer = await house.imagine(size="4k")
    assert "`A song, **live** @everyone`" in words_of(answer.response)
    await house.ann.select(answer.response.message, ["2k"], custom_id=button(answer, "size"))
    assert "`A song, **live** @everyone`" in words_of(answer.response)
    assert asked == [
        "https://www.youtube.com/oembed?format=json&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DdQw4w9WgXcQ"
    ]


async def test_a_title_that_comes_after_the_yes_changes_nothing(house: House) -> None:
    async def slow(url: str, *, limit_bytes: int) -> bytes:
        await house.app.store.run(sql("DELETE FROM proposals"))
        return b'{"title": "A song"}'

    house.app.bot.services.proposals._titles = Titles(slow)
    answer = await house.imagine(size="4k")
    assert "A song" not in words_of(answer.response)


async def test_a_title_that_can_not_be_written_down_is_left_out(house: House) -> None:
    async def oembed(url: str, *, limit_bytes: int) -> bytes:
        return b'{"title": "A song"}'

    house.app.bot.services.proposals._titles = Titles(oembed)
    await house.app.store.run(
        sql("CREATE TRIGGER full BEFORE UPDATE ON proposals BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    )
    answer = await house.imagine(size="4k")
    assert "**Cost 230**" in words_of(answer.response)
    assert answer.followups == []


def upload_of(form: Any) -> str:
    """The custom id of a form's field for files."""
    (found,) = [
        each["component"]["custom_id"] for each in form.modal["components"] if each["component"]["type"] == FILE_UPLOAD
    ]
    return str(found)
