"""All that the stand-in for Discord remembers. It lives as long as the stand-in, whatever becomes of the bot."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from tests.wire import payloads
from tests.wire.commands import Value, command_data, menu_data
from tests.wire.components import Json, button, filled_in
from tests.wire.interactions import Interaction, InteractionKind, Interactions
from tests.wire.messages import File, Message, Messages
from tests.wire.world import UnixMs, World

CDN = "/attachments/"
CDN_EPHEMERAL = "/ephemeral-attachments/"


Judge = Callable[[str, str, object], list[str]]  # method, path and JSON of a request; what is wrong with it


def wall_clock() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WireLimits:
    """Discord's own, which a test may tighten. `nonce_seconds` stands for "the past few minutes"."""

    token_life_seconds: float = 15 * 60.0  # of an interaction
    answer_seconds: float = 3.0  # for the first answer
    nonce_seconds: float = 180.0
    file_bytes: int = 10 * 1024 * 1024


USUAL_LIMITS = WireLimits()


class State:
    """`violations` has what no client may ever do, such as showing its token to the CDN. `clock` gives Unix ms.

    What `judge` says of a request is added to `violations`; the request is answered all the same. `base_url` is where
    the bot finds the stand-in and its files.
    """

    def __init__(
        self,
        *,
        clock: UnixMs = wall_clock,
        limits: WireLimits = USUAL_LIMITS,
        judge: Judge = lambda _method, _path, _body: [],
        base_url: str = "",
    ) -> None:
        self.base_url = base_url
        self.judge = judge
        self.world = World(clock)
        self.messages = Messages(
            self.world,
            clock,
            address=self._address,
            limit_bytes=limits.file_bytes,
            nonce_seconds=limits.nonce_seconds,
        )
        self.interactions = Interactions(
            self.world,
            clock,
            self.messages,
            token_life_seconds=limits.token_life_seconds,
            answer_seconds=limits.answer_seconds,
            limit_bytes=limits.file_bytes,
        )
        self.commands: list[Json] = []
        self.violations: list[str] = []
        self._command_ids: dict[str, int] = {}

    def sync(self, commands: list[Json]) -> list[Json]:
        self.commands = payloads.commands(self.world, commands, self._command_ids)
        return self.commands

    def slash(
        self,
        words: str,
        options: Mapping[str, Value],
        *,
        person_id: int,
        channel_id: int,
        at_ms: int | None = None,
    ) -> Interaction:
        """A person sends a command such as "bank grant"; a file is given as (name, bytes), and `at_ms` None is now.

        Raises `NoSuchCommand` for a command that the bot has not synced.
        """
        data = command_data(self.world, self.commands, words, options, self._keep)
        return self.interactions.begin(
            InteractionKind.COMMAND, data, person_id=person_id, channel_id=channel_id, at_ms=at_ms
        )

    def press(self, message: Message, custom_id: str, *, person_id: int) -> Interaction:
        """A person presses a button. Raises `ValueError` where there is no such button for this person to press."""
        if message.deleted or message.visible_to not in {None, person_id}:
            raise ValueError(f"this person does not see message {message.id}")
        pressed = button(message.components, custom_id)
        return self.interactions.begin(
            InteractionKind.COMPONENT,
            {"custom_id": custom_id, "component_type": pressed["type"], "id": pressed["id"]},
            person_id=person_id,
            channel_id=message.channel_id,
            source=message,
        )

    def forge(self, message: Message, custom_id: str, *, person_id: int, values: Sequence[str] = ()) -> Interaction:
        """A press of a button, or with `values` a choice in a select, that is on no message of the bot."""
        data: Json = {"custom_id": custom_id, "component_type": 3 if values else 2, "id": 1}
        item: Json = {"type": data["component_type"], "id": 1, "custom_id": custom_id}
        item |= (
            {"options": [{"label": each, "value": each} for each in values]} if values else {"style": 2, "label": "x"}
        )
        begun = self.interactions.begin(
            InteractionKind.COMPONENT,
            {**data, "values": list(values)} if values else data,
            person_id=person_id,
            channel_id=message.channel_id,
            source=message,
        )
        begun.payload["message"]["components"] = [{"type": 1, "id": 2, "components": [item]}]
        return begun

    def choose(self, words: str, message: Message, *, person_id: int) -> Interaction:
        """A person picks an entry in the menu of a message. Raises `NoSuchCommand` where the bot has not synced it."""
        data = menu_data(self.world, self.commands, words, message)
        return self.interactions.begin(
            InteractionKind.COMMAND, data, person_id=person_id, channel_id=message.channel_id
        )

    def submit(self, opened: Interaction, values: Mapping[str, str]) -> Interaction:
        """A person fills in the text fields of a modal and sends it."""
        assert opened.form, "this interaction was not answered by a form"
        return self.interactions.begin(
            InteractionKind.FORM,
            {"custom_id": opened.form["custom_id"], "components": filled_in(opened.form["components"], values)},
            person_id=opened.person_id,
            channel_id=opened.channel_id,
            source=opened.source,  # the message whose button has opened the form
        )

    def original(self, interaction: Interaction) -> Message | None:
        """The first answer to an interaction, as it is now; None where there is none."""
        return self.messages.all.get(interaction.original_id or 0)

    def followups(self, interaction: Interaction) -> list[Message]:
        return [self.messages.all[each] for each in interaction.message_ids if each != interaction.original_id]

    def _keep(self, name: str, data: bytes) -> File:
        """Take in a file that a person gives with a command."""
        file_id = self.world.ids.new()
        file = File(file_id, name, None, self._address(self.world.bot.id, file_id, name, True), data)
        self.messages.files[file_id] = file
        return file

    def _address(self, owner_id: int, file_id: int, name: str, ephemeral: bool) -> str:
        folder = CDN_EPHEMERAL if ephemeral else CDN
        return f"{self.base_url}{folder}{owner_id}/{file_id}/{quote(name, safe='')}"
