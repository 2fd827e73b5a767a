"""What a submission sends, and how it ends. The rows are named after the stand-in's scenarios."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace

import httpx
import pytest
from pydantic import JsonValue

from bot.domain.errors import (
    ContentRefused,
    SubmitUnknown,
    SupplierBusy,
    SupplierClosed,
    SupplierError,
    SupplierRejected,
    SupplierUnreachable,
)
from bot.domain.failure import Failure
from bot.domain.recipe import Shape, Size, Span, Thinking
from bot.providers.atlas import DOWNLOAD_LIMIT_BYTES, RETENTION_HEADERS, AtlasSupplier
from bot.providers.base import Completed, Failed, ImageSupplier, Prediction, Submitted, Waiting
from tests.providers.atlas_seams import (
    BAD_AGENT,
    BASE_URL,
    DROPPED,
    FAILED_500,
    FIREWALL,
    HTML,
    ID,
    IMAGE,
    KEY,
    LATER,
    MINIMAL,
    NOTHING_SENT,
    TOO_SLOW,
    Reply,
    an_atlas,
    completed,
    envelope,
    kind,
    meaning,
    prediction,
    reply,
)


def test_the_client_is_an_image_supplier() -> None:
    def as_supplier(supplier: AtlasSupplier) -> ImageSupplier:
        return supplier  # the types are judged by mypy

    for name in ("submit", "poll", "upload", "download", "price", "balance"):
        expected = inspect.signature(getattr(ImageSupplier, name))
        assert expected == inspect.signature(getattr(AtlasSupplier, name)), name


async def test_a_minimal_submission_is_sent_as_flat_json() -> None:
    async with an_atlas(reply(200, prediction())) as atlas:
        await atlas.supplier.submit(MINIMAL)
    (request,) = atlas.requests
    assert f"{BASE_URL}/api/v1/model/generateImage" == str(request.url)
    assert json.loads(request.content) == {
        "model": "google/nano-banana-2/reference-to-image-developer",
        "prompt": "A poster",
        "video_clips": [{"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "start": 0, "ends": 0, "fps": 1}],
        "resolution": "1k",
    }
    assert b'"start":0,"ends":0,"fps":1}' in request.content


async def test_a_full_submission_is_sent_as_flat_json() -> None:
    full = replace(
        MINIMAL,
        recipe=MINIMAL.recipe.evolve(
            prompt='Cinematic "poster" \N{CLAPPER BOARD}',
            span=Span(start=12.5, end=42),
            frame_rate=0.5,
            shape=Shape.WIDE,
            size=Size.K4,
            thinking=Thinking.MINIMAL,
            search=True,
        ),
        video_url="https://files.example/clip.mp4",
        reference_urls=("https://files.example/a.png",),
    )
    async with an_atlas(reply(200, prediction())) as atlas:
        await atlas.supplier.submit(full)
    assert json.loads(atlas.requests[0].content) == {
        "model": "google/nano-banana-2/reference-to-image-developer",
        "prompt": 'Cinematic "poster" \N{CLAPPER BOARD}',
        "video_clips": [{"url": "https://files.example/clip.mp4", "start": 12.5, "ends": 42, "fps": 0.5}],
        "images": ["https://files.example/a.png"],
        "aspect_ratio": "16:9",
        "resolution": "4k",
        "thinking_level": "minimal",
        "enable_web_search": True,
    }


async def test_every_request_bears_the_key_and_our_own_name() -> None:
    async with an_atlas(reply(200, prediction())) as atlas:
        await atlas.supplier.submit(MINIMAL)
        await atlas.supplier.poll(ID, age_seconds=LATER)
    for request in atlas.requests:
        assert f"Bearer {KEY}" == request.headers["Authorization"]
        assert request.headers["User-Agent"].startswith("Stillframe/")
        assert request.headers["Accept"] == "application/json"
    assert atlas.requests[0].headers["Content-Type"] == "application/json"


async def test_the_key_goes_to_the_base_url_only_whatever_urls_get_says() -> None:
    """hostile_urls_get"""
    hostile: dict[str, JsonValue] = {
        "urls": {"get": "https://evil.example/steal"},
        "outputs": ["https://evil.example/one.png"],
    }
    async with an_atlas(
        reply(200, prediction(**hostile)),
        reply(200, completed(**hostile)),
        downloads={"https://evil.example/one.png": b"image"},
    ) as atlas:
        submitted = await atlas.supplier.submit(MINIMAL)
        found = await atlas.supplier.poll(submitted.prediction_id, age_seconds=LATER)
        assert isinstance(found, Completed)
        assert await atlas.supplier.download(found.outputs[0]) == b"image"
    assert all(str(request.url).startswith(f"{BASE_URL}/") for request in atlas.requests)
    assert atlas.fetched == [("https://evil.example/one.png", DOWNLOAD_LIMIT_BYTES)]


async def test_a_redirect_is_not_followed() -> None:
    away = reply(302, headers={"Location": "https://evil.example/steal"})
    async with an_atlas(away) as atlas:
        with pytest.raises(SubmitUnknown):
            await atlas.supplier.submit(MINIMAL)
        with pytest.raises(SupplierUnreachable):
            await atlas.supplier.poll(ID, age_seconds=LATER)
    assert all(str(request.url).startswith(f"{BASE_URL}/") for request in atlas.requests)


@pytest.mark.parametrize(
    ("answer", "prediction_id", "expected"),
    [
        pytest.param(reply(200, prediction()), ID, Waiting(), id="ok"),
        pytest.param(reply(201, prediction("queued")), ID, Waiting(), id="created"),
        pytest.param(reply(200, completed()), ID, IMAGE, id="sync_filled"),
        pytest.param(
            reply(200, prediction("failed", error="no")),
            ID,
            Failed(failure=Failure.OTHER, detail="no"),
            id="failed_at_once",
        ),
        pytest.param(
            reply(200, prediction("failed", error_code=1039, error="no")),
            ID,
            Failed(failure=Failure.CONTENT, detail="no"),
            id="moderated_1039",
        ),
        pytest.param(reply(200, {"id": "abc", "status": "processing"}), "abc", Waiting(), id="legacy_ids_id"),
        pytest.param(reply(200, {"predictionId": "abc"}), "abc", Waiting(), id="legacy_ids_prediction_id"),
        pytest.param(reply(200, {"data": {"id": ID, "status": 5, "outputs": 7}}), ID, Waiting(), id="odd_fields"),
        pytest.param(reply(500, FAILED_500), ID, Failed(failure=Failure.OTHER, detail="no luck"), id="failed_500"),
        pytest.param(reply(502, prediction()), ID, Waiting(), id="submit_502_still_running"),
    ],
)
async def test_an_accepted_submission_gives_its_id_and_first_look(
    answer: httpx.Response, prediction_id: str, expected: Prediction
) -> None:
    async with an_atlas(answer) as atlas:
        submitted = await atlas.supplier.submit(MINIMAL)
    assert Submitted(prediction_id=prediction_id, prediction=expected, request_id=None) == submitted
    assert len(atlas.requests) == 1


SUBMIT_ERRORS = [
    pytest.param(reply(400, envelope(400)), SupplierRejected(), id="submit_400"),
    pytest.param(reply(404, envelope(404)), SupplierRejected(), id="submit_404"),
    pytest.param(reply(413, HTML), SupplierRejected(), id="submit_413"),
    pytest.param(reply(422, {"message": "fps out of range"}), SupplierRejected(), id="submit_422"),
    pytest.param(reply(400, envelope(400, "Prohibited contents")), ContentRefused(), id="submit_400_moderated"),
    pytest.param(reply(422, {"data": {"error_code": 1039}}), ContentRefused(), id="submit_422_moderated_1039"),
    pytest.param(reply(400, b"blocked by moderation"), ContentRefused(), id="submit_400_moderated_text"),
    pytest.param(reply(400, prediction("failed", error="no")), SupplierRejected(), id="submit_400_failed"),
    pytest.param(reply(402, prediction("failed")), SupplierClosed(because="funds"), id="submit_402_failed"),
    pytest.param(reply(401, envelope(401)), SupplierClosed(because="key"), id="submit_401"),
    pytest.param(reply(401, HTML), SupplierClosed(because="key"), id="submit_401_html"),
    pytest.param(reply(402, envelope(402)), SupplierClosed(because="funds"), id="submit_402"),
    pytest.param(reply(403, envelope(403)), SupplierClosed(because="forbidden"), id="submit_403"),
    pytest.param(reply(403, BAD_AGENT), SupplierClosed(because="forbidden"), id="submit_403_1010"),
    pytest.param(reply(403, FIREWALL), SupplierRejected(), id="submit_403_firewall"),
    pytest.param(reply(451, envelope(451)), SupplierClosed(because="region"), id="submit_451"),
    pytest.param(reply(500, envelope(500)), SubmitUnknown(), id="submit_500"),
    pytest.param(reply(500, envelope(500, "PROHIBITED_CONTENT")), SubmitUnknown(), id="submit_500_moderated"),
    pytest.param(reply(502, HTML), SubmitUnknown(), id="submit_502"),
    pytest.param(reply(500, {"data": {"status": "failed"}}), SubmitUnknown(), id="submit_500_failed_without_id"),
    pytest.param(reply(503, envelope(503)), SubmitUnknown(), id="submit_503"),
    pytest.param(reply(503, HTML, {"Retry-After": "5"}), SubmitUnknown(), id="submit_503_retry_after"),
    pytest.param(reply(504, envelope(504)), SubmitUnknown(), id="submit_504"),
    pytest.param(reply(200, envelope(200)), SubmitUnknown(), id="no_id"),
    pytest.param(reply(200, {"data": {"id": "../balance"}}), SubmitUnknown(), id="unsafe_id"),
    pytest.param(reply(200, HTML), SubmitUnknown(), id="ok_html"),
    pytest.param(reply(200), SubmitUnknown(), id="ok_empty"),
    pytest.param(reply(200, b'{"data":{"id":"04b9'), SubmitUnknown(), id="ok_cut"),
    pytest.param(reply(204), SubmitUnknown(), id="no_content"),
    pytest.param(reply(307), SubmitUnknown(), id="redirect"),
    pytest.param(reply(408, HTML), SubmitUnknown(), id="undocumented_4xx"),
    *(pytest.param(error, SubmitUnknown(), id=kind(error)) for error in (*DROPPED, *TOO_SLOW)),
]


@pytest.mark.parametrize(("answer", "expected"), SUBMIT_ERRORS)
async def test_a_submission_that_is_not_accepted_is_sent_exactly_once(answer: Reply, expected: SupplierError) -> None:
    async with an_atlas(answer) as atlas:
        with pytest.raises(SupplierError) as caught:
            await atlas.supplier.submit(MINIMAL)
    assert meaning(expected) == meaning(caught.value)
    assert (len(atlas.requests), atlas.pauses) == (1, [])


SENT_AGAIN = [
    pytest.param(reply(429, envelope(429)), id="submit_429"),
    pytest.param(reply(429, HTML), id="submit_429_html"),
    *(pytest.param(error, id=kind(error)) for error in NOTHING_SENT),
]


@pytest.mark.parametrize("answer", SENT_AGAIN)
async def test_only_429_and_a_request_that_never_left_are_sent_again_and_then_the_supplier_is_busy(
    answer: Reply,
) -> None:
    async with an_atlas(answer) as atlas:
        with pytest.raises(SupplierBusy):
            await atlas.supplier.submit(MINIMAL)
    assert len(atlas.requests) == 4
    assert [least <= pause <= 1.5 * least for least, pause in zip((2, 4, 8), atlas.pauses, strict=True)] == [True] * 3


@pytest.mark.parametrize("answer", SENT_AGAIN)
async def test_a_submission_sent_again_succeeds_and_stops(answer: Reply) -> None:
    async with an_atlas(answer, reply(200, prediction())) as atlas:
        assert (await atlas.supplier.submit(MINIMAL)).prediction_id == ID
    assert len(atlas.requests) == 2


async def test_an_unknown_end_after_a_429_is_not_sent_again() -> None:
    async with an_atlas(reply(429), httpx.ReadTimeout("slow")) as atlas:
        with pytest.raises(SubmitUnknown):
            await atlas.supplier.submit(MINIMAL)
    assert len(atlas.requests) == 2


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("30", 30, 30), ("9999", 60, 60), ("1", 2, 3), ("0", 2, 3), ("-5", 2, 3), ("Wed, 21 Oct 2026 07:28:00 GMT", 2, 3)],
)
async def test_retry_after_lengthens_a_pause_up_to_a_minute(header: str, least: float, most: float) -> None:
    async with an_atlas(reply(429, headers={"Retry-After": header}), reply(200, prediction())) as atlas:
        await atlas.supplier.submit(MINIMAL)
    (pause,) = atlas.pauses
    assert least <= pause <= most


@pytest.mark.parametrize(("days", "hours"), [(0, None), (1, "24"), (13, "312"), (14, "336"), (30, "336")])
async def test_the_supplier_keeps_an_image_and_its_order_no_longer_than_we_do(days: int, hours: str | None) -> None:
    async with an_atlas(reply(200, prediction()), retention_days=days) as atlas:
        await atlas.supplier.submit(MINIMAL)
        await atlas.supplier.poll(ID, age_seconds=LATER)
    submit, poll = ([request.headers.get(name) for name in RETENTION_HEADERS] for request in atlas.requests)
    assert (submit, poll) == ([hours] * 2, [None] * 2)


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("The input token count (150000) exceeds the maximum number of tokens allowed", Failure.FRAMES),
        ("Unable to process input image", Failure.IMAGE),
        ("start offset 70s exceeds the duration of the video", Failure.MOMENT),
        ("Unsupported MIME type: text/html", Failure.VIDEO),
        ("moderation service unavailable", Failure.OUT_OF_ORDER),
        ("the model is overloaded", Failure.BUSY),
        ("invalid argument", Failure.OTHER),  # it may be the request as a whole
        ("invalid input", Failure.OTHER),
    ],
)
async def test_a_request_that_is_refused_at_once_says_why_and_is_not_sent_again(said: str, failure: Failure) -> None:
    async with an_atlas(reply(400, envelope(400, said))) as atlas:
        with pytest.raises(SupplierRejected) as caught:
            await atlas.supplier.submit(MINIMAL)
    assert (caught.value.failure, len(atlas.requests)) == (failure, 1)
