"""What Discord's HTTP API does with a request, whether a socket or the simulation's transport brought it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from tests.wire import payloads
from tests.wire.components import Json
from tests.wire.errors import Code, Refused
from tests.wire.interactions import Answer
from tests.wire.messages import Draft, Message, Upload
from tests.wire.state import CDN, CDN_EPHEMERAL, State

GATEWAY = "/gateway"
SOCKET = "/socket"
WITHOUT_TOKEN = (CDN, CDN_EPHEMERAL, "/interactions/", "/webhooks/", GATEWAY, SOCKET)
CHANNEL = "/channels/{channel}"
MESSAGE = CHANNEL + "/messages/{message}"
WEBHOOK = "/webhooks/{application}/{token}"
ANSWER = WEBHOOK + "/messages/{message}"


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `body` is its JSON, None without one; `uploads` are its files by number.

    `path` has no version of the API; `authorization` is the header of that name, empty without one.
    """

    method: str
    path: str
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[int, Upload] = field(default_factory=dict)
    authorization: str = ""

    @property
    def draft(self) -> Draft:
        return Draft(self.body or {}, self.uploads)


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is JSON, or the bytes of a file, which alone has a `content_type`. `route` is the pattern of the path."""

    status: int
    body: Any = None
    content_type: str = ""
    route: str = ""


class Handlers:
    """`token` is the bot's; None takes any."""

    def __init__(self, state: State, *, token: str | None = None) -> None:
        self._state = state
        self._token = token
        routes: tuple[tuple[str, str, Callable[..., Any]], ...] = (
            ("GET", "/users/@me", self._me),
            ("GET", "/users/@me/guilds", self._guilds),
            ("DELETE", "/users/@me/guilds/{guild}", self._leave),
            ("GET", "/guilds/{guild}", self._guild),
            ("GET", "/guilds/{guild}/roles/member-counts", self._members_of_roles),
            ("GET", "/users/{person}", self._person),
            ("POST", "/users/@me/channels", self._direct),
            ("GET", "/oauth2/applications/@me", self._about),
            ("GET", "/applications/@me", self._about),
            ("PUT", "/applications/{application}/commands", self._sync),
            ("GET", GATEWAY, self._gateway),
            ("GET", GATEWAY + "/bot", self._gateway_for_bots),
            ("POST", "/interactions/{interaction}/{token}/callback", self._answer),
            ("POST", WEBHOOK, self._follow_up),
            ("GET", ANSWER, self._read_answer),
            ("PATCH", ANSWER, self._edit_answer),
            ("DELETE", ANSWER, self._delete_answer),
            ("GET", CHANNEL, self._channel),
            ("GET", CHANNEL + "/messages", self._history),
            ("POST", CHANNEL + "/messages", self._post),
            ("GET", MESSAGE, self._read),
            ("PATCH", MESSAGE, self._edit),
            ("DELETE", MESSAGE, self._delete),
            ("GET", CDN + "{owner}/{file}/{name}", self._file),
            ("GET", CDN_EPHEMERAL + "{owner}/{file}/{name}", self._file),
        )
        self._routes = [(method, path, _pattern(path), handle) for method, path, handle in routes]

    def take(self, call: Call) -> Reply:
        """Do what a request asks for, and say what came of it."""
        if call.authorization and call.path.startswith((CDN, CDN_EPHEMERAL)):
            self._state.violations.append(f"the token was sent where it must not go: {call.path}")
        if not call.path.startswith(WITHOUT_TOKEN) and not self._has_token(call):
            return Reply(HTTPStatus.UNAUTHORIZED, {"message": "401: Unauthorized", "code": 0})
        if call.body is not None:
            self._state.violations += self._state.judge(call.method, call.path, call.body)
        for method, path, pattern, handle in self._routes:
            match = pattern.fullmatch(call.path)
            if match and method == call.method:
                return replace(_attempt(handle, call, match.groupdict()), route=path)
        self._state.violations.append(f"no such route here: {call.method} {call.path}")
        return refusal(Refused(Code.GENERAL))

    def _has_token(self, call: Call) -> bool:
        scheme, _, token = call.authorization.partition(" ")
        return scheme == "Bot" and bool(token) and self._token in {None, token}

    # --- who and where ------------------------------------------------------------------------------------

    def _me(self, _: Call) -> Json:
        return payloads.user(self._state.world.bot)

    def _guilds(self, call: Call) -> list[Json]:
        """The server, in the one page that there is."""
        facts = payloads.guild(self._state.world)
        here = self._state.world.added and "after" not in call.query
        return [{**{name: facts[name] for name in ("id", "name", "icon", "features")}, "owner": False}] if here else []

    def _guild(self, _: Call, *, guild: str) -> Json:
        self._check_guild(guild)
        return payloads.guild(self._state.world)

    def _members_of_roles(self, _: Call, *, guild: str) -> Json:
        """No role but that of everyone has members here, and Discord does not count those."""
        self._check_guild(guild)
        return {}

    def _leave(self, _: Call, *, guild: str) -> None:
        self._check_guild(guild)
        self._state.world.added = False

    def _check_guild(self, guild: str) -> None:
        world = self._state.world
        if not world.added or guild != str(world.guild_id):
            raise Refused(Code.UNKNOWN_GUILD)

    def _about(self, _: Call) -> Json:
        return payloads.application(self._state.world)

    def _person(self, _: Call, *, person: str) -> Json:
        return payloads.user(self._state.world.person(_number("person", person)))

    def _direct(self, call: Call) -> Json:
        return payloads.channel(self._state.world, self._state.world.direct(int(call.draft.body["recipient_id"])))

    def _channel(self, _: Call, *, channel: str) -> Json:
        return payloads.channel(self._state.world, self._state.world.enter(_number("channel", channel)))

    def _sync(self, call: Call, *, application: str) -> list[Json]:
        return self._state.sync(call.body)

    def _gateway(self, _: Call) -> Json:
        return {"url": self._state.base_url.replace("http", "ws", 1) + SOCKET}

    def _gateway_for_bots(self, call: Call) -> Json:
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {**self._gateway(call), "shards": 1, "session_start_limit": limit}

    def _file(self, _: Call, *, owner: str, file: str, name: str) -> Reply:
        found = self._state.messages.files.get(_number("file", file))
        if found is None:
            return Reply(HTTPStatus.NOT_FOUND, b"This content is no longer available.", "text/plain")
        return Reply(HTTPStatus.OK, found.data, found.content_type)

    # --- interactions -------------------------------------------------------------------------------------

    def _answer(self, call: Call, *, interaction: str, token: str) -> Json | None:
        body = call.draft.body
        kind, inner = Answer(body["type"]), Draft(body.get("data") or {}, call.uploads)
        found, shown = self._state.interactions.answer(_number("interaction", interaction), token, kind, inner)
        if call.query.get("with_response") not in {"1", "true"}:
            return None
        return payloads.answered(self._state.world, found.id, found.kind, kind, shown)

    def _follow_up(self, call: Call, *, application: str, token: str) -> Json:
        found = self._state.interactions.by_token(token)
        return self._shown(self._state.interactions.follow_up(found, call.draft))

    def _read_answer(self, _: Call, *, application: str, token: str, message: str) -> Json:
        return self._shown(self._answered(token, message))

    def _edit_answer(self, call: Call, *, application: str, token: str, message: str) -> Json:
        return self._shown(self._state.messages.edit(self._answered(token, message), call.draft))

    def _delete_answer(self, _: Call, *, application: str, token: str, message: str) -> None:
        self._answered(token, message).deleted = True

    def _answered(self, token: str, name: str) -> Message:
        interactions = self._state.interactions
        return interactions.message(interactions.by_token(token), name)

    # --- messages -----------------------------------------------------------------------------------------

    def _history(self, call: Call, *, channel: str) -> list[Json]:
        query = {name: int(value) for name, value in call.query.items() if name in {"limit", "before", "after"}}
        found = self._state.messages.history(_number("channel", channel), **{"limit": 50, **query})
        return [self._shown(each) for each in found]

    def _post(self, call: Call, *, channel: str) -> Json:
        return self._shown(self._state.messages.create_once(_number("channel", channel), call.draft))

    def _read(self, _: Call, *, channel: str, message: str) -> Json:
        return self._shown(self._own(channel, message))

    def _edit(self, call: Call, *, channel: str, message: str) -> Json:
        return self._shown(self._state.messages.edit(self._own(channel, message), call.draft))

    def _delete(self, _: Call, *, channel: str, message: str) -> None:
        self._own(channel, message).deleted = True

    def _own(self, channel: str, message: str) -> Message:
        return self._state.messages.seen_by_bot(_number("channel", channel), _number("message", message))

    def _shown(self, message: Message) -> Json:
        return payloads.message(self._state.world, message)


def refusal(refused: Refused) -> Reply:
    body: Json = {"message": refused.message, "code": int(refused.code)}
    if refused.detail:
        body["errors"] = {"_errors": [{"code": "INVALID", "message": refused.detail}]}
    return Reply(refused.status, body)


def _attempt(handle: Callable[..., Any], call: Call, facts: Mapping[str, str]) -> Reply:
    try:
        done = handle(call, **facts)
    except Refused as refused:
        return refusal(refused)
    if isinstance(done, Reply):
        return done
    return Reply(HTTPStatus.OK if done is not None else HTTPStatus.NO_CONTENT, done)


def _number(name: str, text: str) -> int:
    """Raises `Refused`."""
    if not text.isdigit():
        raise Refused(Code.INVALID_FORM, detail=f"{name}: {text!r} is not an id")
    return int(text)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
