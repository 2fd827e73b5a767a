"""Atlas Cloud's JSON: our values out as a body, its answers in as our values. Pure: nothing here knows HTTP.

Written from its documentation (www.atlascloud.ai/docs: en/errors, en/predictions, en/public-api) and from answers that
others recorded. The two do not always agree, so a field of a type that we do not expect reads as absent, and never
spoils the rest: the id of a paid job must not be lost because something beside it has changed.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from pydantic import JsonValue
from pydantic_core import from_json

from bot.domain.failure import Failure
from bot.domain.recipe import Clip, Thinking
from bot.providers.atlas_failures import failure_of
from bot.providers.base import (
    Completed,
    Failed,
    Output,
    OutputBytes,
    OutputUrl,
    Prediction,
    Submission,
    SupplierBalance,
    SupplierPrice,
    Waiting,
)

JsonObject = dict[str, JsonValue]

_MICROS_PER_USD = 1_000_000
_USD_LIMIT = 1_000_000_000  # more than any account holds; keeps micros within 64 bits
_WHOLE_VIDEO = 0  # as `ends`

# Atlas's own words are `completed` and `failed`; the others are on its product pages, in its clients, or what others
# call it. Every other word means "not finished": a status may even step back from `processing` to `pending`.
_COMPLETED_WORDS = frozenset(
    {"completed", "complete", "succeeded", "succeed", "success", "successful", "done", "finished", "ready"}
)
_FAILED_WORDS = frozenset(
    {"failed", "failure", "fail", "timeout", "timedout", "error", "errored", "canceled", "cancelled", "rejected",
     "aborted", "expired", "blocked"}
)  # fmt: skip
_NOT_LETTERS = re.compile(r"[\W_]+")

# Where the images of a finished prediction may stand, and what an image is called inside of an object.
_OUTPUT_FIELDS = ("outputs", "output", "results", "result")  # not `images`: those may be the ones that we have lent
_IMAGE_FIELDS = ("images", "image", "url", "urls", "image_url", "download_url", "b64_json", "base64", "data")
_OUTPUTS_LIMIT = 8  # of these, the last

_HTTP_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
# Becomes a segment of a path, so `..` and `/` must not pass. Seen: 32 hex digits; documented: `pred_abc123`.
_PREDICTION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}")


# --- Out ----------------------------------------------------------------------------------------------


def submission_body(submission: Submission) -> JsonObject:
    """The flat body of a submit or a price request: only fields of the row, and options only where they were chosen.

    The size is always said: some rows make another one without it, at its price.
    """
    recipe, row = submission.recipe, submission.model
    body: JsonObject = {"model": row.wire_id, "prompt": recipe.prompt, "resolution": recipe.size.value}
    if row.videos and recipe.clip is not None:
        body["video_clips"] = [_clip(recipe.clip, submission.video_url)]
    if row.images[1] and submission.reference_urls:
        body["images"] = list(submission.reference_urls)
    if recipe.shape is not None and recipe.shape in row.shapes:
        body["aspect_ratio"] = recipe.shape.value
    if recipe.thinking is not Thinking.DEFAULT and recipe.thinking in row.thinking:
        body["thinking_level"] = recipe.thinking.value
    if recipe.search and row.web_search:
        body["enable_web_search"] = True
    if recipe.image_search and row.image_search:
        body["enable_image_search"] = True
    if recipe.output_format is not None and recipe.output_format in row.output_formats:
        body["output_format"] = recipe.output_format.value
    if recipe.media_resolution is not None and recipe.media_resolution in row.media_resolutions:
        body["media_resolution"] = recipe.media_resolution.value
    return body


def _clip(clip: Clip, url: str | None) -> JsonObject:
    return {
        "url": url,
        "start": _number(clip.span.start),
        "ends": _WHOLE_VIDEO if clip.span.end is None else _number(clip.span.end),
        "fps": _number(clip.frame_rate),
    }


def _number(value: float) -> int | float:
    """Whole numbers as integers: whether the schema says integer or number is not known, and `1` is right for both."""
    return int(value) if value == int(value) else value


# --- In: any answer -----------------------------------------------------------------------------------


def read_object(body: bytes) -> JsonObject | None:
    """Returns None for a body that is not one JSON object: HTML, nothing, half an answer, endless nesting."""
    try:
        payload: object = from_json(body)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def read_request_id(payload: JsonObject) -> str | None:
    return _text(payload, "request_id")


def error_texts(payload: JsonObject) -> list[str]:
    """Everything that an answer tells of an error, with its envelope first."""
    return _messages(payload) + _messages(_data(payload))


def _messages(part: JsonObject) -> list[str]:
    """Errors say `msg`, failed polls `message` and `error`, the billing interface `error.message`."""
    texts = (
        _text(part, "msg"),
        _text(part, "message"),
        _text(_object(part, "error"), "message"),
        _text(part, "error"),
    )
    return [text for text in texts if text is not None]


def _data(payload: JsonObject) -> JsonObject:
    return _object(payload, "data")


def _object(part: JsonObject, name: str) -> JsonObject:
    value = part.get(name)
    return value if isinstance(value, dict) else {}


def _text(part: JsonObject, name: str) -> str | None:
    value = part.get(name)
    return value if isinstance(value, str) and value else None


# --- In: predictions ----------------------------------------------------------------------------------


def is_prediction_id(text: str) -> bool:
    return _PREDICTION_ID.fullmatch(text) is not None


def read_prediction_id(payload: JsonObject) -> str | None:
    """Reads `data.id`, or `id` or `predictionId` as in older samples."""
    ids = (_text(_data(payload), "id"), _text(payload, "id"), _text(payload, "predictionId"))
    return next((text for text in ids if text is not None and is_prediction_id(text)), None)


def read_prediction(payload: JsonObject, *, clean: Callable[[str], str]) -> Prediction | None:
    """Returns None where the answer has no status. `clean` makes a supplier's text fit for our log."""
    data = _prediction_in(payload)
    status = _NOT_LETTERS.sub("", (_text(data, "status") or "").lower())
    if status in _FAILED_WORDS:
        texts = _messages(data) or _messages(payload) or [f"status {status}"]
        return Failed(failure=failure_of(payload, status=status), detail=clean(texts[0]))
    if status in _COMPLETED_WORDS:
        return _read_completed(payload, data)
    return Waiting() if status else None


