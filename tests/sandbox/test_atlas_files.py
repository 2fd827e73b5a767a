"""What is uploaded and what comes out, over real HTTP."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from PIL import Image

from sandbox.atlas import Latency, StandIn, serve
from sandbox.clip import make_clip
from sandbox.ledger import SandboxFiles
from tests.sandbox.standin_seams import (
    KEY,
    START_MICROS,
    UPLOAD,
    YOUTUBE,
    http,
    make,
    picture,
    plain_get,
    upload,
    with_clip,
)


async def test_an_upload_comes_back_from_a_url_of_its_own(standin: StandIn, client: httpx.AsyncClient) -> None:
    response = await client.post(UPLOAD, files={"file": ("my clip é.mp4", b"bytes of a clip", "video/mp4")})
    reply = response.json()
    url = reply["data"].pop("download_url")
    assert reply == {"code": 200, "message": "success"} | {
        "data": {"type": "video", "filename": "my clip é.mp4", "size": 15}
    }
    assert b"bytes of a clip" == (await plain_get(url)).content == standin.read(url)
    assert url != await upload(client, b"bytes of a clip")
    assert [url, "my clip é.mp4", "video/mp4", 15] == [
        getattr(standin.uploads[0], name) for name in ("url", "filename", "content_type", "size_bytes")
    ]


@pytest.mark.parametrize(
    ("content_type", "kind"), [("video/mp4", "video"), ("image/png", "image"), ("application/pdf", "other")]
)
async def test_an_upload_is_a_video_an_image_or_other(client: httpx.AsyncClient, content_type: str, kind: str) -> None:
    response = await client.post(UPLOAD, files={"file": ("x", b"x", content_type)})
    assert kind == response.json()["data"]["type"]


async def test_an_upload_is_a_multipart_file(client: httpx.AsyncClient) -> None:
    responses = [
        await client.post(UPLOAD, json={"file": "x"}),
        await client.post(UPLOAD, data={"file": "x"}),
        await client.post(UPLOAD, files={"other": ("x", b"x", "video/mp4")}),
        await client.post(UPLOAD, content=b"x", headers={"Content-Type": "multipart/form-data; boundary=y"}),
    ]
    assert [response.status_code for response in responses] == [400] * 4


async def test_outputs_come_as_attached_bytes_of_no_type(client: httpx.AsyncClient) -> None:
    (url,) = (await make(client))["outputs"]
    response = await plain_get(url)
    assert picture() == response.content
    assert (
        response.headers["Content-Type"],
        response.headers["Content-Disposition"],
    ) == ("application/octet-stream", "attachment")


async def test_the_key_shown_to_the_file_server_is_a_violation(standin: StandIn, client: httpx.AsyncClient) -> None:
    (url,) = (await make(client))["outputs"]
    assert standin.violations == []
    assert (await client.get(url)).status_code == 400
    assert len(standin.violations) == 1
    assert "the key" in standin.violations[0]


def test_the_oldest_files_go_first() -> None:
    files = SandboxFiles(limit_bytes=10)
    tokens = [files.keep(bytes(4)) for _ in range(3)]
    assert [None, bytes(4), bytes(4)] == [files.get(token) for token in tokens]


@asynccontextmanager
async def opened_with_real_images() -> AsyncIterator[tuple[StandIn, httpx.AsyncClient]]:
    async with serve(api_key=KEY, latency=Latency.instant()) as standin:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with http(base_url=standin.base_url, headers=headers) as client:
            yield standin, client


async def test_an_uploaded_clip_becomes_an_image_of_the_asked_shape() -> None:
    async with opened_with_real_images() as (standin, client):
        url = await upload(client, make_clip(seconds=1))
        ended = await make(client, video_clips=[{"url": url, "start": 0, "ends": 0, "fps": 4}], aspect_ratio="3:4")
        image = Image.open(io.BytesIO((await plain_get(ended["outputs"][0])).content))
        image.load()
        assert (image.format, image.size) == ("PNG", (896, 1200))
        assert standin.violations == []


async def test_a_link_becomes_a_placeholder_and_is_never_fetched() -> None:
    async with opened_with_real_images() as (standin, client):
        outside = f"{standin.base_url.replace('127.0.0.1', 'localhost')}/files/x/clip.mp4"
        for url in (YOUTUBE["url"], outside):
            ended = await make(client, **with_clip(url=url))
            image = Image.open(io.BytesIO((await plain_get(ended["outputs"][0])).content))
            assert image.size == (1024, 1024)
        assert not [request for request in standin.requests if request.path.endswith("clip.mp4")]


async def test_images_without_a_clip_become_a_placeholder_too() -> None:
    async with opened_with_real_images() as (_, client):
        ended = await make(client, video_clips=[], images=["https://example.org/a.png"], aspect_ratio="16:9")
        assert Image.open(io.BytesIO((await plain_get(ended["outputs"][0])).content)).size == (1376, 768)


@pytest.mark.parametrize("data", [b"not a video", bytes(15_000_001)], ids=["damaged", "over 15 MB"])
async def test_a_clip_that_cannot_be_read_fails_and_gives_the_money_back(data: bytes) -> None:
    async with opened_with_real_images() as (standin, client):
        url = await upload(client, data)
        ended = await make(client, **with_clip(url=url))
        assert (ended["status"], ended["error_code"]) == ("failed", 1)
        assert ended["error"]
        assert standin.balance_micros == START_MICROS


@pytest.mark.parametrize(
    "url",
    [
        "https://youtu.be/dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=14",
        "http://www.youtube.com/watch?v=dQw4w9WgXcQ",
    ],
)
async def test_only_the_documented_youtube_address_is_read(client: httpx.AsyncClient, url: str) -> None:
    assert (await make(client, **with_clip(url=url)))["status"] == "failed"


async def test_an_upload_that_is_gone_fails(standin: StandIn, client: httpx.AsyncClient) -> None:
    ended = await make(client, **with_clip(url=f"{standin.base_url}/files/{'0' * 32}/clip.mp4"))
    assert ("failed", "404" in ended["error"]) == (ended["status"], True)
