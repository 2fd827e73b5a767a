"""Values for tests; each factory names only what the test is about."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any

from bot.domain.job import LineLimits, NewJob
from bot.domain.recipe import Clip, Recipe, Span, Video, YouTubeVideo
from bot.domain.usage import Ending, OrderGroup
from bot.domain.wallet import WalletKey
from bot.storage.engine.store import Row, Statement

NOW = 1_790_000_000_000  # Unix milliseconds
ANN = WalletKey(guild_id=1, member_id=10)
BOB = WalletKey(guild_id=1, member_id=11)
MANY = LineLimits(running=1_000_000, waiting=1_000_000)


def a_recipe(*, prompt: str = "A poster", video: Video | None = None, **changes: Any) -> Recipe:
    clip = Clip(video=video or YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=14, end=17), frame_rate=1)
    return Recipe(prompt=prompt, clip=clip, **changes)


def an_order(job_id: str = "900", *, wallet: WalletKey = ANN, cost: int = 150, **changes: Any) -> NewJob:
    facts: dict[str, Any] = {
        "channel_id": 5,
        "private": False,
        "recipe": a_recipe(),
        "token": "interaction-token",
        "file_limit_bytes": 10 * 1024 * 1024,
    }
    return NewJob(id=job_id, wallet=wallet, cost=cost, **{**facts, **changes})


def a_part(**changes: Any) -> OrderGroup:
    facts: dict[str, Any] = {
        "day": date(2026, 11, 22), "member_id": ANN.member_id, "channel_id": 5, "ending": Ending.DELIVERED, "orders": 1,
        "charged": 150, "refunded": 0, "priced": 1, "cost_micros": 150_000,
    }  # fmt: skip
    return OrderGroup(**{**facts, **changes})


def sql(text: str, **parameters: object) -> Generator[Statement, list[Row], list[Row]]:
    """A script of one statement, for attacks on the database and looks into it."""
    return (yield text, parameters)
