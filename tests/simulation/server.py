"""Discord itself: its channels, messages and interactions, and the rules by which it takes or refuses a request.

How requests get lost on the way is not its matter: see `line.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.simulation import payloads
from tests.simulation.loop import Clock
from tests.simulation.payloads import Json, Message
from tests.simulation.plan import (
    BOT_ID,
    BUSY_CHANNEL_ID,
    CHANNEL_IDS,
    GUILD_ID,
    MEMBER_IDS,
    MESSAGE_NUMBERS,
    OPERATOR_CHANNEL_ID,
    Plan,
    Spell,
    SpellKind,
    snowflake,
)  # fmt: skip
from tests.simulation.trace import Trace

ANSWER_SECONDS = 3.0  # for the first answer to an interaction
TOKEN_SECONDS = 15 * 60.0
NONCE_SECONDS = 180.0  # "the past few minutes"
HISTORY_LIMIT = 100
CLIP = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)  # an MP4 as far as its first bytes tell

MESSAGE, LATER, THINKING, CHANGE = 4, 6, 5, 7  # kinds of answers to an interaction
OK = 200


class Refused(Exception):
    def __init__(self, status: int, code: int) -> None:
        super().__init__()
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """`files` are names and sizes in bytes. `by_bot`: with the bot's own token."""

    method: str
    path: str
    body: Json = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, int], ...] = ()
    by_bot: bool = False


@dataclass(slots=True, kw_only=True)
class Talk:
    """An interaction as Discord keeps it. `asked_at`: when the bot first tried to answer; `pressed`: whose button."""

    interaction_id: int
    token: str
    member_id: int
    channel_id: int
    born: float
    pressed: Message | None = None
    asked_at: float | None = None
    answered: bool = False
    original: Message | None = None
    result_actions: list[Message] = field(default_factory=list)


