"""`stillframe server`, as an operator types it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import discord
import pytest

from bot.storage.engine.sqlite import open_sqlite
from bot.storage.orders import placing
from tests.support.command_line import DATABASE, as_json, in_words, leave_for, stillframe
from tests.support.factories import ANN, MANY, an_order


@pytest.fixture(autouse=True)
def some_orders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_for(tmp_path, monkeypatch)

    async def make() -> None:
        async with open_sqlite(DATABASE) as store:
            order = an_order("1")
            now = time.time_ns() // 1_000_000
            await store.run(placing.place(order, starting_credits=300, limits=MANY, now=now))

    asyncio.run(make())


def test_each_server_is_listed_with_what_it_costs_also_without_discord() -> None:
    printed = in_words(stillframe("server", "list"))
    assert "1 0.15 0 0" in printed
    assert "Discord could not be asked" in printed
    (line,) = as_json("server", "list")["servers"]
    assert (line["guild"], line["usd"], line["own_budget"], line["here"]) == (str(ANN.guild_id), 0.15, False, None)


def test_a_server_has_a_budget_of_its_own_until_it_has_that_of_all_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Server 1 has from now on: 7.50 a month." in in_words(stillframe("server", "budget", "1", "7.5"))
    (line,) = as_json("server", "list")["servers"]
    assert (line["own_budget"], line["usd_per_month"]) == (True, 7.5)
    assert as_json("server", "budget", "1", "none") == {"ok": True, "guild": "1", "own": True, "usd_per_month": None}
    assert as_json("server", "budget", "1", "default")["own"] is False
    (line,) = as_json("server", "list")["servers"]
    assert line["own_budget"] is False
    monkeypatch.setenv("ALLOWED_SERVERS", "2")
    assert "not allowed" in in_words(stillframe("server", "list"))


@pytest.mark.parametrize("usd", ["-1", "much", "nan", "9999999"])
def test_what_is_no_amount_is_said(usd: str) -> None:
    result = stillframe("server", "budget", "1", "--", usd)
    assert result.exit_code == 2
    assert "is no amount" in " ".join(result.stderr.split())


def test_leaving_needs_the_token() -> None:
    result = stillframe("server", "leave", "1")
    assert result.exit_code == 1
    assert "DISCORD_TOKEN is not set" in in_words(result)


def test_where_discord_does_not_answer_no_server_is_left_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_network(_client: discord.Client, _token: str) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setenv("DISCORD_TOKEN", "token")
    monkeypatch.setattr(discord.Client, "login", no_network)
    result = stillframe("server", "leave", "1")
    assert result.exit_code == 1
    assert "Discord can't be asked: Network is unreachable. Nothing was changed." in in_words(result)
