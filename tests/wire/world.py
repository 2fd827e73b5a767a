"""The one server that the stand-in for Discord knows: its people, channels, rights and ids."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from tests.wire.errors import Code, Refused

DISCORD_EPOCH_MS = 1_420_070_400_000  # the first second of 2015
TIME_SHIFT = 22  # bits of an id below its milliseconds


class Right(IntFlag):
    """Those of Discord's permission bits that matter to a bot that posts images."""

    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38


TALKING = (
    Right.VIEW_CHANNEL | Right.SEND_MESSAGES | Right.EMBED_LINKS | Right.ATTACH_FILES | Right.READ_MESSAGE_HISTORY
    | Right.USE_APPLICATION_COMMANDS | Right.SEND_MESSAGES_IN_THREADS
)  # fmt: skip
MODERATING = TALKING | Right.MANAGE_GUILD | Right.MANAGE_MESSAGES


class ChannelKind(IntEnum):
    TEXT = 0
    DIRECT = 1


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    rights: Right = TALKING
    bot: bool = False


@dataclass(slots=True)
class Channel:
    """`bot_rights` are sent with each interaction; to refuse a request for want of them, use a fault."""

    id: int
    name: str
    kind: ChannelKind = ChannelKind.TEXT
    restricted: bool = False
    recipient_id: int | None = None
    bot_rights: Right = TALKING


class Snowflakes:
    """Ids that tell their time, as Discord's do, and always grow."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> int:
        now_ms = time.time_ns() // 1_000_000
        self._last = max(self._last + 1, (now_ms - DISCORD_EPOCH_MS) << TIME_SHIFT)
        return self._last


def unix_seconds(snowflake: int) -> float:
    return ((snowflake >> TIME_SHIFT) + DISCORD_EPOCH_MS) / 1000


class World:
    """A community with its owner, a moderator, two members, a text channel and an age-restricted one."""

    def __init__(self) -> None:
        self.ids = Snowflakes()
        self.people: dict[int, Person] = {}
        self.channels: dict[int, Channel] = {}
        self.guild_id = self.ids.new()
        self.bot = self._arrive("Stillframe", bot=True)
        self.owner = self._arrive("olga", MODERATING)
        self.moderator = self._arrive("mo", MODERATING)
        self.ann = self.join("ann")
        self.ben = self.join("ben")
        self.images = self._open("images")
        self.restricted = self._open("late-night", restricted=True)

    def join(self, name: str) -> Person:
        """One member more; nobody needs to be told, since a member's facts come with each interaction."""
        return self._arrive(name)

    def person(self, person_id: int) -> Person:
        """Raises `Refused`."""
        if person_id not in self.people:
            raise Refused(Code.UNKNOWN_USER)
        return self.people[person_id]

    def channel(self, channel_id: int) -> Channel:
        """Raises `Refused`."""
        if channel_id not in self.channels:
            raise Refused(Code.UNKNOWN_CHANNEL)
        return self.channels[channel_id]

    def direct(self, person_id: int) -> Channel:
        """The channel of direct messages between the bot and somebody. Raises `Refused`."""
        person = self.person(person_id)
        for channel in self.channels.values():
            if channel.recipient_id == person.id:
                return channel
        return self._open(f"@{person.name}", kind=ChannelKind.DIRECT, recipient_id=person.id)

    def _arrive(self, name: str, rights: Right = TALKING, *, bot: bool = False) -> Person:
        person = Person(self.ids.new(), name, rights, bot)
        self.people[person.id] = person
        return person

    def _open(
        self,
        name: str,
        *,
        kind: ChannelKind = ChannelKind.TEXT,
        restricted: bool = False,
        recipient_id: int | None = None,
    ) -> Channel:
        channel = Channel(self.ids.new(), name, kind, restricted, recipient_id)
        self.channels[channel.id] = channel
        return channel
