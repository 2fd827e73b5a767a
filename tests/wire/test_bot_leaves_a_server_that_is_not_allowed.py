"""Where the operator has named the servers, the bot leaves any other that adds it, and refuses one from before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.cli import server
from sandbox.atlas import Latency, serve
from tests.support.house import API_KEY, settings_for
from tests.support.wire_house import TOKEN, a_bot_process, open_wire_house, pointed_at, until
from tests.wire import serve_discord

ELSEWHERE = "1234567890123456789"


async def test_a_server_that_adds_the_bot_reads_why_and_is_left(tmp_path: Path) -> None:
    async with serve_discord(token=TOKEN) as wire:
        wire.world.added = False
        async with open_wire_house(tmp_path, wire=wire, allowed_servers=ELSEWHERE) as house:
            await house.app.bot.wait_until_ready()  # before, discord.py takes any server for one that it knew
            await wire.add_bot()
            await until(lambda: not wire.world.added)
        (said,) = wire.messages()
        assert "works only in the servers that its operator names" in str(said.components)


async def test_a_server_that_is_allowed_is_not_left_when_it_adds_the_bot(tmp_path: Path) -> None:
    async with serve_discord(token=TOKEN) as wire:
        wire.world.added = False
        async with open_wire_house(tmp_path, wire=wire, allowed_servers=str(wire.world.guild_id)) as house:
            await house.app.bot.wait_until_ready()
            await wire.add_bot()
            await house.imagine()
            await house.ended()
        assert wire.world.added


async def test_a_server_from_before_is_refused_at_each_interaction_and_stays(tmp_path: Path) -> None:
    async with open_wire_house(tmp_path, allowed_servers=ELSEWHERE) as house:
        for command in ("imagine", "credits balance", "help"):
            asked = await (house.imagine() if command == "imagine" else house.wire.slash(command))
            await until(lambda: house.wire.answer(asked))  # noqa: B023  # it is waited for in this turn
            answer = house.wire.answer(asked)
            assert answer
            assert "works only in the servers that its operator names" in str(answer.components)
        assert await house.jobs() == []
        assert house.wire.world.added


async def test_a_member_brings_the_bot_along_into_a_server_that_is_not_allowed(tmp_path: Path) -> None:
    async with open_wire_house(tmp_path, allowed_servers=ELSEWHERE, direct_messages=True) as house:
        house.wire.world.installed = False
        await house.imagine()
        (job,) = await house.ended()
        assert job.wallet.guild_id == 0


async def test_the_start_says_what_does_not_bound_the_operators_money(tmp_path: Path) -> None:
    async with (
        serve_discord(token=TOKEN) as wire,
        serve(api_key=API_KEY, latency=Latency.instant()) as standin,
        a_bot_process(wire, standin, tmp_path, SUPPLIER_BALANCE_WARN_USD="2"),
    ):
        pass
    said = (tmp_path / "bot.log").read_text()
    assert "SUPPLIER_BALANCE_WARN_USD also stops new orders" in said
    assert "The application is public: every server can add the bot" in said
    assert "There is no budget on your money: set BUDGET_USD_PER_DAY" in said


async def test_the_operator_lists_and_leaves_a_server(tmp_path: Path) -> None:
    async with open_wire_house(tmp_path) as house:
        await house.imagine()
        await house.ended()
        wire = house.wire
        settings = settings_for(tmp_path, house.standin.base_url, allowed_servers=ELSEWHERE, discord_token=TOKEN)
        with pointed_at(wire):
            listed = await server.list_servers(settings)
            servers: Any = listed.facts["servers"]
            (line,) = servers
            assert (line["guild"], line["name"], line["images"], line["refusals"], line["allowed"], line["here"]) == (
                str(wire.world.guild_id), "Community", 1, 0, False, True,
            )  # fmt: skip
            assert line["usd"] == pytest.approx(0.15)
            assert not (await server.leave(settings, 5)).done
            assert (await server.leave(settings, wire.world.guild_id)).done
        assert not wire.world.added
