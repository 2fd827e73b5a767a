"""A video that YouTube does not show is found out before anything is held."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.media.title import Titles
from tests.support.house import House, JobState, a_png, answer_to, open_house, words_of


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, video_titles=True, starting_credits=1_000) as house:
        yield house


def link(word: str) -> str:
    """The link of a video of which the stand-in for YouTube says what the word means."""
    return f"https://youtu.be/{word.ljust(11, '1')}"


@pytest.mark.parametrize(("word", "words"), [("private", "is a private video"), ("missing", "YouTube has no video at")])
@pytest.mark.parametrize("options", [{}, {"confirm": True}, {"images": True}])
async def test_a_video_that_can_not_be_seen_is_refused_before_the_hold(
    house: House, word: str, words: str, options: dict[str, Any]
) -> None:
    answer: Any = await house.imagine(video=link(word), **options)
    if options.get("images"):
        (upload,) = [each["component"]["custom_id"] for each in answer.modal["components"]]
        answer = await house.ann.submit_modal(answer, {upload: [("a.png", a_png())]})
    assert words in answer_to(answer)
    assert "Nothing was charged" in answer_to(answer)
    assert await house.jobs() == []


@pytest.mark.parametrize("word", ["noembed", "toomany"])
async def test_an_answer_that_says_nothing_of_the_video_stops_no_order(house: House, word: str) -> None:
    await house.imagine(video=link(word))
    (job,) = await house.ended()
    assert job.state is JobState.DELIVERED


async def test_a_video_that_was_made_private_since_is_refused_by_the_buttons_too(house: House) -> None:
    message, job = await house.a_result()
    titles = house.app.bot.services.ordering._titles
    assert titles
    house.app.bot.services.ordering._titles = Titles(
        titles._download, address=titles._address + "?url=x%3Fv%3Dprivate&"
    )
    for action in ("again", "size:2k", "trim"):
        pressed = await house.ann.click(message, custom_id=f"{action}:{job.id}")
        assert "is a private video" in words_of(pressed.response)
    assert len(await house.jobs()) == 1
