"""Checks what the supplier accepts, and for which price, by sections 2.1 and 7.1 of the contract.

It shares no code with the bot: two readings of the same pages that agree prove more than one.
Where the pages leave a case open, the stand-in refuses, so that tests find a client that relies on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

MODEL = "google/nano-banana-2/reference-to-image-developer"
PROMPT_LIMIT = 20_000  # characters; a sibling model's limit, this one's is not published
CLIPS_LIMIT = 1
IMAGES_LIMIT = 10
FRAME_RATE_MAX = 24
RETENTION_HEADERS = {  # hours, from the data-retention page
    "X-AtlasCloud-Object-Expiration-Hours": range(1, 337),
    "X-AtlasCloud-Request-Retention-Hours": range(337),
}
MICROS_BY_SIZE = {"1k": 80_000, "2k": 120_000, "4k": 160_000}  # US$ 0.000001, list prices of the product page
CLIP_MICROS = 70_000
SEARCH_MICROS = 14_000


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


def _not_null(ratio: str | None) -> str:
    if ratio is None:
        raise ValueError("must be left out rather than null")
    return ratio


Ratio = Literal["1:1", "3:2", "2:3", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
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
    """A valid body of a submission. Keys that the model does not have are ignored."""

    prompt: Annotated[str, Field(max_length=PROMPT_LIMIT), AfterValidator(_not_blank)]
    video_clips: tuple[ClipInput, ...] = Field(default=(), max_length=CLIPS_LIMIT)
    images: tuple[Url, ...] = Field(default=(), max_length=IMAGES_LIMIT)
    aspect_ratio: Annotated[Ratio | None, AfterValidator(_not_null)] = None
    resolution: Literal["1k", "2k", "4k"] = "1k"
    thinking_level: Literal["default", "high", "minimal"] = "default"
    enable_web_search: bool = False
    enable_sync_mode: bool = False
    enable_base64_output: bool = False

    @model_validator(mode="after")
    def _has_a_source(self) -> ValidOrder:
        if not self.video_clips and not self.images:
            raise ValueError("video_clips is required")
        return self

    @property
    def price_micros(self) -> int:
        """The list price in US$ 0.000001."""
        clip = CLIP_MICROS if self.video_clips else 0
        return MICROS_BY_SIZE[self.resolution] + clip + (SEARCH_MICROS if self.enable_web_search else 0)


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


def check_model(body: Mapping[str, object]) -> None:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise Refused(400, "model is required")
    if model != MODEL:
        raise Refused(404, f"model {model} not found")


def read_order(body: Mapping[str, object]) -> ValidOrder:
    try:
        return ValidOrder.model_validate_json(json.dumps(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise Refused(400, f"invalid input: {field}: {first['msg']}" if field else first["msg"]) from error


def check_retention(headers: Mapping[str, str]) -> None:
    for name, hours in RETENTION_HEADERS.items():
        text = headers.get(name)
        if text is not None and (not text.isdecimal() or int(text) not in hours):
            raise Refused(400, f"{name} must be an integer from {hours[0]} to {hours[-1]}")
