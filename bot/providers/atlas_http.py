"""One exchange with Atlas Cloud over HTTP: a request out, an `Answer` back, or `NoAnswer` and how far it got."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Literal

import httpx
from pydantic import SecretStr

from bot.domain.errors import SupplierClosed
from bot.providers.aiohttp_transport import AiohttpTransport
from bot.providers.atlas_wire import JsonObject, error_texts, read_object, read_request_id
from bot.telemetry.metrics import Metrics, NoCode

CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 60.0
# httpx counts from byte to byte, so that an answer which drips never ends; this is for one exchange as a whole. It also
# leaves a video of 15 MB time to go up at 1.5 Mbit/s.
DEADLINE_SECONDS = 90.0
# Polls are spread by the worker. A connection is kept only as long as httpx does by default: the older it is, the
# likelier that a submit goes into one which the other side is closing, and then it is not known whether it arrived.
KEPT_SECONDS = 5.0
CONNECTIONS = 64

DETAIL_LIMIT = 300  # characters of a supplier's text in our log
_TEXT_LIMIT = 4_000  # characters of a body that we look at when it is not JSON
_REQUEST_ID_LIMIT = 100  # characters
_RETRY_AFTER_LIMIT_SECONDS = 60.0
_SECRETS = re.compile(r"Bearer\s+[\w.~+/=-]+|apikey-[\w.-]+", re.IGNORECASE)
_HIDDEN = "[hidden]"

# Raised while a connection is looked for or set up: not one byte of the request has left.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Files = Mapping[str, tuple[str, bytes, str]]  # field -> (file name, content, content type)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """`payload` is None when the body is not a JSON object or is over the limit. `detail` is fit for our log."""

    status: int
    payload: JsonObject | None = field(repr=False)
    text: str = field(repr=False)
    detail: str
    request_id: str | None
    retry_after_seconds: float

    @property
    def succeeded(self) -> bool:
        return httpx.codes.is_success(self.status)


class NoAnswer(Exception):
    """The exchange broke off. Only `unsent` is certain: the request has not left. After the others it may have."""

    def __init__(self, *, stage: NoCode, detail: str) -> None:
        super().__init__(detail)
        self.stage: NoCode = stage
        self.detail = detail


def open_client(
    *, base_url: str, api_key: SecretStr, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Raises `SupplierClosed` for a key that no header can carry; httpx would tell of it by quoting the key."""
    if re.fullmatch(r"[!-~]+", api_key.get_secret_value()) is None:
        raise SupplierClosed(because="key", detail="the API key is empty or has characters that no key has")
    return httpx.AsyncClient(
        base_url=base_url,
        headers={
            "Authorization": f"Bearer {api_key.get_secret_value()}",
            "User-Agent": user_agent(),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        },
        timeout=httpx.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        transport=transport or AiohttpTransport(connections=CONNECTIONS, kept_seconds=KEPT_SECONDS),
    )


def user_agent(distribution: str = "stillframe") -> str:
    """The Cloudflare in front of the API answers 403 "error code: 1010" to the stock agents of libraries."""
    try:
        version = metadata.version(distribution)
    except metadata.PackageNotFoundError:  # run from a copy of the source
        version = "0"
    return f"Stillframe/{version} (+Discord bot)"


class AtlasHttp:
    """Sends to the client's own base URL only: every path is ours, and no URL of an answer is followed."""

    def __init__(self, client: httpx.AsyncClient, *, deadline_seconds: float, metrics: Metrics | None = None) -> None:
        self._client = client
        self._metrics = metrics or Metrics()
        self._deadline_seconds = deadline_seconds
        self._key = SecretStr(client.headers.get("Authorization", "").removeprefix("Bearer "))

    async def ask(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        limit_bytes: int,
        json: JsonObject | None = None,
        files: Files | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """One request, never repeated here. Raises `NoAnswer`."""
        try:
            async with (
                asyncio.timeout(self._deadline_seconds),
                self._client.stream(method, path, json=json, files=files, headers=headers) as response,
            ):
                return self._answer(response, await _read(response, limit_bytes=limit_bytes))
        except _NOTHING_SENT as error:
            raise self._none("unsent", error) from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise self._none("too_slow", error) from error
        except (httpx.RequestError, OSError) as error:
            raise self._none("dropped", error) from error

    def clean(self, text: str) -> str:
        """The supplier's text for our log, cut short and without keys."""
        text = text[:_TEXT_LIMIT]
        if key := self._key.get_secret_value():
            text = text.replace(key, _HIDDEN)
        return _SECRETS.sub(_HIDDEN, text)[:DETAIL_LIMIT]

    def _none(self, stage: NoCode, error: Exception) -> NoAnswer:
        self._metrics.supplier_said(stage)
        return NoAnswer(stage=stage, detail=self.clean(f"{type(error).__name__}: {error}"))

    def _answer(self, response: httpx.Response, body: bytes | None) -> HttpAnswer:
        self._metrics.supplier_said(response.status_code)
        payload = None if body is None else read_object(body)
        text = "(not read)" if body is None else body[:_TEXT_LIMIT].decode(errors="replace")
        said = next(iter(error_texts(payload or {})), text)
        request_id = response.headers.get("X-Request-ID") or read_request_id(payload or {})
        return HttpAnswer(
            status=response.status_code,
            payload=payload,
            text=text,
            detail=self.clean(f"HTTP {response.status_code}: {said}"),
            request_id=request_id and self.clean(request_id)[:_REQUEST_ID_LIMIT],
            retry_after_seconds=_retry_after(response.headers.get("Retry-After", "")),
        )


async def _read(response: httpx.Response, *, limit_bytes: int) -> bytes | None:
    """The body; None when it is over the limit, or compressed: we ask for none, and it may unpack to any size."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit_bytes:
            return None
    return bytes(body)


def _retry_after(header: str) -> float:
    """Seconds; 0 when absent. The documentation says that it is never sent, so its form as a date is not read."""
    return min(float(header), _RETRY_AFTER_LIMIT_SECONDS) if re.fullmatch(r"[0-9]{1,9}", header) else 0.0
