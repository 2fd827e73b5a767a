"""`stillframe quote` and `/imagine` read the same options as the same order, or refuse them in the same words."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.recipe import YouTubeVideo
from tests.support.command_line import leave_for, stillframe
from tests.support.factories import clip_of
from tests.support.house import LINK, House, open_house, words_of

OTHER = "https://www.youtube.com/watch?v=aaaaaaaaaaa"

TYPED: list[dict[str, Any]] = [
    # in its own field
    {"video": LINK},
    {"video": f"{LINK}?t=1m5s"},
    {"video": f"<{LINK}>"},
    {"video": LINK, "start": "83"},
    {"video": LINK, "start": "1m23s", "end": "+3s"},
    {"video": LINK, "end": "whole"},
    {"video": LINK, "start": "0:14", "end": "0:17", "frames": 2.5, "size": "2k", "shape": "9:16", "search": True},
    # a link as the start
    {"start": f"{LINK}?t=14"},
    {"start": f"<{LINK}?t=14>", "end": "0:17"},
    {"start": LINK},
    {"start": f"{LINK}?start=14&end=17"},
    {"video": LINK, "start": f"{LINK}?t=83"},
    {"video": f"{LINK}?t=14", "start": f"{LINK}?t=83"},
    {"video": LINK, "start": LINK},
    {"video": OTHER, "start": f"{LINK}?t=83"},
    {"video": "no link", "start": f"{LINK}?t=83"},
    # more than the link in the link's field
    {"video": f"look: {LINK}"},
    {"video": f"A poster of {LINK}?t=14 in blue"},
    {"video": f"{LINK} 0:14-0:17"},
    {"video": f"{LINK} {OTHER}"},
    {"video": "0:14-0:17"},
    {"video": "A poster"},
    # both ends in one field
    {"video": LINK, "start": "0:14-0:17"},
    {"video": LINK, "start": "0:14 → 0:17"},
    {"video": LINK, "start": "0:14-0:17", "end": "0:20"},
    {"video": LINK, "end": "0:14-0:17"},
    {"video": LINK, "end": LINK},
    # other ways to write it
    {"video": "dQw4w9WgXcQ", "start": "14,5", "end": "for 5 seconds"},
    {"video": f"{LINK}?t=43，好", "frames": 0.5},
    {"video": f"{LINK} at 1:20", "size": "4k"},
    {"video": LINK, "start": "first 10 seconds"},
    # in doubt, or counted from an end that is not known
    {"video": LINK, "start": "1.20-1.40"},
    {"video": LINK, "start": "0:14", "end": "17s"},
    {"video": LINK, "start": "0-10:00"},
    {"video": LINK, "start": "last 5s"},
    # nothing that can be meant; without a video, `/imagine` opens a form
    {"video": LINK, "start": "0:17", "end": "0:14"},
    {"video": LINK, "start": "soon"},
    {"video": "https://vimeo.com/1"},
]


def quotes() -> list[dict[str, Any]]:
    lines = "\n".join(json.dumps(typed) for typed in TYPED)
    return [json.loads(line) for line in stillframe("quote", "--stdin", stdin=lines).stdout.splitlines()]


async def order(house: House, typed: dict[str, Any]) -> dict[str, Any]:
    """What `/imagine` makes of it for a new member, said as a quote says it."""
    member = house.guild.add_member(house.env.create_user("member"))
    answer = await member.slash(house.channel, "imagine", prompt="A poster", **typed)
    job = next((job for job in await house.jobs() if job.wallet.member_id == member.id), None)
    if job is None:
        words = words_of(answer.response).partition("\n-# ")[0]  # without the way back to the form
        return {"ok": False, "message": words}
    clip = clip_of(job.recipe)
    assert isinstance(clip.video, YouTubeVideo)
    return {
        "ok": True,
        "model": job.recipe.model,
        "video": {"kind": "youtube", "id": clip.video.id},
        "start": clip.span.start,
        "end": clip.span.end,
        "frames": clip.frames,
        "credits": job.cost,
    }


async def test_a_quote_is_what_imagine_makes_of_the_same_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One house for all of them, since it takes longer to open than an order."""
    leave_for(tmp_path, monkeypatch)
    quoted = await asyncio.to_thread(quotes)
    async with open_house(tmp_path) as house:
        ordered = [await order(house, typed) for typed in TYPED]
    for answer in quoted:
        answer.pop("error", None)  # for scripts; members read the message
    assert dict(zip(map(json.dumps, TYPED), quoted, strict=True)) == dict(
        zip(map(json.dumps, TYPED), ordered, strict=True)
    )
    assert len([answer for answer in quoted if answer["ok"]]) > len(TYPED) / 2
