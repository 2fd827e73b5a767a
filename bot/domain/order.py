"""What a person typed, understood: options in, a draft or a refusal out. Pure, and the same for every way in."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bot.domain.errors import BadOption, PromptMissing, PromptTooLong, TwoVideos, VideoMissing
from bot.domain.pricing import Pricing
from bot.domain.recipe import (
    FRAME_RATE_MAX,
    FRAME_RATE_MIN,
    PROMPT_LIMIT,
    Clip,
    Recipe,
    Shape,
    Size,
    Span,
    Thinking,
    Video,
    VideoLink,
    YouTubeVideo,
)
from bot.domain.timecode import parse_span
from bot.domain.video import parse_link

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The options of `/imagine` as they came. `attached`: a file stands in for the link."""

    prompt: str
    video: str | None = None
    attached: bool = False
    start: str | None = None
    end: str | None = None
    shape: str | None = None
    size: str | None = None
    frames: float | None = None
    thinking: str | None = None
    search: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An order understood. `video` is None for an attached file, which has yet to be read."""

    prompt: str
    video: YouTubeVideo | VideoLink | None
    span: Span
    frame_rate: float
    shape: Shape | None
    size: Size
    thinking: Thinking
    search: bool

    def recipe(self, video: Video) -> Recipe:
        return Recipe(
            prompt=self.prompt,
            clip=Clip(video=video, span=self.span, frame_rate=self.frame_rate),
            shape=self.shape,
            size=self.size,
            thinking=self.thinking,
            search=self.search,
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """An order understood, and its price in credits."""

    draft: Draft
    credits: int


def quote(order: Order, *, pricing: Pricing, default_span_seconds: float) -> Quote:
    """What `/imagine` and `stillframe quote` make of an order. Raises the `Refusal` that says what is wrong with it."""
    draft = understand(order, default_span_seconds=default_span_seconds)
    return Quote(draft, pricing.credits(draft.size, search=draft.search))


def understand(order: Order, *, default_span_seconds: float) -> Draft:
    """Raises the `Refusal` that says what is wrong; the first one found, in the order people fill in the fields."""
    prompt = read_prompt(order.prompt)
    video, span, frame_rate = read_clip(order, default_span_seconds=default_span_seconds)
    return Draft(
        prompt=prompt,
        video=video,
        span=span,
        frame_rate=frame_rate,
        shape=_choice("shape", order.shape, Shape) if order.shape else None,
        size=_choice("size", order.size, Size) if order.size else Size.K1,
        thinking=_choice("thinking", order.thinking, Thinking) if order.thinking else Thinking.DEFAULT,
        search=order.search,
    )


def read_prompt(text: str) -> str:
    prompt = unicodedata.normalize("NFC", text).strip()
    if not prompt:
        raise PromptMissing
    if len(prompt) > PROMPT_LIMIT:
        raise PromptTooLong(length=len(prompt), limit=PROMPT_LIMIT)
    return prompt


def read_clip(order: Order, *, default_span_seconds: float) -> tuple[YouTubeVideo | VideoLink | None, Span, float]:
    frame_rate = read_frame_rate(order.frames)
    if order.attached and order.video:
        raise TwoVideos
    if not order.attached and not order.video:
        raise VideoMissing
    link = parse_link(order.video) if order.video else None
    span = parse_span(
        order.start,
        order.end,
        link_start=link.start if link else None,
        link_end=link.end if link else None,
        default_seconds=default_span_seconds,
        frame_rate=frame_rate,
    )
    return (link.video if link else None), span, frame_rate


def read_frame_rate(frames: float | None) -> float:
    if frames is None:
        return 1.0
    if not FRAME_RATE_MIN <= frames <= FRAME_RATE_MAX:  # also refuses NaN
        raise BadOption(option="frames", value=f"{frames:g}", allowed=f"{FRAME_RATE_MIN:g}-{FRAME_RATE_MAX:g}")
    return round(frames, 3)


def _choice(option: str, text: str, choices: type[Choice]) -> Choice:
    """By the API's value; also by a label that begins with it, such as "16:9 - YouTube thumbnail"."""
    word = text.strip().casefold().split(maxsplit=1)[0] if text.strip() else ""
    try:
        return choices(word)
    except ValueError:
        raise BadOption(option=option, value=text, allowed=", ".join(choices)) from None
