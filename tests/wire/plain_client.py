"""A plain HTTP client of the stand-in for Discord, for its tests: nothing here knows discord.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.wire import WireDiscord

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


async def identify(socket: aiohttp.ClientWebSocketResponse, *, token: str = TOKEN, intents: int = 1) -> None:
    await socket.send_json({"op": 2, "d": {"token": token, "intents": intents}})
