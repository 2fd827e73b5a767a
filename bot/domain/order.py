"""What a member orders: the options as they were typed, and the recipe that they mean. Nothing here does I/O."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict

from bot.domain.errors import BadOption, MomentRefusal, PromptMissing, PromptTooLong, TwoVideos, VideoMissing
from bot.domain.invisible import is_empty
from bot.domain.models import Model, Models
from bot.domain.recipe import (
    FRAME_RATE_MAX,
    FRAME_RATE_MIN,
    PROMPT_LIMIT,
    UNREAD,
    Clip,
    Reading,
    Recipe,
    Shape,
    Size,
    Thinking,
)
from bot.domain.timecode import ends_of, parse_span, typed_span
from bot.domain.video import parse_link

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderText:
    """The options of an order as a member typed or picked them, before they are understood.

    `attached`: a file stands in for the link. `private`, `spoiler`: None where the member did not say.
    `confirm`: ask before paying, at any price. `moment`: stands in for the times and the frame rate.
    `video_seconds`: the length of the video, where it is known.
    """

    prompt: str
    model: str | None = None
    video: str | None = None
    attached: bool = False
    start: str | None = None
    end: str | None = None
    shape: str | None = None
    size: str | None = None
    frames: float | None = None
    moment: Reading | None = None
    video_seconds: float | None = None
    thinking: str | None = None
    search: bool = False
    image_search: bool = False
    private: bool | None = None
    spoiler: bool | None = None
    confirm: bool = False


class Understood(NamedTuple):
    """A recipe, and the doubt about its moment: then the member is asked which of the readings is meant.

    The recipe has the first of the readings.
    """

    recipe: Recipe
    doubt: MomentRefusal | None = None


class Order(BaseModel):
    """A recipe, and how its image is to be shown. It is frozen.

    `made_from`: the id of the job whose button or form led to this order.
    `from_tray`: the references came from the member's tray, which is emptied once the order is placed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Recipe
    private: bool
    spoiler: bool = False
    made_from: str | None = None
    from_tray: bool = False


def understand(text: OrderText, models: Models, *, default_span_seconds: float) -> Recipe:
    """Return the recipe that the options mean, without references. A file in place of a link is the video `UNREAD`.

    Whether its row makes it is checked once it is whole (`Models.check`). Raises the `Refusal` that says what is wrong:
    the first one found, in the order in which members fill in the fields.
    """
    prompt = read_prompt(text.prompt)
    row = models.named(text.model) if text.model else models.default
    without_video = not (text.video or text.attached or row.videos)
    return Recipe(
        model=row.key,
        prompt=prompt,
        clip=None if without_video else read_clip(text, row, default_span_seconds=default_span_seconds),
        shape=_choice("shape", text.shape, Shape) if text.shape else None,
        size=_choice("size", text.size, Size) if text.size else row.nearest_size(Size.K1),
        thinking=_choice("thinking", text.thinking, Thinking) if text.thinking else Thinking.DEFAULT,
        search=text.search,
        image_search=text.image_search,
    )


def understand_or_ask(text: OrderText, models: Models, *, default_span_seconds: float) -> Understood:
    """Return the recipe as `understand` does. Where the moment is in doubt, the member can be asked."""
    try:
        return Understood(understand(text, models, default_span_seconds=default_span_seconds))
    except MomentRefusal as doubt:
        if not doubt.readings:
            raise
        settled = replace(text, moment=doubt.readings[0])
        return Understood(understand(settled, models, default_span_seconds=default_span_seconds), doubt)


def read_prompt(text: str) -> str:
    """Return the prompt in Unicode's form NFC, without spaces around it. Raises `PromptMissing` and `PromptTooLong`.

    Invisible characters alone are no prompt.
    """
    prompt = unicodedata.normalize("NFC", text).strip()
    if is_empty(prompt):
        raise PromptMissing
    if len(prompt) > PROMPT_LIMIT:
        raise PromptTooLong(length=len(prompt), limit=PROMPT_LIMIT)
    return prompt


def read_clip(text: OrderText, row: Model, *, default_span_seconds: float) -> Clip:
    """Read the clip. Raises the `Refusal` that says what is wrong with the video, the times or the frame rate."""
    frame_rate = read_frame_rate(text.frames)
    if text.attached and text.video:
        raise TwoVideos
    if not text.attached and not text.video:
        raise VideoMissing
    link = parse_link(text.video) if text.video else None
    video = link.video if link else UNREAD
    if text.moment:
        return Clip(video=video, span=text.moment.span, frame_rate=text.moment.frame_rate)
    span = parse_span(
        text.start,
        text.end,
        link_start=link.start if link else None,
        link_end=link.end if link else None,
        default_seconds=default_span_seconds,
        frame_rate=frame_rate,
        frames_limit=row.frames_limit,
        video_seconds=text.video_seconds,
    )
    return Clip(video=video, span=span, frame_rate=frame_rate)


def read_frame_rate(frames: float | None) -> float:
    """Check the frame rate, in frames per second. Raises `BadOption`."""
    if frames is None:
        return 1.0
    if not FRAME_RATE_MIN <= frames <= FRAME_RATE_MAX:  # this also refuses NaN
        raise BadOption(option="frames", value=f"{frames:g}", allowed=f"{FRAME_RATE_MIN:g}-{FRAME_RATE_MAX:g}")
    return round(frames, 3)


def trim(
    recipe: Recipe, start: str | None, end: str | None, models: Models, *, default_span_seconds: float
) -> Understood:
    """Return the same recipe at another moment of its video, or the doubt about it. What is not changed stays.

    Where only the start is moved, the length stays. Raises as `parse_span`, and `VideoMissing` without a video.
    """
    if recipe.clip is None:
        raise VideoMissing
    span, (old_start, old_end) = recipe.clip.span, ends_of(recipe.clip.span)
    start, end = (start or "").strip(), (end or "").strip()
    if (start, end) in {(old_start, old_end), (typed_span(span), "")}:
        return Understood(recipe)
    moved = start != old_start and end == old_end
    try:
        trimmed = parse_span(
            start,
            "" if moved else end,
            default_seconds=span.seconds or default_span_seconds if moved and end else default_span_seconds,
            frame_rate=recipe.clip.frame_rate,
            frames_limit=models.get(recipe.model).frames_limit,
        )
    except MomentRefusal as doubt:
        if not doubt.readings:
            raise
        return Understood(at(recipe, doubt.readings[0]), doubt)
    return Understood(recipe.evolve(span=trimmed))


def at(recipe: Recipe, reading: Reading) -> Recipe:
    """Return the same recipe at the moment that was meant."""
    return recipe.evolve(span=reading.span, frame_rate=reading.frame_rate)


def _choice(option: str, text: str, choices: type[Choice]) -> Choice:
    """Find the choice by the API's value, or by a label that begins with it, such as "16:9 - YouTube thumbnail"."""
    word = text.strip().casefold().split(maxsplit=1)[0] if text.strip() else ""
    try:
        return choices(word)
    except ValueError:
        raise BadOption(option=option, value=text, allowed=", ".join(choices)) from None
