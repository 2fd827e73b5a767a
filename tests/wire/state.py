"""All that the stand-in for Discord remembers. It lives as long as the stand-in, whatever becomes of the bot."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from tests.wire import payloads
from tests.wire.components import Json
from tests.wire.faults import Faults
from tests.wire.interactions import Interactions
from tests.wire.messages import File, Messages
from tests.wire.world import World

REQUESTS_LIMIT = 100_000  # remembered; the oldest go first
CDN = "/attachments/"
CDN_EPHEMERAL = "/ephemeral-attachments/"


Judge = Callable[[str, str, object], list[str]]  # method, path and JSON of a request; what is wrong with it


@dataclass(slots=True)
class Request:
    """`authorized`: it bore the bot's token. `status` None was not answered, or not yet."""

    method: str
    path: str
    authorized: bool
    status: int | None = None


class State:
    """`violations` has what no client may ever do, such as showing its token to the CDN."""

    def __init__(
        self,
        *,
        token_life_seconds: float,
        answer_seconds: float,
        nonce_seconds: float,
        file_limit_bytes: int,
        judge: Judge,
    ) -> None:
        self.base_url = ""
        self.judge = judge
        self.world = World()
        self.messages = Messages(
            self.world, address=self._address, limit_bytes=file_limit_bytes, nonce_seconds=nonce_seconds
        )
        self.interactions = Interactions(
            self.world,
            self.messages,
            token_life_seconds=token_life_seconds,
            answer_seconds=answer_seconds,
            limit_bytes=file_limit_bytes,
        )
        self.faults = Faults()
        self.commands: list[Json] = []
        self.requests: deque[Request] = deque(maxlen=REQUESTS_LIMIT)
        self.violations: list[str] = []
        self._command_ids: dict[str, int] = {}

    def sync(self, commands: list[Json]) -> list[Json]:
        self.commands = payloads.commands(self.world, commands, self._command_ids)
        return self.commands

    def keep(self, name: str, data: bytes) -> File:
        """A file that a person gives with a command."""
        file_id = self.world.ids.new()
        file = File(file_id, name, None, self._address(self.world.bot.id, file_id, name, True), data)
        self.messages.files[file_id] = file
        return file

    def _address(self, owner_id: int, file_id: int, name: str, ephemeral: bool) -> str:
        folder = CDN_EPHEMERAL if ephemeral else CDN
        return f"{self.base_url}{folder}{owner_id}/{file_id}/{quote(name, safe='')}"
