"""Atlas Cloud as an `ImageSupplier`: what is sent again, and what never is.

A submit has no idempotency key: a second one is a second charge. It is repeated only when nothing had left, or when the
answer is 429, which comes before any work. No other call here costs anything.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from typing import Literal, TypeVar

import httpx
from pydantic import SecretStr

from bot.domain.errors import (
    FileTooLarge,
    LinkNotPublic,
    LinkUnreachable,
    PredictionLost,
    SubmitUnknown,
    SupplierBusy,
    SupplierError,
    SupplierUnreachable,
)
from bot.domain.models import Model
from bot.media.fetch import Download
from bot.providers import atlas_bill as bill
from bot.providers import atlas_wire as wire
from bot.providers.atlas_catalogue import misfits, read_models, read_schema
from bot.providers.atlas_errors import call_error, poll_error, price_error, submit_error, upload_error
from bot.providers.atlas_http import DEADLINE_SECONDS, AtlasHttp, Files, HttpAnswer, NoAnswer, open_client
from bot.providers.base import (
    Output,
    OutputBytes,
    Prediction,
    Submission,
    Submitted,
    SupplierBalance,
    SupplierCost,
    SupplierPrice,
    Waiting,
)
from bot.telemetry.metrics import Metrics

DOWNLOAD_LIMIT_BYTES = 64_000_000  # a 4K PNG is about 25 MB
PREDICTION_LIMIT_BYTES = 64_000_000  # such an answer may hold the image itself, as base64
CATALOGUE_LIMIT_BYTES = 16_000_000  # of 490 models, 0.7 MB in 2026
ANSWER_LIMIT_BYTES = 1_000_000  # all others

# A pause before each repeat, so there is one try more than there are pauses.
SUBMIT_PAUSES_SECONDS = (2.0, 4.0, 8.0)
TRANSFER_PAUSES_SECONDS = (2.0, 4.0)
AT_ONCE = (0.0,)  # for a connection that was dropped; after that the caller decides when to try again
JITTER = 1.5  # a pause grows by up to half, so that requests which were refused together are not repeated together

FRESH_SECONDS = 30.0  # until a prediction is known everywhere; Atlas's own ComfyUI client waits as long

SUBMIT_PATH = "/api/v1/model/generateImage"
PREDICTION_PATH = "/api/v1/model/prediction"
UPLOAD_PATH = "/api/v1/model/uploadMedia"
PRICE_PATH = "/api/v1/model/calculate"
MODELS_PATH = "/api/v1/models"
BALANCE_PATH = "/public/v1/balance"
COSTS_PATH = "/public/v1/model-costs"

# docs/en/data-retention: for an output and for the record of the request; a longer time is refused. Uploads have none.
RETENTION_HEADERS = ("X-AtlasCloud-Object-Expiration-Hours", "X-AtlasCloud-Request-Retention-Hours")
RETENTION_LIMIT_HOURS = 336

COST_PAGES_LIMIT = 1_000  # of up to 1,000 rows each: more than days times models can be

_NOT_KNOWN_YET = frozenset({400, 404})
_BAD_REQUEST = 400
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500

log = logging.getLogger(__name__)
T = TypeVar("T")


class _TryAgain(Exception):
    """This try may be repeated. `error` is what to raise when there are no more."""

    def __init__(self, error: SupplierError, *, after_seconds: float = 0.0) -> None:
        super().__init__(error)
        self.error = error
        self.after_seconds = after_seconds


@asynccontextmanager
async def open_atlas(
    *,
    base_url: str,
    api_key: SecretStr,
    fetch: Download,
    transport: httpx.AsyncBaseTransport | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    metrics: Metrics | None = None,
    retention_days: int = 0,
) -> AsyncIterator[AtlasSupplier]:
    """`base_url` is the origin alone: billing lies beside `/api/v1`. `deadline_seconds`: for each exchange as a whole.

    `retention_days`: how long the supplier may keep an image and the words of its order; 0: as long as it does.

    Raises `SupplierClosed` for a key that no header can carry. `transport` and `sleep` are seams for tests.
    """
    async with open_client(base_url=base_url, api_key=api_key, transport=transport) as client:
        yield AtlasSupplier(
            client,
            fetch=fetch,
            deadline_seconds=deadline_seconds,
            sleep=sleep,
            metrics=metrics,
            retention_days=retention_days,
        )


class AtlasSupplier:
    """`ImageSupplier` documents the methods."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        fetch: Download,
        deadline_seconds: float = DEADLINE_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        metrics: Metrics | None = None,
        retention_days: int = 0,
    ) -> None:
        """`client` knows the base URL and the key. For the rest see `open_atlas`."""
        self._http = AtlasHttp(client, deadline_seconds=deadline_seconds, metrics=metrics)
        self._fetch = fetch
        self._deadline_seconds = deadline_seconds
        self._sleep = sleep
        self._retention = _retention(retention_days)

    async def submit(self, submission: Submission) -> Submitted:
        body = wire.submission_body(submission)
        return await self._repeat(lambda: self._submit_once(body), pauses_seconds=SUBMIT_PAUSES_SECONDS)

    async def _submit_once(self, body: wire.JsonObject) -> Submitted:
        try:
            answer = await self._http.ask(
                "POST", SUBMIT_PATH, json=body, limit_bytes=PREDICTION_LIMIT_BYTES, headers=self._retention
            )
        except NoAnswer as error:
            if error.stage == "unsent":
                raise _TryAgain(SupplierBusy(detail=error.detail)) from error
            raise SubmitUnknown(detail=error.detail) from error
        if submitted := self._read_submitted(answer):
            return submitted
        problem = submit_error(answer)
        if isinstance(problem, SupplierBusy):
            raise _TryAgain(problem, after_seconds=answer.retry_after_seconds)
        raise problem

    def _read_submitted(self, answer: HttpAnswer) -> Submitted | None:
        """Reads a prediction's id, from a 2xx or a server error: the body decides whether the request was accepted."""
        payload = answer.payload or {}
        prediction_id = wire.read_prediction_id(payload)
        if prediction_id is None or not (answer.succeeded or answer.status >= _SERVER_ERROR):
            return None
        prediction = wire.read_prediction(payload, clean=self._http.clean) or Waiting()
        return Submitted(prediction_id=prediction_id, prediction=prediction, request_id=answer.request_id)

    async def poll(self, prediction_id: str, *, age_seconds: float) -> Prediction:
        if not wire.is_prediction_id(prediction_id):
            raise PredictionLost(detail=self._http.clean(f"not an id: {prediction_id}"))
        answer = await self._ask("GET", f"{PREDICTION_PATH}/{prediction_id}", limit_bytes=PREDICTION_LIMIT_BYTES)
        # The body before the code: a failed prediction was seen as HTTP 200 on one read and as 500 on the next.
        prediction = wire.read_prediction(answer.payload or {}, clean=self._http.clean)
        if prediction is not None:
            return prediction
        if answer.status in _NOT_KNOWN_YET and age_seconds < FRESH_SECONDS:
            return Waiting()
        raise poll_error(answer)

    async def upload(self, data: bytes, *, name: str, content_type: str) -> str:
        files = {"file": (name, data, content_type)}
        return await self._repeat(lambda: self._upload_once(files), pauses_seconds=TRANSFER_PAUSES_SECONDS)

    async def _upload_once(self, files: Files) -> str:
        answer = await self._ask_once("POST", UPLOAD_PATH, files=files)
        url = wire.read_upload_url(answer.payload or {}) if answer.succeeded else None
        if url is not None:
            return url
        problem = upload_error(answer)
        if answer.status == _TOO_MANY_REQUESTS or answer.status >= _SERVER_ERROR:
            raise _TryAgain(problem, after_seconds=answer.retry_after_seconds)
        raise problem

    async def download(self, output: Output) -> bytes:
        if isinstance(output, OutputBytes):
            if len(output.data) > DOWNLOAD_LIMIT_BYTES:
                raise FileTooLarge(limit_bytes=DOWNLOAD_LIMIT_BYTES, size_bytes=len(output.data))
            return output.data
        url = output.url
        return await self._repeat(lambda: self._download_once(url), pauses_seconds=TRANSFER_PAUSES_SECONDS)

    async def _download_once(self, url: str) -> bytes:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._fetch(url, limit_bytes=DOWNLOAD_LIMIT_BYTES)
        except (LinkNotPublic, LinkUnreachable, TimeoutError) as error:
            detail = self._http.clean(str(error) or type(error).__name__)
            raise _TryAgain(SupplierUnreachable(detail=detail)) from error

    async def price(self, submission: Submission) -> SupplierPrice:
        answer = await self._ask("POST", PRICE_PATH, json=wire.submission_body(submission))
        price = wire.read_price(answer.payload or {}) if answer.succeeded else None
        if price is None:
            raise price_error(answer)
        return price

    async def catalogue(self) -> dict[str, str | None]:
        """The address of each model's schema, by wire id. Raises as `balance`."""
        answer = await self._ask("GET", MODELS_PATH, limit_bytes=CATALOGUE_LIMIT_BYTES)
        models = read_models(answer.payload or {}) if answer.succeeded else None
        if models is None:
            raise call_error(answer)
        return models

    async def misfits(self, row: Model, schema: str) -> tuple[str, ...]:
        """What the row offers and its schema does not have. Raises `SupplierUnreachable` where it can't be read."""
        try:
            data = await self._repeat(lambda: self._download_once(schema), pauses_seconds=AT_ONCE)
            read = read_schema(json.loads(data))
        except (FileTooLarge, ValueError):
            read = None
        if read is None:
            raise SupplierUnreachable(detail=f"{schema} is no schema of a model")
        return tuple(misfits(row, read))

    async def balance(self) -> SupplierBalance:
        """`SupplierClosed` "forbidden" may only mean that the key lacks the right to read the balance."""
        answer = await self._ask("GET", BALANCE_PATH)
        balance = wire.read_balance(answer.payload or {}) if answer.succeeded else None
        if balance is None:
            raise call_error(answer)
        return balance

    async def costs(self, first: date, until: date) -> AsyncIterator[tuple[SupplierCost, ...]]:
        """What was charged by UTC day and model, a page at a time; `until` is excluded. At most `bill.DAYS_LIMIT`.

        It raises in the middle rather than leaving out a page. `SupplierClosed` "forbidden": this key may not read it.
        """
        page: str | None = None
        for _ in range(COST_PAGES_LIMIT):
            path = f"{COSTS_PATH}?{bill.query(first, until, page)}"
            read = await self._repeat(partial(self._costs_once, path), pauses_seconds=TRANSFER_PAUSES_SECONDS)
            yield read.costs
            page = read.following
            if page is None:
                return
        raise SupplierUnreachable(detail="the bill has no end")

    async def _costs_once(self, path: str) -> bill.BillPage:
        answer = await self._ask_once("GET", path)
        page = bill.read_page(answer.payload or {}) if answer.succeeded else None
        if page is not None:
            return page
        problem = call_error(answer, rejected=(_BAD_REQUEST,))
        if answer.status == _TOO_MANY_REQUESTS or answer.status >= _SERVER_ERROR:
            raise _TryAgain(problem, after_seconds=answer.retry_after_seconds)
        raise problem

    async def _ask(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        json: wire.JsonObject | None = None,
        limit_bytes: int = ANSWER_LIMIT_BYTES,
    ) -> HttpAnswer:
        """Send a free call, and once more when its connection drops."""
        return await self._repeat(
            lambda: self._ask_once(method, path, json=json, limit_bytes=limit_bytes), pauses_seconds=AT_ONCE
        )

    async def _ask_once(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        json: wire.JsonObject | None = None,
        files: Files | None = None,
        limit_bytes: int = ANSWER_LIMIT_BYTES,
    ) -> HttpAnswer:
        try:
            return await self._http.ask(method, path, json=json, files=files, limit_bytes=limit_bytes)
        except NoAnswer as error:
            problem = SupplierUnreachable(detail=error.detail)
            if error.stage == "too_slow":
                raise problem from error
            raise _TryAgain(problem) from error

    async def _repeat(self, attempt: Callable[[], Awaitable[T]], *, pauses_seconds: Sequence[float]) -> T:
        pauses = iter(pauses_seconds)
        while True:
            try:
                return await attempt()
            except _TryAgain as again:
                pause = next(pauses, None)
                if pause is None:
                    raise again.error from again.__cause__
                jitter = random.uniform(1.0, JITTER)  # noqa: S311 - spreads tries in time; guards nothing
                pause = max(pause * jitter, again.after_seconds)
                log.info("Trying the supplier again in %.1f s: %s", pause, again.error)
                await self._sleep(pause)


def _retention(days: int) -> dict[str, str] | None:
    return dict.fromkeys(RETENTION_HEADERS, str(min(24 * days, RETENTION_LIMIT_HOURS))) if days else None