def _prediction_in(payload: JsonObject) -> JsonObject:
    """Older routes answer with the prediction itself; the others have it in `data`."""
    bare = "data" not in payload and read_prediction_id(payload) is not None
    return payload if bare else _data(payload)


def _read_completed(payload: JsonObject, data: JsonObject) -> Prediction:
    unsafe = _read_unsafe(data.get("has_nsfw_contents"))
    if outputs := _first_filled(data, _OUTPUT_FIELDS):
        return Completed(
            outputs=tuple(outputs[-_OUTPUTS_LIMIT:]), unsafe=unsafe, price_micros=_read_price(data.get("price"))
        )
    failure = Failure.CONTENT if unsafe else failure_of(payload)
    if failure is Failure.OTHER:
        failure = Failure.NO_IMAGE
    return Failed(failure=failure, detail="completed without an image")


def _first_filled(part: JsonObject, names: Sequence[str]) -> list[Output]:
    return next((outputs for name in names if (outputs := _read_outputs(part.get(name)))), [])


def _read_outputs(value: JsonValue) -> list[Output]:
    """A text, an object or a list, in whatever order they lie in each other."""
    if isinstance(value, list):
        return [output for each in value for output in _read_outputs(each)]
    if isinstance(value, dict):
        return _first_filled(value, _IMAGE_FIELDS)
    if not isinstance(value, str):
        return []
    if _HTTP_URL.fullmatch(value):
        return [OutputUrl(value)]
    image = _read_image(value)
    return [] if image is None else [image]


def _read_image(text: str) -> OutputBytes | None:
    """A `data:` URI or bare base64. We ask for neither; which of them would come is not documented."""
    if text[:5].lower() == "data:":
        kind, _, text = text.partition(",")
        if not kind.lower().endswith(";base64"):
            return None
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return OutputBytes(data) if data else None


def _read_unsafe(flags: JsonValue) -> bool | None:
    """The schema has one flag for each output; only null was ever seen. One true is enough; null is not a no."""
    known = flags if isinstance(flags, list) else [flags]
    if any(flag is True for flag in known):
        return True
    return False if known and all(flag is False for flag in known) else None


# --- In: uploads and money ----------------------------------------------------------------------------


def read_upload_url(payload: JsonObject) -> str | None:
    data = _data(payload)
    urls = (_text(data, "download_url"), _text(data, "url"), _text(payload, "url"))
    return next((url for url in urls if url is not None and _HTTP_URL.fullmatch(url)), None)


def read_price(payload: JsonObject) -> SupplierPrice | None:
    data = _data(payload)
    price_micros = _read_price(data.get("price"))
    if price_micros is None:
        return None
    return SupplierPrice(price_micros=price_micros, list_price_micros=_read_price(data.get("origin_price")))


def read_balance(payload: JsonObject) -> SupplierBalance | None:
    """May be below zero: an account can be overdrawn."""
    micros = _read_micros(_object(payload, "available").get("value"))
    return None if micros is None else SupplierBalance(available_micros=micros)


def _read_price(value: JsonValue) -> int | None:
    micros = _read_micros(value)
    return micros if micros is not None and micros >= 0 else None


def _read_micros(value: JsonValue) -> int | None:
    """US dollars, as a decimal string or a number, in US$ 0.000001."""
    if not isinstance(value, str | int | float):
        return None
    try:
        usd = Decimal(str(value))
    except InvalidOperation:
        return None
    if not usd.is_finite() or not -_USD_LIMIT <= usd <= _USD_LIMIT:
        return None
    return int((usd * _MICROS_PER_USD).to_integral_value(ROUND_HALF_UP))
