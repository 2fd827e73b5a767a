"""Interactions as Discord keeps them: one answer, in time; a token that dies; the messages that it may touch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum

from tests.wire import payloads
from tests.wire.components import Json
from tests.wire.errors import Code, Refused
from tests.wire.messages import Draft, Message, Messages
from tests.wire.world import UnixMs, World, born_ms

ORIGINAL = "@original"


class InteractionKind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    FORM = 5


class Answer(IntEnum):
    MESSAGE = 4
    THINKING = 5  # a message that follows later
    LATER = 6  # a change of the component's message that follows later
    CHANGE = 7
    SUGGESTIONS = 8
    FORM = 9  # a modal; its fields come as an interaction of their own


@dataclass(slots=True)
class Interaction:
    """`payload` is what the gateway sends. `message_ids` are those of its answer and its follow-ups.

    `source` is the message whose button was pressed. `form` is the modal that answered.
    """

    id: int
    kind: InteractionKind
    person_id: int
    channel_id: int
    source: Message | None = None
    payload: Json = field(default_factory=dict, repr=False)
    answered: bool = False
    killed: bool = False
    form: Json | None = None
    original_id: int | None = None
    message_ids: list[int] = field(default_factory=list)

    @property
    def token(self) -> str:
        """It can't be guessed by chance, and the same id has the same token in each run."""
        return hashlib.sha512(str(self.id).encode()).hexdigest()


class Interactions:
    def __init__(
        self,
        world: World,
        clock: UnixMs,
        messages: Messages,
        *,
        token_life_seconds: float,
        answer_seconds: float,
        limit_bytes: int,
    ) -> None:
        self.all: dict[int, Interaction] = {}
        self._world = world
        self._clock = clock
        self._messages = messages
        self._by_token: dict[str, Interaction] = {}
        self._token_life_ms = token_life_seconds * 1000
        self._answer_ms = answer_seconds * 1000
        self._limit_bytes = limit_bytes

    def begin(
        self,
        kind: InteractionKind,
        data: Json,
        *,
        person_id: int,
        channel_id: int,
        source: Message | None = None,
        at_ms: int | None = None,
    ) -> Interaction:
        """`source` is the message whose button was pressed; `at_ms` None begins it now. Raises `Refused`."""
        begun = Interaction(self._world.ids.new(at_ms), kind, person_id, channel_id, source)
        begun.payload = payloads.interaction(
            self._world,
            interaction_id=begun.id,
            token=begun.token,
            kind=kind,
            person=self._world.person(person_id),
            where=self._world.channel(channel_id),
            file_limit_bytes=self._limit_bytes,
        )
        begun.payload["data"] = data
        if source:
            begun.payload["message"] = payloads.message(self._world, source)
        self.all[begun.id] = self._by_token[begun.token] = begun
        return begun

    def answer(self, interaction_id: int, token: str, kind: Answer, draft: Draft) -> tuple[Interaction, Message | None]:
        """Raises `Refused`."""
        found = self.all.get(interaction_id)
        if found is None or found.token != token:
            raise Refused(Code.UNKNOWN_INTERACTION)
        if found.answered:
            raise Refused(Code.ALREADY_ANSWERED)
        if self._age_ms(found) >= self._answer_ms:
            raise Refused(Code.UNKNOWN_INTERACTION)
        if kind in {Answer.FORM, Answer.SUGGESTIONS}:
            found.answered, found.form = True, draft.body if kind is Answer.FORM else None
            return found, None
        message = self._first_message(found, kind, draft)
        found.answered = True
        found.original_id = message.id
        found.message_ids.append(message.id)
        return found, message if kind is not Answer.LATER else None

    def follow_up(self, found: Interaction, draft: Draft) -> Message:
        """The first one after a deferred answer takes its place. Raises `Refused`."""
        original = self._messages.all.get(found.original_id or 0)
        if original and original.loading and not original.deleted:
            return self._messages.edit(original, draft)
        message = self._messages.create(found.channel_id, draft, interaction_id=found.id, for_person=found.person_id)
        found.message_ids.append(message.id)
        return message

    def by_token(self, token: str) -> Interaction:
        """Raises `Refused` where the token is dead, or nothing was answered."""
        found = self._by_token.get(token)
        if found is None or found.killed or self._age_ms(found) >= self._token_life_ms:
            raise Refused(Code.INVALID_TOKEN)
        if not found.answered:
            raise Refused(Code.UNKNOWN_WEBHOOK)
        return found

    def message(self, found: Interaction, name: str) -> Message:
        """One of its messages, by its id or as `@original`. Raises `Refused`."""
        message_id = found.original_id if name == ORIGINAL else int(name) if name.isdigit() else None
        message = self._messages.all.get(message_id or 0)
        if message is None or message.deleted or message.id not in found.message_ids:
            raise Refused(Code.UNKNOWN_MESSAGE)
        return message

    def _age_ms(self, found: Interaction) -> int:
        return self._clock() - born_ms(found.id)

    def _first_message(self, found: Interaction, kind: Answer, draft: Draft) -> Message:
        match kind:
            case Answer.MESSAGE:
                return self._messages.create(
                    found.channel_id, draft, interaction_id=found.id, for_person=found.person_id
                )
            case Answer.THINKING:
                return self._messages.think(
                    found.channel_id,
                    int(draft.body.get("flags", 0)),
                    interaction_id=found.id,
                    for_person=found.person_id,
                )
            case _:
                if found.source is None:
                    raise Refused(Code.INVALID_FORM, detail="only a button has a message to change")
                return self._messages.edit(found.source, draft) if kind is Answer.CHANGE else found.source
