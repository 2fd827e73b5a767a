"""Every option, through every door to an order, reaches the supplier: none is dropped on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import LINK, House, a_png, open_house, pressable

RICH = 100_000
MODEL = "google/nano-banana-2/reference-to-image"  # another one than the default
TURNED_ON = """
[[model]]
key = "nb2"
on = true
[model.prices]
as_of = 2026-12-01
source = "a test"
image = { 1k = 0.08, 2k = 0.12, 4k = 0.16 }
clip = 0.07
web_search = 0.014
image_search = 0.014
"""
FULL: dict[str, Any] = {
    "prompt": "A poster",
    "model": "nb2",
    "video": LINK,
    "start": "0:14-0:17",
    "shape": "16:9",
    "size": "2k",
    "frames": 2.0,
    "thinking": "high",
    "search": True,
}
AS_JSON: dict[str, Any] = {
    "prompt": "A poster",
    "video_clips": [{"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "start": 14, "ends": 17, "fps": 2}],
    "aspect_ratio": "16:9",
    "resolution": "2k",
    "thinking_level": "high",
    "enable_web_search": True,
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    file = tmp_path / "models.toml"
    file.write_text(TURNED_ON)
    async with open_house(
        tmp_path,
        models_file=file,
        starting_credits=RICH,
        member_max_running=20,
        member_max_waiting=20,
        supplier_submits_per_second=100,
    ) as house:
        yield house


async def sent(house: House, *, count: int) -> dict[str, Any]:
    """The newest order's JSON as the supplier read it, without the model, and the images by their number."""
    await house.ended(count=count)
    body: dict[str, Any] = dict(list(house.standin.submits)[-1].body)
    assert body.pop("model") == MODEL
    return {**body, "images": len(body["images"])} if "images" in body else body


def clip(**changes: Any) -> list[dict[str, Any]]:
    return [{**AS_JSON["video_clips"][0], **changes}]


async def collect_a_reference(house: House) -> None:
    said = await house.ann.send(house.channel, "our logo", attachments=[("logo.png", a_png())])
    await house.ann.context_menu(house.channel, "Use image as reference", said)


async def a_result(house: House) -> tuple[Any, str]:
    """A message with an image of every option and a reference, and its job's id."""
    await collect_a_reference(house)
    answer = await house.imagine(**FULL)
    assert await sent(house, count=1) == {**AS_JSON, "images": 1}
    return answer.response.message, (await house.jobs())[0].id


# --- The command and its forms --------------------------------------------------------------------------


async def test_the_command_sends_every_option_and_the_tray(house: House) -> None:
    await a_result(house)


@pytest.mark.parametrize(("option", "expected"), [
    ({"prompt": "Another"}, {"prompt": "Another"}),
    ({"start": "0:20-0:22"}, {"video_clips": clip(start=20, ends=22)}),
    ({"start": "0:20", "end": "+3s"}, {"video_clips": clip(start=20, ends=23)}),
    ({"end": "whole", "start": None}, {"video_clips": clip(start=0, ends=0)}),
    ({"shape": "1:1"}, {"aspect_ratio": "1:1"}),
    ({"shape": None}, {"aspect_ratio": None}),
    ({"size": "4k"}, {"resolution": "4k"}),
    ({"frames": 0.5}, {"video_clips": clip(fps=0.5)}),
    ({"thinking": "minimal"}, {"thinking_level": "minimal"}),
    ({"thinking": None}, {"thinking_level": None}),
    ({"search": False}, {"enable_web_search": None}),
])  # fmt: skip
async def test_each_option_of_the_command_changes_its_own_field_and_no_other(
    house: House, option: dict[str, Any], expected: dict[str, Any]
) -> None:
    await house.imagine(**{**FULL, **option})
    wanted = {name: value for name, value in {**AS_JSON, **expected}.items() if value is not None}
    assert await sent(house, count=1) == wanted


async def test_the_form_of_a_command_without_a_prompt_keeps_the_options_that_it_does_not_show(house: House) -> None:
    await collect_a_reference(house)
    form = await house.imagine(**{**FULL, "prompt": None})
    await house.ann.submit_modal(
        form, {"video": LINK, "start": "0:20", "end": "0:22", "prompt": "Another", "size": ["4k"]}
    )
    assert await sent(house, count=1) == {
        **AS_JSON, "images": 1, "prompt": "Another", "video_clips": clip(start=20, ends=22), "resolution": "4k",
    }  # fmt: skip


