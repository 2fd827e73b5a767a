"""Where a moment can be read in several ways, or can't be, the member is asked before anything is charged."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.preferences import NEVER_ASK
from sandbox.clip import make_clip
from tests.support.factories import clip_of, sql
from tests.support.house import House, JobState, labels, open_house, words_of

AS_IT_WAS = {"shape": ["auto"], "size": ["1k"], "thinking": ["default"]}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Nobody is asked here because of a price."""
    async with open_house(tmp_path, confirm_from_credits=NEVER_ASK, starting_credits=1_000) as house:
        yield house


async def moment_made(house: House, *, count: int = 1) -> tuple[float, float | None, float]:
    job = (await house.ended(count=count))[-1]
    assert job.state is JobState.DELIVERED
    clip = clip_of(job.recipe)
    return clip.span.start, clip.span.end, clip.frame_rate


@pytest.mark.parametrize(
    ("options", "question", "offered", "press", "made"),
    [
        (
            {"start": "1.20-1.40"},
            "Did you mean `1:20-1:40` or `0:01.2-0:01.4`?",
            ["1:20 → 1:40 (150)", "0:01.2 → 0:01.4 (150)"],
            0,
            (80, 100, 1),
        ),
        ({"start": "5:30", "end": "5:20"}, "is before the start (5:30)", ["5:20 → 5:30 (150)"], 0, (320, 330, 1)),
        (
            {"start": "0", "end": "10:00"},
            "This moment has about 600 frames",
            ["0:00 → 10:00, 0.5 frames a second (150)", "0:00 → 7:30 (150)"],
            0,
            (0, 600, 0.5),
        ),
        (
            {"start": "0:14", "end": "whole"},
            "the whole video and for a moment in it",
            ["0:14 → 0:44 (150)", "The whole video (150)"],
            1,
            (0, None, 1),
        ),
        (
            {"start": "0:14", "end": "17s"},
            "more than one way",
            ["0:14 → 0:17 (150)", "0:14 → 0:31 (150)"],
            1,
            (14, 31, 1),
        ),
    ],
)
async def test_a_moment_in_doubt_is_asked_at_any_price_and_one_press_orders_what_was_meant(
    house: House, options: dict[str, Any], question: str, offered: list[str], press: int, made: tuple[float, ...]
) -> None:
    asked = await house.imagine(**{"end": None, **options})
    assert asked.ephemeral
    assert question in words_of(asked.response)
    assert words_of(asked.response).endswith("Nothing was charged.")
    assert labels(asked.response) == [*offered, "Edit", "Cancel"]
    assert await house.available() == 1_000
    await house.ann.click(asked.response.message, label=offered[press])
    assert await moment_made(house) == made
    assert await house.available() == 850


async def test_the_question_stays_while_the_prompt_changes_and_goes_with_another_moment(house: House) -> None:
    asked = await house.imagine(start="1.20-1.40")
    for typed, then in [
        ("1:20-1:40", "0:01.2 → 0:01.4 (150)"),  # as the form had it
        ("2:30-2:10", "2:10 → 2:30 (150)"),
        ("0:14-0:17", "Create (150)"),
    ]:
        form = await house.ann.click(asked.response.message, label="Edit")
        await house.ann.submit_modal(form, {"prompt": "Another", "moment": typed})
        assert then in labels(asked.response)
    await house.ann.click(asked.response.message, label="Create (150)")
    assert await moment_made(house) == (14, 17, 1)


async def test_a_button_for_a_moment_that_is_no_longer_asked_orders_nothing(house: House) -> None:
    asked = await house.imagine(start="1.20-1.40")
    (row,) = await house.app.store.read(sql("SELECT * FROM proposals"))
    settled = json.dumps({**json.loads(row["body"]), "readings": [], "question": ""})
    await house.app.store.run(sql("UPDATE proposals SET body = :body", body=settled))  # by Edit on another device
    await house.ann.click(asked.response.message, label="1:20 → 1:40 (150)")
    assert "Create (150)" in labels(asked.response)
    assert await house.jobs() == []


async def test_a_moment_whose_price_has_changed_is_not_ordered_before_the_price_is_read(house: House) -> None:
    asked = await house.imagine(start="1.20-1.40")
    await house.app.store.run(sql('UPDATE proposals SET body = replace(body, \'"size":"1k"\', \'"size":"4k"\')'))
    await house.ann.click(asked.response.message, label="1:20 → 1:40 (150)")
    assert "The price was 150 on the card that you pressed" in words_of(asked.response)
    await house.ann.click(asked.response.message, label="1:20 → 1:40 (230)")
    assert await moment_made(house) == (80, 100, 1)


async def test_a_file_whose_moment_is_in_doubt_is_looked_at_and_asked_about(house: House) -> None:
    clip = make_clip(seconds=1, width=160, height=90)
    asked = await house.imagine(video=None, clip=("clip.mp4", clip), start="0:00.5", end="0:00.2")
    assert "is before the start" in words_of(asked.response)
    await house.ann.click(asked.response.message, label="0:00.2 → 0:00.5 (150)")
    assert await moment_made(house) == (0.2, 0.5, 1)


@pytest.mark.parametrize(
    ("action", "typed", "label", "made"),
    [
        ("trim", {"start": "0:20", "end": "0:10"}, "0:10 → 0:20 (150)", (10, 20, 1)),
        ("edit", {"prompt": "Another", "moment": "1.20-1.40", **AS_IT_WAS}, "1:20 → 1:40 (150)", (80, 100, 1)),
    ],
)
async def test_the_forms_under_a_result_ask_too(
    house: House, action: str, typed: dict[str, Any], label: str, made: tuple[float, ...]
) -> None:
    message, job = await house.a_result()
    form = await house.ann.click(message, custom_id=f"{action}:{job.id}")
    asked: Any = await house.ann.submit_modal(form, typed)
    await house.ann.click(asked.response.message, label=label)
    assert await moment_made(house, count=2) == made


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ({"start": "0:20", "end": "0:17"}, (20, 23, 1)),  # only the start was moved: the length stays
        ({"start": "0:20-0:22", "end": "0:17"}, (20, 22, 1)),  # a span was typed beside the old end
        ({"start": "0:14", "end": "0:16"}, (14, 16, 1)),
        ({"start": "0:14", "end": ""}, (14, 44, 1)),
        ({"start": "whole", "end": "0:17"}, (0, None, 1)),
        ({"start": "0:14", "end": "0:17"}, (14, 17, 1)),
    ],
)
async def test_trim_takes_what_was_changed(house: House, typed: dict[str, str], made: tuple[float, ...]) -> None:
    message, job = await house.a_result()
    form = await house.ann.click(message, custom_id=f"trim:{job.id}")
    await house.ann.submit_modal(form, typed)
    assert await moment_made(house, count=2) == made


async def test_a_long_stretch_can_be_looked_at_with_fewer_frames_a_second_by_one_press(house: House) -> None:
    asked = await house.imagine(start="0", end="7:00", confirm=True)
    assert "about 420 frames" in words_of(asked.response)
    await house.ann.click(asked.response.message, label="0.5 frames a second")
    assert "about 210 frames" in words_of(asked.response)
    assert "0.5 frames a second" not in labels(asked.response)
    await house.ann.click(asked.response.message, label="Create (150)")
    assert await moment_made(house) == (0, 420, 0.5)
    short = await house.imagine(confirm=True)
    assert "0.5 frames a second" not in labels(short.response)
