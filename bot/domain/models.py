"""A model is a row: what it takes, what it makes, and what it costs. One function says whether a recipe fits a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from bot.domain.errors import (
    ModelClosed,
    ModelLacks,
    ModelNeedsImages,
    ModelNeedsVideo,
    ModelOff,
    ModelRefusal,
    ModelTakesNoImages,
    ModelTakesNoVideo,
    ModelUnknown,
    PromptTooLong,
    Refusal,
    TooManyReferences,
)
from bot.domain.recipe import (
    FRAMES_LIMIT,
    PROMPT_LIMIT,
    MediaResolution,
    OutputFormat,
    Recipe,
    Reference,
    Shape,
    Size,
    Thinking,
    nearest,
)
from bot.domain.timecode import too_many_frames

VideoKind = Literal["youtube", "file", "attachment"]


class ModelState(StrEnum):
    ON = "on"
    OFF = "off"
    UNCONFIRMED = "unconfirmed"  # a price or a field was inferred: off until the supplier was asked
    CLOSED = "closed"  # on, but the supplier makes no image with it now: see `Models.closed`


class WhyClosed(StrEnum):
    GONE = "gone"  # the supplier does not know it any more
    FAILING = "failing"  # it failed several times in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """`until`: Unix milliseconds, when it opens by itself; None where it does not."""

    because: WhyClosed
    until: int | None = None

    def holds(self, now: int) -> bool:
        return self.until is None or self.until > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """List prices of one request in US$ 0.000001, as read on a day from a source. Options are added to the image."""

    as_of: date
    source: str
    image: Mapping[Size, int]
    clip: int = 0
    web_search: int = 0
    image_search: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A row. Its `key` stays for ever: recipes name it. `wire_id` is the supplier's own name, and may change.

    `images`: the fewest and the most references. An empty `videos` means that the model takes none, and any other that
    it needs one. `thinking`, `output_formats`, `media_resolutions`: what may be chosen; empty where the API has no such
    field. `typical_seconds`: of a 1K image. `retires`: announced by its maker; nothing happens by itself on that day.
    `former_wire_ids`: names under which the supplier's bill may still have it.
    """

    key: str
    wire_id: str
    label: str
    good_for: str = ""
    supplier: Literal["atlas"] = "atlas"
    videos: frozenset[VideoKind] = frozenset()
    images: tuple[int, int] = (0, 0)
    prompt_limit: int = PROMPT_LIMIT
    frames_limit: int = FRAMES_LIMIT
    sizes: tuple[Size, ...] = ()
    shapes: tuple[Shape, ...] = ()
    thinking: tuple[Thinking, ...] = ()
    web_search: bool = False
    image_search: bool = False
    output_formats: tuple[OutputFormat, ...] = ()
    media_resolutions: tuple[MediaResolution, ...] = ()
    typical_seconds: float = 10.0
    retires: date | None = None
    successor: str | None = None
    state: ModelState = ModelState.OFF
    prices: Prices | None = None
    former_wire_ids: tuple[str, ...] = ()

    @property
    def offered(self) -> bool:
        return self.state is ModelState.ON

    @property
    def wire_ids(self) -> tuple[str, ...]:
        return (self.wire_id, *self.former_wire_ids)

    def takes(self, *, has_video: bool, images: int) -> bool:
        """Say whether it makes an image from what is given. Words are always given."""
        return bool(self.videos) == has_video and self.images[0] <= images <= self.images[1]

    def nearest_size(self, size: Size) -> Size:
        """Return the largest of its sizes that is not larger, else its smallest."""
        return nearest(size, self.sizes)

    def larger_than(self, size: Size) -> tuple[Size, ...]:
        order = list(Size)
        return tuple(each for each in self.sizes if order.index(each) > order.index(size))


def misfits(recipe: Recipe, model: Model) -> Iterator[Refusal]:
    """Yield what keeps the row from making the recipe; nothing where it fits. A row that is off fits no recipe."""
    if model.state is ModelState.CLOSED:
        yield ModelClosed(model=model.label)
    elif not model.offered:
        yield ModelOff(model=model.label, retires=model.retires)
    yield from _misfit_inputs(recipe, model)
    for option, value, allowed in _choices(recipe, model):
        if value is not None and value not in allowed:
            yield ModelLacks(model=model.label, option=option, value=str(value), allowed=tuple(map(str, allowed)))


def fitted(recipe: Recipe, model: Model) -> Recipe | None:
    """Return the recipe of this row that is nearest: options that it lacks are left out, the size may be another.

    Return None where the row can't do with what is given: a video, images or words are never left out.
    """
    changes: dict[str, Any] = {"model": model.key, "size": model.nearest_size(recipe.size)}
    for option, value, allowed in _choices(recipe, model):
        if option != "size" and value is not None and value not in allowed:
            changes[option] = Recipe.model_fields[option].default
    changed = recipe.evolve(**changes)
    return None if any(misfits(changed, model)) else changed


def _misfit_inputs(recipe: Recipe, model: Model) -> Iterator[Refusal]:
    least, most = model.images
    count = len(recipe.references)
    if recipe.clip is None and model.videos:
        yield ModelNeedsVideo(model=model.label)
    if recipe.clip is not None and recipe.clip.video.kind not in model.videos:
        yield ModelTakesNoVideo(model=model.label, takes_others=bool(model.videos))
    if count < least:
        yield ModelNeedsImages(model=model.label, least=least)
    if count > most:
        yield _too_many_images(model, count)
    if len(recipe.prompt) > model.prompt_limit:
        yield PromptTooLong(length=len(recipe.prompt), limit=model.prompt_limit)
    if recipe.clip is not None and model.videos:
        many = too_many_frames(recipe.clip.span, recipe.clip.frame_rate, limit=model.frames_limit)
        if many is not None:
            yield many