WITHOUT_VIDEO = {**FULL, "video": None, "start": None}
GIVEN_IN_FORM = {"video": LINK, "start": "0:14", "end": "0:17"}


def shown_in(form: Any) -> dict[str, Any]:
    """The fields of a form by their custom ids, each with what is filled in."""
    return {each["component"]["custom_id"]: each["component"].get("value") for each in form.modal["components"]}


def upload_of(form: Any) -> str:
    (found,) = [each["component"]["custom_id"] for each in form.modal["components"] if each["component"]["type"] == 19]
    return str(found)


async def test_a_prompt_alone_opens_the_form_with_the_prompt_in_it(house: House) -> None:
    form = await house.imagine(**WITHOUT_VIDEO)
    assert shown_in(form) == {"video": None, "start": None, "end": None, "prompt": "A poster", "size": None}
    await house.ann.submit_modal(form, {**GIVEN_IN_FORM, "prompt": "A poster", "size": ["2k"]})
    assert await sent(house, count=1) == AS_JSON


async def test_images_alone_open_the_form_and_the_card_that_asks_has_size_and_price(house: House) -> None:
    form = await house.imagine(**{**WITHOUT_VIDEO, "prompt": None}, images=True)
    assert list(shown_in(form))[:4] == ["video", "start", "end", "prompt"]
    files = {upload_of(form): [("a.png", a_png(80, 80))]}
    asked: Any = await house.ann.submit_modal(form, {**GIVEN_IN_FORM, "prompt": "A poster", **files})
    await house.ann.click(asked.response.message, label="Create (204)")
    assert await sent(house, count=1) == {**AS_JSON, "images": 1}


async def test_a_style_alone_opens_the_form_with_its_blanks(house: House) -> None:
    form = await house.imagine(**{**WITHOUT_VIDEO, "prompt": None}, style="Film poster")
    assert list(shown_in(form)) == ["video", "start", "blank:1", "blank:2", "blank:3"]
    blanks = {"blank:1": "The car", "blank:2": "It is red", "blank:3": "A road"}
    asked: Any = await house.ann.submit_modal(form, {"video": LINK, "start": "0:14-0:17", **blanks})
    await house.ann.click(asked.response.message, label="Create (204)")
    body = await sent(house, count=1)
    prompt = body.pop("prompt")
    assert all(words in prompt for words in blanks.values())
    assert body == {name: value for name, value in AS_JSON.items() if name != "prompt"}


async def test_a_form_that_is_full_leaves_the_images_to_the_card_that_asks(house: House) -> None:
    form = await house.imagine(
        **{**WITHOUT_VIDEO, "prompt": None, "start": "0:14-0:17"}, style="Action figure in its box", images=True
    )
    assert list(shown_in(form)) == ["video", "blank:1", "blank:2", "blank:3", "blank:4"]
    asked: Any = await house.ann.submit_modal(
        form, {"video": LINK, **{f"blank:{n}": f"words {n}" for n in range(1, 5)}}
    )
    more = await house.ann.click(asked.response.message, label="Add images")
    await house.ann.submit_modal(more, {upload_of(more): [("a.png", a_png(80, 80))]})
    await house.ann.click(asked.response.message, label="Create (204)")
    body = await sent(house, count=1)
    assert {**body, "prompt": "A poster"} == {**AS_JSON, "images": 1}


async def test_the_form_for_images_keeps_every_option(house: House) -> None:
    await collect_a_reference(house)
    form = await house.imagine(**FULL, images=True)
    (field,) = [each["component"] for each in form.modal["components"]]
    await house.ann.submit_modal(form, {field["custom_id"]: [("a.png", a_png(80, 80))]})
    assert await sent(house, count=1) == {**AS_JSON, "images": 2}


async def test_a_template_gives_way_to_the_options_and_keeps_the_others(house: House) -> None:
    form = await house.imagine(**{**FULL, "prompt": "A red car"}, style="Film poster")
    await house.ann.submit_modal(form, {"blank:1": "The car", "blank:2": "It is red"})
    body = await sent(house, count=1)
    prompt = body.pop("prompt")
    assert all(words in prompt for words in ("A red car", "The car", "It is red"))
    assert body == {name: value for name, value in AS_JSON.items() if name != "prompt"}


