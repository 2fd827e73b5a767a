"""A member begins an order from a message: the form has the video and the time of the message filled in."""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest
from discord import ui

from bot.discord.acts import OpenQuestions
from bot.domain.preferences import Preferences
from bot.domain.recipe import VIDEO_FILE_LIMIT_BYTES, AttachedVideo, Size, YouTubeVideo
from bot.media.fetch import Fetcher
from sandbox.clip import make_clip
from tests.support.factories import clip_of
from tests.support.house import House, a_png, answer_to, pressable, words_of

CLIP = make_clip(seconds=1, width=160, height=90)
MENU = "Imagine from this video"
IMAGES = "Use image as reference"


def filled(form: Any) -> dict[str, Any]:
    """The values of the form's text fields."""
    fields = [each["component"] for each in form.modal["components"]]
    return {each["custom_id"]: each["value"] for each in fields if each.get("value")}


async def test_a_link_in_a_message_fills_the_form_and_the_form_makes_the_image(house: House) -> None:
    said = await house.ann.send(
        house.channel, "look at this! https://youtu.be/dQw4w9WgXcQ?t=83 and https://example.com"
    )
    form = await house.moderator.context_menu(house.channel, MENU, said)
    assert filled(form) == {"video": "https://youtu.be/dQw4w9WgXcQ", "start": "1:23"}
    answer = await house.moderator.submit_modal(
        form, {**filled(form), "end": "+3s", "prompt": "A poster", "size": ["1k"]}
    )
    assert "1:23 → 1:26" in words_of(answer.response)
    (job,) = await house.ended()
    assert (job.wallet.member_id, clip_of(job.recipe).video) == (house.moderator.id, YouTubeVideo(id="dQw4w9WgXcQ"))


async def test_a_result_leads_to_another_one_from_the_same_video(house: House) -> None:
    await house.imagine()
    await house.ended()
    message = house.channel.last_message
    assert message
    form = await house.ann.context_menu(house.channel, MENU, message)
    assert filled(form) == {"video": "https://youtu.be/dQw4w9WgXcQ", "start": "0:14", "end": "0:17"}


async def test_a_link_to_a_file_serves_too(house: House) -> None:
    said = await house.ann.send(house.channel, "<https://files.example/chorus.mp4#t=10,20>")
    form = await house.ann.context_menu(house.channel, MENU, said)
    assert filled(form) == {"video": "https://files.example/chorus.mp4", "start": "0:10", "end": "0:20"}


async def test_an_attached_video_is_read_when_the_form_is_sent(house: House) -> None:
    said = await house.ann.send(house.channel, "my clip", attachments=[("clip.mp4", CLIP)])
    form = await house.ann.context_menu(house.channel, MENU, said)
    assert filled(form) == {"video": said.attachments[0].url}
    await house.ann.submit_modal(form, {**filled(form), "start": "0-1", "prompt": "A poster", "size": ["1k"]})
    (job,) = await house.ended()
    video = clip_of(job.recipe).video
    assert isinstance(video, AttachedVideo)
    assert video.name == "clip.mp4"


async def test_another_link_may_be_put_in_the_place_of_the_attached_video(house: House) -> None:
    said = await house.ann.send(house.channel, "my clip", attachments=[("clip.mp4", CLIP)])
    form = await house.ann.context_menu(house.channel, MENU, said)
    await house.ann.submit_modal(
        form, {"video": "https://youtu.be/dQw4w9WgXcQ?t=14", "prompt": "A poster", "size": ["1k"]}
    )
    (job,) = await house.ended()
    assert isinstance(clip_of(job.recipe).video, YouTubeVideo)


async def test_what_is_wrong_in_the_form_is_said_privately_and_costs_nothing(house: House) -> None:
    said = await house.ann.send(house.channel, "https://youtu.be/dQw4w9WgXcQ")
    form = await house.ann.context_menu(house.channel, MENU, said)
    refused = await house.ann.submit_modal(
        form, {**filled(form), "start": "soon", "prompt": "A poster", "size": ["1k"]}
    )
    assert refused.ephemeral
    assert "I can't read `soon`" in words_of(refused.response)
    assert await house.jobs() == []


