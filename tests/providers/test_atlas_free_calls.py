"""Upload, download, price and balance."""

from __future__ import annotations

import json

import httpx
import pytest

from bot.domain.errors import (
    FileTooLarge,
    LinkNotPublic,
    LinkUnreachable,
    SupplierClosed,
    SupplierError,
    SupplierRejected,
    SupplierUnreachable,
)
from bot.providers.atlas import DOWNLOAD_LIMIT_BYTES
from bot.providers.base import OutputBytes, OutputUrl, SupplierBalance, SupplierPrice
from tests.providers.atlas_seams import (
    BASE_URL,
    DROPPED,
    FIREWALL,
    HTML,
    IMAGE_URL,
    MINIMAL,
    NOTHING_SENT,
    TOO_SLOW,
    Reply,
    an_atlas,
    envelope,
    kind,
    meaning,
    reply,
)

UPLOADED = {"code": 200, "message": "", "data": {"type": "video", "download_url": "https://atlas-img.example/m/1.mp4"}}


async def test_an_upload_is_one_multipart_file_and_gives_its_address() -> None:
    async with an_atlas(reply(200, UPLOADED)) as atlas:
        url = await atlas.supplier.upload(b"\x00video\xff", name="clip one.mp4", content_type="video/mp4")
    assert url == "https://atlas-img.example/m/1.mp4"
    (request,) = atlas.requests
    assert ("POST", f"{BASE_URL}/api/v1/model/uploadMedia") == (request.method, str(request.url))
    content_type, _, boundary = request.headers["Content-Type"].partition("; boundary=")
    assert content_type == "multipart/form-data"
    assert (
        b"--" + boundary.encode() + b'\r\nContent-Disposition: form-data; name="file"; filename="clip one.mp4"\r\n'
        b"Content-Type: video/mp4\r\n\r\n\x00video\xff\r\n--" + boundary.encode() + b"--\r\n"
    ) == request.content


@pytest.mark.parametrize(
    ("answer", "expected", "tries"),
    [
        pytest.param(reply(400, envelope(400)), SupplierRejected(), 1, id="upload_400"),
        pytest.param(reply(413, HTML), SupplierRejected(), 1, id="upload_413"),
        pytest.param(reply(401, envelope(401)), SupplierClosed(because="key"), 1, id="upload_401"),
        pytest.param(reply(402, envelope(402)), SupplierClosed(because="funds"), 1, id="upload_402"),
        pytest.param(reply(403, envelope(403)), SupplierClosed(because="forbidden"), 1, id="upload_403"),
        pytest.param(reply(403, FIREWALL), SupplierUnreachable(), 1, id="upload_403_firewall"),
        pytest.param(reply(404, envelope(404)), SupplierUnreachable(), 1, id="upload_404"),
        pytest.param(reply(200, envelope(200)), SupplierUnreachable(), 1, id="no_address"),
        pytest.param(reply(200, {"url": "file:///etc/passwd"}), SupplierUnreachable(), 1, id="not_an_address"),
        pytest.param(reply(429), SupplierUnreachable(), 3, id="upload_429"),
        pytest.param(reply(500, envelope(500)), SupplierUnreachable(), 3, id="upload_500"),
        pytest.param(reply(502, HTML), SupplierUnreachable(), 3, id="upload_502"),
        pytest.param(reply(503, UPLOADED), SupplierUnreachable(), 3, id="upload_503_with_an_address"),
        *(pytest.param(error, SupplierUnreachable(), 3, id=kind(error)) for error in (*NOTHING_SENT, *DROPPED)),
        *(pytest.param(error, SupplierUnreachable(), 1, id=kind(error)) for error in TOO_SLOW),
    ],
)
async def test_an_upload_is_tried_three_times_where_that_may_help(
    answer: Reply, expected: SupplierError, tries: int
) -> None:
    async with an_atlas(answer) as atlas:
        with pytest.raises(SupplierError) as caught:
            await atlas.supplier.upload(b"video", name="a.mp4", content_type="video/mp4")
    assert meaning(expected) == meaning(caught.value)
    assert tries == len(atlas.requests)
    assert [True] * (tries - 1) == [
        least <= pause <= 1.5 * least for least, pause in zip((2, 4), atlas.pauses, strict=False)
    ]


async def test_an_upload_honours_retry_after() -> None:
    async with an_atlas(reply(429, headers={"Retry-After": "20"}), reply(200, UPLOADED)) as atlas:
        await atlas.supplier.upload(b"video", name="a.mp4", content_type="video/mp4")
    assert atlas.pauses == [20]


