"""The two seams of the supplier client: a transport that gives prepared answers, and a real server on the loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from pydantic import JsonValue, SecretStr

from bot.domain.errors import LinkUnreachable, SupplierError
from bot.domain.model_rows import BUILT_IN
from bot.domain.recipe import Clip, Recipe, Span, YouTubeVideo
from bot.providers.atlas import FRESH_SECONDS, AtlasSupplier, open_atlas
from bot.providers.base import Completed, OutputUrl, Submission

KEY = "apikey-5f3cafe0123456789abcdef"
BASE_URL = "https://api.atlas.example"
IMAGE_URL = "https://atlas-media.example/images/one.png"
ID = "04b983bbf8be4e2197b3972204b6748f"

MODEL = BUILT_IN.default.wire_id

MINIMAL = Submission(
    model=BUILT_IN.default,
    recipe=Recipe(
        prompt="A poster",
        clip=Clip(video=YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=0), frame_rate=1),
    ),
    video_url="https://www.youtube.com/watch?v=dQw4w9WgXcQ",
)

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
FIREWALL = b"<html><body>Sorry, you have been blocked. Ray ID 9f1010aa</body></html>"
BAD_AGENT = b"error code: 1010"

# What httpx raises, by how far the request got.
NOTHING_SENT = (httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full"))
DROPPED = (
    httpx.ReadError("reset"),
    httpx.WriteError("broken pipe"),
    httpx.RemoteProtocolError("server disconnected"),
    ssl.SSLError("bad record"),
)
TOO_SLOW = (httpx.ReadTimeout("slow"), httpx.WriteTimeout("slow"))

IMAGE = Completed(outputs=(OutputUrl(IMAGE_URL),), unsafe=None, price_micros=None)
FAILED_500 = {
    "code": 500,
    "message": "Generation failed: task processing failed (code: generation_failed)",
    "data": {"id": ID, "status": "failed", "outputs": None, "error": "no luck", "error_code": 1, "latency_ms": 49752},
}
LATER = FRESH_SECONDS + 1  # an age at which a 404 is no longer "not yet"

Reply = httpx.Response | Exception
Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def prediction(status: str = "processing", /, **fields: JsonValue) -> dict[str, JsonValue]:
    """An answer about a prediction, as recorded from the real API."""
    data: dict[str, JsonValue] = {
        "id": ID,
        "model": "google/nano-banana-2/reference-to-image-developer",
        "status": status,
        "outputs": None,
        "urls": {"get": f"{BASE_URL}/api/v1/model/prediction/{ID}"},
        "has_nsfw_contents": None,
        "error": "",
    }
    return {"code": 200, "message": "", "data": data | fields}


def completed(**fields: JsonValue) -> dict[str, JsonValue]:
    fields.setdefault("outputs", [IMAGE_URL])
    return prediction("completed", **fields)


def envelope(code: int, msg: str = "no") -> dict[str, JsonValue]:
    """The documented error body."""
    return {"code": code, "msg": msg, "request_id": "req-body", "data": None}


def reply(status: int, body: object = b"", headers: Mapping[str, str] | None = None) -> httpx.Response:
    if isinstance(body, bytes):
        return httpx.Response(status, content=body, headers=headers)
    return httpx.Response(status, json=body, headers=headers)


def kind(value: object) -> str:
    return type(value).__name__


def meaning(error: SupplierError) -> tuple[str, str | None]:
    """What callers look at: the type, and for `SupplierClosed` the reason."""
    return kind(error), getattr(error, "because", None)


@dataclass
class Atlas:
    """A supplier client, and the requests that it has sent."""

    supplier: AtlasSupplier
    requests: list[httpx.Request]
    pauses: list[float]
    fetched: list[tuple[str, int]]


@asynccontextmanager
async def an_atlas(
    *replies: Reply,
    downloads: Mapping[str, bytes | Exception] | None = None,
    key: str = KEY,
    retention_days: int = 0,
) -> AsyncIterator[Atlas]:
    """Gives `replies` in turn, then repeats the last one. A URL that is not in `downloads` answers 404."""
    requests: list[httpx.Request] = []
    pauses: list[float] = []
    fetched: list[tuple[str, int]] = []
    left = list(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        given = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(given, Exception):
            raise given
        return httpx.Response(given.status_code, headers=given.headers, content=given.content)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def fetch(url: str, /, *, limit_bytes: int) -> bytes:
        fetched.append((url, limit_bytes))
        found = (downloads or {}).get(url, LinkUnreachable(host="atlas-media.example", because="status", status=404))
        if isinstance(found, Exception):
            raise found
        return found

    async with open_atlas(
        base_url=BASE_URL,
        api_key=SecretStr(key),
        fetch=fetch,
        transport=httpx.MockTransport(answer),
        sleep=sleep,
        retention_days=retention_days,
    ) as supplier:
        yield Atlas(supplier=supplier, requests=requests, pauses=pauses, fetched=fetched)


@dataclass
class Loopback:
    """A real server. `requests`: each as it came, head and body."""

    url: str
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def a_loopback(respond: Respond) -> AsyncIterator[Loopback]:
    """Reads one whole request from each connection, then does as `respond` says, then closes it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(lengths[0].partition(b":")[2]) if lengths else 0)
        loopback.requests.append(head + body)
        try:
            await respond(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    loopback = Loopback(url=f"http://{host}:{port}")
    async with server:
        yield loopback