@pytest.mark.parametrize("attachments", [(), [("image.png", a_png())]])
async def test_a_message_without_a_video_gets_a_kind_answer(house: House, attachments: Any) -> None:
    said = await house.ann.send(house.channel, "https://example.com and words", attachments=attachments)
    answer = await house.ann.context_menu(house.channel, MENU, said)
    assert answer.ephemeral
    assert "I find no video in this message" in words_of(answer.response)


async def test_a_video_over_the_limit_is_refused_before_anything_is_typed(house: House) -> None:
    said = await house.ann.send(house.channel, "", attachments=[("clip.mp4", CLIP + bytes(15_000_000))])
    answer = await house.ann.context_menu(house.channel, MENU, said)
    assert "takes up to 15 MB" in words_of(answer.response)


# --- /imagine without a prompt: the same form -----------------------------------------------------------


async def test_without_a_prompt_a_form_asks_for_all_there_is_to_say_and_keeps_what_was_said(house: House) -> None:
    form = await house.ann.slash(
        house.channel, "imagine", prompt="https://youtu.be/dQw4w9WgXcQ", shape="9:16", size="2k"
    )
    assert filled(form) == {"video": "https://youtu.be/dQw4w9WgXcQ"}
    await house.ann.submit_modal(form, {**filled(form), "start": "0:14-0:17", "prompt": "A poster", "size": ["2k"]})
    (job,) = await house.ended()
    assert (job.recipe.shape, job.recipe.size) == ("9:16", Size.K2)


async def test_what_no_field_of_the_form_could_hold_is_left_out_of_it(house: House) -> None:
    form = await house.ann.slash(house.channel, "imagine", video="x" * 3_000, start="y" * 200, end="z" * 200)
    assert filled(form) == {}


# --- everything that a message may show -----------------------------------------------------------------