async def test_an_image_inside_the_answer_needs_no_download() -> None:
    async with an_atlas(reply(500)) as atlas:
        assert await atlas.supplier.download(OutputBytes(b"image")) == b"image"
    assert atlas.fetched == []


async def test_an_image_inside_the_answer_has_a_limit_too() -> None:
    async with an_atlas(reply(500)) as atlas:
        with pytest.raises(FileTooLarge) as caught:
            await atlas.supplier.download(OutputBytes(bytes(DOWNLOAD_LIMIT_BYTES + 1)))
    assert (caught.value.limit_bytes, caught.value.size_bytes) == (64_000_000, 64_000_001)


@pytest.mark.parametrize(
    "problem",
    [LinkUnreachable(host="h", because="status", status=404), LinkNotPublic(host="127.0.0.1"), TimeoutError()],
    ids=["url_dead", "points_inside", "timeout"],
)
async def test_a_download_is_tried_three_times(problem: Exception) -> None:
    async with an_atlas(reply(500), downloads={IMAGE_URL: problem}) as atlas:
        with pytest.raises(SupplierUnreachable) as caught:
            await atlas.supplier.download(OutputUrl(IMAGE_URL))
    assert atlas.fetched == [(IMAGE_URL, DOWNLOAD_LIMIT_BYTES)] * 3
    assert kind(problem) in caught.value.detail
    assert problem is caught.value.__cause__


async def test_an_image_that_is_too_large_is_downloaded_once() -> None:
    problem = FileTooLarge(limit_bytes=DOWNLOAD_LIMIT_BYTES)
    async with an_atlas(reply(500), downloads={IMAGE_URL: problem}) as atlas:
        with pytest.raises(FileTooLarge):
            await atlas.supplier.download(OutputUrl(IMAGE_URL))
    assert len(atlas.fetched) == 1


async def test_a_price_is_asked_with_the_body_of_the_submission() -> None:
    answer = reply(200, {"data": {"price": "0.12", "origin_price": "0.15", "currency": "usd"}})
    async with an_atlas(answer) as atlas:
        price = await atlas.supplier.price(MINIMAL)
    assert SupplierPrice(price_micros=120_000, list_price_micros=150_000) == price
    (request,) = atlas.requests
    assert ("POST", f"{BASE_URL}/api/v1/model/calculate") == (request.method, str(request.url))
    assert json.loads(request.content)["prompt"] == "A poster"


async def test_the_balance_is_read_from_the_billing_interface() -> None:
    async with an_atlas(reply(200, {"object": "balance", "available": {"value": "125.500000"}})) as atlas:
        assert SupplierBalance(available_micros=125_500_000) == await atlas.supplier.balance()
    (request,) = atlas.requests
    assert ("GET", f"{BASE_URL}/public/v1/balance") == (request.method, str(request.url))


BILLING_ERROR = {"error": {"type": "auth", "code": "x", "message": "no right", "param": None}, "request_id": "req-9"}


@pytest.mark.parametrize(
    ("answer", "price_error", "balance_error"),
    [
        pytest.param(reply(400, BILLING_ERROR), "SupplierRejected", "SupplierUnreachable", id="400"),
        pytest.param(reply(404, BILLING_ERROR), "SupplierRejected", "SupplierUnreachable", id="404"),
        pytest.param(reply(401, BILLING_ERROR), "SupplierClosed", "SupplierClosed", id="401"),
        pytest.param(reply(403, BILLING_ERROR), "SupplierClosed", "SupplierClosed", id="403"),
        pytest.param(reply(429, BILLING_ERROR), "SupplierUnreachable", "SupplierUnreachable", id="429"),
        pytest.param(reply(502, HTML), "SupplierUnreachable", "SupplierUnreachable", id="502"),
        pytest.param(reply(200, HTML), "SupplierUnreachable", "SupplierUnreachable", id="html"),
        pytest.param(
            reply(500, {"data": {"price": 1}, "available": {"value": "1"}}),
            "SupplierUnreachable",
            "SupplierUnreachable",
            id="500_with_values",
        ),
        pytest.param(httpx.ReadTimeout("slow"), "SupplierUnreachable", "SupplierUnreachable", id="timeout"),
    ],
)
async def test_price_and_balance_errors(answer: Reply, price_error: str, balance_error: str) -> None:
    async with an_atlas(answer) as atlas:
        with pytest.raises(SupplierError) as of_price:
            await atlas.supplier.price(MINIMAL)
        with pytest.raises(SupplierError) as of_balance:
            await atlas.supplier.balance()
    assert (price_error, balance_error) == (kind(of_price.value), kind(of_balance.value))
