"""The stand-in and a plain HTTP client, for its tests: nothing here knows the bot's own client."""

from __future__ import annotations

import io
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from PIL import Image

from sandbox.atlas import MODEL, Latency, StandIn, serve
from sandbox.catalogue import MODELS
from sandbox.drawing import Commission

KEY = "apikey-test"
SUBMIT = "/api/v1/model/generateImage"
UPLOAD = "/api/v1/model/uploadMedia"
CALCULATE = "/api/v1/model/calculate"
BALANCE = "/public/v1/balance"
PREDICTION = "/api/v1/model/prediction/"
CATALOGUE = "/api/v1/models"
PRICES = "/api/v1/pricing/models"
FLASH, PRO = "google/nano-banana-2", "google/nano-banana-pro"
EDIT, TEXT, STANDARD = f"{FLASH}/edit", f"{FLASH}/text-to-image", f"{FLASH}/reference-to-image"
ULTRA = f"{PRO}/text-to-image-ultra"
AN_IMAGE = {"images": ["https://example.org/a.png"]}
YOUTUBE = {"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "start": 14, "ends": 17, "fps": 1}
BODY = {"model": MODEL, "prompt": "A poster", "video_clips": [YOUTUBE]}
START_MICROS = 125_500_000
PRICE_MICROS = 150_000
Json = dict[str, Any]


def picture(kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 36), (90, 20, 140)).save(file, kind)
    return file.getvalue()


def http(**options: Any) -> httpx.AsyncClient:
    """Without the certificates of the world: reading them takes longer than most tests here."""
    return httpx.AsyncClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False, timeout=30, **options)


async def draw_plainly(work: Commission) -> bytes:
    return picture()


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[tuple[StandIn, httpx.AsyncClient]]:
    defaults: Json = {"api_key": KEY, "latency": Latency.instant(), "draw": draw_plainly}
    async with (
        serve(**(defaults | options)) as standin,
        http(base_url=standin.base_url, headers={"Authorization": f"Bearer {KEY}"}) as client,
    ):
        yield standin, client


async def submit(client: httpx.AsyncClient, **changes: object) -> str:
    response = await client.post(SUBMIT, json=BODY | changes)
    assert response.status_code == 200, response.text
    return cast("str", response.json()["data"]["id"])


async def poll(client: httpx.AsyncClient, prediction_id: str) -> Json:
    return cast("Json", (await client.get(PREDICTION + prediction_id)).json()["data"])


async def make(client: httpx.AsyncClient, **changes: object) -> Json:
    """The data of an ended prediction."""
    return await poll(client, await submit(client, **changes))


async def upload(client: httpx.AsyncClient, data: bytes, name: str = "clip.mp4", kind: str = "video/mp4") -> str:
    response = await client.post(UPLOAD, files={"file": (name, data, kind)})
    return cast("str", response.json()["data"]["download_url"])


async def plain_get(url: str) -> httpx.Response:
    async with http() as client:
        return await client.get(url)


def with_clip(**changes: object) -> Json:
    return {"video_clips": [YOUTUBE | changes]}


def body_for(model: str, **changes: object) -> Json:
    """The least that a model takes."""
    sources: Json = {"video_clips": [YOUTUBE]} if MODELS[model].takes_clips else {}
    images = AN_IMAGE if MODELS[model].images[0] else {}
    return {"model": model, "prompt": "A poster"} | sources | images | changes


async def status_of(client: httpx.AsyncClient, sent: Json, path: str = SUBMIT) -> int:
    return (await client.post(path, json=sent)).status_code


async def names(client: httpx.AsyncClient) -> set[str]:
    return {entry["model"] for entry in (await client.get(CATALOGUE)).json()["data"]}


async def price(client: httpx.AsyncClient, sent: Json) -> float:
    response = await client.post(CALCULATE, json=sent)
    assert response.status_code == 200, response.text
    return float(response.json()["data"]["price"])


async def fields(standin: StandIn, model: str) -> dict[str, Json]:
    """The properties of a model's schema, where the catalogue says that it is."""
    catalogue = (await plain_get(standin.base_url + CATALOGUE)).json()["data"]
    (url,) = [entry["schema"] for entry in catalogue if entry["model"] == model]
    return {**(await plain_get(url)).json()["components"]["schemas"]["Input"]["properties"]}
