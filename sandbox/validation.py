"""Checks what the supplier accepts, and for which price, by section 2 of the contract and the catalogue.

Where the pages leave a case open, the stand-in refuses, so that tests find a client that relies on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sandbox.catalogue import StandInCatalogue, StandInModel
from sandbox.scenarios import ForeignFields

PROMPT_LIMIT = 20_000  # characters; a sibling model's limit, this one's is not published
CLIPS_LIMIT = 1
FRAME_RATE_MAX = 24
RETENTION_HEADERS = {  # hours, from the data-retention page
    "X-AtlasCloud-Object-Expiration-Hours": range(1, 337),
    "X-AtlasCloud-Request-Retention-Hours": range(337),
}


class Refused(Exception):
    """An answer other than 200, with its status and its text."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


Url = Annotated[str, Field(pattern=r"^https?://\S+$")]


class _Input(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)


class ClipInput(_Input):
    """`ends` 0 is the whole video. Every key is required."""

    url: Url
    start: float = Field(ge=0)
    ends: float = Field(ge=0)
    fps: float = Field(ge=0, le=FRAME_RATE_MAX)

    @model_validator(mode="after")
    def _ends_after_start(self) -> ClipInput:
        if self.ends and self.ends <= self.start:
            raise ValueError("ends must be 0 or greater than start")
        return self


class ValidOrder(_Input):
    """A body of a submission that its model takes, with the model's own values for what it leaves out."""

    model: str
    prompt: Annotated[str, Field(max_length=PROMPT_LIMIT), AfterValidator(_not_blank)]
    resolution: str
    video_clips: tuple[ClipInput, ...] = Field(default=(), max_length=CLIPS_LIMIT)
    images: tuple[Url, ...] = ()
    aspect_ratio: str = ""
    thinking_level: str = ""
    media_resolution: str = ""
    output_format: str = ""
    enable_web_search: bool = False
    enable_image_search: bool = False
    enable_sync_mode: bool = False
    enable_base64_output: bool = False


def list_micros(model: StandInModel, order: ValidOrder) -> int:
    """The list price of an order, in US$ 0.000001."""
    added = sum(micros for name, micros in model.additions.items() if getattr(order, name))
    return model.micros_by_size[order.resolution] + added


def read_json(content_type: str, body: bytes) -> dict[str, object]:
    if content_type != "application/json":
        raise Refused(400, f"content type must be application/json, not {content_type}")
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "request body is not valid JSON") from error
    if not isinstance(parsed, dict):
        raise Refused(400, "request body must be a JSON object")
    return parsed


def read_model(body: Mapping[str, object], catalogue: StandInCatalogue) -> StandInModel:
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise Refused(400, "model is required")
    model = catalogue.find(name)
    if model is None:
        raise Refused(404, f"model {name} not found")
    return model


def read_order(model: StandInModel, body: Mapping[str, object], *, foreign: ForeignFields = "ignored") -> ValidOrder:
    """The order. `foreign` is what becomes of fields that the model's schema does not name. Raises `Refused`."""
    _check_foreign(model, body, foreign)
    # A video or an image where none is taken is no mere unknown field: what was wanted cannot be made.
    known = {name: value for name, value in body.items() if name in {*model.fields, "video_clips", "images"}}
    try:
        order = ValidOrder.model_validate_json(json.dumps({"resolution": model.default_size} | known))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise Refused(400, f"invalid input: {field}: {first['msg']}" if field else first["msg"]) from error
    for name, values in model.options.items():
        if name in known and getattr(order, name) not in values:
            raise Refused(400, f"invalid input: {name}: must be one of {', '.join(values)}")
    _check_sources(model, order)
    return order


def _check_foreign(model: StandInModel, body: Mapping[str, object], foreign: ForeignFields) -> None:
    if model.breaks_on & body.keys():
        raise Refused(500, "internal error")
    unknown = sorted(body.keys() - model.fields)
    if unknown and foreign == "break":
        raise Refused(500, "internal error")
    if unknown and foreign == "refused":
        raise Refused(400, f"invalid input: {unknown[0]}: unknown field")


def _check_sources(model: StandInModel, order: ValidOrder) -> None:
    fewest, most = model.images
    if order.video_clips and not model.takes_clips:
        raise Refused(400, "invalid input: video_clips: this model takes no video")
    if len(order.images) > most:
        raise Refused(400, f"invalid input: images: at most {most}")
    if len(order.images) < fewest:
        raise Refused(400, "invalid input: images is required")
    if model.takes_clips and not order.video_clips and not order.images:
        raise Refused(400, "invalid input: video_clips is required")


def check_retention(headers: Mapping[str, str]) -> None:
    for name, hours in RETENTION_HEADERS.items():
        text = headers.get(name)
        if text is not None and (not text.isdecimal() or int(text) not in hours):
            raise Refused(400, f"{name} must be an integer from {hours[0]} to {hours[-1]}")
