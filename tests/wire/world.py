"""The one server that the stand-in for Discord knows: its people, channels, rights and ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from itertools import count

from tests.wire.errors import Code, Refused

UnixMs = Callable[[], int]  # a clock

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


WRITING = Right.VIEW_CHANNEL | Right.SEND_MESSAGES | Right.EMBED_LINKS | Right.ATTACH_FILES
TALKING = WRITING | Right.READ_MESSAGE_HISTORY | Right.USE_APPLICATION_COMMANDS | Right.SEND_MESSAGES_IN_THREADS
MODERATING = TALKING | Right.MANAGE_GUILD | Right.MANAGE_MESSAGES


class ChannelKind(IntEnum):
    TEXT = 0
    DIRECT = 1
    THREAD = 11


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    rights: Right = TALKING
    bot: bool = False
    role_ids: tuple[int, ...] = ()  # without that of everyone


@dataclass(slots=True)
class Channel:
    """`closed` is the error that the bot gets here for every request by its own token; None where it may come in.

    In a direct channel, `closed` concerns new messages only: a member who takes no messages still has the old ones.
    `bot_rights` are sent with each interaction. Without READ_MESSAGE_HISTORY the bot reads an empty history, as
    Discord's page on "Get Channel Messages" says; the want of another right refuses nothing, so use `closed`.
    `parent_id` is the channel of a thread. In an archived one nothing is edited, and a post opens it again unless it
    is `locked`.
    """

    id: int
    name: str
    kind: ChannelKind = ChannelKind.TEXT
    restricted: bool = False
    recipient_id: int | None = None
    bot_rights: Right = TALKING
    closed: Code | None = None
    parent_id: int | None = None
    archived: bool = False
    locked: bool = False

    @property
    def history_shown(self) -> bool:
        return Right.READ_MESSAGE_HISTORY in self.bot_rights


class Snowflakes:
    """Ids that tell their time, as Discord's do; no two are the same, and they grow as the clock does."""

    def __init__(self, clock: UnixMs) -> None:
        self._clock = clock
        self._numbers = count()

    def new(self, at_ms: int | None = None) -> int:
        """`at_ms` None is now."""
        unix_ms = self._clock() if at_ms is None else at_ms
        return ((unix_ms - DISCORD_EPOCH_MS) << TIME_SHIFT) + next(self._numbers)


def born_ms(snowflake: int) -> int:
    """The Unix milliseconds that an id tells."""
    return (snowflake >> TIME_SHIFT) + DISCORD_EPOCH_MS


class World:
    """A community with its owner, a moderator, two members, a text channel and an age-restricted one."""

    def __init__(self, clock: UnixMs) -> None:
        self.ids = Snowflakes(clock)
        self.people: dict[int, Person] = {}
        self.channels: dict[int, Channel] = {}
        self.guild_id = self.ids.new()
        self.silent = False  # no GUILD_CREATE follows READY, as in the first moments after a start, and in an outage
        self.added = True  # the bot is in the server
        self.installed = True  # else a member has brought the bot along into a server that does not have it
        self.bot = self._arrive("Stillframe", bot=True)
        self.owner = self._arrive("olga", MODERATING)
        self.moderator = self._arrive("mo", MODERATING)
        self.ann = self.join("ann")
        self.ben = self.join("ben")
        self.images = self.open("images")
        self.restricted = self.open("late-night", restricted=True)

    def join(self, name: str, *, role_ids: tuple[int, ...] = ()) -> Person:
        """Add a member. The gateway sends nothing, since a member's facts come with each interaction."""
        return self._arrive(name, role_ids=role_ids)

    def open(
        self,
        name: str,
        *,
        kind: ChannelKind = ChannelKind.TEXT,
        restricted: bool = False,
        recipient_id: int | None = None,
        parent_id: int | None = None,
    ) -> Channel:
        """Add a channel. `recipient_id` is the member of a direct one, `parent_id` the channel of a thread."""
        channel = Channel(self.ids.new(), name, kind, restricted, recipient_id, parent_id=parent_id)
        self.channels[channel.id] = channel
        return channel

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

    def enter(self, channel_id: int, *, to_post: bool = False) -> Channel:
        """The channel, for a request by the bot's own token. Raises `Refused`, where the channel is closed too."""
        found = self.channel(channel_id)
        if found.closed is not None and (to_post or found.kind is not ChannelKind.DIRECT):
            raise Refused(found.closed)
        if to_post and found.locked:
            raise Refused(Code.THREAD_LOCKED)
        found.archived = found.archived and not to_post
        return found

    def direct(self, person_id: int) -> Channel:
        """The channel of direct messages between the bot and a person. Raises `Refused`."""
        person = self.person(person_id)
        for channel in self.channels.values():
            if channel.recipient_id == person.id:
                return channel
        return self.open(f"@{person.name}", kind=ChannelKind.DIRECT, recipient_id=person.id)

    def _arrive(
        self, name: str, rights: Right = TALKING, *, bot: bool = False, role_ids: tuple[int, ...] = ()
    ) -> Person:
        person = Person(self.ids.new(), name, rights, bot, role_ids)
        self.people[person.id] = person
        return person
