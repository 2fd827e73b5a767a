"""The stand-in's routes: it checks keys, and words errors as the supplier does."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import uuid4

from aiohttp import web
from aiohttp.web_request import FileField

from sandbox import answers, billing
from sandbox.ledger import Received
from sandbox.scenarios import HEADER
from sandbox.standin import StandIn
from sandbox.validation import Refused, ValidOrder, check_model, check_retention, read_json, read_order

BODY_LIMIT_BYTES = 50_000_000  # errors page: more is a 413
FILES = "/files/"
ELSEWHERE = "/elsewhere/"
BILLING = "/public/"
CATALOGUE = "/api/v1/models"
PREDICTION = "/api/v1/model/prediction/{id}"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, with the id that its answer will carry."""

    request: web.Request
    id: str


Handler = Callable[[Visit], Awaitable[web.Response]]


def application(standin: StandIn, *, api_key: str | None, slow_submit_seconds: float) -> web.Application:
    """The web application. `api_key` None lets any key in that is not empty."""
    routes = _Routes(standin, api_key, slow_submit_seconds)
    app = web.Application(client_max_size=BODY_LIMIT_BYTES)
    app.add_routes(
        [
            web.post("/api/v1/model/generateImage", routes.door(routes.submit)),
            web.get(PREDICTION, routes.door(routes.poll)),
            web.get(f"{PREDICTION}/", routes.door(routes.poll)),
            web.post("/api/v1/model/uploadMedia", routes.door(routes.upload)),
            web.post("/api/v1/model/calculate", routes.door(routes.calculate)),
            web.get(CATALOGUE, routes.door(routes.catalogue)),
            web.get("/public/v1/balance", routes.door(routes.balance)),
            web.get("/public/v1/model-costs", routes.door(routes.costs)),
            web.get(FILES + "{token}/{name}", routes.door(routes.file)),
            web.route("*", "/{path:.*}", routes.door(routes.nowhere)),
        ]
    )
    return app


class _StoppedByFirewall(Exception):
    """Cloudflare's layer refuses the default user agents of libraries."""


