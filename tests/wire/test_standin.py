"""The stand-in for Discord, asked by a plain HTTP client: as strict as Discord where a bot could go wrong."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import zstandard

from tests.wire import WireDiscord, serve_discord
from tests.wire.orders import NoSuchCommand

Json = dict[str, Any]

TOKEN = "token-of-the-bot"
PING = {
    "name": "ping",
    "options": [
        {"name": "word", "type": 3, "required": True},
        {"name": "file", "type": 11},
        {"name": "who", "type": 6},
    ],
}
GROUP = {"name": "bank", "options": [{"name": "grant", "type": 1, "options": [{"name": "amount", "type": 4}]}]}
V2 = 1 << 15
EPHEMERAL = 1 << 6
GALLERY_URL = {"url": "attachment://a.png"}
GALLERY = {"type": 12, "items": [{"media": GALLERY_URL}]}
BUTTON = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Go", "custom_id": "go"}]}


@dataclass
class Client:
    """A bot without a library: HTTP, and a gateway that it reads into `events`."""

    wire: WireDiscord
    session: aiohttp.ClientSession
    events: list[Json] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str | None = TOKEN, files: bool = False
    ) -> tuple[int, Any]:
        """`files` sends a.png beside the body."""
        headers = {"Authorization": f"Bot {token}"} if token else {}
        data: object = None if body is None else json.dumps(body)
        if files:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(body))
            form.add_field("files[0]", b"png", filename="a.png", content_type="application/octet-stream")
            data = form
        async with self.session.request(method, self.wire.base_url + path, data=data, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if response.content_type == "application/json" else text

    async def send(self, body: Json, *, files: bool = False) -> tuple[int, Any]:
        return await self.ask("POST", f"/channels/{self.wire.world.images.id}/messages", body, files=files)

    async def order(self, **options: Any) -> Json:
        """A command that has come by the gateway, not yet answered."""
        await self.ask("PUT", f"/applications/{self.wire.world.bot.id}/commands", [PING, GROUP])
        await self.wire.slash("ping", {"word": "hello", **options})
        return await self.next("INTERACTION_CREATE")

    async def answer(self, interaction: Json, kind: int = 4, **data: Any) -> tuple[int, Any]:
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback?with_response=1"
        return await self.ask("POST", path, {"type": kind, "data": data}, token=None)

    def webhook(self, interaction: Json, message: str = "") -> str:
        path = f"/webhooks/{interaction['application_id']}/{interaction['token']}"
        return f"{path}/messages/{message}" if message else path

    async def next(self, event: str) -> Json:
        async with asyncio.timeout(5):
            while not any(each["t"] == event for each in self.events):  # noqa: ASYNC110  # read by a task of its own
                await asyncio.sleep(0.005)
        found = [each for each in self.events if each["t"] == event]
        self.events = [each for each in self.events if each["t"] != event]
        data: Json = found[-1]["d"]
        return data

    async def listen(self, socket: aiohttp.ClientWebSocketResponse, read: Callable[[bytes], bytes]) -> None:
        async for frame in socket:
            text = read(frame.data) if isinstance(frame.data, bytes) else frame.data
            self.events.append(json.loads(text))


@pytest.fixture
async def wire() -> AsyncIterator[WireDiscord]:
    async with serve_discord(token=TOKEN, answer_seconds=0.2, file_limit_bytes=1_000) as served:
        yield served


@pytest.fixture
async def client(wire: WireDiscord) -> AsyncIterator[Client]:
    """Connected to the gateway, uncompressed."""
    async with aiohttp.ClientSession() as session:
        bot = Client(wire, session)
        async with session.ws_connect(wire.gateway_url) as socket:
            listening = asyncio.create_task(bot.listen(socket, bytes))
            await identify(socket)
            await wire.connected()
            yield bot
        await listening


async def identify(socket: aiohttp.ClientWebSocketResponse, *, token: str = TOKEN, intents: int = 1) -> None:
    await socket.send_json({"op": 2, "d": {"token": token, "intents": intents}})


# --- HTTP -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "somebody-elses"])
async def test_without_the_bots_token_nothing_is_said(client: Client, token: str | None) -> None:
    assert (await client.ask("GET", "/users/@me", token=token))[0] == 401


async def test_people_channels_and_the_gateway_are_told(client: Client) -> None:
    world = client.wire.world
    assert (await client.ask("GET", f"/users/{world.ann.id}"))[1]["username"] == "ann"
    assert (await client.ask("GET", "/users/1")) == (404, {"message": "Unknown User", "code": 10013})
    assert (await client.ask("GET", "/users/ann"))[1]["code"] == 50035
    assert (await client.ask("GET", f"/channels/{world.restricted.id}"))[1]["nsfw"] is True
    assert (await client.ask("GET", "/channels/1"))[1]["code"] == 10003
    assert (await client.ask("GET", "/gateway"))[1] == {"url": client.wire.gateway_url}
    assert (await client.ask("GET", "/gateway/bot"))[1]["session_start_limit"]["remaining"] > 0


async def test_a_direct_channel_is_the_same_each_time(client: Client) -> None:
    wanted = {"recipient_id": str(client.wire.world.ann.id)}
    first = (await client.ask("POST", "/users/@me/channels", wanted))[1]
    assert (await client.ask("POST", "/users/@me/channels", wanted))[1] == first
    assert (await client.ask("GET", f"/channels/{first['id']}"))[1]["recipients"][0]["username"] == "ann"


async def test_a_route_that_is_not_there_and_a_token_shown_to_the_cdn_are_violations(client: Client) -> None:
    assert [(await client.ask(method, "/gateway/bot/1"))[0] for method in ("GET", "POST")] == [404, 404]
    assert (await client.ask("DELETE", "/users/@me"))[0] == 404
    _, sent = await client.send({"content": "x"}, files=True)
    path = sent["attachments"][0]["url"].removeprefix(client.wire.base_url)
    assert (await client.ask("GET", path))[1] == "png"
    assert (await client.ask("GET", "/attachments/1/1/a.png", token=None))[0] == 404
    assert len(client.wire.violations) == 4
    client.wire.violations.clear()


async def test_a_command_keeps_its_id_from_one_sync_to_the_next(client: Client) -> None:
    path = f"/applications/{client.wire.world.bot.id}/commands"
    first, again = [(await client.ask("PUT", path, [PING]))[1] for _ in range(2)]
    assert first[0]["id"] == again[0]["id"]


async def test_rate_limit_headers_always_leave_room(client: Client) -> None:
    async with client.session.get(f"{client.wire.base_url}/gateway") as response:
        assert int(response.headers["X-RateLimit-Remaining"]) > 0
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Via"]


# --- messages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 50006),
        ({"content": "x", "flags": V2, "components": [GALLERY]}, 50035),
        ({"flags": V2, "components": [GALLERY]}, 50035),  # its file was not sent
        ({"components": [{"type": 10, "content": "x"}]}, 50035),  # needs the flag
        ({"flags": V2, "components": [{"type": 10, "content": ""}]}, 50035),
        ({"flags": V2, "components": [{"type": 10, "content": "x" * 4_001}]}, 50035),
        ({"flags": V2, "components": [{"type": 10, "content": "x"}] * 41}, 50035),
        ({"components": [BUTTON, BUTTON]}, 50035),
        ({"content": "x", "nonce": "n" * 26}, 50035),
    ],
)
async def test_a_message_that_discord_would_not_take_is_refused(client: Client, body: Json, code: int) -> None:
    status, answer = await client.send(body)
    assert (status, answer["code"]) == (400, code)
    assert client.wire.messages() == []


async def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    url = f"{client.wire.base_url}/channels/{client.wire.world.images.id}/messages"
    async with client.session.post(url, data=b"{", headers={"Authorization": f"Bot {TOKEN}"}) as response:
        assert (await response.json())["code"] == 50109


async def test_a_file_over_the_limit_is_refused(client: Client) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", "{}")
    form.add_field("files[0]", bytes(1_001), filename="a.png")
    url = f"{client.wire.base_url}/channels/{client.wire.world.images.id}/messages"
    async with client.session.post(url, data=form, headers={"Authorization": f"Bot {TOKEN}"}) as response:
        assert (response.status, (await response.json())["code"]) == (413, 40005)


async def test_a_picture_in_a_gallery_is_published_under_its_address(client: Client) -> None:
    body = {
        "flags": V2,
        "components": [
            {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": {"type": 11, "media": GALLERY_URL}},
            GALLERY,
            {"type": 13, "file": GALLERY_URL},
        ],
        "attachments": [{"id": 0, "filename": "a.png", "description": "A poster"}],
    }
    _, sent = await client.send(body, files=True)
    (attachment,) = sent["attachments"]
    section, gallery, file = sent["components"]
    assert attachment["description"] == "A poster"
    assert attachment["content_type"] == "image/png"
    shown = [section["accessory"]["media"], gallery["items"][0]["media"], file["file"]]
    assert [each["url"] for each in shown] == [attachment["url"]] * 3


async def test_an_edit_keeps_the_files_it_names_and_drops_the_others(client: Client) -> None:
    _, sent = await client.send({"content": "x"}, files=True)
    path = f"/channels/{sent['channel_id']}/messages/{sent['id']}"
    kept = (await client.ask("PATCH", path, {"content": "y"}))[1]
    assert kept["attachments"] == sent["attachments"]
    assert kept["edited_timestamp"]
    named = [{"id": sent["attachments"][0]["id"]}]
    both = (await client.ask("PATCH", path, {"attachments": named}, files=True))[1]
    assert len(both["attachments"]) == 2
    none = (await client.ask("PATCH", path, {"attachments": []}))[1]
    assert none["attachments"] == []
    (message,) = client.wire.messages()
    assert (message.edits, len(message.files_ever), message.files) == (3, 2, ())
    assert client.wire.posts_of_images() == [message]
    assert client.wire.visible_images() == []


async def test_more_than_ten_files_are_refused(client: Client) -> None:
    _, sent = await client.send({"content": "x"}, files=True)
    path = f"/channels/{sent['channel_id']}/messages/{sent['id']}"
    statuses = [(await client.ask("PATCH", path, {}, files=True))[0] for _ in range(10)]
    assert statuses == [200] * 9 + [400]


async def test_an_enforced_nonce_gives_the_first_message_back_in_any_channel_until_it_is_deleted(
    client: Client,
) -> None:
    body = {"content": "x", "nonce": "job-1", "enforce_nonce": True}
    _, first = await client.send(body)
    other = f"/channels/{client.wire.world.restricted.id}/messages"
    assert (await client.ask("POST", other, body))[1]["id"] == first["id"]
    assert (await client.send({**body, "enforce_nonce": False}))[1]["id"] != first["id"]
    client.wire.delete_message(client.wire.messages()[-1].id)
    assert (await client.send(body))[1]["code"] == 10008


async def test_a_nonce_is_forgotten_after_some_minutes() -> None:
    async with serve_discord(token=TOKEN, nonce_seconds=0) as wire, aiohttp.ClientSession() as session:
        body = {"content": "x", "nonce": "job-1", "enforce_nonce": True}
        first, second = [await Client(wire, session).send(body) for _ in range(2)]
        assert first[1]["id"] != second[1]["id"]


async def test_the_history_is_newest_first_and_can_be_read_from_a_message_on(client: Client) -> None:
    ids = [(await client.send({"content": str(number)}))[1]["id"] for number in range(4)]
    path = f"/channels/{client.wire.world.images.id}/messages"

    async def read(query: str) -> list[str]:
        return [each["id"] for each in (await client.ask("GET", f"{path}?{query}"))[1]]

    assert await read("limit=100") == ids[::-1]
    assert await read(f"limit=2&after={ids[0]}") == [ids[2], ids[1]]
    assert await read(f"limit=2&before={ids[3]}") == [ids[2], ids[1]]
    assert (await client.ask("DELETE", f"{path}/{ids[3]}"))[0] == 204
    assert await read("limit=1") == [ids[2]]
    assert (await client.ask("GET", f"{path}/{ids[3]}"))[1]["code"] == 10008
    assert (await client.ask("GET", f"{path}/{ids[2]}"))[1]["content"] == "2"


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [(None, 1), ({"parse": []}, 0), ({"parse": ["users"]}, 1), ({"users": ["ann"]}, 1), ({"users": ["ben"]}, 0)],
)
async def test_somebody_is_pinged_only_where_the_text_names_and_the_bot_allows_it(
    client: Client, allowed: Json | None, pinged: int
) -> None:
    people = {"ann": client.wire.world.ann.id, "ben": client.wire.world.ben.id}
    body: Json = {"content": f"<@{people['ann']}>"}
    if allowed is not None:
        users = {"users": [str(people[name]) for name in allowed["users"]]} if "users" in allowed else {}
        body["allowed_mentions"] = {**allowed, **users}
    assert len((await client.send(body))[1]["mentions"]) == pinged


# --- interactions -----------------------------------------------------------------------------------------


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
    async with serve_discord(token_life_seconds=0) as wire, aiohttp.ClientSession() as session:
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


# --- faults -------------------------------------------------------------------------------------------------


async def test_a_fault_concerns_its_own_path_as_often_as_told_until_mended(client: Client) -> None:
    fault = client.wire.fail("GET", "/users/*", status=500, times=1)
    client.wire.fail("*", "/channels/*", status=418, code=7, headers={"X-Odd": "1"})
    assert (await client.ask("GET", "/gateway"))[0] == 200
    assert await client.ask("GET", "/users/@me") == (500, {"message": "500: Internal Server Error", "code": 0})
    assert (await client.ask("GET", "/users/@me"))[0] == 200
    assert await client.send({"content": "x"}) == (418, {"message": "error 7", "code": 7})
    client.wire.mend()
    assert (await client.send({"content": "x"}))[0] == 200
    assert fault.met == 1


async def test_a_rate_limit_says_how_long_to_wait_and_a_ban_does_not(client: Client) -> None:
    client.wire.fail("GET", "/users/*", status=429, retry_after=1.5, times=1)
    client.wire.fail("GET", "/users/*", status=429, via=False)
    status, body = await client.ask("GET", "/users/@me")
    assert (status, body["retry_after"], body["global"]) == (429, 1.5, False)
    assert await client.ask("GET", "/users/@me") == (429, "error code: 1015")


async def test_a_reset_may_come_before_or_after_the_work_was_done(client: Client) -> None:
    client.wire.reset("POST", "/channels/*", when="before", times=1)
    client.wire.reset("POST", "/channels/*", when="during_body", times=1)
    client.wire.reset("POST", "/channels/*", when="after_handling", times=1)
    client.wire.fail("POST", "/channels/*", status=503, code=10003, handled=True, times=1)
    for number in range(3):
        with pytest.raises(aiohttp.ClientOSError):
            await client.send({"content": str(number)})
    assert (await client.send({"content": "3"}))[0] == 503
    assert [message.content for message in client.wire.messages()] == ["2", "3"]
    assert [each.status for each in client.wire.requests if each.method == "POST"] == [None, None, None, 503]


async def test_a_client_that_dies_in_the_middle_of_its_upload_has_sent_nothing(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    address, channel_id = urlsplit(client.wire.base_url), client.wire.world.images.id
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"POST /channels/{channel_id}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bot {TOKEN}\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    async with asyncio.timeout(5):
        while client.wire.requests[-1].method != "POST":  # noqa: ASYNC110  # counted by the other side
            await asyncio.sleep(0.005)
    writer.transport.abort()
    assert (await client.send({"content": "x"}))[0] == 200
    assert [each.status for each in client.wire.requests if each.method == "POST"] == [None, 200]
    assert len(client.wire.messages()) == 1
    assert caplog.messages == []


async def test_a_delay_only_delays(client: Client) -> None:
    client.wire.delay("GET", "/gateway", seconds=0.1)
    begun = asyncio.get_running_loop().time()
    assert (await client.ask("GET", "/gateway"))[0] == 200
    assert asyncio.get_running_loop().time() - begun >= 0.1


# --- the gateway --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", ["zlib-stream", "zstd-stream"])
async def test_the_gateway_compresses_as_it_is_asked_to(wire: WireDiscord, compress: str) -> None:
    stream: Any = zlib.decompressobj() if compress == "zlib-stream" else zstandard.ZstdDecompressor().decompressobj()
    async with aiohttp.ClientSession() as session:
        bot = Client(wire, session)
        async with session.ws_connect(f"{wire.gateway_url}?compress={compress}") as socket:
            listening = asyncio.create_task(bot.listen(socket, stream.decompress))
            await identify(socket)
            ready = await bot.next("READY")
            guild = await bot.next("GUILD_CREATE")
        await listening
    assert ready["guilds"] == [{"id": guild["id"], "unavailable": True}]
    assert [channel["name"] for channel in guild["channels"]] == ["images", "late-night"]


async def test_an_unknown_compression_is_refused(wire: WireDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{wire.gateway_url}?compress=gzip")


@pytest.mark.parametrize(("token", "intents", "code"), [("wrong", 1, 4004), (TOKEN, 1 << 1, 4014)])
async def test_a_wrong_token_and_privileged_intents_are_shown_the_door(
    wire: WireDiscord, token: str, intents: int, code: int
) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(wire.gateway_url) as socket:
        await socket.receive()
        await identify(socket, token=token, intents=intents)
        await socket.receive()
        assert socket.close_code == code


async def test_a_resumed_session_gets_what_it_has_missed_in_order(wire: WireDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        first, second = Client(wire, session), Client(wire, session)
        async with session.ws_connect(wire.gateway_url) as socket:
            listening = asyncio.create_task(first.listen(socket, bytes))
            await identify(socket)
            ready = await first.next("READY")
            await first.next("GUILD_CREATE")
        await listening
        await first.ask("PUT", f"/applications/{wire.world.bot.id}/commands", [PING])
        orders = [await wire.slash("ping", {"word": str(number)}) for number in range(3)]
        async with session.ws_connect(wire.gateway_url) as socket:
            listening = asyncio.create_task(second.listen(socket, bytes))
            resume = {"op": 6, "d": {"token": TOKEN, "session_id": ready["session_id"], "seq": 3}}
            await socket.send_json({"op": 1, "d": 3})
            await socket.send_json(resume)
            async with asyncio.timeout(5):
                while len(second.events) < 5:  # noqa: ASYNC110  # read by a task of its own
                    await asyncio.sleep(0.005)
        await listening
    heard = [(each["op"], each["t"], each["s"]) for each in second.events]
    assert heard == [
        (10, None, None),
        (11, None, None),
        (0, "INTERACTION_CREATE", 4),
        (0, "INTERACTION_CREATE", 5),
        (0, "RESUMED", 6),
    ]
    assert [each["d"]["id"] for each in second.events[2:4]] == [str(order) for order in orders[1:]]


async def test_a_forgotten_session_is_invalid_and_a_refused_connection_is_a_503(wire: WireDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        wire.refuse_gateway(1)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(wire.gateway_url)
        async with session.ws_connect(wire.gateway_url) as socket:
            await socket.receive()
            await socket.send_json({"op": 6, "d": {"token": TOKEN, "session_id": "unknown", "seq": 1}})
            assert (await socket.receive_json())["op"] == 9
