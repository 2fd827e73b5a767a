"""Values for tests; each factory names only what the test is about."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.allowance import Allowance, Entitlement, Every, entitlement
from bot.domain.caller import Caller
from bot.domain.job import LineLimits, NewJob
from bot.domain.order import Order
from bot.domain.recipe import Clip, Recipe, Reference, Span, Video, YouTubeVideo
from bot.domain.usage import Ending, OrderGroup
from bot.domain.wallet import WalletKey
from bot.services.jobs.delays import Delays
from bot.storage.engine.store import Row, Statement

NOW = 1_790_000_000_000  # Unix milliseconds
ANN = WalletKey(guild_id=1, member_id=10)
BOB = WalletKey(guild_id=1, member_id=11)
MANY = LineLimits(running=1_000_000, waiting=1_000_000)
HASTY = Delays(download=0.02, discord=0.02, busy=0.1, aftercare=0.1, balance=60, card_repair=3.0, probe=0.05)
NO_BUDGET: dict[str, Any] = dict.fromkeys(  # settings: what tests order is no money
    ("server_budget_usd_per_month", "budget_usd_per_day", "budget_usd_strangers_per_day"), "none"
)
TYPICAL_SECONDS = 0.1  # of an image, for the poll schedule


def a_recipe(*, prompt: str = "A poster", video: Video | None = None, **changes: Any) -> Recipe:
    clip = Clip(video=video or YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=14, end=17), frame_rate=1)
    return Recipe(prompt=prompt, clip=clip, **changes)


def clip_of(recipe: Recipe) -> Clip:
    """The clip of a recipe that has one."""
    assert recipe.clip is not None
    return recipe.clip


def an_image(number: int = 1) -> Reference:
    return Reference(name=f"{number}.png", sha256=f"{number:064x}", content_type="image/png")


def a_caller(*, wallet: WalletKey = ANN, channel_id: int = 5, **changes: Any) -> Caller:
    facts: dict[str, Any] = {
        "interaction_id": 900,
        "token": "interaction-token",
        "channel_ids": (channel_id,),
        "file_limit_bytes": 10 * 1024 * 1024,
    }
    return Caller(guild_id=wallet.guild_id, member_id=wallet.member_id, channel_id=channel_id, **{**facts, **changes})


def an_order(
    job_id: str = "900",
    *,
    wallet: WalletKey = ANN,
    cost: int = 150,
    list_micros: int = 150_000,
    message_id: int | None = None,
    recipe: Recipe | None = None,
    private: bool = False,
    spoiler: bool = False,
    made_from: str | None = None,
    **of_caller: Any,
) -> NewJob:
    """An order that is about to be placed. `of_caller`: facts of the caller, by their names."""
    return NewJob(
        id=job_id,
        caller=a_caller(wallet=wallet, **of_caller),
        order=Order(recipe=recipe or a_recipe(), private=private, spoiler=spoiler, made_from=made_from),
        cost=cost,
        list_micros=list_micros,
        message_id=message_id,
    )


def a_part(**changes: Any) -> OrderGroup:
    facts: dict[str, Any] = {
        "day": date(2026, 11, 22), "member_id": ANN.member_id, "channel_id": 5, "model": "nb2-dev",
        "ending": Ending.DELIVERED, "orders": 1, "charged": 150, "refunded": 0, "priced": 1, "cost_micros": 150_000,
    }  # fmt: skip
    return OrderGroup(**{**facts, **changes})


def daily(amount: int, *, day: int = 0) -> Entitlement:
    """What a rule of each day gives, so many days after `NOW`."""
    rules = {1: Allowance(amount=amount, every=Every.DAY)}
    return entitlement(rules, [1], zone=ZoneInfo("UTC"), now=NOW + day * 86_400_000)


def sql(text: str, **parameters: object) -> Generator[Statement, list[Row], list[Row]]:
    """A script of one statement, for attacks on the database and looks into it."""
    return (yield text, parameters)
