"""Facts in words, in the reader's language: credits, sizes of files, moments, shapes, thinking."""

from __future__ import annotations

from bot.domain.recipe import Clip, Recipe, Shape, Thinking
from bot.domain.timecode import say_time
from bot.text.i18n import mark, number, tr, trn

_MINUTE, _HOUR = 60, 3600

_PURPOSES = {
    Shape.WIDE: mark("YouTube thumbnail"),
    Shape.TALL: mark("story or short"),
    Shape.SQUARE: mark("square post"),
    Shape.PORTRAIT: mark("feed post"),
    Shape.POSTER: mark("poster"),
    Shape.PHOTO: mark("photo"),
    Shape.CLASSIC: mark("slide"),
    Shape.CLASSIC_TALL: mark("portrait"),
    Shape.PRINT: mark("print"),
    Shape.CINEMA: mark("cinema banner"),
}
_THINKING = {
    Thinking.DEFAULT: mark("default"),
    Thinking.MINIMAL: mark("minimal - faster"),
    Thinking.HIGH: mark("high - better on complex scenes, slower"),
}


def credits(amount: int) -> str:
    return trn("{count} credit", "{count} credits", amount).format(count=number(amount))


def megabytes(size_bytes: int) -> str:
    return f"{number(round(size_bytes / 1_000_000, 1))} MB"


def span(clip: Clip) -> str:
    """Say the span of a clip: "0:14 → 0:17 (3 s, about 3 frames)"."""
    end, seconds, frames = clip.span.end, clip.span.seconds, clip.frames
    if end is None or seconds is None or frames is None:
        return trn(
            "the whole video ({rate} frame a second)",
            "the whole video ({rate} frames a second)",
            1 if clip.frame_rate == 1 else 2,  # 0.5 frames
        ).format(rate=number(clip.frame_rate))
    return trn(
        "{start} → {end} ({length}, about {frames} frame)", "{start} → {end} ({length}, about {frames} frames)", frames
    ).format(start=say_time(clip.span.start), end=say_time(end), length=_length(seconds), frames=number(frames))


def span_of(recipe: Recipe) -> str:
    """Say the span of the clip, or, without a video, what the image is made from."""
    if recipe.clip is not None:
        return span(recipe.clip)
    count = len(recipe.references)
    if not count:
        return tr("from words alone")
    return trn("from {count} image", "from {count} images", count).format(count=number(count))


_GOOD_FOR = frozenset(
    {
        mark("an image from a moment of video"),
        mark("an image from video, with image search, file format and a closer look at the frames"),
        mark("changing pictures that you give, without a video"),
        mark("an image from words alone"),
        mark("changing pictures with care, and exact lettering"),
        mark("an image from words alone, with exact lettering"),
    }
)


def good_for(words: str) -> str:
    """Say what a model is good for; an operator's own words stay as they are."""
    return tr(words) if words in _GOOD_FOR else words


def purpose(shape: Shape) -> str:
    """Say what people make in this shape, such as "poster"."""
    return tr(_PURPOSES[shape])


def thinking_label(thinking: Thinking) -> str:
    """The words for a choice of how long the model thinks."""
    return tr(_THINKING[thinking])


def moment(unix_ms: int) -> str:
    """Discord's own words for how far away a moment is, such as "in 2 hours"."""
    return f"<t:{unix_ms // 1000}:R>"


def _length(seconds: float) -> str:
    """Say a length in units that are the same in every language."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, rest = divmod(whole, _MINUTE)
    if whole < _MINUTE:
        return f"{number(seconds)} s"
    if whole < _HOUR:
        left = rest + milliseconds / 1000
        return f"{minutes} min {number(left)} s" if left else f"{minutes} min"
    hours, minutes = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
