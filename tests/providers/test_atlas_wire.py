from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.domain.failure import Failure
from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Model
from bot.domain.recipe import MediaResolution, OutputFormat, Shape, Size, Span, Thinking
from bot.providers import atlas_wire as wire
from bot.providers.base import (
    Completed,
    Failed,
    OutputBytes,
    OutputUrl,
    Prediction,
    Submission,
    SupplierBalance,
    SupplierPrice,
    Waiting,
)
from tests.providers.atlas_seams import ID, IMAGE_URL, MINIMAL, completed, envelope, prediction

PNG = b"\x89PNG\r\n\x1a\n and the rest of an image"
BASE64 = base64.b64encode(PNG).decode()


def read(payload: wire.JsonObject) -> Prediction | None:
    return wire.read_prediction(payload, clean=lambda text: text)


# --- The body -----------------------------------------------------------------------------------------


def test_a_minimal_submission_is_sent_with_required_fields_and_the_size_only() -> None:
    expected = {
        "model": "google/nano-banana-2/reference-to-image-developer",
        "prompt": "A poster",
        "video_clips": [{"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "start": 0, "ends": 0, "fps": 1}],
        "resolution": "1k",
    }
    assert expected == wire.submission_body(MINIMAL)


def test_a_full_submission_is_sent_with_every_documented_field() -> None:
    full = replace(
        MINIMAL,
        recipe=MINIMAL.recipe.evolve(
            span=Span(start=12.5, end=42),
            frame_rate=0.5,
            shape=Shape.WIDE,
            size=Size.K4,
            thinking=Thinking.HIGH,
            search=True,
        ),
        video_url="https://files.example/clip.mp4",
        reference_urls=("https://files.example/a.png", "https://files.example/b.png"),
    )
    expected = {
        "model": "google/nano-banana-2/reference-to-image-developer",
        "prompt": "A poster",
        "video_clips": [{"url": "https://files.example/clip.mp4", "start": 12.5, "ends": 42, "fps": 0.5}],
        "images": ["https://files.example/a.png", "https://files.example/b.png"],
        "aspect_ratio": "16:9",
        "resolution": "4k",
        "thinking_level": "high",
        "enable_web_search": True,
    }
    assert expected == wire.submission_body(full)


EVERYTHING = MINIMAL.recipe.evolve(
    shape=Shape.WIDE,
    size=Size.K2,
    thinking=Thinking.HIGH,
    search=True,
    image_search=True,
    output_format=OutputFormat.PNG,
    media_resolution=MediaResolution.LOW,
)
ALWAYS = {"model", "prompt", "resolution"}
OF_ALL = {"aspect_ratio", "enable_web_search"}


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("nb2-dev", {"video_clips", "images", "thinking_level", *OF_ALL}),
        ("nb2", {"video_clips", "images", "thinking_level", "enable_image_search", "output_format", "media_resolution",
                 *OF_ALL}),
        ("nb2-edit", {"images", "thinking_level", "enable_image_search", "output_format", "media_resolution", *OF_ALL}),
        ("nb2-text", {"thinking_level", "enable_image_search", "output_format", *OF_ALL}),
        ("nb-pro-edit", {"images", "media_resolution", *OF_ALL}),
        ("nb-pro-text", {"media_resolution", *OF_ALL}),
        ("nb2.1", {"video_clips", "images", "aspect_ratio"}),
    ],
)  # fmt: skip
def test_a_field_goes_on_the_wire_only_where_the_row_has_it(key: str, fields: set[str]) -> None:
    row = BUILT_IN.get(key)
    recipe = EVERYTHING.evolve(model=key)
    body = wire.submission_body(replace(MINIMAL, recipe=recipe, model=row, reference_urls=("https://a.example/1",)))
    assert (body["model"], set(body)) == (row.wire_id, ALWAYS | fields)


@pytest.mark.parametrize("row", BUILT_IN.rows, ids=lambda row: row.key)
def test_what_was_not_chosen_is_not_sent_but_the_size_always_is(row: Model) -> None:
    recipe = MINIMAL.recipe.evolve(model=row.key, clip=None)
    body = wire.submission_body(Submission(recipe=recipe, model=row))
    assert body == {"model": row.wire_id, "prompt": "A poster", "resolution": "1k"}


def _starting_at(seconds: float) -> Submission:
    return replace(MINIMAL, recipe=MINIMAL.recipe.evolve(span=Span(start=seconds, end=seconds + 1)))


