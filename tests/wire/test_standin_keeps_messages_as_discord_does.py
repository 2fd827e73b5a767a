"""The stand-in for Discord tells who is there, and takes, refuses and keeps messages as strictly as Discord."""

from __future__ import annotations

import aiohttp
import pytest

from tests.wire import WireLimits, serve_discord
from tests.wire.errors import Code
from tests.wire.plain_client import BUTTON, GALLERY, GALLERY_URL, PING, TOKEN, V2, Client, Json
from tests.wire.world import ChannelKind, Right

# --- HTTP ---


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


# --- messages ---


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


async def test_a_picture_in_a_component_is_published_there_and_left_out_of_the_attachments(client: Client) -> None:
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
    assert sent["attachments"] == []
    section, gallery, file = sent["components"]
    (kept,) = client.wire.visible_images()
    assert kept.description == "A poster"
    assert kept.content_type == "image/png"
    shown = [section["accessory"]["media"], gallery["items"][0]["media"], file["file"]]
    assert [(each["url"], each["attachment_id"]) for each in shown] == [(kept.url, str(kept.id))] * 3


async def test_a_picture_that_an_edit_shows_again_must_be_listed_with_its_name(client: Client) -> None:
    """One public project says so of Discord; nothing that a client may lean on says otherwise."""
    _, sent = await client.send({"flags": V2, "components": [GALLERY]}, files=True)
    path = f"/channels/{sent['channel_id']}/messages/{sent['id']}"
    (kept,) = client.wire.visible_images()
    assert (await client.ask("PATCH", path, {"components": [GALLERY]}))[1]["code"] == 50035
    assert (await client.ask("PATCH", path, {"components": [GALLERY], "attachments": [{"id": str(kept.id)}]}))[0] == 400
    listed = [{"id": str(kept.id), "filename": kept.name}]
    assert (await client.ask("PATCH", path, {"components": [GALLERY], "attachments": listed}))[0] == 200
    assert client.wire.visible_images() == [kept]


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
    async with (
        serve_discord(token=TOKEN, limits=WireLimits(nonce_seconds=0)) as wire,
        aiohttp.ClientSession() as session,
    ):
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


async def test_a_closed_channel_refuses_the_bot_and_a_member_who_takes_no_messages_still_has_the_old_ones(
    client: Client,
) -> None:
    world = client.wire.world
    direct = world.direct(world.ann.id)
    for channel in (world.images, direct):
        path = f"/channels/{channel.id}/messages"
        _, sent = await client.ask("POST", path, {"content": "x"})
        channel.closed = Code.NO_ACCESS
        assert (await client.ask("POST", path, {"content": "y"}))[1]["code"] == 50001
        status = (await client.ask("PATCH", f"{path}/{sent['id']}", {"content": "z"}))[0]
        assert status == (200 if channel is direct else 403)


async def test_an_archived_thread_takes_no_edit_and_is_opened_by_a_post_unless_it_is_locked(client: Client) -> None:
    world = client.wire.world
    thread = world.open("a thread", kind=ChannelKind.THREAD, parent_id=world.images.id)
    path = f"/channels/{thread.id}/messages"
    _, sent = await client.ask("POST", path, {"content": "x"})
    thread.archived = thread.locked = True
    assert (await client.ask("PATCH", f"{path}/{sent['id']}", {"content": "y"}))[1]["code"] == 50083
    assert (await client.ask("POST", path, {"content": "z"}))[1]["code"] == 160005
    thread.locked = False
    assert (await client.ask("GET", f"/channels/{thread.id}"))[1]["thread_metadata"]["archived"]
    assert (await client.ask("POST", path, {"content": "z"}))[0] == 200
    assert (await client.ask("PATCH", f"{path}/{sent['id']}", {"content": "y"}))[0] == 200


async def test_without_the_right_to_read_the_history_it_is_empty(client: Client) -> None:
    await client.send({"content": "x"})
    client.wire.world.images.bot_rights &= ~Right.READ_MESSAGE_HISTORY
    assert await client.ask("GET", f"/channels/{client.wire.world.images.id}/messages") == (200, [])
