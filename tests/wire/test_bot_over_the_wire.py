"""The real bot over the wire: HTTP, gateway and processes on loopback, with the faults that Discord's networks have."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from bot.discord import client
from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.wallet import Balance
from sandbox.atlas import Latency, StandIn, serve
from sandbox.clip import make_clip
from tests.support.house import API_KEY, a_png, draw_at_once, words_of
from tests.support.wire_house import (
    ORDER,
    ROOT,
    START_CREDITS,
    TOKEN,
    WireHouse,
    a_bot_process,
    hurried_discord_py,
    open_wire_house,
    until,
)
from tests.wire import Message, Moment, serve_discord

EDIT = ("PATCH", "/webhooks/*")
SEND = ("POST", "/channels/*/messages")
CALLBACK = ("POST", "/interactions/*/callback")
NOT_ANSWERING = "Discord does not answer"  # in our log: our worker, and not discord.py, tries again
LARGE = a_png(1_024, 1_024, noise=True)  # 3 MB: more than a socket holds, so that an upload has a middle
CLIP_BYTES = make_clip(seconds=1, width=64, height=48)
CLIP: dict[str, Any] = {"video": None, "clip": ("chorus.mp4", CLIP_BYTES), "start": "0", "end": "1"}
MOMENTS: tuple[Moment, ...] = ("before", "during_body", "after_handling")
STOP_SECONDS = 10


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    with hurried_discord_py():
        yield


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[WireHouse]:
    async with open_wire_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def slow_house(tmp_path: Path) -> AsyncIterator[WireHouse]:
    """A while for an image: time for something to happen while it is made."""
    async with open_wire_house(tmp_path, latency=Latency.fixed(0.3)) as opened:
        yield opened


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


# --- the whole run ------------------------------------------------------------------------------------


async def test_a_command_from_the_gateway_becomes_an_image_by_one_answer_and_one_edit(house: WireHouse) -> None:
    order = await house.imagine()
    job, message = await delivered_once(house)
    assert (order, message.id) == (int(job.id), job.message_id)
    requests = [(each.method, shape(each.path), each.authorized, each.status) for each in house.wire.requests]
    assert requests == [
        ("GET", "/users/@me", True, 200),
        ("GET", "/oauth2/applications/@me", True, 200),
        ("PUT", "/applications/{id}/commands", True, 200),
        ("GET", "/socket", False, None),  # the gateway, still open
        ("POST", "/interactions/{id}/{token}/callback", False, 200),
        ("PATCH", "/webhooks/{id}/{token}/messages/{id}", False, 200),
    ]


async def test_an_attached_clip_is_fetched_from_the_cdn_without_any_token(house: WireHouse) -> None:
    await house.imagine(**CLIP)
    await delivered_once(house)
    (fetched,) = [each for each in house.wire.requests if each.path.startswith("/ephemeral-attachments/")]
    assert not fetched.authorized
    (lent,) = house.standin.uploads
    assert house.standin.read(lent.url) == CLIP_BYTES


async def test_a_private_image_is_invisible_to_the_bots_own_token_and_shared_by_its_button(house: WireHouse) -> None:
    order = await house.imagine(private=True)
    _, private = await delivered_once(house)
    assert private.ephemeral
    assert private == house.wire.answer(order)
    shared = await house.wire.press(private.id, f"share:{order}")
    await until(lambda: len(house.wire.visible_images()) == 2)
    answer = house.wire.answer(shared)
    assert answer
    assert not answer.ephemeral
    assert f"<@{house.wire.world.ann.id}>" in words_of(answer)


async def test_a_subcommand_names_a_person_and_the_person_can_spend_what_was_given(house: WireHouse) -> None:
    options: dict[str, str | int] = {"member": house.wire.world.ben.id, "amount": 500, "reason": "Won the contest"}
    given = await house.wire.slash("bank grant", options, user_id=house.wire.world.moderator.id)
    await until(lambda: house.wire.answer(given))
    asked = await house.wire.slash("credits balance", user_id=house.wire.world.ben.id)
    await until(lambda: house.wire.answer(asked))
    assert "800 credits" in words_of(house.wire.answer(asked))


# --- Discord does not take the image at once ------------------------------------------------------------


async def test_a_rate_limit_of_discord_itself_is_waited_for_by_discord_py(
    house: WireHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house.wire.fail(*EDIT, status=429, times=2)
    await house.imagine()
    await delivered_once(house)
    assert statuses(house, "PATCH", "/webhooks/") == [429, 429, 200]
    assert NOT_ANSWERING not in caplog.text


async def test_a_rate_limit_without_via_is_no_ban_to_us_and_the_image_is_tried_again(
    house: WireHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house.wire.fail(*EDIT, status=429, times=2, via=False)
    await house.imagine()
    await delivered_once(house)
    assert statuses(house, "PATCH", "/webhooks/") == [429, 429, 200]
    assert NOT_ANSWERING in caplog.text


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_repeated_by_discord_py_and_where_it_gives_up_by_us(
    house: WireHouse, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    house.wire.fail(*EDIT, status=status, times=6)  # discord.py tries five times
    await house.imagine()
    await delivered_once(house)
    assert statuses(house, "PATCH", "/webhooks/") == [status] * 6 + [200]
    assert caplog.text.count(NOT_ANSWERING) == 1


async def test_an_edit_that_was_done_and_denied_is_done_again_and_shows_one_image(house: WireHouse) -> None:
    house.wire.fail(*EDIT, status=502, times=2, handled=True)
    await house.imagine()
    _, message = await delivered_once(house)
    assert message.edits == 3


@pytest.mark.parametrize("when", MOMENTS)
async def test_a_connection_reset_around_the_upload_costs_a_second_try_and_shows_one_image(
    tmp_path: Path, when: Moment, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_wire_house(tmp_path, draw=draw_large) as house:
        fault = house.wire.reset(*EDIT, when=when, times=2)
        await house.imagine()
        _, message = await delivered_once(house)
        (file,) = message.files
        assert file.data == LARGE
        assert fault.met == 2
        assert statuses(house, "PATCH", "/webhooks/") == [None, None, 200]
        assert caplog.text.count(NOT_ANSWERING) == 2  # discord.py repeats no reset on Linux


@pytest.mark.parametrize(("status", "code"), [(413, 0), (413, 40005), (400, 40005)])
async def test_an_image_that_is_too_large_for_discord_after_all_is_shown_smaller(
    tmp_path: Path, status: int, code: int
) -> None:
    async with open_wire_house(tmp_path, draw=draw_large) as house:
        house.wire.fail(*EDIT, status=status, code=code, times=1)
        await house.imagine()
        _, message = await delivered_once(house)
        (file,) = message.files
        assert file.size_bytes < len(LARGE)
        assert "smaller copy" in words_of(message)


# --- the token is dead ----------------------------------------------------------------------------------


async def test_with_a_dead_token_the_image_is_a_message_in_the_channel_and_the_card_leads_there(
    slow_house: WireHouse,
) -> None:
    house = slow_house
    order = await house.imagine()
    await until(lambda: house.wire.answer(order))
    house.wire.kill_token(order)
    job, message = await delivered_once(house)
    card = house.wire.answer(order)
    assert card
    assert card.id != message.id
    assert str(message.id) in words_of(card)
    assert (job.id, (house.wire.world.ann.id,)) == (message.nonce, message.mentions)


@pytest.mark.parametrize(("status", "code"), [(403, 50013), (403, 50001), (404, 10003)])
async def test_with_a_dead_token_and_a_closed_channel_the_image_is_sent_directly(
    house: WireHouse, status: int, code: int
) -> None:
    house.wire.fail("*", f"/channels/{house.wire.world.images.id}*", status=status, code=code)
    house.wire.fail(*EDIT, status=401, code=50027)
    await house.imagine()
    _, message = await delivered_once(house)
    assert [message] == house.wire.direct_messages()


@pytest.mark.parametrize("code", [50007, 50013])
async def test_with_every_door_shut_the_credits_come_back_and_the_image_is_kept(
    house: WireHouse, code: int, tmp_path: Path
) -> None:
    house.wire.fail(*SEND, status=403, code=code)
    house.wire.fail(*EDIT, status=401, code=50027)
    await house.imagine()
    job = await given_back(house)
    assert job.release_reason is ReleaseReason.UNDELIVERABLE
    assert job.image
    assert (tmp_path / "images" / job.image.name).exists()


@pytest.mark.parametrize("fault", ["reset", 503])
async def test_a_message_that_was_sent_but_not_confirmed_is_found_in_the_channel(
    tmp_path: Path, fault: str | int
) -> None:
    async with serve_discord(token=TOKEN, nonce_seconds=0) as wire, open_wire_house(tmp_path, wire=wire) as house:
        house.wire.fail(*EDIT, status=401, code=50027)
        lose_the_answer(house, fault, *SEND)
        await house.imagine()
        await delivered_once(house)


@pytest.mark.parametrize("fault", ["reset", 500, 503])  # discord.py itself repeats a 500, without a look
async def test_a_message_that_was_sent_but_not_confirmed_is_known_by_its_nonce(
    house: WireHouse, fault: str | int
) -> None:
    house.wire.fail("GET", "/channels/*/messages", status=403, code=50001)
    house.wire.fail(*EDIT, status=401, code=50027)
    lose_the_answer(house, fault, *SEND)
    await house.imagine()
    await delivered_once(house)


async def test_a_card_that_a_moderator_deletes_does_not_take_the_image_with_it(slow_house: WireHouse) -> None:
    house = slow_house
    order = await house.imagine()
    await until(lambda: house.wire.answer(order))
    card = house.wire.answer(order)
    assert card
    house.wire.delete_message(card.id)
    _, message = await delivered_once(house)
    assert card.id != message.id
    assert message.channel_id == card.channel_id


# --- the answer to the command ----------------------------------------------------------------------------


async def test_a_command_whose_answer_never_reached_discord_holds_nothing(house: WireHouse) -> None:
    house.wire.reset(*CALLBACK, when="before")
    await house.imagine()
    job = await given_back(house)
    assert job.release_reason is ReleaseReason.UNANSWERED
    assert list(house.standin.submits) == []


@pytest.mark.parametrize("fault", ["reset", 500])
async def test_a_command_whose_answer_was_taken_but_not_confirmed_is_either_made_or_given_back(
    house: WireHouse, fault: str | int
) -> None:
    lose_the_answer(house, fault, *CALLBACK)
    await house.imagine()
    (job,) = await house.ended()
    if job.state is JobState.DELIVERED:
        await delivered_once(house)
    else:
        await given_back(house)


@pytest.mark.parametrize("fault", ["reset", 500])
async def test_a_card_whose_job_was_given_back_does_not_say_on_hold(house: WireHouse, fault: str | int) -> None:
    lose_the_answer(house, fault, *CALLBACK)
    order = await house.imagine()
    (job,) = await house.ended()
    assert job.state is JobState.DELIVERED or "on hold" not in words_of(house.wire.answer(order))


async def test_a_card_that_says_that_the_clip_is_looked_at_does_not_say_so_for_ever(house: WireHouse) -> None:
    lose_the_answer(house, "reset", *CALLBACK)
    order = await house.imagine(**CLIP)
    await until(lambda: house.wire.answer(order))
    await until(lambda: "Looking at the video" not in words_of(house.wire.answer(order)), seconds=1)


@pytest.mark.parametrize("when", MOMENTS)
async def test_a_placed_job_is_not_said_to_have_failed_because_its_card_could_not_be_changed(
    house: WireHouse, when: Moment
) -> None:
    house.wire.reset(*EDIT, when=when, times=1)
    order = await house.imagine(**CLIP)
    await until(lambda: house.wire.followups(order) or house.standin.submits)
    assert house.wire.followups(order) == []
    await delivered_once(house)


# --- the gateway ------------------------------------------------------------------------------------------


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


# --- a process of its own -----------------------------------------------------------------------------------


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