@pytest.mark.parametrize(("seconds", "kind"), [(0.0, int), (14.0, int), (14.001, float), (86_400.0, int)])
def test_whole_numbers_are_sent_as_integers(seconds: float, kind: type) -> None:
    clips = wire.submission_body(_starting_at(seconds))["video_clips"]
    assert isinstance(clips, list)
    assert isinstance(clips[0], dict)
    assert (kind, seconds) == (type(clips[0]["start"]), clips[0]["start"])


# --- Any answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>502 Bad Gateway</html>", b"[1]", b'"text"', b"null", b'{"data":', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "html", "list", "text", "null", "cut", "not_utf8", "nested_without_end"],
)
def test_a_body_that_is_not_one_json_object_reads_as_nothing(body: bytes) -> None:
    assert wire.read_object(body) is None


NAMES = st.sampled_from(["data", "id", "status", "outputs", "url", "download_url", "price", "has_nsfw_contents"]) | (
    st.sampled_from(["error", "error_code", "msg", "message", "available", "value", "origin_price", "request_id"])
)
WORDS = st.sampled_from(["", "0.15", "1e999999", "completed", "failed", ID, IMAGE_URL, BASE64])
NUMBERS = st.sampled_from([0, -1, 10**30, 0.15, float("nan"), float("inf")])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=5),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
@given(st.dictionaries(NAMES, JSON, max_size=5))
def test_no_json_object_of_any_shape_breaks_a_reader(payload: wire.JsonObject) -> None:
    read(payload)
    wire.read_prediction_id(payload)
    wire.read_upload_url(payload)
    wire.read_price(payload)
    wire.read_balance(payload)
    wire.read_request_id(payload)
    assert all(isinstance(text, str) for text in wire.error_texts(payload))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"msg": "a", "message": "b", "error": "c"}, ["a", "b", "c"]),
        ({"msg": "", "message": "b"}, ["b"]),
        ({"error": {"type": "t", "message": "c"}, "request_id": "r"}, ["c"]),
        ({"message": 7, "error": ["x"], "data": None}, []),
        ({"message": "b", "data": {"error": "d"}}, ["b", "d"]),
    ],
    ids=["msg_first", "message", "billing", "odd_types", "data_last"],
)
def test_the_words_of_an_error_are_found_where_each_endpoint_puts_them(
    payload: wire.JsonObject, expected: list[str]
) -> None:
    assert expected == wire.error_texts(payload)


# --- Predictions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"data": {"id": ID}, "id": "other"}, ID),
        ({"id": "abc"}, "abc"),
        ({"predictionId": "pred_abc-1.2~x:y"}, "pred_abc-1.2~x:y"),
        ({"data": {"id": 7}, "id": "abc"}, "abc"),
        ({"data": {"id": ID, "status": 5, "outputs": "odd", "price": {}}}, ID),
        ({"data": {"id": ""}}, None),
        ({"data": None}, None),
        ({"id": ".."}, None),
        ({"id": "a/../b"}, None),
        ({"id": "a?b=c"}, None),
        ({"id": "a%2Fb"}, None),
        ({"id": "a\n"}, None),
        ({"id": "x" * 129}, None),
    ],
)
def test_an_id_is_read_from_its_three_places_and_only_when_safe_in_a_path(
    payload: wire.JsonObject, expected: str | None
) -> None:
    assert expected == wire.read_prediction_id(payload)


@pytest.mark.parametrize(
    "status", ["created", "processing", "starting", "queued", "pending", "running", " Processing ", "warming_up"]
)
def test_a_status_that_is_running_or_unknown_means_waiting(status: str) -> None:
    assert Waiting() == read(prediction(status))


@pytest.mark.parametrize(
    "status", ["completed", "succeeded", "success", " COMPLETED\n", "done", "Done", "COMPLETE", "finished", "ready"]
)
def test_every_word_for_success_gives_the_image(status: str) -> None:
    expected = Completed(outputs=(OutputUrl(IMAGE_URL),), unsafe=None, price_micros=None)
    assert expected == read(prediction(status, outputs=[IMAGE_URL]))


@pytest.mark.parametrize(
    "status",
    ["failed", "timeout", "error", "canceled", "cancelled", "rejected", "Failed", " failed ", "timed_out", "failure"],
)
def test_every_word_for_failure_ends_the_prediction(status: str) -> None:
    assert Failed(failure=Failure.CONTENT, detail="SPII") == read(prediction(status, error="SPII"))


