"""A stand-in for Discord on the wire: HTTP and a gateway on loopback, for the real discord.py in any process.

    async with serve_discord() as wire:
        ...  # point discord.py at wire.base_url and wire.gateway_url, log in, connect
        await wire.connected()
        order = await wire.imagine({"prompt": "A poster", "video": "https://youtu.be/dQw4w9WgXcQ"})
        wire.fail("PATCH", "/webhooks/*", status=503, times=2)
        assert wire.answer(order).files

simcord simulates Discord inside discord.py; this one proves what goes over the wire: resets, rate limits, resumes,
and a bot that is killed and started again. Everything lives in the process that runs it. Left out: threads, embeds,
modals, reactions, and checks of rights (a fault says when Discord refuses).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from tests.wire.components import button
from tests.wire.faults import Delay, Failure, Fault, Moment, Reset
from tests.wire.gateway import Gateway
from tests.wire.interactions import Kind
from tests.wire.messages import File, Message
from tests.wire.orders import Value, command_data
from tests.wire.routes import SOCKET, application
from tests.wire.state import Judge, Request, State
from tests.wire.world import Channel, Person

__all__ = ["Channel", "Fault", "File", "Message", "Moment", "Person", "Request", "WireDiscord", "serve_discord"]

TOKEN_LIFE_SECONDS = 15 * 60.0  # of an interaction
ANSWER_SECONDS = 3.0  # for the first answer
NONCE_SECONDS = 180.0  # "the past few minutes"
FILE_LIMIT_BYTES = 10 * 1024 * 1024
SHUTDOWN_SECONDS = 0.2  # for answers under way when the stand-in closes
GATEWAY_GONE = 1001


class WireDiscord:
    """What tests ask and do. `requests` and `violations` are kept; `world` has the people and channels."""

    def __init__(self, state: State, gateway: Gateway) -> None:
        self._state = state
        self._gateway = gateway
        self.world = state.world
        self.requests = state.requests
        self.violations = state.violations

    @property
    def base_url(self) -> str:
        """For `discord.http.Route.BASE`."""
        return self._state.base_url

    @property
    def gateway_url(self) -> str:
        """For `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`."""
        return self._state.base_url.replace("http", "ws", 1) + SOCKET

    # --- acting as people ---------------------------------------------------------------------------------

    async def imagine(
        self, options: Mapping[str, Value], *, user_id: int | None = None, channel_id: int | None = None
    ) -> int:
        return await self.slash("imagine", options, user_id=user_id, channel_id=channel_id)

    async def slash(
        self,
        words: str,
        options: Mapping[str, Value] | None = None,
        *,
        user_id: int | None = None,
        channel_id: int | None = None,
    ) -> int:
        """Ann sends a command such as "bank grant" in #images, unless said otherwise. Returns the interaction's id.

        A file is given as (name, bytes). Raises `NoSuchCommand` for what the bot has not synced.
        """
        data = command_data(self.world, self._state.commands, words, options or {}, self._state.keep)
        begun = self._state.interactions.begin(
            Kind.COMMAND,
            data,
            person_id=user_id or self.world.ann.id,
            channel_id=channel_id or self.world.images.id,
        )
        await self.redeliver(begun.id)
        return begun.id

    async def press(self, message_id: int, custom_id: str, *, user_id: int | None = None) -> int:
        """Returns the interaction's id. Raises `ValueError` where there is no such button for this person to press."""
        message, person_id = self._state.messages.all[message_id], user_id or self.world.ann.id
        if message.deleted or message.visible_to not in {None, person_id}:
            raise ValueError(f"this person does not see message {message_id}")
        pressed = button(message.components, custom_id)
        begun = self._state.interactions.begin(
            Kind.COMPONENT,
            {"custom_id": custom_id, "component_type": pressed["type"], "id": pressed["id"]},
            person_id=person_id,
            channel_id=message.channel_id,
            source=message,
        )
        await self.redeliver(begun.id)
        return begun.id

    async def redeliver(self, interaction_id: int) -> None:
        """The gateway sends the interaction once more, as it may after a resume."""
        await self._gateway.dispatch("INTERACTION_CREATE", self._state.interactions.all[interaction_id].payload)

    def delete_message(self, message_id: int) -> None:
        """By a moderator's hand."""
        self._state.messages.all[message_id].deleted = True

    # --- what is there ------------------------------------------------------------------------------------

    def messages(self, channel_id: int | None = None) -> list[Message]:
        """All that were ever sent there (#images, unless said otherwise), also the deleted and the ephemeral; oldest
        first."""
        where = channel_id or self.world.images.id
        return [message for message in self._state.messages.all.values() if message.channel_id == where]

    def direct_messages(self, user_id: int | None = None) -> list[Message]:
        return self.messages(self.world.direct(user_id or self.world.ann.id).id)

    def answer(self, interaction_id: int) -> Message | None:
        """The first answer to an interaction, as it is now; None where there is none."""
        return self._state.messages.all.get(self._state.interactions.all[interaction_id].original_id or 0)

    def followups(self, interaction_id: int) -> list[Message]:
        interaction = self._state.interactions.all[interaction_id]
        return [self._state.messages.all[each] for each in interaction.message_ids if each != interaction.original_id]

    def posts_of_images(self) -> list[Message]:
        """Every message, anywhere, that shows a file or ever did."""
        return [message for message in self._state.messages.all.values() if message.files_ever]

    def visible_images(self) -> list[File]:
        """What people can see now, each file by itself."""
        return [file for message in self.posts_of_images() if not message.deleted for file in message.files]

    # --- faults -------------------------------------------------------------------------------------------

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int,
        code: int = 0,
        times: int | None = None,
        headers: Mapping[str, str] | None = None,
        via: bool = True,
        retry_after: float = 0.05,
        handled: bool = False,
    ) -> Fault:
        """Refuse requests; `*` in `path` (and as `method`) is anything. `times` None: until `mend`.

        `via` False answers as Cloudflare does, in HTML. `handled` does what is asked, and then denies it.
        `retry_after`, in seconds, comes with a 429.
        """
        return self._add(
            Failure(
                method=method,
                path=path,
                times=times,
                status=status,
                code=code,
                via=via,
                retry_after=retry_after,
                handled=handled,
                headers=headers or {},
            )
        )

    def reset(self, method: str, path: str, *, when: Moment, times: int | None = None) -> Fault:
        """Break the connection: unread, in the middle of an upload, or after all was done."""
        return self._add(Reset(method=method, path=path, times=times, when=when))

    def delay(self, method: str, path: str, *, seconds: float, times: int | None = None) -> Fault:
        return self._add(Delay(method=method, path=path, times=times, seconds=seconds))

    def mend(self) -> None:
        """No fault any more."""
        self._state.faults.clear()

    def kill_token(self, interaction_id: int) -> None:
        """From now on it is invalid (401, 50027), as after its 15 minutes."""
        self._state.interactions.all[interaction_id].killed = True

    def _add(self, fault: Fault) -> Fault:
        self._state.faults.add(fault)
        return fault

    # --- the gateway --------------------------------------------------------------------------------------

    async def connected(self, *, times: int = 1) -> None:
        """Wait until the bot is connected, for at least the `times`-th time (new sessions and resumed ones)."""
        await self._gateway.until(lambda: self._gateway.connected and self.identified + self.resumed >= times)

    @property
    def identified(self) -> int:
        """How many sessions were begun."""
        return self._gateway.identified

    @property
    def shards(self) -> list[tuple[int, int]]:
        """Those that sessions were begun for: a number, of how many. The server belongs to one of them."""
        return self._gateway.shards

    @property
    def resumed(self) -> int:
        return self._gateway.resumed

    async def drop_gateway(self, *, resumable: bool = True, code: int | None = None) -> None:
        """Cut the bot's connection (with `code`: close it). Not resumable, its session is forgotten too."""
        await self._gateway.drop(resumable=resumable, code=code)

    def refuse_gateway(self, times: int) -> None:
        """The next connections are answered with 503."""
        self._gateway.refuse(times)


@asynccontextmanager
async def serve_discord(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    token_life_seconds: float = TOKEN_LIFE_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
    nonce_seconds: float = NONCE_SECONDS,
    file_limit_bytes: int = FILE_LIMIT_BYTES,
    judge: Judge = lambda _method, _path, _body: [],
) -> AsyncIterator[WireDiscord]:
    """A running stand-in. `token` None takes any bot token; `port` 0 picks a free one.

    What `judge` says of a request is kept in `violations`; the request is answered all the same.
    """
    state = State(
        token_life_seconds=token_life_seconds,
        answer_seconds=answer_seconds,
        nonce_seconds=nonce_seconds,
        file_limit_bytes=file_limit_bytes,
        judge=judge,
    )
    gateway = Gateway(state.world, token=token, address=lambda: wire.gateway_url)
    wire = WireDiscord(state, gateway)
    runner = web.AppRunner(application(state, gateway, token=token), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        state.base_url = f"http://{host}:{runner.addresses[0][1]}"
        yield wire
    finally:
        await gateway.drop(resumable=False, code=GATEWAY_GONE)
        await runner.cleanup()
