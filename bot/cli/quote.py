"""`stillframe quote` reads options as `/imagine` does, for a terminal or a script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.domain.errors import BadOption, Refusal
from bot.domain.intent import normalise
from bot.domain.models import Model
from bot.domain.order import OrderText, understand
from bot.domain.recipe import VIDEO_FILE_LIMIT_BYTES, Clip, Recipe, Reference, VideoLink, YouTubeVideo, linked_by
from bot.media.fetch import Fetcher
from bot.media.title import Titles
from bot.settings import Settings
from bot.text import refusals, units

NO_PROMPT = "-"  # a quote needs none, and no price depends on it


def _as_typed(value: object) -> object:
    """A script may give the number 83 where a person types "83"."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Typed = Annotated[str | None, BeforeValidator(_as_typed)]


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    model: str | None = None
    video: str | None = None
    start: Typed = None
    end: Typed = None
    size: str | None = None
    shape: str | None = None
    frames: float | None = None
    search: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """An order understood, and its price in credits."""

    recipe: Recipe
    model: Model
    credits: int


class QuoteCommand:
    """With `check`, a linked file is also looked at over the network, and YouTube is asked for its video."""

    def __init__(self, settings: Settings, *, check: bool) -> None:
        self._settings = settings
        self._fetcher = Fetcher() if check else None
        self._titles = Titles(self._fetcher.download) if self._fetcher and settings.video_titles else None

    async def answer(self, **options: object) -> Quote | Refusal:
        try:
            return await self._quote(_read(options))
        except Refusal as refusal:
            return refusal

    async def answer_line(self, line: str) -> Quote | Refusal:
        try:
            options = json.loads(line)
        except (ValueError, RecursionError):
            options = None
        if not isinstance(options, dict):
            return BadOption(option="line", value=line, allowed='a JSON object such as {"video": "https://..."}')
        return await self.answer(**options)

    async def _quote(self, options: Options) -> Quote:
        text = normalise(OrderText(prompt=NO_PROMPT, **options.model_dump()))
        pricing = self._settings.pricing
        recipe = understand(text, pricing.models, default_span_seconds=self._settings.default_span_seconds)
        row = pricing.models.get(recipe.model)
        recipe = recipe.evolve(references=_as_many_images_as_needed(row))
        pricing.models.check(recipe)
        link = linked_by(recipe)
        if self._fetcher and link:
            await self._fetcher.measure_video(link.url, limit_bytes=VIDEO_FILE_LIMIT_BYTES)
        if self._titles and recipe.clip and isinstance(recipe.clip.video, YouTubeVideo):
            await self._titles.of(recipe.clip.video)
        return Quote(recipe, row, pricing.credits(recipe))


def _as_many_images_as_needed(row: Model) -> tuple[Reference, ...]:
    """No price depends on the images, so a quote takes them for granted."""
    return tuple(
        Reference(name=str(number), sha256=f"{number:064x}", content_type="image/png")
        for number in range(row.images[0])
    )


def quote_as_json(answer: Quote | Refusal) -> dict[str, Any]:
    if isinstance(answer, Refusal):
        return {"ok": False, "error": type(answer).__name__, "message": refusals.say(answer)}
    clip = answer.recipe.clip
    return {
        "ok": True,
        "model": answer.model.key,
        "video": _video(clip) if clip else None,
        "start": _number(clip.span.start) if clip else None,
        "end": None if clip is None or clip.span.end is None else _number(clip.span.end),
        "frames": clip.frames if clip else None,
        "credits": answer.credits,
    }


def quote_in_words(answer: Quote | Refusal) -> str:
    if isinstance(answer, Refusal):
        return refusals.say(answer)
    recipe, clip = answer.recipe, answer.recipe.clip
    search = ", with web search" if recipe.search else ""
    shape = recipe.shape or "shape picked by the model"
    return (
        f"Model:  {answer.model.label}\n"
        f"{_source(clip) if clip else ''}"
        f"Image:  {recipe.size.label}, {shape}{search}\n"
        f"Price:  {units.credits(answer.credits)}"
    )


def _source(clip: Clip) -> str:
    video = clip.video.url if isinstance(clip.video, YouTubeVideo | VideoLink) else clip.video.name
    return f"Video:  {video}\nMoment: {units.span(clip)}\n"


def _read(options: dict[str, object]) -> Options:
    try:
        return Options.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "options"
        raise BadOption(option=name, value=str(options.get(name, "")), allowed=_allowed(name)) from error


def _allowed(name: str) -> str:
    if name not in Options.model_fields:
        return f"nothing: the options are {', '.join(Options.model_fields)}"
    return {"frames": "a number", "search": "true or false"}.get(name, "text")


def _video(clip: Clip) -> dict[str, str]:
    if isinstance(clip.video, YouTubeVideo):
        return {"kind": "youtube", "id": clip.video.id}
    if isinstance(clip.video, VideoLink):
        return {"kind": "file", "url": clip.video.url}
    raise AssertionError("a quote has no attachment")


def _number(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds
