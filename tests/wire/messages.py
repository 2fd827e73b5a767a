"""Messages as Discord keeps them: files, edits, nonces, and what the bot may see."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.wire import components
from tests.wire.components import Json
from tests.wire.errors import Code, Refused
from tests.wire.world import UnixMs, World, born_ms

EPHEMERAL = 1 << 6
LOADING = 1 << 7  # "is thinking ..."
COMPONENTS_V2 = 1 << 15
SETTABLE_FLAGS = EPHEMERAL | COMPONENTS_V2
FILES_LIMIT = 10  # of a message
NONCE_LIMIT = 25  # characters
HISTORY_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as a client sends it: its JSON, and its files by their number."""

    body: Json
    uploads: Mapping[int, Upload] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    id: int
    name: str
    description: str | None
    url: str
    data: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """Discord tells it from the name, whatever the client says."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def size_bytes(self) -> int:
        return len(self.data)


@dataclass(slots=True)
class Message:
    """`files` are those it shows now, `files_ever` all that it has ever shown. Where `visible_to` is None, all see it.

    `edited_at_ms` is Unix milliseconds.
    """

    id: int
    channel_id: int
    author_id: int
    interaction_id: int | None = None
    visible_to: int | None = None
    content: str = ""
    flags: int = 0
    components: list[Json] = field(default_factory=list)
    files: tuple[File, ...] = ()
    files_ever: list[File] = field(default_factory=list)
    mentions: tuple[int, ...] = ()
    nonce: str | None = None
    edits: int = 0
    edited_at_ms: int | None = None
    deleted: bool = False

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)


class Messages:
    """`address` makes the URL of a new file from (channel id, file id, name, ephemeral)."""

    def __init__(
        self,
        world: World,
        clock: UnixMs,
        *,
        address: Callable[[int, int, str, bool], str],
        limit_bytes: int,
        nonce_seconds: float,
    ) -> None:
        self.all: dict[int, Message] = {}
        self.files: dict[int, File] = {}
        self._world = world
        self._clock = clock
        self._address = address
        self._limit_bytes = limit_bytes
        self._nonce_ms = nonce_seconds * 1000
        self._nonces: dict[str, Message] = {}

    def create(
        self, channel_id: int, draft: Draft, *, interaction_id: int | None = None, for_person: int | None = None
    ) -> Message:
        """A message by the bot. Where it is ephemeral, only `for_person` sees it. Raises `Refused`."""
        flags = int(draft.body.get("flags", 0)) & SETTABLE_FLAGS
        message = self._new(channel_id, flags, interaction_id=interaction_id, for_person=for_person)
        self._write(message, draft)
        self.all[message.id] = message
        return message

    def create_once(self, channel_id: int, draft: Draft) -> Message:
        """A message by the bot's own token, unless an enforced nonce names one that was made minutes ago.

        What is known: "If another message was created by the same author with the same nonce, that message will be
        returned and no new message will be created" (Discord's page on "Create Message"). If that message is deleted,
        Discord answers 10008, and does so on purpose (discord-api-docs#6647). Of the channel neither says anything, so
        here the author alone counts: the message that is returned may stand in another channel. How long "the past few
        minutes" are is not known. Raises `Refused`.
        """
        self._world.enter(channel_id, to_post=True)
        nonce = str(draft.body.get("nonce") or "")
        if len(nonce) > NONCE_LIMIT:
            raise Refused(Code.INVALID_FORM, detail="a nonce of more than 25 characters")
        first = self._nonces.get(nonce)
        if first and draft.body.get("enforce_nonce") and self._clock() - born_ms(first.id) < self._nonce_ms:
            if first.deleted:
                raise Refused(Code.UNKNOWN_MESSAGE)
            return first
        message = self.create(channel_id, draft)
        if nonce:
            message.nonce = nonce
            self._nonces[nonce] = message
        return message

    def say(self, channel_id: int, person_id: int, words: str, *, at_ms: int | None = None) -> None:
        """A person writes in a channel, now or at a time that may be past."""
        message = Message(self._world.ids.new(at_ms), channel_id, person_id, content=words)
        self.all[message.id] = message

    def think(self, channel_id: int, flags: int, *, interaction_id: int, for_person: int) -> Message:
        """The empty message of a deferred answer."""
        flags = (flags & EPHEMERAL) | LOADING
        message = self._new(channel_id, flags, interaction_id=interaction_id, for_person=for_person)
        self.all[message.id] = message
        return message

    def edit(self, message: Message, draft: Draft) -> Message:
        """Raises `Refused`, and has then changed nothing."""
        if self._world.channel(message.channel_id).archived:
            raise Refused(Code.THREAD_ARCHIVED)
        self._write(message, draft)
        message.edits += 1
        message.edited_at_ms = self._clock()
        return message

    def seen_by_bot(self, channel_id: int, message_id: int) -> Message:
        """The message, for the bot's own token, which sees no ephemeral one. Raises `Refused`."""
        self._world.enter(channel_id)
        message = self.all.get(message_id)
        if message is None or message.channel_id != channel_id or message.deleted or message.ephemeral:
            raise Refused(Code.UNKNOWN_MESSAGE)
        return message

    def history(
        self, channel_id: int, *, limit: int, before: int | None = None, after: int | None = None
    ) -> list[Message]:
        """The newest first; with `after`, the oldest of those that follow it. Raises `Refused`."""
        if not self._world.enter(channel_id).history_shown:
            return []
        found = [
            message
            for message in self.all.values()
            if message.channel_id == channel_id
            and not (message.deleted or message.ephemeral)
            and (before is None or message.id < before)
            and (after is None or message.id > after)
        ]
        limit = min(limit, HISTORY_LIMIT)
        page = found[:limit] if after is not None else found[-limit:]
        return page[::-1]

    def _new(self, channel_id: int, flags: int, *, interaction_id: int | None, for_person: int | None) -> Message:
        return Message(
            id=self._world.ids.new(),
            channel_id=self._world.channel(channel_id).id,
            author_id=self._world.bot.id,
            interaction_id=interaction_id,
            visible_to=for_person if flags & EPHEMERAL else None,
            flags=flags,
        )

    def _write(self, message: Message, draft: Draft) -> None:
        body = draft.body
        flags = (message.flags & ~LOADING) | (int(body.get("flags") or 0) & COMPONENTS_V2)
        files = self._files(message, draft)
        content = str(body["content"] or "") if "content" in body else message.content
        tree: list[Json] = body.get("components", message.components) or []
        components.check(tree, v2=bool(flags & COMPONENTS_V2), file_names=_named(draft, files))
        if flags & COMPONENTS_V2 and (content or body.get("embeds")):
            raise Refused(Code.INVALID_FORM, detail="content or embeds beside components V2")
        if not (content or tree or files or body.get("embeds")):
            raise Refused(Code.EMPTY_MESSAGE)
        new = [file for file in files if file.id not in self.files]
        message.flags, message.content, message.files = flags, content, files
        message.components = components.publish(tree, {file.name: (file.id, file.url) for file in files})
        message.mentions = _mentioned(body, components.words(tree, content))
        message.files_ever += new
        self.files.update({file.id: file for file in new})

    def _files(self, message: Message, draft: Draft) -> tuple[File, ...]:
        """Without a list of attachments, the old files stay; with one, only those that it names stay."""
        listed: list[Json] | None = draft.body.get("attachments")
        kept = message.files
        if listed is not None:
            stay = {str(each.get("id")) for each in listed}
            kept = tuple(file for file in message.files if str(file.id) in stay)
        words = {str(each.get("id")): each for each in listed or ()}
        new = [self._file(message, upload, words.get(str(number), {})) for number, upload in draft.uploads.items()]
        if len(kept) + len(new) > FILES_LIMIT:
            raise Refused(Code.INVALID_FORM, detail="more than 10 files")
        return (*kept, *new)

    def _file(self, message: Message, upload: Upload, words: Json) -> File:
        if len(upload.data) > self._limit_bytes:
            raise Refused(Code.TOO_LARGE)
        file_id, name = self._world.ids.new(), str(words.get("filename") or upload.name)
        url = self._address(message.channel_id, file_id, name, message.ephemeral)
        return File(file_id, name, words.get("description"), url, upload.data)


def _named(draft: Draft, files: tuple[File, ...]) -> list[str]:
    """The files that a component may name: those that are sent, and those that an edit lists with their names."""
    listed = {str(each.get("id")): each.get("filename") for each in draft.body.get("attachments") or ()}
    sent = {upload.name for upload in draft.uploads.values()} | set(listed.values())
    return [file.name for file in files if file.name in sent and listed.get(str(file.id), file.name) == file.name]


def _mentioned(body: Json, text: str) -> tuple[int, ...]:
    """The people that it pings: its text names them, and the bot allows it."""
    allowed: Json | None = body.get("allowed_mentions")
    named = [int(each) for each in re.findall(r"<@!?(\d+)>", text)]
    if allowed is None or "users" in allowed.get("parse", ()):
        return tuple(dict.fromkeys(named))
    users = {int(each) for each in allowed.get("users", ())}
    return tuple(dict.fromkeys(each for each in named if each in users))