@pytest.mark.parametrize("status", [None, "", "  ", 5, True, ["completed"], {"is": "completed"}])
def test_an_answer_without_a_status_word_tells_nothing(status: JsonValue) -> None:
    payload = prediction()
    assert isinstance(payload["data"], dict)
    payload["data"]["status"] = status
    assert read(payload) is None


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (IMAGE_URL, OutputUrl(IMAGE_URL)),
        ({"url": IMAGE_URL}, OutputUrl(IMAGE_URL)),
        ("HTTPS://host/x.png", OutputUrl("HTTPS://host/x.png")),
        (BASE64, OutputBytes(PNG)),
        (f"data:image/png;base64,{BASE64}", OutputBytes(PNG)),
        (f"DATA:image/png;Base64,{BASE64}", OutputBytes(PNG)),
        ({"url": f"data:image/png;base64,{BASE64}"}, OutputBytes(PNG)),
    ],
    ids=["url", "out_object", "url_upper", "out_base64", "out_datauri", "datauri_upper", "datauri_object"],
)
def test_an_output_is_read_in_every_form(output: JsonValue, expected: OutputUrl | OutputBytes) -> None:
    assert Completed(outputs=(expected,), unsafe=None, price_micros=None) == read(completed(outputs=[output]))


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        [],
        [""],
        [None],
        [{}],
        [{"url": 5}],
        [7],
        ["https://"],
        ["ftp://host/x.png"],
        ["not base64!"],
        ["one image"],
        ["abc"],
        ["data:image/png;base64,"],
        ["data:image/png;base64,%%%"],
        ["data:image/png,abcd"],
        ["b\N{LATIN SMALL LETTER A WITH DIAERESIS}se64"],
        5,
        {},
        "I can't draw this.",
        {"images": []},
        ["https://host/x.png and more"],
    ],
)
def test_completed_without_a_usable_output_is_a_failure(outputs: JsonValue) -> None:
    assert Failed(failure=Failure.NO_IMAGE, detail="completed without an image") == read(completed(outputs=outputs))


def test_all_usable_outputs_are_read_in_the_order_in_which_they_came() -> None:
    outputs = (OutputUrl(IMAGE_URL), OutputUrl("https://host/final.png"))
    expected = Completed(outputs=outputs, unsafe=None, price_micros=None)
    assert expected == read(completed(outputs=[None, "", IMAGE_URL, "https://host/final.png", "one image"]))


@pytest.mark.parametrize(
    "outputs",
    [
        IMAGE_URL,
        {"url": IMAGE_URL},
        {"images": [IMAGE_URL]},
        {"images": [{"url": IMAGE_URL}]},
        {"image": IMAGE_URL},
        [{"image_url": {"url": IMAGE_URL}}],
        [[IMAGE_URL]],
        {"images": [], "url": IMAGE_URL},
    ],
)
def test_outputs_are_read_in_any_form(outputs: JsonValue) -> None:
    expected = Completed(outputs=(OutputUrl(IMAGE_URL),), unsafe=None, price_micros=None)
    bare = {"id": ID, "status": "done", "output": outputs}
    assert [expected] * 3 == [read(completed(outputs=outputs)), read(prediction("done", outputs=outputs)), read(bare)]


def test_an_image_that_was_lent_is_no_output() -> None:
    answer = read(completed(outputs=[], images=["https://host/reference.png"]))
    assert Failed(failure=Failure.NO_IMAGE, detail="completed without an image") == answer


