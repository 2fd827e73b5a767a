"""The real bot over the wire shows an image once and charges it once, whatever fault Discord's network has."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.job import JobState, Shown
from bot.domain.wallet import Balance
from bot.storage.orders import results
from tests.support.house import words_of
from tests.support.wire_house import START_CREDITS, TOKEN, WireHouse, open_wire_house, until
from tests.wire import Moment, WireLimits, serve_discord
from tests.wire.delivery_seams import (
    CLIP,
    CLIP_BYTES,
    EDIT,
    LARGE,
    MOMENTS,
    NOT_ANSWERING,
    SEND,
    delivered_once,
    draw_large,
    lose_the_answer,
    shape,
    statuses,
)

# --- the whole run ---


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


# --- Discord does not take the image at once ---


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
        lost = 1 if when == "after_handling" else 2  # the image is looked for before it is shown again
        assert fault.met == lost
        assert statuses(house, "PATCH", "/webhooks/") == [None] * lost + [200] * (when != "after_handling")
        assert caplog.text.count(NOT_ANSWERING) == lost  # discord.py repeats no reset on Linux


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


# --- the token is dead ---


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
async def test_with_every_door_shut_the_image_waits_and_is_shown_once_where_its_member_asks(
    house: WireHouse, code: int
) -> None:
    house.wire.fail(*SEND, status=403, code=code)
    house.wire.fail(*EDIT, status=401, code=50027)
    order = await house.imagine()

    async def waits() -> bool:
        return [job.state for job in await house.jobs()] == [JobState.AWAITING]

    await house.until(waits)
    assert house.wire.visible_images() == []
    assert await house.balance() == Balance(posted=START_CREDITS, held=150)
    house.wire.mend()
    house.wire.kill_token(order)  # the ladder, which the command tries once more, can't show it yet
    house.wire.fail(*SEND, status=403, code=code)
    asked = await house.wire.slash("job", {"id": str(order)})
    await until(lambda: house.wire.answer(asked))
    card = house.wire.answer(asked)
    assert card
    pressed = await house.wire.press(card.id, f"show-here:{order}")
    await delivered_once(house)
    answer = house.wire.answer(pressed)
    assert answer
    assert list(answer.files) == house.wire.visible_images()


@pytest.mark.parametrize("fault", ["reset", 503])
async def test_a_message_that_was_sent_but_not_confirmed_is_found_in_the_channel(
    tmp_path: Path, fault: str | int
) -> None:
    async with (
        serve_discord(token=TOKEN, limits=WireLimits(nonce_seconds=0)) as wire,
        open_wire_house(tmp_path, wire=wire) as house,
    ):
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


async def test_an_image_in_a_channel_that_closed_before_it_was_confirmed_is_remembered_where_it_stands(
    house: WireHouse,
) -> None:
    """A nonce is the author's: Discord answers the direct message that would follow with the one in the channel."""
    channel = f"/channels/{house.wire.world.images.id}/messages"
    house.wire.fail(*EDIT, status=401, code=50027)
    house.wire.reset("POST", channel, when="after_handling", times=1)
    house.wire.fail("*", channel, status=403, code=50001)
    await house.imagine()
    job, message = await delivered_once(house)
    shown = await house.app.store.read(results.shown(job.id))
    assert shown == Shown(house.wire.world.images.id, message.id)
