"""How a poll ends. The rows are named after the stand-in's scenarios."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from bot.domain.errors import PredictionLost, SupplierClosed, SupplierError, SupplierUnreachable
from bot.domain.failure import Failure
from bot.providers.base import Failed, OutputBytes, Prediction, Waiting
from tests.providers.atlas_seams import (
    BAD_AGENT,
    BASE_URL,
    DROPPED,
    FAILED_500,
    FIREWALL,
    HTML,
    ID,
    IMAGE,
    IMAGE_URL,
    LATER,
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


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(reply(200, prediction()), Waiting(), id="never"),
        pytest.param(reply(200, prediction("pending")), Waiting(), id="pending"),
        pytest.param(reply(200, prediction("dreaming")), Waiting(), id="unknown_word"),
        pytest.param(reply(502, prediction()), Waiting(), id="running_behind_a_502"),
        pytest.param(reply(200, completed()), IMAGE, id="ok"),
        pytest.param(reply(200, prediction("succeeded", outputs=[IMAGE_URL])), IMAGE, id="ok_succeeded"),
        pytest.param(reply(500, completed()), IMAGE, id="completed_behind_a_500"),
        pytest.param(reply(200, completed(outputs=[{"url": IMAGE_URL}])), IMAGE, id="out_object"),
        pytest.param(
            reply(200, completed(outputs=["aW1hZ2U="])),
            replace(IMAGE, outputs=(OutputBytes(b"image"),)),
            id="out_base64",
        ),
        pytest.param(
            reply(200, completed(outputs=["data:image/png;base64,aW1hZ2U="])),
            replace(IMAGE, outputs=(OutputBytes(b"image"),)),
            id="out_datauri",
        ),
        pytest.param(reply(200, completed(has_nsfw_contents=[True])), replace(IMAGE, unsafe=True), id="nsfw_true"),
        pytest.param(reply(200, completed(price="0.15")), replace(IMAGE, price_micros=150_000), id="price"),
        pytest.param(reply(200, completed(price=0.15)), replace(IMAGE, price_micros=150_000), id="price_number"),
        pytest.param(
            reply(200, completed(outputs=[])),
            Failed(failure=Failure.NO_IMAGE, detail="completed without an image"),
            id="completed_empty",
        ),
        pytest.param(
            reply(200, prediction("failed", error="no luck", error_code=1)),
            Failed(failure=Failure.OTHER, detail="no luck"),
            id="failed_200",
        ),
        pytest.param(reply(500, FAILED_500), Failed(failure=Failure.OTHER, detail="no luck"), id="failed_500"),
        pytest.param(
            reply(200, prediction("failed", error_code=1039)),
            Failed(failure=Failure.CONTENT, detail="status failed"),
            id="moderated_1039",
        ),
        pytest.param(
            reply(200, prediction("failed", error="no parts found for the request: PROHIBITED_CONTENT")),
            Failed(failure=Failure.CONTENT, detail="no parts found for the request: PROHIBITED_CONTENT"),
            id="refused_google",
        ),
        pytest.param(
            reply(200, prediction("timeout")), Failed(failure=Failure.BUSY, detail="status timeout"), id="timeout_state"
        ),
    ],
)
async def test_a_poll_believes_the_body_before_the_code(answer: httpx.Response, expected: Prediction) -> None:
    async with an_atlas(answer) as atlas:
        assert expected == await atlas.supplier.poll(ID, age_seconds=LATER)
    (request,) = atlas.requests
    assert ("GET", f"{BASE_URL}/api/v1/model/prediction/{ID}") == (request.method, str(request.url))


async def test_a_failure_that_flips_from_200_to_500_is_the_same_failure() -> None:
    """failed_flip"""
    async with an_atlas(reply(200, prediction("failed", error="no luck")), reply(500, FAILED_500)) as atlas:
        first = await atlas.supplier.poll(ID, age_seconds=LATER)
        assert first == await atlas.supplier.poll(ID, age_seconds=LATER)


@pytest.mark.parametrize("status", [400, 404], ids=["fresh_400", "fresh_404"])
async def test_a_prediction_not_known_yet_is_waited_for_and_later_is_lost(status: int) -> None:
    async with an_atlas(reply(status, envelope(status))) as atlas:
        assert Waiting() == await atlas.supplier.poll(ID, age_seconds=29.9)
        with pytest.raises(PredictionLost):
            await atlas.supplier.poll(ID, age_seconds=30)


POLL_ERRORS = [
    pytest.param(reply(401, envelope(401)), SupplierClosed(because="key"), 1, id="poll_401"),
    pytest.param(reply(402, envelope(402)), SupplierClosed(because="funds"), 1, id="poll_402"),
    pytest.param(reply(403, envelope(403)), SupplierClosed(because="forbidden"), 1, id="poll_403"),
    pytest.param(reply(403, BAD_AGENT), SupplierUnreachable(), 1, id="poll_403_1010"),
    pytest.param(reply(403, FIREWALL), SupplierUnreachable(), 1, id="poll_403_firewall"),
    pytest.param(reply(404, HTML), PredictionLost(), 1, id="poll_404"),
    pytest.param(reply(422, envelope(422)), PredictionLost(), 1, id="poll_422"),
    pytest.param(reply(429), SupplierUnreachable(), 1, id="poll_429"),
    pytest.param(reply(451, envelope(451)), SupplierClosed(because="region"), 1, id="poll_451"),
    pytest.param(reply(500, envelope(500)), SupplierUnreachable(), 1, id="poll_500_envelope"),
    pytest.param(reply(502, HTML), SupplierUnreachable(), 1, id="poll_502_html"),
    pytest.param(reply(503), SupplierUnreachable(), 1, id="poll_503_empty"),
    pytest.param(reply(200), SupplierUnreachable(), 1, id="empty"),
    pytest.param(reply(200, HTML), SupplierUnreachable(), 1, id="html"),
    pytest.param(reply(200, b'{"data":{"id":'), SupplierUnreachable(), 1, id="malformed"),
    pytest.param(reply(200, {"data": [1]}), SupplierUnreachable(), 1, id="wrong_type_data"),
    pytest.param(reply(200, {"data": {"status": 1}}), SupplierUnreachable(), 1, id="wrong_type_status"),
    pytest.param(reply(200, {"status": "error"}), SupplierUnreachable(), 1, id="status_of_the_envelope"),
    *(pytest.param(error, SupplierUnreachable(), 2, id=kind(error)) for error in (*NOTHING_SENT, *DROPPED)),
    *(pytest.param(error, SupplierUnreachable(), 1, id=kind(error)) for error in TOO_SLOW),
]


@pytest.mark.parametrize(("answer", "expected", "tries"), POLL_ERRORS)
async def test_a_poll_that_tells_nothing_is_an_error_and_only_a_dropped_connection_is_tried_once_more(
    answer: Reply, expected: SupplierError, tries: int
) -> None:
    async with an_atlas(answer) as atlas:
        with pytest.raises(SupplierError) as caught:
            await atlas.supplier.poll(ID, age_seconds=LATER)
    assert meaning(expected) == meaning(caught.value)
    assert tries == len(atlas.requests)
    assert sum(atlas.pauses) == 0


async def test_a_connection_dropped_once_is_not_noticed_by_a_poll() -> None:
    async with an_atlas(httpx.ReadError("reset"), reply(200, completed())) as atlas:
        assert await atlas.supplier.poll(ID, age_seconds=LATER) == IMAGE


@pytest.mark.parametrize("bad_id", ["", "..", "../balance", "a/b", "a?b", "a#b", "a b", "a%2e", "x" * 129])
async def test_an_id_that_is_not_safe_in_a_path_is_never_sent(bad_id: str) -> None:
    async with an_atlas(reply(200, completed())) as atlas:
        with pytest.raises(PredictionLost):
            await atlas.supplier.poll(bad_id, age_seconds=LATER)
    assert atlas.requests == []