async def test_the_menu_of_a_message_and_its_form_send_the_moment_of_the_link(house: House) -> None:
    await house.change_rule("default_model", "nb2")
    await collect_a_reference(house)
    said = await house.ann.send(house.channel, f"look: {LINK}?t=14")
    form = await house.ann.context_menu(house.channel, "Imagine from this video", said)
    await house.ann.submit_modal(
        form, {"video": LINK, "start": "0:14", "end": "0:17", "prompt": "A poster", "size": ["2k"]}
    )
    assert await sent(house, count=1) == {
        "prompt": "A poster", "video_clips": clip(fps=1), "resolution": "2k", "images": 1,
    }  # fmt: skip


# --- The card that asks ---------------------------------------------------------------------------------


async def test_the_card_that_asks_sends_what_it_showed(house: House) -> None:
    await collect_a_reference(house)
    asked = await house.imagine(**FULL, confirm=True)
    await house.ann.click(asked.response.message, label="Create (204)")
    assert await sent(house, count=1) == {**AS_JSON, "images": 1}


async def test_each_change_on_the_card_that_asks_changes_its_own_field_and_no_other(house: House) -> None:
    await collect_a_reference(house)
    asked = await house.imagine(**FULL, confirm=True)
    message = asked.response.message
    ids = [each["custom_id"] for each in pressable(asked.response)]
    size, shape = (next(each for each in ids if each.startswith(f"propose:{what}:")) for what in ("size", "shape"))
    await house.ann.select(message, ["4k"], custom_id=size)
    await house.ann.select(message, ["9:16"], custom_id=shape)
    form = await house.ann.click(message, label="Edit")
    await house.ann.submit_modal(form, {"prompt": "Another", "moment": "0:20-0:22"})
    await house.ann.click(message, label="Create (244)")
    assert await sent(house, count=1) == {
        **AS_JSON, "images": 1, "prompt": "Another", "video_clips": clip(start=20, ends=22), "resolution": "4k",
        "aspect_ratio": "9:16",
    }  # fmt: skip


# --- Under a result -------------------------------------------------------------------------------------


async def test_again_sends_the_same(house: House) -> None:
    message, job_id = await a_result(house)
    await house.ann.click(message, custom_id=f"again:{job_id}")
    assert await sent(house, count=2) == {**AS_JSON, "images": 1}


async def test_another_size_changes_the_size_alone(house: House) -> None:
    message, job_id = await a_result(house)
    await house.ann.click(message, custom_id=f"size:4k:{job_id}")
    assert await sent(house, count=2) == {**AS_JSON, "images": 1, "resolution": "4k"}


async def test_trim_changes_the_two_times_alone(house: House) -> None:
    message, job_id = await a_result(house)
    form = await house.ann.click(message, custom_id=f"trim:{job_id}")
    await house.ann.submit_modal(form, {"start": "0:20", "end": "0:22"})
    assert await sent(house, count=2) == {**AS_JSON, "images": 1, "video_clips": clip(start=20, ends=22)}


async def test_edit_changes_what_its_form_shows_and_keeps_the_rest(house: House) -> None:
    message, job_id = await a_result(house)
    form = await house.ann.click(message, custom_id=f"edit:{job_id}")
    await house.ann.submit_modal(
        form,
        {"prompt": "Another", "moment": "0:20-0:22", "shape": ["auto"], "size": ["4k"], "thinking": ["minimal"]},
    )
    expected = {
        **AS_JSON, "images": 1, "prompt": "Another", "video_clips": clip(start=20, ends=22), "resolution": "4k",
        "thinking_level": "minimal",
    }  # fmt: skip
    expected.pop("aspect_ratio")
    assert await sent(house, count=2) == expected


async def test_other_shapes_change_the_shape_alone(house: House) -> None:
    message, job_id = await a_result(house)
    asked: Any = await house.ann.select(message, ["1:1"], custom_id=f"shapes:{job_id}")
    await house.ann.click(asked.response.message, label="Create (204)")
    assert await sent(house, count=2) == {**AS_JSON, "images": 1, "aspect_ratio": "1:1"}