@pytest.mark.parametrize("outputs", [IMAGE_URL, {"url": IMAGE_URL}, 5])
def test_a_failure_is_believed_whatever_its_outputs(outputs: JsonValue) -> None:
    assert Failed(failure=Failure.OTHER, detail="no") == read(prediction("failed", outputs=outputs, error="no"))


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([True], True),
        ([False, True], True),
        ([None, True], True),
        (True, True),
        ([False], False),
        (False, False),
        (None, None),
        ([], None),
        ([None], None),
        ([False, None], None),
        ("false", None),
        ([0], None),
        ({}, None),
    ],
)
def test_unsafe_needs_one_true_and_safe_needs_all_false(flags: JsonValue, expected: bool | None) -> None:
    answer = read(completed(has_nsfw_contents=flags))
    assert isinstance(answer, Completed)
    assert expected is answer.unsafe


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("0.15", 150_000),
        (0.15, 150_000),
        ("0.164", 164_000),
        (0.042, 42_000),
        (1, 1_000_000),
        ("0", 0),
        ("0.0000005", 1),
        ("1e-3", 1_000),
        (1e9, 10**15),
        (None, None),
        ("", None),
        ("free", None),
        ("-0.15", None),
        (-1, None),
        ("NaN", None),
        (float("nan"), None),
        ("Infinity", None),
        (float("inf"), None),
        (True, None),
        ([0.15], None),
        ({"value": 1}, None),
        ("1000000001", None),
        ("1e999999", None),
        ("1e9999999", None),
        ("sNaN", None),
    ],
)
def test_a_price_is_whole_micros_or_not_known(price: JsonValue, expected: int | None) -> None:
    answer = read(completed(price=price))
    assert isinstance(answer, Completed)
    assert expected == answer.price_micros


def test_a_price_that_is_not_there_yet_is_not_known() -> None:
    assert Completed(outputs=(OutputUrl(IMAGE_URL),), unsafe=None, price_micros=None) == read(completed())


def test_the_words_of_a_refusal_may_stand_in_the_envelope() -> None:
    payload = prediction("failed") | {"message": "Generation failed: PROHIBITED_CONTENT"}
    assert Failed(failure=Failure.CONTENT, detail="Generation failed: PROHIBITED_CONTENT") == read(payload)


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({"error": "PROHIBITED_CONTENT"}, Failure.CONTENT),
        ({"has_nsfw_contents": [True]}, Failure.CONTENT),
        ({"error": "The model is overloaded"}, Failure.BUSY),
        ({"error": "no luck"}, Failure.NO_IMAGE),
    ],
)
def test_completed_without_an_image_says_why_where_it_is_told(fields: dict[str, JsonValue], failure: Failure) -> None:
    answer = read(completed(outputs=[], **fields))
    assert Failed(failure=failure, detail="completed without an image") == answer


def test_a_failure_that_says_nothing_tells_its_status() -> None:
    assert Failed(failure=Failure.BUSY, detail="status timeout") == read(prediction("timeout"))


def test_the_text_of_a_failure_is_cleaned() -> None:
    answer = wire.read_prediction(prediction("failed", error="secret"), clean=str.upper)
    assert Failed(failure=Failure.OTHER, detail="SECRET") == answer


# --- Uploads and money --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"data": {"download_url": "https://h/a", "url": "https://h/b"}, "url": "https://h/c"}, "https://h/a"),
        ({"data": {"url": "https://h/b"}, "url": "https://h/c"}, "https://h/b"),
        ({"url": "http://h/c"}, "http://h/c"),
        ({"data": {"download_url": "file:///etc/passwd"}, "url": "https://h/c"}, "https://h/c"),
        ({"data": {"download_url": "/relative"}}, None),
        ({"data": {"download_url": "https://h/a b"}}, None),
        ({"data": {"download_url": 5}}, None),
        (envelope(200), None),
    ],
)
def test_the_address_of_an_upload_is_read_from_its_three_places(payload: wire.JsonObject, expected: str | None) -> None:
    assert expected == wire.read_upload_url(payload)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"price": "0.12", "origin_price": 0.15}, SupplierPrice(price_micros=120_000, list_price_micros=150_000)),
        ({"price": 0.15}, SupplierPrice(price_micros=150_000, list_price_micros=None)),
        ({"price": "0.15", "origin_price": "?"}, SupplierPrice(price_micros=150_000, list_price_micros=None)),
        ({"origin_price": 0.15}, None),
        ({"price": -1}, None),
        (None, None),
    ],
)
def test_a_price_is_read_with_the_list_price_beside_it(data: JsonValue, expected: SupplierPrice | None) -> None:
    assert expected == wire.read_price({"data": data})


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        ({"value": "125.500000", "currency": "usd"}, SupplierBalance(available_micros=125_500_000)),
        ({"value": "-0.25", "currency": "usd"}, SupplierBalance(available_micros=-250_000)),
        ({"value": None}, None),
        ({"value": "a lot"}, None),
        ("125.5", None),
        (None, None),
    ],
)
def test_a_balance_is_read_from_its_decimal_string(available: JsonValue, expected: SupplierBalance | None) -> None:
    assert expected == wire.read_balance({"object": "balance", "available": available})
