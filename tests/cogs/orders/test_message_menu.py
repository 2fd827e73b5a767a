"""A member begins an order from a message: the form has the video and the time of the message filled in."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.recipe import AttachedVideo, Size, YouTubeVideo
from sandbox.clip import make_clip
from tests.support.factories import clip_of
from tests.support.house import House, a_png, words_of

CLIP = make_clip(seconds=1, width=160, height=90)
MENU = "Imagine from this video"


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
    assert filled(form) == {"video": "https://youtu.be/dQw4w9WgXcQ", "start": "0:14"}


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
