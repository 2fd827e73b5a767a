"""Messages as Discord keeps them: files, edits, nonces, and what the bot may see."""

from __future__ import annotations

import mimetypes
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.wire import components
from tests.wire.components import Json
from tests.wire.errors import Code, Refused
from tests.wire.world import World

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
        """By its name; what a client says of it does not count."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def size_bytes(self) -> int:
        return len(self.data)


@dataclass(slots=True)
class Message:
    """`files` are those it shows now, `files_ever` all that it has ever shown. `visible_to` None is everybody."""

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
    edited_at: float | None = None
    deleted: bool = False

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)


class Messages:
    """`address` gives the URL of a new file: (channel id, file id, name, ephemeral)."""

    def __init__(
        self, world: World, *, address: Callable[[int, int, str, bool], str], limit_bytes: int, nonce_seconds: float
    ) -> None:
        self.all: dict[int, Message] = {}
        self.files: dict[int, File] = {}
        self._world = world
        self._address = address
        self._limit_bytes = limit_bytes
        self._nonce_seconds = nonce_seconds
        self._nonces: dict[str, tuple[float, Message]] = {}

    def create(
        self, channel_id: int, draft: Draft, *, interaction_id: int | None = None, for_person: int | None = None
    ) -> Message:
        """By the bot. `for_person` is who alone sees it if it is ephemeral. Raises `Refused`."""
        flags = int(draft.body.get("flags", 0)) & SETTABLE_FLAGS
        message = Message(
            id=self._world.ids.new(),
            channel_id=self._world.channel(channel_id).id,
            author_id=self._world.bot.id,
            interaction_id=interaction_id,
            visible_to=for_person if flags & EPHEMERAL else None,
            flags=flags,
        )
        self._write(message, draft)
        self.all[message.id] = message
        return message

    def create_once(self, channel_id: int, draft: Draft) -> Message:
        """An enforced nonce gives back the first message for some minutes; a deleted one is unknown for as long.

        Per author, whatever the channel: "created with the same nonce by the same user" (discord-api-docs#6647).
        """
        nonce = str(draft.body.get("nonce") or "")
        if len(nonce) > NONCE_LIMIT:
            raise Refused(Code.INVALID_FORM, detail="a nonce of more than 25 characters")
        since, first = self._nonces.get(nonce, (0.0, None))
        if first and draft.body.get("enforce_nonce") and time.monotonic() - since < self._nonce_seconds:
            if first.deleted:
                raise Refused(Code.UNKNOWN_MESSAGE)
            return first
        message = self.create(channel_id, draft)
        if nonce:
            message.nonce = nonce
            self._nonces[nonce] = (time.monotonic(), message)
        return message

    def think(self, channel_id: int, flags: int, *, interaction_id: int, for_person: int) -> Message:
        """The empty message of a deferred answer."""
        message = Message(
            id=self._world.ids.new(),
            channel_id=channel_id,
            author_id=self._world.bot.id,
            interaction_id=interaction_id,
            visible_to=for_person if flags & EPHEMERAL else None,
            flags=(flags & EPHEMERAL) | LOADING,
        )
        self.all[message.id] = message
        return message

    def edit(self, message: Message, draft: Draft) -> Message:
        """Raises `Refused`, and has then changed nothing."""
        self._write(message, draft)
        message.edits += 1
        message.edited_at = time.time()
        return message

    def seen_by_bot(self, channel_id: int, message_id: int) -> Message:
        """By the bot's own token nothing ephemeral is there. Raises `Refused`."""
        self._world.channel(channel_id)
        message = self.all.get(message_id)
        if message is None or message.channel_id != channel_id or message.deleted or message.ephemeral:
            raise Refused(Code.UNKNOWN_MESSAGE)
        return message

    def history(
        self, channel_id: int, *, limit: int, before: int | None = None, after: int | None = None
    ) -> list[Message]:
        """Newest first; with `after`, the oldest of those that follow it. Raises `Refused`."""
        self._world.channel(channel_id)
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

    def _write(self, message: Message, draft: Draft) -> None:
        body = draft.body
        flags = (message.flags & ~LOADING) | (int(body.get("flags") or 0) & COMPONENTS_V2)
        files = self._files(message, draft)
        content = str(body["content"] or "") if "content" in body else message.content
        tree: list[Json] = body.get("components", message.components) or []
        components.check(tree, v2=bool(flags & COMPONENTS_V2), file_names=[file.name for file in files])
        if flags & COMPONENTS_V2 and (content or body.get("embeds")):
            raise Refused(Code.INVALID_FORM, detail="content or embeds beside components V2")
        if not (content or tree or files or body.get("embeds")):
            raise Refused(Code.EMPTY_MESSAGE)
        new = [file for file in files if file.id not in self.files]
        message.flags, message.content, message.files = flags, content, files
        message.components = components.publish(tree, {file.name: file.url for file in files})
        message.mentions = _mentioned(body, components.mentions(tree, content))
        message.files_ever += new
        self.files.update({file.id: file for file in new})

    def _files(self, message: Message, draft: Draft) -> tuple[File, ...]:
        """Without a list of attachments, those that are there stay; with one, only those it names."""
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


def _mentioned(body: Json, text: str) -> tuple[int, ...]:
    """Whom it pings: named in its text, and allowed to be."""
    allowed: Json | None = body.get("allowed_mentions")
    named = [int(each) for each in re.findall(r"<@!?(\d+)>", text)]
    if allowed is None or "users" in allowed.get("parse", ()):
        return tuple(dict.fromkeys(named))
    users = {int(each) for each in allowed.get("users", ())}
    return tuple(dict.fromkeys(each for each in named if each in users))
