"""The stand-in for Discord on loopback: it reads requests from sockets, and lets faults happen to them."""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.web_request import FileField

from tests.wire.errors import Code, Refused
from tests.wire.faults import VIA, Faults, as_json
from tests.wire.gateway import Gateway
from tests.wire.handlers import SOCKET, Call, Handlers, Reply, refusal
from tests.wire.messages import Upload

REQUEST_LIMIT_BYTES = 200 * 1024 * 1024  # whatever the limit of a file (discord-api-docs#7603)
REQUESTS_LIMIT = 100_000  # remembered; the oldest go first
BUCKET_LIMIT = 50  # requests; nothing is really counted, faults say when it is too much
BUCKET_SECONDS = 1.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Request:
    """`authorized`: it came with a token. `status` is None while there is no answer, or where none was sent."""

    method: str
    path: str
    authorized: bool
    status: int | None = None


@dataclass
class Server:
    """`requests` are remembered as they came."""

    handlers: Handlers
    gateway: Gateway
    faults: Faults = field(default_factory=Faults)
    requests: deque[Request] = field(default_factory=lambda: deque(maxlen=REQUESTS_LIMIT))

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._door], client_max_size=REQUEST_LIMIT_BYTES)
        app.add_routes([web.get(SOCKET, self.gateway.connect), web.route("*", "/{path:.*}", self._handle)])
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        noted = Request(request.method, request.path, "Authorization" in request.headers)
        self.requests.append(noted)
        fault = self.faults.meet(request)
        try:
            response = await (fault.happen(request, lambda: handler(request)) if fault else handler(request))
        except ConnectionError:  # a client that died in the middle of its upload
            response = None
        if response is None:
            return web.Response()  # the connection is gone, so this is never sent
        noted.status = response.status
        return response

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            reply = self.handlers.take(await _read(request))
        except Refused as refused:
            reply = refusal(refused)
        response = _response(reply)
        response.headers.update({**VIA, **_rate_limit(f"{request.method} {reply.route}")})
        return response


async def _read(request: web.Request) -> Call:
    """Raises `Refused`."""
    uploads: dict[int, Upload] = {}
    try:
        if request.content_type == "multipart/form-data":
            form = await request.post()
            for name, part in form.items():
                if isinstance(part, FileField):
                    with part.file as file:
                        uploads[upload_number(name)] = Upload(part.filename, file.read())
            body = json.loads(str(form["payload_json"]))
        else:
            text = await request.read()
            body = json.loads(text) if text else None
    except web.HTTPRequestEntityTooLarge as error:
        raise Refused(Code.TOO_LARGE) from error
    except (ValueError, KeyError) as error:
        raise Refused(Code.INVALID_JSON) from error
    authorization = request.headers.get("Authorization", "")
    return Call(request.method, request.path, body, request.query, uploads, authorization)


def upload_number(part_name: str) -> int:
    """Discord's clients call the parts of their files `files[0]`, `files[1]` and so on."""
    return int(part_name.removeprefix("files[").removesuffix("]"))


def _response(reply: Reply) -> web.Response:
    if reply.content_type:
        return web.Response(body=reply.body, status=reply.status, content_type=reply.content_type)
    return as_json(reply.body, status=reply.status) if reply.body is not None else web.Response(status=reply.status)


def _rate_limit(route: str) -> dict[str, str]:
    """The headers of a bucket that always has room: plausible, and never in the way."""
    return {
        "X-RateLimit-Limit": str(BUCKET_LIMIT),
        "X-RateLimit-Remaining": str(BUCKET_LIMIT - 1),
        "X-RateLimit-Reset": f"{time.time() + BUCKET_SECONDS:.3f}",
        "X-RateLimit-Reset-After": f"{BUCKET_SECONDS:.3f}",
        "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
    }
