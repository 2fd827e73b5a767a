"""Orders over the wire, the faults that a test brings about, and how an order must end."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from typing import Any

from bot.domain.job import Job, JobState
from bot.domain.wallet import Balance
from sandbox.atlas import Latency, StandIn, serve
from sandbox.clip import make_clip
from tests.support.house import API_KEY, a_png, draw_at_once
from tests.support.wire_house import (
    START_CREDITS,
    WireHouse,
)
from tests.wire import Message, Moment

EDIT = ("PATCH", "/webhooks/*")
SEND = ("POST", "/channels/*/messages")
CALLBACK = ("POST", "/interactions/*/callback")
NOT_ANSWERING = "Discord does not answer"  # in our log: our worker, and not discord.py, tries again
LARGE = a_png(1_024, 1_024, noise=True)  # 3 MB: more than a socket holds, so that an upload has a middle
CLIP_BYTES = make_clip(seconds=1, width=64, height=48)
CLIP: dict[str, Any] = {"video": None, "clip": ("chorus.mp4", CLIP_BYTES), "start": "0", "end": "1"}
MOMENTS: tuple[Moment, ...] = ("before", "during_body", "after_handling")
STOP_SECONDS = 10


def at_once(seconds: float = 0) -> AbstractAsyncContextManager[StandIn]:
    return serve(api_key=API_KEY, latency=Latency.fixed(seconds), draw=draw_at_once)


async def draw_large(*_: object, **__: object) -> bytes:
    return LARGE


async def delivered_once(house: WireHouse) -> tuple[Job, Message]:
    """The one job has ended well: charged once, one image in front of people, and the books are sound."""
    (job,) = await house.ended()
    assert job.state is JobState.DELIVERED
    assert len(house.wire.visible_images()) == 1
    (message,) = house.wire.posts_of_images()
    assert job.result_id == message.id
    assert await house.balance() == Balance(posted=START_CREDITS - job.cost, held=0)
    assert await house.findings() == ()
    assert len(house.standin.submits) == 1
    return job, message


async def given_back(house: WireHouse) -> Job:
    """The one job has ended without a charge, and nothing is shown."""
    (job,) = await house.ended()
    assert job.state is JobState.RELEASED
    assert house.wire.visible_images() == []
    assert await house.balance() == Balance(posted=START_CREDITS, held=0)
    assert await house.findings() == ()
    return job


def lose_the_answer(house: WireHouse, fault: str | int, method: str, path: str) -> None:
    """Discord does what is asked, and we are not told, or told otherwise."""
    if isinstance(fault, int):
        house.wire.fail(method, path, status=fault, times=1, handled=True)
    else:
        house.wire.reset(method, path, when="after_handling", times=1)


def statuses(house: WireHouse, method: str, part: str) -> list[int | None]:
    return [each.status for each in house.wire.requests if each.method == method and part in each.path]


def shape(path: str) -> str:
    """A path without its ids and tokens."""
    return re.sub(r"/\d{17,}", "/{id}", re.sub(r"/[\w-]{60,}", "/{token}", path))
