"""The stand-in for Discord lets an interaction be answered once and in time, and its token dies."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.wire import WireLimits, serve_discord
from tests.wire.commands import NoSuchCommand
from tests.wire.plain_client import BUTTON, EPHEMERAL, Client, Json, identify


async def test_an_interaction_is_answered_once_and_in_time(client: Client) -> None:
    order = await client.order()
    status, answer = await client.answer(order, content="pong")
    assert status == 200
    assert answer["interaction"]["response_message_id"] == answer["resource"]["message"]["id"]
    assert (await client.answer(order, content="pong"))[1]["code"] == 40060
    assert (await client.answer({**order, "token": "another"}, content="pong"))[1]["code"] == 10062
    late = await client.order()
    await asyncio.sleep(0.3)
    assert (await client.answer(late, content="pong"))[1]["code"] == 10062


async def test_an_answer_may_go_without_a_response(client: Client) -> None:
    order = await client.order()
    path = f"/interactions/{order['id']}/{order['token']}/callback"
    body = {"type": 4, "data": {"content": "pong"}}
    assert (await client.ask("POST", path, body, token=None))[0] == 204


async def test_the_answer_is_read_changed_and_deleted_by_the_token(client: Client) -> None:
    order = await client.order()
    original = client.webhook(order, "@original")
    assert (await client.ask("GET", original, token=None))[1]["code"] == 10015  # nothing was answered yet
    await client.answer(order, content="pong")
    assert (await client.ask("PATCH", original, {"content": "late pong"}, token=None))[1]["content"] == "late pong"
    assert (await client.ask("GET", original, token=None))[1]["content"] == "late pong"
    assert (await client.ask("DELETE", original, token=None))[0] == 204
    assert (await client.ask("GET", original, token=None))[1]["code"] == 10008
    assert (await client.ask("GET", client.webhook(order, "nonsense"), token=None))[1]["code"] == 10008


async def test_a_dead_token_opens_nothing(client: Client) -> None:
    order = await client.order()
    await client.answer(order, content="pong")
    client.wire.kill_token(int(order["id"]))
    status, answer = await client.ask("GET", client.webhook(order, "@original"), token=None)
    assert (status, answer["code"]) == (401, 50027)


async def test_a_token_dies_by_itself_in_time() -> None:
    async with serve_discord(limits=WireLimits(token_life_seconds=0)) as wire, aiohttp.ClientSession() as session:
        bot = Client(wire, session)
        async with session.ws_connect(wire.gateway_url) as socket:
            listening = asyncio.create_task(bot.listen(socket, bytes))
            await identify(socket)
            await wire.connected()
            order = await bot.order()
            await bot.answer(order, content="pong")
            assert (await bot.ask("GET", bot.webhook(order, "@original"), token=None))[1]["code"] == 50027
        await listening


async def test_an_ephemeral_answer_is_for_one_person_and_not_for_the_bots_own_token(client: Client) -> None:
    order = await client.order()
    _, answer = await client.answer(order, content="secret", flags=EPHEMERAL, components=[BUTTON])
    message = answer["resource"]["message"]
    path = f"/channels/{message['channel_id']}/messages"
    for method in ("GET", "PATCH", "DELETE"):
        assert (await client.ask(method, f"{path}/{message['id']}", {"content": "x"}))[1]["code"] == 10008
    assert (await client.ask("GET", path))[1] == []
    with pytest.raises(ValueError, match="does not see"):
        await client.wire.press(int(message["id"]), "go", user_id=client.wire.world.ben.id)


async def test_a_deferred_answer_is_filled_by_the_first_follow_up_and_the_second_is_a_message(client: Client) -> None:
    order = await client.order()
    _, answer = await client.answer(order, 5)
    assert answer["interaction"]["response_message_loading"]
    first = (await client.ask("POST", client.webhook(order), {"content": "one"}, token=None))[1]
    second = (await client.ask("POST", client.webhook(order), {"content": "two", "flags": EPHEMERAL}, token=None))[1]
    assert first["id"] == answer["interaction"]["response_message_id"]
    (followup,) = client.wire.followups(int(order["id"]))
    assert (str(followup.id), followup.visible_to) == (second["id"], client.wire.world.ann.id)


async def test_a_button_changes_the_message_it_stands_under(client: Client) -> None:
    _, sent = await client.send({"content": "x", "components": [BUTTON]})
    for kind, expected in ((7, "changed"), (6, "changed")):
        await client.wire.press(int(sent["id"]), "go", user_id=client.wire.world.ben.id)
        pressed = await client.next("INTERACTION_CREATE")
        assert (pressed["data"]["custom_id"], pressed["message"]["id"]) == ("go", sent["id"])
        assert (await client.answer(pressed, kind, **({"content": "changed"} if kind == 7 else {})))[0] == 200
        original = (await client.ask("GET", client.webhook(pressed, "@original"), token=None))[1]
        assert (original["id"], original["content"]) == (sent["id"], expected)


async def test_only_a_button_that_is_there_can_be_pressed_and_only_it_has_a_message_to_change(client: Client) -> None:
    _, sent = await client.send({"content": "x", "components": [BUTTON]})
    with pytest.raises(ValueError, match="no button 'stop'"):
        await client.wire.press(int(sent["id"]), "stop")
    assert (await client.answer(await client.order(), 7, content="x"))[1]["code"] == 50035


async def test_an_option_is_sent_as_the_bot_has_synced_it_with_what_it_stands_for(client: Client) -> None:
    order = await client.order(file=("a.png", b"png"), who=client.wire.world.ben.id)
    resolved = order["data"]["resolved"]
    (attachment,) = resolved["attachments"].values()
    (person,) = resolved["users"].values()
    kinds = [(each["name"], each["type"]) for each in order["data"]["options"]]
    assert kinds == [("word", 3), ("file", 11), ("who", 6)]
    assert person["username"] == "ben"
    async with client.session.get(attachment["url"]) as response:
        assert (await response.read(), response.content_type) == (b"png", "image/png")
    await client.wire.slash("bank grant", {"amount": 5})
    order = await client.next("INTERACTION_CREATE")
    assert order["data"]["options"] == [
        {"name": "grant", "type": 1, "options": [{"name": "amount", "type": 4, "value": 5}]}
    ]


@pytest.mark.parametrize(("words", "options"), [("pong", {}), ("ping", {}), ("ping", {"word": "x", "colour": "red"})])
async def test_what_the_bot_has_not_synced_can_not_be_sent(client: Client, words: str, options: Json) -> None:
    await client.order()
    with pytest.raises(NoSuchCommand):
        await client.wire.slash(words, options)
