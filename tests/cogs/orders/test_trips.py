"""How often an order goes to the database: at most 3 times before Discord has its answer, 6 until the job runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.job import JobState
from bot.storage.engine.sqlite import SqliteStore
from tests.support.house import House, open_house

BEFORE_THE_ANSWER = 3
UNTIL_RUNNING = 6
BY_THE_CLOCK = {"line", "_to_do"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, starting_credits=5_000, confirm_from_credits=230) as house:
        yield house


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in its order: the names of scripts, "answer", and "running" once a job is written down as such.

    Left out is what goes on beside the orders, by the clock: the aftercare's look for what is to do, and the line.
    """
    done: list[str] = []
    run, read, send = SqliteStore.run, SqliteStore.read, discord.InteractionResponse.send_message

    async def counted_run(self: SqliteStore, script: Any) -> Any:
        done.append(script.__name__)
        value = await run(self, script)
        if getattr(value, "state", None) is JobState.RUNNING:
            done.append("running")
        return value

    async def counted_read(self: SqliteStore, script: Any) -> Any:
        if script.__name__ not in BY_THE_CLOCK:
            done.append(script.__name__)
        return await read(self, script)

    async def counted_send(self: Any, *args: Any, **kwargs: Any) -> Any:
        done.append("answer")
        return await send(self, *args, **kwargs)

    monkeypatch.setattr(SqliteStore, "run", counted_run)
    monkeypatch.setattr(SqliteStore, "read", counted_read)
    monkeypatch.setattr(discord.InteractionResponse, "send_message", counted_send)
    return done


async def test_a_command_goes_to_the_database_twice_before_its_answer_and_six_times_until_it_runs(
    house: House, trips: list[str]
) -> None:
    await house.imagine()
    await house.ended()
    trips.clear()
    await house.imagine(prompt="Another")

    async def running() -> bool:
        return "running" in trips

    await house.until(running)
    ours = trips[trips.index("facts") :]  # before it, the worker may still look for more after the first order
    assert ours.index("answer") <= BEFORE_THE_ANSWER, trips
    until_running = ours[: ours.index("running")]
    assert len(until_running) - 1 <= UNTIL_RUNNING, trips  # the answer is no trip


@pytest.mark.parametrize("action", ["again", "size:2k", "trim"])
async def test_a_button_goes_to_the_database_at_most_three_times_before_its_answer(
    house: House, trips: list[str], action: str
) -> None:
    answer: Any = await house.imagine()
    (job,) = await house.ended()
    trips.clear()
    pressed = await house.ann.click(answer.response.message, custom_id=f"{action}:{job.id}")
    if action == "trim":
        assert [trip for trip in trips if trip != "take_up"] == ["facts"]  # the worker looks by the clock too
        trips.clear()
        await house.ann.submit_modal(pressed, {"start": "0:20", "end": "0:22"})
    assert trips.index("answer") <= BEFORE_THE_ANSWER, trips
    await house.ended(count=2)


async def test_the_card_that_asks_and_its_yes_go_at_most_three_times_each(house: House, trips: list[str]) -> None:
    await house.imagine()
    await house.ended()
    trips.clear()
    asked: Any = await house.imagine(size="4k")
    assert trips.index("answer") <= BEFORE_THE_ANSWER, trips
    trips.clear()
    await house.ann.click(asked.response.message, label="Create (230)")
    assert trips.index("answer") <= BEFORE_THE_ANSWER, trips
    await house.ended(count=2)
