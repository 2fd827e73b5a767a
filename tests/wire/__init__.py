"""A stand-in for Discord: one state and one set of handlers, and a server that puts them on loopback.

    async with serve_discord() as wire:
        ...  # point discord.py at wire.base_url and wire.gateway_url, log in, connect
        await wire.connected()
        order = await wire.imagine({"prompt": "A poster", "video": "https://youtu.be/dQw4w9WgXcQ"})
        wire.fail("PATCH", "/webhooks/*", status=503, times=2)
        assert wire.answer(order).files

`State` remembers, `Handlers` do what a request asks for, and a clock is handed in. Over sockets this proves resets,
rate limits, resumes, and a bot that is killed and started again; `tests/simulation` hands discord.py's requests to the
same handlers without sockets, on virtual time. Left out: embeds, reactions, and checks of most rights
(`Channel.closed` or a fault says when Discord refuses).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from tests.wire.commands import Value
from tests.wire.faults import Delay, Failure, Fault, Moment, Reset
from tests.wire.gateway import Gateway
from tests.wire.handlers import SOCKET, Handlers
from tests.wire.interactions import Interaction
from tests.wire.messages import File, Message
from tests.wire.server import Request, Server
from tests.wire.state import USUAL_LIMITS, Judge, State, WireLimits
from tests.wire.world import Channel, Person

__all__ = [
    "Channel",
    "Fault",
    "File",
    "Message",
    "Moment",
    "Person",
    "Request",
    "WireDiscord",
    "WireLimits",
    "serve_discord",
]

SHUTDOWN_SECONDS = 0.2  # for answers under way when the stand-in closes
GATEWAY_GONE = 1001


class WireDiscord:
    """What tests ask and do. `requests` and `violations` are kept; `world` has the people and channels."""

    def __init__(self, state: State, server: Server) -> None:
        self._state = state
        self._gateway = server.gateway
        self._faults = server.faults
        self.world = state.world
        self.requests = server.requests
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
        begun = self._state.slash(
            words,
            options or {},
            person_id=user_id or self.world.ann.id,
            channel_id=channel_id or self.world.images.id,
        )
        return await self._deliver(begun)

    async def press(self, message_id: int, custom_id: str, *, user_id: int | None = None) -> int:
        """Returns the interaction's id. Raises `ValueError` where there is no such button for this person to press."""
        message = self._state.messages.all[message_id]
        return await self._deliver(self._state.press(message, custom_id, person_id=user_id or self.world.ann.id))

    async def choose(self, words: str, message_id: int, *, user_id: int | None = None) -> int:
        """Pick an entry in the menu of a message, such as "Tip the maker". Returns the interaction's id."""
        message = self._state.messages.all[message_id]
        return await self._deliver(self._state.choose(words, message, person_id=user_id or self.world.ann.id))

    def has_form(self, interaction_id: int) -> bool:
        return self._state.interactions.all[interaction_id].form is not None

    def fields_of_form(self, interaction_id: int) -> dict[str, str]:
        """What stands in the text fields of the form that answered an interaction."""
        form = self._state.interactions.all[interaction_id].form or {}
        fields = [each["component"] for each in form["components"] if "component" in each]
        return {each["custom_id"]: each.get("value", "") for each in fields}

    async def submit(self, opened_by: int, **values: str) -> int:
        """Fill in the form that answered an interaction, and send it. Returns the id of the new interaction."""
        return await self._deliver(self._state.submit(self._state.interactions.all[opened_by], values))

    async def forge(
        self, custom_id: str, message_id: int, *, user_id: int | None = None, values: Sequence[str] = ()
    ) -> int:
        """Press a button, or with `values` choose in a select, that stands on no message with this custom id.

        Discord would refuse it. The message is sent with an item of that id, or discord.py would drop the press.
        """
        message = self._state.messages.all[message_id]
        forged = self._state.forge(message, custom_id, person_id=user_id or self.world.ann.id, values=values)
        return await self._deliver(forged)

    async def redeliver(self, interaction_id: int) -> None:
        """The gateway sends the interaction once more, as it may after a resume."""
        await self._deliver(self._state.interactions.all[interaction_id])

    async def _deliver(self, interaction: Interaction) -> int:
        await self._gateway.dispatch("INTERACTION_CREATE", interaction.payload)
        return interaction.id

    async def add_bot(self) -> None:
        """The server adds the bot; `world.added` was False before."""
        await self._gateway.add_bot()

    def delete_message(self, message_id: int) -> None:
        """By a moderator's hand."""
        self._state.messages.all[message_id].deleted = True

    def say(self, *, times: int = 1) -> None:
        """Ben talks in #images. The gateway sends nothing, since the bot has no right to the words."""
        for _ in range(times):
            self._state.messages.say(self.world.images.id, self.world.ben.id, "Hello")

    # --- what is there ------------------------------------------------------------------------------------

    def messages(self, channel_id: int | None = None) -> list[Message]:
        """All messages that were ever sent there (#images, unless said otherwise), the oldest first.

        The deleted and the ephemeral ones are among them.
        """
        where = channel_id or self.world.images.id
        return [message for message in self._state.messages.all.values() if message.channel_id == where]

    def direct_messages(self, user_id: int | None = None) -> list[Message]:
        return self.messages(self.world.direct(user_id or self.world.ann.id).id)

    def answer(self, interaction_id: int) -> Message | None:
        """The first answer to an interaction, as it is now; None where there is none."""
        return self._state.original(self._state.interactions.all[interaction_id])

    def followups(self, interaction_id: int) -> list[Message]:
        return self._state.followups(self._state.interactions.all[interaction_id])

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
        """Refuse requests. `*` in `path` (and as `method`) is anything; with `times` None it goes on until `mend`.

        With `via` False the answer is Cloudflare's, in plain text. With `handled` the stand-in does what is asked, and
        then denies it. `retry_after`, in seconds, comes with a 429.
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
        """Break the connection before the request is read, in the middle of its body, or when all is done."""
        return self._add(Reset(method=method, path=path, times=times, when=when))

    def delay(self, method: str, path: str, *, seconds: float, times: int | None = None) -> Fault:
        return self._add(Delay(method=method, path=path, times=times, seconds=seconds))

    def mend(self) -> None:
        """End every fault."""
        self._faults.clear()

    def kill_token(self, interaction_id: int) -> None:
        """Make the interaction's token invalid (401, 50027), as it is after its 15 minutes."""
        self._state.interactions.all[interaction_id].killed = True

    def _add(self, fault: Fault) -> Fault:
        self._faults.add(fault)
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
        """The shards for which sessions were begun, as (number, how many there are). One of them has the server."""
        return self._gateway.shards

    @property
    def resumed(self) -> int:
        return self._gateway.resumed

    async def drop_gateway(self, *, resumable: bool = True, code: int | None = None) -> None:
        """Cut the bot's connection, or close it with `code`. Where `resumable` is False, its session is forgotten."""
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
    limits: WireLimits = USUAL_LIMITS,
    judge: Judge = lambda _method, _path, _body: [],
) -> AsyncIterator[WireDiscord]:
    """A running stand-in. `token` None takes any bot token; `port` 0 picks a free one. `judge` is as in `State`."""
    state = State(limits=limits, judge=judge)
    gateway = Gateway(state.world, token=token, address=lambda: wire.gateway_url)
    server = Server(Handlers(state, token=token), gateway)
    wire = WireDiscord(state, server)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        state.base_url = f"http://{host}:{runner.addresses[0][1]}"
        yield wire
    finally:
        await gateway.drop(resumable=False, code=GATEWAY_GONE)
        await runner.cleanup()
