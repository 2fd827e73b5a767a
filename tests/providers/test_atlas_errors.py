"""What an error says, and that it never says a secret."""

from __future__ import annotations

import logging
import traceback

import httpx
import pytest

from bot.domain.errors import SupplierClosed, SupplierError, SupplierRejected
from bot.domain.failure import Failure
from bot.providers.atlas import AtlasSupplier
from bot.providers.atlas_http import DETAIL_LIMIT
from bot.providers.base import Failed
from tests.providers.atlas_seams import BASE_URL, ID, KEY, LATER, MINIMAL, Reply, an_atlas, envelope, prediction, reply


@pytest.mark.parametrize(
    ("answer", "detail", "request_id"),
    [
        pytest.param(
            reply(400, {"msg": "a", "message": "b"}, {"X-Request-ID": "req-1"}), "HTTP 400: a", "req-1", id="msg"
        ),
        pytest.param(reply(400, {"message": "b"}), "HTTP 400: b", None, id="message"),
        pytest.param(
            reply(400, {"error": {"type": "x", "message": "no right"}, "request_id": "req-9"}),
            "HTTP 400: no right",
            "req-9",
            id="error_message",
        ),
        pytest.param(reply(400, {"error": "c", "request_id": 7}), "HTTP 400: c", None, id="error"),
        pytest.param(reply(400, b"plain words"), "HTTP 400: plain words", None, id="raw_text"),
        pytest.param(
            reply(400, envelope(400, "a"), {"X-Request-ID": "header"}), "HTTP 400: a", "header", id="header_first"
        ),
        pytest.param(reply(400, b"\xff"), "HTTP 400: \N{REPLACEMENT CHARACTER}", None, id="not_utf8"),
    ],
)
async def test_an_error_keeps_the_words_and_the_request_id(
    answer: httpx.Response, detail: str, request_id: str | None
) -> None:
    """msg_vs_message"""
    async with an_atlas(answer) as atlas:
        with pytest.raises(SupplierRejected) as caught:
            await atlas.supplier.submit(MINIMAL)
    assert (detail, request_id) == (caught.value.detail, caught.value.request_id)


async def test_the_request_id_of_a_submission_is_kept() -> None:
    async with an_atlas(reply(200, prediction(), {"X-Request-ID": "req-1"})) as atlas:
        assert (await atlas.supplier.submit(MINIMAL)).request_id == "req-1"


async def test_the_words_of_an_error_have_a_limit() -> None:
    async with an_atlas(reply(400, {"msg": "x" * 10_000}, {"X-Request-ID": "y" * 10_000})) as atlas:
        with pytest.raises(SupplierRejected) as caught:
            await atlas.supplier.submit(MINIMAL)
    assert (len(caught.value.detail), len(caught.value.request_id or "")) == (DETAIL_LIMIT, 100)


async def fetch_nothing(url: str, /, *, limit_bytes: int) -> bytes:
    return b""


PLAIN_KEY = "0123456789abcdef"  # of a shape that only we can know to be a key


@pytest.mark.parametrize(
    ("echo", "secret"),
    [
        pytest.param(KEY, KEY[7:20], id="key"),
        pytest.param(PLAIN_KEY, PLAIN_KEY, id="plain_key"),
        pytest.param("x" * (DETAIL_LIMIT - 20) + PLAIN_KEY, PLAIN_KEY[:6], id="key_across_the_limit"),
        pytest.param("bearer  some.other-token/with+signs==", "some.other", id="other_bearer"),
        pytest.param("apikey-of-somebody-else", "somebody", id="other_key"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
async def test_a_key_in_an_answer_gets_into_no_error_and_no_log(
    echo: str, secret: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers: list[Reply] = [
        reply(status, {"msg": echo}, {"X-Request-ID": echo}),
        reply(status, echo.encode()),
        httpx.ReadError(echo),
    ]
    for answer in answers:
        async with an_atlas(answer, key=KEY if echo == KEY else PLAIN_KEY) as atlas:
            for call in (atlas.supplier.submit(MINIMAL), atlas.supplier.poll(ID, age_seconds=LATER)):
                with pytest.raises(SupplierError) as caught:
                    await call
                error = caught.value
                assert secret not in f"{error} {error!r} {error.detail} {error.request_id}"
    assert secret not in caplog.text


async def test_a_key_in_the_words_of_a_failed_prediction_is_hidden() -> None:
    async with an_atlas(reply(200, prediction("failed", error=f"bad {KEY}!"))) as atlas:
        assert Failed(failure=Failure.OTHER, detail="bad [hidden]!") == await atlas.supplier.poll(ID, age_seconds=LATER)


async def test_the_key_is_in_no_traceback_not_even_among_its_local_variables() -> None:
    async with an_atlas(reply(401, {"msg": f"unknown key {KEY}"})) as atlas:
        with pytest.raises(SupplierClosed) as caught:
            await atlas.supplier.submit(MINIMAL)
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in report.stack if "/bot/" in frame.filename]
    assert ours
    assert all(KEY not in str(frame.locals) for frame in ours)
    assert KEY not in "".join(traceback.format_exception(caught.value))


async def test_a_client_without_a_key_hides_nothing_by_mistake() -> None:
    transport = httpx.MockTransport(lambda _: reply(401, {"msg": "no key"}))
    async with httpx.AsyncClient(base_url=BASE_URL, transport=transport) as client:
        with pytest.raises(SupplierClosed) as caught:
            await AtlasSupplier(client, fetch=fetch_nothing).balance()
    assert caught.value.detail == "HTTP 401: no key"
