"""The stand-in's routes: it checks keys, and words errors as the supplier does."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import uuid4

from aiohttp import web
from aiohttp.web_request import FileField

from sandbox import answers, billing, discovery, youtube
from sandbox.catalogue import StandInModel
from sandbox.ledger import Received
from sandbox.scenarios import HEADER, Scenario
from sandbox.standin import StandIn
from sandbox.validation import Refused, ValidOrder, check_retention, list_micros, read_json, read_model, read_order

BODY_LIMIT_BYTES = 50_000_000  # errors page: more is a 413
FILES = "/files/"
ELSEWHERE = "/elsewhere/"
PUBLIC = (FILES, discovery.SCHEMAS)  # hosts of their own at the supplier; they must not see the key
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
            web.get(CATALOGUE, routes.door(routes.models)),
            web.get(discovery.SCHEMAS + "{name}.json", routes.door(routes.schema)),
            web.get("/api/v1/pricing/models", routes.door(routes.prices)),
            web.get("/public/v1/balance", routes.door(routes.balance)),
            web.get("/public/v1/model-costs", routes.door(routes.costs)),
            web.get(FILES + "{token}/{name}", routes.door(routes.file)),
            web.get(youtube.OEMBED, youtube.oembed),
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
        if with_key and request.path.startswith((*PUBLIC, ELSEWHERE)):
            self._standin.violations.append(f"the key was sent where it must not go: {request.method} {request.path}")

    def _let_in(self, request: web.Request) -> None:
        if request.path.startswith(PUBLIC):
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
        body, model = await self._read(visit)
        check_retention(visit.request.headers)
        likely = self._likely(visit, body)
        order, complaint = _order(model, body, likely)
        scenario, turn = self._standin.switch.take(visit.request.headers.get(HEADER), body.get("prompt"))
        try:
            prediction = self._standin.submit(model, order, body, scenario, turn, complaint)
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

    async def _read(self, visit: Visit) -> tuple[dict[str, object], StandInModel]:
        body = read_json(visit.request.content_type, await visit.request.read())
        return body, read_model(body, self._standin.catalogue)

    def _likely(self, visit: Visit, body: Mapping[str, object]) -> Scenario:
        """The scenario that a request would get now; it stays for the next one."""
        try:
            return self._standin.switch.look(visit.request.headers.get(HEADER), body.get("prompt"))
        except ValueError as error:
            raise Refused(400, str(error)) from error

    async def calculate(self, visit: Visit) -> web.Response:
        body, model = await self._read(visit)
        scenario = self._likely(visit, body)
        listed = list_micros(model, _read_order(model, body, scenario))
        return web.json_response(answers.calculated(self._standin.price(model, listed, scenario), listed))

    async def models(self, _visit: Visit) -> web.Response:
        return web.json_response(discovery.models(self._standin.catalogue, self._standin.base_url))

    async def schema(self, visit: Visit) -> web.Response:
        model = self._standin.catalogue.of_schema(visit.request.match_info["name"])
        if model is None:
            return web.Response(status=404, text="NoSuchKey")
        return web.json_response(discovery.schema(_as_seen(model, self._likely(visit, {}))))

    async def prices(self, _visit: Visit) -> web.Response:
        return web.json_response(discovery.prices(self._standin.catalogue))

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


def _as_seen(model: StandInModel, scenario: Scenario) -> StandInModel:
    return model.narrowed() if scenario.narrowed else model


def _read_order(model: StandInModel, body: Mapping[str, object], scenario: Scenario) -> ValidOrder:
    return read_order(_as_seen(model, scenario), body, foreign=scenario.foreign_fields)


def _order(model: StandInModel, body: Mapping[str, object], scenario: Scenario) -> tuple[ValidOrder, str | None]:
    """The order, and the complaint that the supplier only makes later, if there is one."""
    try:
        return _read_order(model, body, scenario), None
    except Refused as refused:
        if not scenario.late_validation or refused.status != HTTPStatus.BAD_REQUEST:
            raise
        prompt = str(body.get("prompt", ""))
        return ValidOrder.model_construct(model=model.id, prompt=prompt, resolution=model.default_size), refused.message


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