class Server:
    def __init__(self, plan: Plan, clock: Clock, trace: Trace) -> None:
        self.messages: dict[int, Message] = {}
        self.talks: dict[str, Talk] = {}
        self.blind_looks: list[tuple[float, int]] = []  # at a channel that did not show what stands in it
        self.refused_edits: list[tuple[float, int]] = []  # of a message, by the bot's own token
        self.operator_words: list[str] = []
        self._plan = plan
        self._clock = clock
        self._trace = trace
        self._numbers = count(MESSAGE_NUMBERS)
        self._nonces: dict[tuple[int, str], tuple[Message, float]] = {}
        self._chatter = list(plan.chatter)
        self._deletions = sorted(plan.deletions, key=lambda each: each[0])
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = [
            (method, re.compile(pattern), handle)
            for method, pattern, handle in (
                ("GET", r"/users/@me", lambda _: payloads.user(BOT_ID)),
                ("GET", r"/(?:oauth2/)?applications/@me", lambda _: payloads.application()),
                ("PUT", r"/applications/\d+/commands", lambda request: payloads.commands(request.body["commands"])),
                ("POST", r"/users/@me/channels", self._open_direct),
                ("GET", r"/users/(\d+)", lambda _, user_id: payloads.user(int(user_id))),
                ("GET", r"/channels/(\d+)", self._channel),
                ("GET", r"/channels/(\d+)/messages", self._history),
                ("POST", r"/channels/(\d+)/messages", self._post),
                ("PATCH", r"/channels/(\d+)/messages/(\d+)", self._edit_as_bot),
                ("POST", r"/interactions/(\d+)/([\w-]+)/callback", self._callback),
                ("POST", r"/webhooks/\d+/([\w-]+)", self._follow_up),
                ("GET", r"/webhooks/\d+/([\w-]+)/messages/(@original|\d+)", self._read_answer),
                ("PATCH", r"/webhooks/\d+/([\w-]+)/messages/(@original|\d+)", self._edit_answer),
                ("DELETE", r"/webhooks/\d+/([\w-]+)/messages/(@original|\d+)", self._delete_answer),
            )
        ]

    def notice(self, request: Request) -> None:
        """Sent, whether or not it arrives."""
        token = request.path.split("/")[3] if request.path.endswith("/callback") else ""
        if token and self.talks[token].asked_at is None:
            self.talks[token].asked_at = self._clock.seconds

    def take(self, request: Request) -> tuple[int, Any]:
        """The status and JSON of the answer. What it asks for has then happened."""
        self.let_people_act()
        for method, pattern, handle in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                try:
                    return OK, handle(request, *match.groups())
                except Refused as refused:
                    return refused.status, {"code": refused.code, "message": "refused"}
        raise NotImplementedError(f"the simulated Discord has no {request.method} {request.path}")

    def under(self, kind: SpellKind, where: int | None = None) -> Spell | None:
        """The spell of this kind that holds just now, at this place."""
        now = self._clock.seconds
        holding = (each for each in self._plan.spells if each.kind == kind and each.start <= now < each.end)
        return next((each for each in holding if where is None or each.where in {None, where}), None)

    def let_people_act(self) -> None:
        """What people do in Discord itself, up to now: they chat, and a moderator deletes a card."""
        now = self._clock.seconds
        while self._chatter and self._chatter[0] <= now:
            self._new_message(BUSY_CHANNEL_ID, author_id=MEMBER_IDS[0], at=self._chatter.pop(0))
        while self._deletions and self._deletions[0][0] <= now:
            _, order = self._deletions.pop(0)
            talk = self.talks.get(order.token)
            if talk and talk.original and not talk.original.only_for:
                self._trace.note(f"discord: the card of order {order.number} is deleted")
                talk.original.deleted = True

    # --- channels -----------------------------------------------------------------------------------------

    def _channel(self, _: Request, channel_id: str) -> Json:
        self._door(int(channel_id))
        return payloads.channel(int(channel_id))

    def _open_direct(self, request: Request) -> Json:
        member_id = int(request.body["recipient_id"])
        return payloads.direct_channel(direct_channel_of(member_id), member_id)

    def _history(self, request: Request, channel_id: str) -> list[Json]:
        where = int(channel_id)
        if self.under("channel_closed", where) or self.under("no_history", where):
            self.blind_looks.append((self._clock.seconds, where))
        self._door(where)
        if self.under("no_history", where):
            return []  # without the right to read the history, Discord shows an empty one
        before = int(request.params.get("before", 1 << 63))
        after, limit = int(request.params.get("after", 0)), min(int(request.params["limit"]), HISTORY_LIMIT)
        seen = [
            each
            for each in self.messages.values()
            if each.channel_id == where and not each.only_for and not each.deleted and after < each.id < before
        ]
        seen.sort(key=lambda each: -each.id)
        return [payloads.message(each, whole=True) for each in (seen[-limit:] if after else seen[:limit])]

    def _post(self, request: Request, channel_id: str) -> Json:
        where = int(channel_id)
        self._door(where)
        nonce = str(request.body.get("nonce", "")) if request.body.get("enforce_nonce") else ""
        earlier, until = self._nonces.get((where, nonce), (None, 0.0))
        if nonce and earlier and self._clock.seconds < until:
            return payloads.message(earlier)
        self._check_size(request)
        posted = self._new_message(where, author_id=BOT_ID)
        self._show(posted, request.body, request)
        if nonce:
            self._nonces[where, nonce] = posted, self._clock.seconds + NONCE_SECONDS
        return payloads.message(posted)

    def _edit_as_bot(self, request: Request, channel_id: str, message_id: str) -> Json:
        try:
            self._door(int(channel_id))
            found = self._message(int(message_id))
            if found.only_for:
                raise Refused(404, 10_008)  # one place for every fault  # noqa: TRY301  # one place for every fault
        except Refused:
            self.refused_edits.append((self._clock.seconds, int(message_id)))
            raise
        self._check_size(request)
        self._show(found, request.body, request)
        return payloads.message(found)

    def _door(self, channel_id: int) -> None:
        if channel_id in {direct_channel_of(each) for each in MEMBER_IDS}:
            return
        if channel_id not in {*CHANNEL_IDS, OPERATOR_CHANNEL_ID}:
            raise Refused(404, 10_003)
        closed = self.under("channel_closed", channel_id)
        if closed:
            raise Refused(404 if closed.code == 10_003 else 403, closed.code)

    # --- interactions -------------------------------------------------------------------------------------

    def _callback(self, request: Request, interaction_id: str, token: str) -> Json:
        talk = self.talks[token]
        if talk.answered:
            raise Refused(400, 40_060)
        if self._clock.seconds - talk.born > ANSWER_SECONDS:
            raise Refused(404, 10_062)
        kind, data = request.body["type"], request.body.get("data", {})
        if kind in {MESSAGE, THINKING}:
            self._check_size(request)
            only_for = talk.member_id if _is_ephemeral(data) else None
            talk.original = self._new_message(talk.channel_id, author_id=BOT_ID, only_for=only_for)
            talk.original.on_request = talk.pressed is not None
        elif talk.pressed is not None:
            talk.original = talk.pressed
        if talk.original and kind in {MESSAGE, CHANGE}:
            self._show(talk.original, data, request)
        talk.answered = True
        return payloads.callback(int(interaction_id), kind, talk.original)

    def _follow_up(self, request: Request, token: str) -> Json:
        talk = self._talk(token)
        only_for = talk.member_id if _is_ephemeral(request.body) else None
        posted = self._new_message(talk.channel_id, author_id=BOT_ID, only_for=only_for)
        self._show(posted, request.body, request)
        talk.result_actions.append(posted)
        return payloads.message(posted)

    def _read_answer(self, _: Request, token: str, name: str) -> Json:
        return payloads.message(self._answer(token, name))

    def _edit_answer(self, request: Request, token: str, name: str) -> Json:
        found = self._answer(token, name)
        self._check_size(request)
        self._show(found, request.body, request)
        return payloads.message(found)

    def _delete_answer(self, _: Request, token: str, name: str) -> None:
        self._answer(token, name).deleted = True

    def _talk(self, token: str) -> Talk:
        talk = self.talks.get(token)
        if talk is None or self._clock.seconds - talk.born > TOKEN_SECONDS:
            raise Refused(401, 50_027)
        if not talk.answered:
            raise Refused(404, 10_015)
        return talk

    def _answer(self, token: str, name: str) -> Message:
        talk = self._talk(token)
        if talk.original is None or (name != "@original" and int(name) != talk.original.id):
            raise Refused(404, 10_008)
        return self._message(talk.original.id)

    # --- messages -----------------------------------------------------------------------------------------

    def _new_message(
        self, channel_id: int, *, author_id: int, only_for: int | None = None, at: float | None = None
    ) -> Message:
        born = self._clock.seconds if at is None else at
        new = Message(snowflake(born, next(self._numbers)), channel_id, author_id, born, only_for=only_for)
        self.messages[new.id] = new
        return new

    def _message(self, message_id: int) -> Message:
        found = self.messages.get(message_id)
        if found is None or found.deleted:
            raise Refused(404, 10_008)
        return found

    def _check_size(self, request: Request) -> None:
        for _, size_bytes in request.files:
            if size_bytes > self._plan.upload_limit_bytes:
                raise Refused(413, 0) if size_bytes % 2 else Refused(400, 40_005)

    def _show(self, found: Message, body: Json, request: Request) -> None:
        if found.channel_id in _DIRECT and self.under("direct_shut", _DIRECT[found.channel_id]):
            del self.messages[found.id]
            raise Refused(403, 50_007)
        if "components" in body:
            found.components = payloads.numbered(body["components"])
        if "attachments" in body or request.files:
            found.files = [name for name, _ in request.files]
        for name in found.files:
            found.files_ever.setdefault(name, self._clock.seconds)
        if found.channel_id == OPERATOR_CHANNEL_ID:
            self.operator_words.append(found.words)


def direct_channel_of(member_id: int) -> int:
    return member_id + 10_000


_DIRECT = {direct_channel_of(each): each for each in MEMBER_IDS}


def _is_ephemeral(data: Json) -> bool:
    return bool(data.get("flags", 0) & payloads.EPHEMERAL)


__all__ = ["CLIP", "GUILD_ID", "Refused", "Request", "Server", "Talk", "direct_channel_of"]