def _too_many_images(model: Model, count: int) -> Refusal:
    limit = model.images[1]
    return TooManyReferences(count=count, limit=limit) if limit else ModelTakesNoImages(model=model.label)


def _choices(recipe: Recipe, model: Model) -> Iterator[tuple[str, object, tuple[object, ...]]]:
    """Yield each option by its name in the recipe, the choice (None for the model's own), and what the row allows."""
    yield "size", recipe.size, model.sizes
    yield "shape", recipe.shape, model.shapes
    yield "thinking", None if recipe.thinking is Thinking.DEFAULT else recipe.thinking, model.thinking
    yield "search", recipe.search or None, (True,) if model.web_search else ()
    yield "image_search", recipe.image_search or None, (True,) if model.image_search else ()
    yield "output_format", recipe.output_format, model.output_formats
    yield "media_resolution", recipe.media_resolution, model.media_resolutions


class Picked(NamedTuple):
    """`expected`: the member or the default named the row. Else the member is asked first, and wanted `first`."""

    row: Model
    expected: bool
    first: Model


@dataclass(frozen=True, slots=True)
class Models:
    """All rows that this bot knows, in the order in which people see them. At least one is on.

    `closed`: those of them that can't be used now, by key. Its owner changes it while the bot runs.
    """

    rows: tuple[Model, ...]
    closed: Mapping[str, Closed] = field(default_factory=dict)

    @property
    def offered(self) -> tuple[Model, ...]:
        return tuple(row for row in map(self._now, self.rows) if row.offered)

    @property
    def default(self) -> Model:
        """Return the row of an order that names none: the first that is on.

        It may be closed: then the member is asked, because another one may cost more.
        """
        return self._now(next(row for row in self.rows if row.offered))

    def _now(self, row: Model) -> Model:
        return replace(row, state=ModelState.CLOSED) if row.offered and row.key in self.closed else row

    def get(self, key: str) -> Model:
        """Return the row; for a key that was taken out of the file of models, a row that is off and has no price."""
        known = next((row for row in self.rows if row.key == key), None)
        return self._now(known) if known else Model(key=key, wire_id="", label=key)

    def named(self, text: str) -> Model:
        """Return the row that a person names by its key or its label. Raises `ModelUnknown`."""
        word = text.partition(" - ")[0].strip().casefold()  # a suggestion may come back as it was read
        for row in self.rows:
            if word in {row.key.casefold(), row.label.casefold()}:
                return self._now(row)
        raise ModelUnknown(model=text, instead=tuple(row.key for row in self.offered))

    def successor(self, key: str) -> Model:
        """Return the first row of its line of successors that is offered, else the default."""
        seen: set[str] = set()
        row = self.get(key)
        while row.successor and row.key not in seen:
            seen.add(row.key)
            row = self.get(row.successor)
            if row.offered:
                return row
        return self.default

    def pick(
        self, wanted: Iterable[str | None], *, has_video: bool, images: int, forbidden: Collection[str] = ()
    ) -> Picked:
        """Return the row of an order, of what is `wanted` (keys, the dearest wish first), else the default.

        A row that can't be used, or that makes no image from what is given, gives way to another one. Where there is
        none, the first wish is returned, and `check` says what is wrong with it.
        """
        wishes = [self.get(key) for key in dict.fromkeys((*filter(None, wanted), self.default.key))]
        for rows, expected in ((wishes, True), (self.offered, False)):
            for row in rows:
                if row.offered and row.key not in forbidden and row.takes(has_video=has_video, images=images):
                    return Picked(row, expected, wishes[0])
        return Picked(wishes[0], True, wishes[0])

    def check(self, recipe: Recipe) -> None:
        """Raise the first `Refusal` that keeps its row from making the recipe, with the rows that would make it."""
        for refusal in misfits(recipe, self.get(recipe.model)):
            if isinstance(refusal, ModelRefusal):
                refusal.instead = tuple(row.label for row in self.rows_for(recipe))
            raise refusal

    def makes(self, recipe: Recipe) -> bool:
        """Say whether its row makes the recipe."""
        return not any(misfits(recipe, self.get(recipe.model)))

    def check_count(self, recipe: Recipe, count: int) -> None:
        """Check how many images its row takes, before they are read. Raises as `check`."""
        row = self.get(recipe.model)
        if count > row.images[1]:
            raise _too_many_images(row, count)

    def with_references(self, recipe: Recipe, *more: Reference) -> Recipe:
        """Return the recipe with these images after its own, each image once. Raises as `check_count`."""
        longer = recipe.with_references(*more)
        self.check_count(longer, len(longer.references))
        return longer

    def rows_for(self, recipe: Recipe) -> tuple[Model, ...]:
        """Return the offered rows that make the recipe as it is, but for its model."""
        return tuple(row for row in self.offered if not any(misfits(recipe, row)))

    def today(self, recipe: Recipe) -> Recipe:
        """Return the recipe as it can be ordered now: as it is, or else the nearest of its row.

        Where its row is off: the nearest of its successor, or of the first row that can make it. Where none can, the
        recipe is returned as it is.
        """
        own = self.get(recipe.model)
        if not any(misfits(recipe, own)):
            return recipe
        others = () if own.offered else (self.successor(recipe.model), *self.offered)
        for row in (own, *others):
            found = fitted(recipe, row)
            if found is not None:
                return found
        return recipe