class _Routes:
    def __init__(self, standin: StandIn, api_key: str | None, slow_submit_seconds: float) -> None:
        self._standin = standin
        self._api_key = api_key
        self._slow_submit_seconds = slow_submit_seconds

    def door(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def enter(request: web.Request) -> web.Response:
            visit = Visit(request, uuid4().hex)
            self._remember(request)
            try:
                self._let_in(request)
                response = await handler(visit)
            except _StoppedByFirewall:
                response = web.Response(status=403, text="error code: 1010")
            except Refused as refused:
                response = _refusal(visit, refused.status, refused.message)
            except web.HTTPRequestEntityTooLarge:
                response = _refusal(visit, 413, answers.MESSAGES[413])
            response.headers["X-Request-ID"] = visit.id
            return response

        return enter

    def _remember(self, request: web.Request) -> None:
        headers = request.headers.copy()
        with_key = headers.popall("Authorization", None) is not None
        received = Received(method=request.method, path=request.path, headers=headers, with_key=with_key)
        self._standin.requests.append(received)
        if with_key and request.path.startswith((FILES, ELSEWHERE)):
            self._standin.violations.append(f"the key was sent where it must not go: {request.method} {request.path}")

    def _let_in(self, request: web.Request) -> None:
        if request.path.startswith(FILES):
            if "Authorization" in request.headers:
                raise Refused(400, "this server takes no keys")
            return
        agent = request.headers.get("User-Agent", "").strip()
        if not agent or agent.startswith("Python-urllib"):
            raise _StoppedByFirewall
        if request.path != CATALOGUE and not self._has_key(request):
            raise Refused(401, answers.MESSAGES[401])

    def _has_key(self, request: web.Request) -> bool:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and bool(key) and self._api_key in {None, key}

    async def submit(self, visit: Visit) -> web.Response:
        body = await _json(visit.request)
        check_retention(visit.request.headers)
        header, prompt = visit.request.headers.get(HEADER), body.get("prompt")
        try:
            late = self._standin.switch.look(header, prompt).late_validation
        except ValueError as error:
            raise Refused(400, str(error)) from error
        order, complaint = _order(body, late=late)
        scenario, turn = self._standin.switch.take(header, prompt)
        try:
            prediction = self._standin.submit(order, body, scenario, turn, complaint)
        except Refused as refused:
            if scenario.reply != "error_shapes":
                raise
            return web.json_response(answers.error_shape(turn, refused.message, visit.id), status=refused.status)
        if scenario.reply == "filled" or order.enable_sync_mode:
            await self._standin.end(prediction)
            status, answer = answers.polled(prediction)
            return web.json_response(answer, status=status)
        if scenario.reply == "slow":
            await asyncio.sleep(self._slow_submit_seconds)
        if scenario.reply == "reset":
            _reset(visit.request)
        return web.json_response(answers.submitted(prediction))

    async def poll(self, visit: Visit) -> web.Response:
        prediction = await self._standin.find(visit.request.match_info["id"])
        first = prediction.scenario.first_polls
        if prediction.polls < len(first):
            status = first[prediction.polls]
            prediction.polls += 1
            raise Refused(status, answers.MESSAGES[status])
        status, answer = answers.polled(prediction)
        return web.json_response(answer, status=status)

    async def upload(self, visit: Visit) -> web.Response:
        try:
            field = (await visit.request.post()).get("file")
        except (ValueError, ConnectionResetError) as error:  # also of a client that dies in the middle
            raise Refused(400, "malformed multipart body") from error
        if not isinstance(field, FileField):
            raise Refused(400, "file is required")
        with field.file as file:
            data = file.read()
        return web.json_response(answers.uploaded(self._standin.upload(data, field.filename, field.content_type)))

    async def calculate(self, visit: Visit) -> web.Response:
        return web.json_response(answers.calculated(read_order(await _json(visit.request))))

    async def catalogue(self, _visit: Visit) -> web.Response:
        return web.json_response(answers.catalogue())

    async def balance(self, visit: Visit) -> web.Response:
        return web.json_response(answers.balance(self._standin.account, visit.id))

    async def costs(self, visit: Visit) -> web.Response:
        query = visit.request.query
        question = billing.read_question({name: query.getall(name) for name in query})
        now = datetime.now(UTC)
        return web.json_response(billing.costs(question, self._standin.account.bill, now=now, request_id=visit.id))

    async def file(self, visit: Visit) -> web.Response:
        data = self._standin.read(visit.request.path)
        if data is None:
            return web.Response(status=404, text="NoSuchKey")
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
        return web.Response(body=data, headers=headers)

    async def nowhere(self, _visit: Visit) -> web.Response:
        """The supplier's gateway authenticates before it routes: a mistyped path looks like a bad key."""
        raise Refused(401, answers.MESSAGES[401])


async def _json(request: web.Request) -> dict[str, object]:
    body = read_json(request.content_type, await request.read())
    check_model(body)
    return body


def _order(body: dict[str, object], *, late: bool) -> tuple[ValidOrder, str | None]:
    """The order, and the complaint that the supplier only makes later, if there is one."""
    try:
        return read_order(body), None
    except Refused as refused:
        if not late:
            raise
        return ValidOrder.model_construct(prompt=str(body.get("prompt", ""))), refused.message


def _reset(request: web.Request) -> None:
    """Close the socket without lingering, so that the client gets a TCP reset instead of an orderly end."""
    if request.transport is not None:
        linger = struct.pack("ii", 1, 0)
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        request.transport.abort()


def _refusal(visit: Visit, status: int, message: str) -> web.Response:
    if status == HTTPStatus.BAD_GATEWAY:
        return web.Response(status=status, text=answers.BAD_GATEWAY, content_type="text/html")
    envelope = answers.billing_error if visit.request.path.startswith(BILLING) else answers.error
    return web.json_response(envelope(status, message, visit.id), status=status)