async def posted(house: House, view: ui.LayoutView, *files: discord.File) -> discord.Message:
    channel = house.app.bot.get_channel(house.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return await channel.send(view=view, files=list(files))


def choices(answer: Any) -> dict[str, str]:
    """The values of the select, by their labels."""
    (select,) = pressable(answer.response.message)
    return {each["label"]: each["value"] for each in select["options"]}


async def choose(house: House, answer: Any, label: str) -> Any:
    (select,) = pressable(answer.response.message)
    return await house.ann.select(answer.response.message, [choices(answer)[label]], custom_id=select["custom_id"])


async def test_videos_of_every_kind_in_a_message_are_offered_by_name_and_the_chosen_one_is_used(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def download(_fetcher: Fetcher, url: str, *, limit_bytes: int) -> bytes:
        assert limit_bytes == VIDEO_FILE_LIMIT_BYTES
        assert url.startswith("https://c.example/")
        return CLIP

    monkeypatch.setattr(Fetcher, "download_link", download)
    view = ui.LayoutView()
    section = ui.Section[ui.LayoutView]("Words", accessory=ui.Thumbnail("https://c.example/thumb.webm?x=1"))
    gallery = ui.MediaGallery[ui.LayoutView](
        discord.MediaGalleryItem("https://c.example/wide.mp4"), discord.MediaGalleryItem("https://c.example/a.png")
    )
    words = ui.TextDisplay[ui.LayoutView]("https://youtu.be/dQw4w9WgXcQ?t=14 https://youtu.be/aqz-KE-bpKQ")
    view.add_item(ui.Container(section, gallery)).add_item(words)
    message = await posted(house, view)
    answer = await house.ann.context_menu(house.channel, MENU, message)
    assert answer.ephemeral
    assert list(choices(answer)) == [
        "1. https://youtu.be/dQw4w9WgXcQ",
        "2. https://youtu.be/aqz-KE-bpKQ",
        "3. thumb.webm",
        "4. wide.mp4",
    ]
    form = await choose(house, answer, "1. https://youtu.be/dQw4w9WgXcQ")
    assert filled(form) == {"video": "https://youtu.be/dQw4w9WgXcQ", "start": "0:14"}
    form = await choose(house, answer, "4. wide.mp4")  # the select stays after a form was closed
    await house.ann.submit_modal(form, {**filled(form), "start": "0-1", "prompt": "A poster", "size": ["1k"]})
    (job,) = await house.ended()
    video = clip_of(job.recipe).video
    assert isinstance(video, AttachedVideo)
    assert video.name == "wide.mp4"


async def test_a_choice_of_an_earlier_process_says_that_it_has_ended(house: House) -> None:
    said = await house.ann.send(house.channel, "", attachments=[("a.mp4", CLIP), ("b.mp4", CLIP)])
    answer = await house.ann.context_menu(house.channel, MENU, said)
    house.app.bot.questions = OpenQuestions()
    assert "This choice has ended" in answer_to(await choose(house, answer, "2. b.mp4"))


async def test_of_very_many_videos_the_first_25_are_offered(house: House) -> None:
    links = " ".join(f"https://files.example/{number}.mp4" for number in range(30))
    answer = await house.ann.context_menu(house.channel, MENU, await house.ann.send(house.channel, links))
    assert len(choices(answer)) == 25
    assert "This message shows 30. The first 25 can be chosen" in words_of(answer.response)


async def test_our_own_result_gives_its_moment_again_also_that_of_a_clip_to_those_who_may(house: House) -> None:
    message, first = await house.a_result(video=None, clip=("take 2.mp4", CLIP), start="0", end="1")
    form = await house.ann.context_menu(house.channel, MENU, message)
    assert filled(form) == {"video": "take 2.mp4", "start": "0:00", "end": "0:01"}
    await house.ann.submit_modal(form, {**filled(form), "prompt": "Another", "size": ["1k"]})
    second = (await house.ended(count=2))[-1]
    assert clip_of(second.recipe) == clip_of(first.recipe)
    refused = await house.moderator.context_menu(house.channel, MENU, message)
    assert "only its owner can do that" in answer_to(refused)
    await house.app.bot.services.preferences.set(house.ann.id, Preferences(open_buttons=True))
    form = await house.moderator.context_menu(house.channel, MENU, message)
    assert filled(form)["video"] == "take 2.mp4"


async def test_a_forwarded_message_a_file_component_and_a_preview_give_their_videos_and_images_apart(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def download(_fetcher: Fetcher, url: str, *, limit_bytes: int) -> bytes:
        del limit_bytes
        return CLIP if url.endswith(".mp4") else a_png()

    monkeypatch.setattr(Fetcher, "download_link", download)
    view = ui.LayoutView()
    view.add_item(ui.File[ui.LayoutView]("attachment://holiday.mp4"))
    message = await posted(house, view, discord.File(io.BytesIO(CLIP), filename="holiday.mp4"))
    form = await house.ann.context_menu(house.channel, MENU, message)
    assert filled(form)["video"].partition("?")[0].endswith("/holiday.mp4")
    answer = await house.ann.context_menu(house.channel, IMAGES, message)
    assert "That message shows no image. I take PNG" in answer_to(answer)

    webhook = house.guild.create_webhook(house.channel)
    preview = discord.Embed.from_dict({"type": "video", "video": {"url": "https://v.example/night.mp4"}})
    embedded = await webhook.send(embed=preview, attachments=[("cat.png", a_png())])
    assert filled(await house.ann.context_menu(house.channel, MENU, embedded))["video"].endswith("/night.mp4")
    said = await house.ann.send(house.channel, "", attachments=[("clip.mp4", CLIP), ("dog.png", a_png(width=80))])
    forwarded = await house.ann.forward(said, house.channel)
    assert filled(await house.ann.context_menu(house.channel, MENU, forwarded))["video"].endswith("/clip.mp4")
    for shown in (embedded, forwarded):
        collected = await house.ann.context_menu(house.channel, IMAGES, shown)
        assert "of 10" in words_of(collected.response)
