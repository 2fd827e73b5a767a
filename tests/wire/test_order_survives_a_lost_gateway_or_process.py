"""The real bot over the wire serves its orders across dropped gateways, and across a killed process."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from bot.discord import client
from bot.domain.job import JobState
from bot.domain.wallet import Balance
from sandbox.atlas import Latency
from tests.support.wire_house import ORDER, ROOT, TOKEN, WireHouse, a_bot_process, open_wire_house, until
from tests.wire import serve_discord
from tests.wire.delivery_seams import (
    CLIP,
    STOP_SECONDS,
    at_once,
    delivered_once,
    statuses,
)

# --- the gateway ---


@pytest.mark.parametrize("code", [None, 1000, 1001, 4000])
async def test_a_gateway_that_drops_is_resumed_while_the_job_goes_on(slow_house: WireHouse, code: int | None) -> None:
    house = slow_house
    await house.imagine()
    await until(lambda: house.standin.submits)
    await house.wire.drop_gateway(code=code)
    await house.wire.connected(times=2)
    await delivered_once(house)
    assert (house.wire.identified, house.wire.resumed) == (1, 1)
    await house.imagine()
    assert [job.state for job in await house.ended(count=2)] == [JobState.DELIVERED] * 2


async def test_a_command_sent_while_the_gateway_is_gone_arrives_with_the_resume(house: WireHouse) -> None:
    await house.wire.drop_gateway()
    await house.imagine()
    await delivered_once(house)
    assert house.wire.resumed == 1


async def test_a_session_that_can_not_be_resumed_is_begun_anew_while_the_job_goes_on(slow_house: WireHouse) -> None:
    house = slow_house
    await house.imagine()
    await until(lambda: house.standin.submits)
    house.wire.refuse_gateway(2)
    await house.wire.drop_gateway(resumable=False)
    await house.wire.connected(times=2)
    await delivered_once(house)
    assert (house.wire.identified, house.wire.resumed) == (2, 0)
    await house.imagine()
    assert [job.state for job in await house.ended(count=2)] == [JobState.DELIVERED] * 2


async def test_a_gateway_that_refuses_the_very_first_connection_is_tried_until_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CONNECT_PAUSES_SECONDS", (0.01,))
    async with serve_discord(token=TOKEN) as wire:
        wire.refuse_gateway(2)
        async with open_wire_house(tmp_path, wire=wire) as house:
            await house.imagine()
            await delivered_once(house)


@pytest.mark.parametrize("attached", [False, True])
async def test_an_interaction_that_comes_again_after_a_resume_is_one_job(house: WireHouse, attached: bool) -> None:
    order = await house.imagine(**(CLIP if attached else {}))
    await house.wire.drop_gateway()
    await house.wire.redeliver(order)
    await house.wire.connected(times=2)
    await delivered_once(house)
    await house.wire.redeliver(order)
    marker = await house.wire.slash("credits balance")  # what came before it on the gateway has been heard
    await until(lambda: house.wire.answer(marker))
    await delivered_once(house)


async def test_an_interaction_that_comes_again_while_its_job_waits_in_line_does_not_push_it_out(tmp_path: Path) -> None:
    async with open_wire_house(
        tmp_path, latency=Latency.fixed(0.5), supplier_max_running=1, starting_credits=600
    ) as house:
        await house.imagine()
        await until(lambda: house.standin.submits)
        waiting = await house.imagine()
        await until(lambda: house.wire.answer(waiting))
        await house.wire.drop_gateway()
        await house.wire.redeliver(waiting)
        assert [job.state for job in await house.ended(count=2)] == [JobState.DELIVERED] * 2
        assert await house.balance() == Balance(posted=600 - 2 * 150, held=0)
        assert len(statuses(house, "POST", "/callback")) == 2


# --- a process of its own ---


async def test_a_real_process_serves_and_stops_cleanly(tmp_path: Path) -> None:
    async with serve_discord(token=TOKEN) as wire, at_once() as standin:
        async with a_bot_process(wire, standin, tmp_path, PYTHONPATH=str(ROOT)) as process:
            await wire.imagine(ORDER)
            await until(wire.visible_images)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0
        log = (tmp_path / "bot.log").read_text()
        assert "Traceback" not in log
        assert TOKEN not in log
        assert (wire.violations, standin.violations) == ([], [])


async def test_a_process_that_is_killed_is_followed_by_one_that_delivers_the_image_once(tmp_path: Path) -> None:
    async with serve_discord(token=TOKEN) as wire, at_once(0.5) as standin:
        async with a_bot_process(wire, standin, tmp_path) as process:
            await wire.imagine(ORDER)
            await until(lambda: any("/prediction/" in each.path for each in standin.requests))
            process.kill()
            await process.wait()
        async with a_bot_process(wire, standin, tmp_path) as process:
            await until(wire.visible_images)
            process.terminate()
            assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0
        assert len(standin.submits) == 1
        assert len(wire.posts_of_images()) == 1
