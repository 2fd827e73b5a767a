"""The HTTP side of the stand-in for Discord: routes, who is let in, and what is remembered of each request."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.web_request import FileField

from tests.wire import payloads
from tests.wire.components import Json
from tests.wire.errors import Code, Refused
from tests.wire.faults import VIA, as_json
from tests.wire.gateway import Gateway
from tests.wire.interactions import Answer
from tests.wire.messages import Draft, Message, Upload
from tests.wire.state import CDN, CDN_EPHEMERAL, Request, State

REQUEST_LIMIT_BYTES = 200 * 1024 * 1024  # whatever the limit of a file (discord-api-docs#7603)
BUCKET_LIMIT = 50  # requests; nothing is really counted, faults say when it is too much
BUCKET_SECONDS = 1.0
GATEWAY = "/gateway"
SOCKET = "/socket"
WITHOUT_TOKEN = (CDN, CDN_EPHEMERAL, "/interactions/", "/webhooks/", GATEWAY, SOCKET)
CHANNEL = "/channels/{channel}"
MESSAGE = CHANNEL + "/messages/{message}"
WEBHOOK = "/webhooks/{application}/{token}"
ANSWER = WEBHOOK + "/messages/{message}"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(state: State, gateway: Gateway, *, token: str | None) -> web.Application:
    """`token` None takes any token of a bot."""
    routes = _Routes(state, gateway, token)
    app = web.Application(middlewares=[routes.door], client_max_size=REQUEST_LIMIT_BYTES)
    app.add_routes(
        [
            web.get("/users/@me", routes.me),
            web.get("/users/{person}", routes.person),
            web.post("/users/@me/channels", routes.direct),
            web.get("/oauth2/applications/@me", routes.about),
            web.get("/applications/@me", routes.about),
            web.put("/applications/{application}/commands", routes.sync),
            web.get(GATEWAY, routes.gateway),
            web.get(GATEWAY + "/bot", routes.gateway),
            web.get(SOCKET, gateway.connect),
            web.post("/interactions/{interaction}/{token}/callback", routes.answer),
            web.post(WEBHOOK, routes.follow_up),
            web.get(ANSWER, routes.read_answer),
            web.patch(ANSWER, routes.edit_answer),
            web.delete(ANSWER, routes.delete_answer),
            web.get(CHANNEL, routes.channel),
            web.get(CHANNEL + "/messages", routes.history),
            web.post(CHANNEL + "/messages", routes.post),
            web.get(MESSAGE, routes.read),
            web.patch(MESSAGE, routes.edit),
            web.delete(MESSAGE, routes.delete),
            web.get(CDN + "{owner}/{file}/{name}", routes.file),
            web.get(CDN_EPHEMERAL + "{owner}/{file}/{name}", routes.file),
        ]
    )
    return app


class _Routes:
    def __init__(self, state: State, gateway: Gateway, token: str | None) -> None:
        self._state = state
        self._gateway = gateway
        self._token = token

    # --- the door -----------------------------------------------------------------------------------------

    @web.middleware
    async def door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        noted = self._note(request)

        async def handle() -> web.StreamResponse:
            return await self._handle(request, handler)

        fault = self._state.faults.meet(request)
        try:
            response = await (fault.happen(request, handle) if fault else handle())
        except ConnectionError:  # a client that died in the middle of its upload
            response = None
        if response is None:
            return web.Response()  # nobody is left to read it
        noted.status = response.status
        return response

    def _note(self, request: web.Request) -> Request:
        noted = Request(request.method, request.path, "Authorization" in request.headers)
        self._state.requests.append(noted)
        if noted.authorized and request.path.startswith((CDN, CDN_EPHEMERAL)):
            self._state.violations.append(f"the token was sent where it must not go: {request.path}")
        return noted

    async def _handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if not request.path.startswith(WITHOUT_TOKEN) and not self._has_token(request):
                return as_json({"message": "401: Unauthorized", "code": 0}, status=HTTPStatus.UNAUTHORIZED)
            response = await handler(request)
        except Refused as refused:
            response = _refusal(refused)
        except web.HTTPRequestEntityTooLarge:
            response = _refusal(Refused(Code.TOO_LARGE))
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            self._state.violations.append(f"no such route here: {request.method} {request.path}")
            response = _refusal(Refused(Code.GENERAL))
        if not response.prepared:
            response.headers.update({**VIA, **_rate_limit(request)})
        return response

    def _has_token(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme == "Bot" and bool(token) and self._token in {None, token}

    # --- who and where ------------------------------------------------------------------------------------

    async def me(self, _request: web.Request) -> web.Response:
        return as_json(payloads.user(self._state.world.bot))

    async def about(self, _request: web.Request) -> web.Response:
        return as_json(payloads.application(self._state.world))

    async def person(self, request: web.Request) -> web.Response:
        return as_json(payloads.user(self._state.world.person(_number(request, "person"))))

    async def direct(self, request: web.Request) -> web.Response:
        wanted = int((await self._draft(request)).body["recipient_id"])
        return as_json(payloads.channel(self._state.world, self._state.world.direct(wanted)))

    async def channel(self, request: web.Request) -> web.Response:
        found = self._state.world.channel(_number(request, "channel"))
        return as_json(payloads.channel(self._state.world, found))

    async def sync(self, request: web.Request) -> web.Response:
        commands = json.loads(await request.read())
        self._state.violations += self._state.judge(request.method, request.path, commands)
        return as_json(self._state.sync(commands))

    async def gateway(self, request: web.Request) -> web.Response:
        where: Json = {"url": self._state.base_url.replace("http", "ws", 1) + SOCKET}
        if request.path == GATEWAY:
            return as_json(where)
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return as_json({**where, "shards": 1, "session_start_limit": limit})

    async def file(self, request: web.Request) -> web.Response:
        found = self._state.messages.files.get(_number(request, "file"))
        if found is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="This content is no longer available.")
        return web.Response(body=found.data, content_type=found.content_type)

    # --- interactions -------------------------------------------------------------------------------------

    async def answer(self, request: web.Request) -> web.Response:
        draft = await self._draft(request)
        kind = Answer(draft.body["type"])
        inner = Draft(draft.body.get("data") or {}, draft.uploads)
        token = request.match_info["token"]
        found, shown = self._state.interactions.answer(_number(request, "interaction"), token, kind, inner)
        if request.query.get("with_response") not in {"1", "true"}:
            return web.Response(status=HTTPStatus.NO_CONTENT)
        return as_json(payloads.answered(self._state.world, found.id, found.kind, kind, shown))

    async def follow_up(self, request: web.Request) -> web.Response:
        found = self._state.interactions.by_token(request.match_info["token"])
        return self._message(self._state.interactions.follow_up(found, await self._draft(request)))

    async def read_answer(self, request: web.Request) -> web.Response:
        return self._message(self._answer(request))

    async def edit_answer(self, request: web.Request) -> web.Response:
        draft = await self._draft(request)
        return self._message(self._state.messages.edit(self._answer(request), draft))

    async def delete_answer(self, request: web.Request) -> web.Response:
        self._answer(request).deleted = True
        return web.Response(status=HTTPStatus.NO_CONTENT)

    def _answer(self, request: web.Request) -> Message:
        interactions = self._state.interactions
        return interactions.message(interactions.by_token(request.match_info["token"]), request.match_info["message"])

    # --- messages -----------------------------------------------------------------------------------------

    async def history(self, request: web.Request) -> web.Response:
        query = {name: int(value) for name, value in request.query.items() if name in {"limit", "before", "after"}}
        found = self._state.messages.history(_number(request, "channel"), **{"limit": 50, **query})
        return as_json([payloads.message(self._state.world, each) for each in found])

    async def post(self, request: web.Request) -> web.Response:
        draft = await self._draft(request)
        return self._message(self._state.messages.create_once(_number(request, "channel"), draft))

    async def read(self, request: web.Request) -> web.Response:
        return self._message(self._own(request))

    async def edit(self, request: web.Request) -> web.Response:
        draft = await self._draft(request)
        return self._message(self._state.messages.edit(self._own(request), draft))

    async def delete(self, request: web.Request) -> web.Response:
        self._own(request).deleted = True
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _draft(self, request: web.Request) -> Draft:
        """Raises `Refused`."""
        draft = await _draft(request)
        self._state.violations += self._state.judge(request.method, request.path, draft.body)
        return draft

    def _own(self, request: web.Request) -> Message:
        return self._state.messages.seen_by_bot(_number(request, "channel"), _number(request, "message"))

    def _message(self, message: Message) -> web.Response:
        return as_json(payloads.message(self._state.world, message))


async def _draft(request: web.Request) -> Draft:
    """Raises `Refused`."""
    try:
        if request.content_type != "multipart/form-data":
            return Draft(json.loads(await request.read() or b"{}"))
        form = await request.post()
        uploads = {}
        for name, field in form.items():
            if isinstance(field, FileField):
                with field.file as file:
                    number = int(name.removeprefix("files[").removesuffix("]"))
                    uploads[number] = Upload(field.filename, file.read())
        return Draft(json.loads(str(form["payload_json"])), uploads)
    except (ValueError, KeyError) as error:
        raise Refused(Code.INVALID_JSON) from error


def _number(request: web.Request, name: str) -> int:
    """Raises `Refused`."""
    text = request.match_info[name]
    if not text.isdigit():
        raise Refused(Code.INVALID_FORM, detail=f"{name}: {text!r} is not an id")
    return int(text)


def _refusal(refused: Refused) -> web.Response:
    body: Json = {"message": refused.message, "code": int(refused.code)}
    if refused.detail:
        body["errors"] = {"_errors": [{"code": "INVALID", "message": refused.detail}]}
    return as_json(body, status=refused.status)


def _rate_limit(request: web.Request) -> dict[str, str]:
    """A bucket that always has room: plausible, and never in the way."""
    resource = request.match_info.route.resource
    name = f"{request.method} {resource.canonical if resource else ''}"
    return {
        "X-RateLimit-Limit": str(BUCKET_LIMIT),
        "X-RateLimit-Remaining": str(BUCKET_LIMIT - 1),
        "X-RateLimit-Reset": f"{time.time() + BUCKET_SECONDS:.3f}",
        "X-RateLimit-Reset-After": f"{BUCKET_SECONDS:.3f}",
        "X-RateLimit-Bucket": hashlib.sha256(name.encode()).hexdigest()[:32],
    }
