"""Roles, rights and places are read from the interaction: a cache that is empty after a start turns no rule off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.job import JobState
from bot.domain.wallet import NO_SERVER
from tests.support import discord_rules
from tests.support.house import words_of
from tests.support.wire_house import TOKEN, WireHouse, open_wire_house, until
from tests.wire import serve_discord
from tests.wire.world import ChannelKind

PATRON = 700
MO = 3_000
PARENT = 12_345  # of a thread, a channel that the bot was never told of


@asynccontextmanager
async def a_silent_discord(folder: Path, **settings: Any) -> AsyncIterator[WireHouse]:
    """A house whose Discord has said READY, and nothing of the server yet."""
    async with serve_discord(token=TOKEN, judge=discord_rules.broken) as wire:
        wire.world.silent = True
        async with open_wire_house(folder, wire=wire, starting_credits=1_000, **settings) as house:
            yield house


async def change_rule(house: WireHouse, rule: str, value: Any) -> None:
    await house.app.bot.services.rules.change(house.wire.world.guild_id, rule, value, actor=MO)


async def answer_of(house: WireHouse, order: int) -> str:
    await until(lambda: house.wire.answer(order))
    return words_of(house.wire.answer(order))


@pytest.mark.parametrize("role", ["of the member", "everyone"])
async def test_a_limit_by_role_stops_an_order_before_discord_has_told_of_the_server(tmp_path: Path, role: str) -> None:
    async with a_silent_discord(tmp_path) as house:
        limited = PATRON if role == "of the member" else house.wire.world.guild_id
        await change_rule(house, "limits", {str(limited): {"size": "1k"}})
        patron = house.wire.world.join("pat", role_ids=(PATRON,))
        order = await house.imagine(user_id=patron.id, size="4k")
        assert "1K" in await answer_of(house, order)
        assert await house.jobs() == []
        await house.imagine(user_id=patron.id, size="1k")
        (job,) = await house.ended()
        assert job.state is JobState.DELIVERED


async def test_an_allowance_by_role_is_there_before_discord_has_told_of_the_server(tmp_path: Path) -> None:
    async with a_silent_discord(tmp_path) as house:
        await change_rule(house, "allowances", {str(PATRON): {"amount": 5_000, "every": "day"}})
        patron = house.wire.world.join("pat", role_ids=(PATRON,))
        shown = await house.wire.slash("credits balance", user_id=patron.id)
        assert "6,000" in await answer_of(house, shown)


async def test_a_manager_by_role_is_one_before_discord_has_told_of_the_server(tmp_path: Path) -> None:
    async with a_silent_discord(tmp_path) as house:
        await change_rule(house, "managers", PATRON)
        manager = house.wire.world.join("pat", role_ids=(PATRON,))
        options: dict[str, int | str] = {"member": house.wire.world.ben.id, "amount": 50, "reason": "Contest"}
        granted = await house.wire.slash("bank grant", options, user_id=manager.id)
        assert "50" in await answer_of(house, granted)
        refused = await house.wire.slash("bank grant", options, user_id=house.wire.world.ben.id)
        assert "50" not in await answer_of(house, refused)


@pytest.mark.parametrize(("rule", "channels", "made"), [
    ("allowed_channels", [PARENT], True),
    ("allowed_channels", [1], False),
    ("denied_channels", [PARENT], False),
    ("denied_channels", [1], True),
    ("age_restricted_only", True, False),
])  # fmt: skip
async def test_a_thread_follows_its_channel_though_the_bot_was_never_told_of_it(
    tmp_path: Path, rule: str, channels: Any, made: bool
) -> None:
    async with a_silent_discord(tmp_path) as house:
        await change_rule(house, rule, channels)
        thread = house.wire.world.open("talk", kind=ChannelKind.THREAD, parent_id=PARENT)
        order = await house.imagine(channel_id=thread.id)
        assert "Something went wrong" not in await answer_of(house, order)
        jobs = await house.ended() if made else await house.jobs()
        assert [job.state for job in jobs] == ([JobState.DELIVERED] if made else [])


@pytest.mark.parametrize("kind", [ChannelKind.TEXT, ChannelKind.THREAD])
async def test_a_member_who_brought_the_bot_along_orders_in_a_server_without_it(
    tmp_path: Path, kind: ChannelKind
) -> None:
    async with a_silent_discord(tmp_path, direct_messages=True) as house:
        house.wire.world.installed = False
        await change_rule(house, "paused", "We move house today")  # a rule of a server that does not have the bot
        place = house.wire.world.open("talk", kind=kind, parent_id=PARENT)
        order = await house.imagine(channel_id=place.id)
        assert "Something went wrong" not in await answer_of(house, order)
        (job,) = await house.ended()
        assert (job.state, job.wallet.guild_id) == (JobState.DELIVERED, NO_SERVER)
