"""The models that the stand-in sells: what each takes and what it costs, by sections 2 and 3 of the facts on siblings.

It shares no code with the bot: two readings of the same pages that agree prove more than one. Where no page names a
price, the number is made up here, and the supplier's list asks for a quote instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

MODEL = "google/nano-banana-2/reference-to-image-developer"  # what one submits who has not chosen
RATIOS = ("1:1", "3:2", "2:3", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
PLATFORM_FIELDS = frozenset({"model", "prompt", "enable_sync_mode", "enable_base64_output", "webhook_url"})

# The first value of each is what an order has that leaves the field out.
SIZES: dict[str, tuple[str, ...]] = {"resolution": ("1k", "2k", "4k")}
THINKING: dict[str, tuple[str, ...]] = {"thinking_level": ("default", "high", "minimal")}
MEDIA: dict[str, tuple[str, ...]] = {"media_resolution": ("default", "low", "medium", "high")}
FORMATS: dict[str, tuple[str, ...]] = {"output_format": ("png", "jpeg")}
SHAPES: dict[str, tuple[str, ...]] = {"aspect_ratio": RATIOS}
FLASH = SHAPES | SIZES | THINKING
PRO = SHAPES | SIZES
ULTRA = SHAPES | {"resolution": ("4k", "8k"), "output_format": ("png", "jpg")}
LITE = SHAPES | {"resolution": ("1k",)} | THINKING
# The supplier's pages say nothing about 2.1. Google's own model has these levels, and `medium` where none is given.
SUCCESSOR = SHAPES | SIZES | {"thinking_level": ("medium", "minimal", "high")}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInModel:
    """Prices are in US$ 0.000001 for a request of one image; `micros_by_size` and `additions` have the list prices.

    `options`: the values of each field that has a closed list; `additions`: what a field costs extra once it is given
    (`video_clips`, the searches). `images`: how many it needs at least and takes at most. `percent`: the account's
    price as a share of the list's. `listed`: False where the list has no number. `breaks_on`: fields that its schema
    names and that answer 500.
    """

    id: str
    name: str
    micros_by_size: Mapping[str, int]
    options: Mapping[str, tuple[str, ...]]
    images: tuple[int, int] = (0, 0)
    additions: Mapping[str, int] = field(default_factory=dict)
    percent: int = 100
    listed: bool = True
    breaks_on: frozenset[str] = frozenset()

    @property
    def slug(self) -> str:
        """The name of its schema's file."""
        return self.id.replace("/", "-")

    @property
    def takes_clips(self) -> bool:
        return "video_clips" in self.additions

    @property
    def searches(self) -> tuple[str, ...]:
        return tuple(name for name in self.additions if name != "video_clips")

    @property
    def fields(self) -> frozenset[str]:
        """Every key that its schema names."""
        images = {"images"} if self.images[1] else set()
        return PLATFORM_FIELDS | self.options.keys() | self.additions.keys() | images

    @property
    def default_size(self) -> str:
        return next(iter(self.micros_by_size))

    def without(self, name: str, value: str) -> StandInModel:
        """The model when a field has lost a value."""
        left = tuple(each for each in self.options[name] if each != value)
        return replace(self, options={**self.options, name: left})

    def narrowed(self) -> StandInModel:
        """The model without the last of its sizes, or where it has one or none, without the last of its shapes."""
        name = "resolution" if len(self.options.get("resolution", ())) > 1 else "aspect_ratio"
        return self.without(name, self.options[name][-1])


def _by_size(*micros: int, sizes: tuple[str, ...] = ("1k", "2k", "4k")) -> Mapping[str, int]:
    return MappingProxyType(dict(zip(sizes, micros, strict=True)))


CLIP = {"video_clips": 70_000}
WEB = {"enable_web_search": 14_000}
SEARCHES = WEB | {"enable_image_search": 14_000}
FLASH_MICROS = _by_size(80_000, 120_000, 160_000)
FLASH_DEVELOPER_MICROS = _by_size(80_000, 80_000, 160_000)
PRO_MICROS = _by_size(140_000, 140_000, 240_000)
PRO_DEVELOPER_MICROS = _by_size(70_000, 70_000, 120_000)
ULTRA_MICROS = _by_size(260_000, 390_000, sizes=("4k", "8k"))
SUCCESSOR_MICROS = _by_size(90_000, 130_000, 170_000)
TEN, FOURTEEN = (1, 10), (1, 14)
LEFT_OPEN = {"listed": False}

_FLASH, _LITE = "google/nano-banana-2", "google/nano-banana-2-lite"
_PRO, _FIRST, _NEXT = "google/nano-banana-pro", "google/nano-banana", "google/nano-banana-2.1"


def _model(id_: str, micros: Mapping[str, int], options: Mapping[str, tuple[str, ...]], **more: Any) -> StandInModel:
    words = id_.removeprefix("google/").replace("/", "-").split("-")
    name = " ".join(word if word in {"to", "2"} else word.capitalize() for word in words)
    return StandInModel(id=id_, name=name, micros_by_size=micros, options=options, **more)


_ALL = (
    _model(MODEL, FLASH_MICROS, FLASH, images=(0, 10), additions=CLIP | WEB),
    _model(
        f"{_FLASH}/reference-to-image", FLASH_MICROS, FLASH | MEDIA | {"output_format": ("default", "png", "jpeg")},
        images=(0, 10), additions=CLIP | SEARCHES, **LEFT_OPEN,
    ),
    _model(f"{_FLASH}/edit", FLASH_MICROS, FLASH | MEDIA | FORMATS, images=FOURTEEN, additions=SEARCHES),
    _model(f"{_FLASH}/edit-developer", FLASH_DEVELOPER_MICROS, FLASH, images=FOURTEEN, additions=WEB, percent=50),
    _model(
        f"{_FLASH}/text-to-image", FLASH_MICROS, FLASH | MEDIA | FORMATS, additions=SEARCHES,
        breaks_on=frozenset({"media_resolution"}),
    ),
    _model(f"{_FLASH}/text-to-image-developer", FLASH_DEVELOPER_MICROS, FLASH, additions=WEB, percent=50),
    _model(f"{_LITE}/text-to-image", _by_size(40_000, sizes=("1k",)), LITE, **LEFT_OPEN),
    _model(f"{_LITE}/text-to-image-developer", _by_size(28_000, sizes=("1k",)), LITE),
    _model(f"{_LITE}/edit", _by_size(40_000, sizes=("1k",)), LITE, images=FOURTEEN, **LEFT_OPEN),
    _model(f"{_LITE}/edit-developer", _by_size(28_000, sizes=("1k",)), LITE, images=FOURTEEN),
    _model(
        f"{_LITE}/reference-to-image", _by_size(40_000, sizes=("1k",)), LITE, images=(0, 10), additions=CLIP,
        **LEFT_OPEN,
    ),
    _model(f"{_PRO}/text-to-image", PRO_MICROS, PRO | MEDIA, additions=WEB),
    _model(f"{_PRO}/edit", PRO_MICROS, PRO | MEDIA, images=TEN, additions=WEB),
    _model(f"{_PRO}/text-to-image-developer", PRO_DEVELOPER_MICROS, PRO, additions=WEB, **LEFT_OPEN),
    _model(f"{_PRO}/edit-developer", PRO_DEVELOPER_MICROS, PRO, images=TEN, additions=WEB, **LEFT_OPEN),
    _model(f"{_PRO}/text-to-image-ultra", ULTRA_MICROS, ULTRA, **LEFT_OPEN),
    _model(f"{_PRO}/edit-ultra", ULTRA_MICROS, ULTRA, images=TEN, **LEFT_OPEN),
    _model(f"{_FIRST}/text-to-image", _by_size(38_000, sizes=("1k",)), SHAPES, **LEFT_OPEN),
    _model(f"{_FIRST}/text-to-image-developer", _by_size(19_000, sizes=("1k",)), SHAPES),
    _model(f"{_FIRST}/edit", _by_size(38_000, sizes=("1k",)), SHAPES, images=TEN, **LEFT_OPEN),
    _model(f"{_FIRST}/edit-developer", _by_size(19_000, sizes=("1k",)), SHAPES, images=TEN),
    _model(f"{_NEXT}/text-to-image", SUCCESSOR_MICROS, SUCCESSOR, additions=WEB, **LEFT_OPEN),
    _model(f"{_NEXT}/edit", SUCCESSOR_MICROS, SUCCESSOR, images=FOURTEEN, additions=WEB, **LEFT_OPEN),
    _model(
        f"{_NEXT}/reference-to-image", SUCCESSOR_MICROS, SUCCESSOR, images=(0, 10), additions=CLIP | WEB, **LEFT_OPEN
    ),
)  # fmt: skip
MODELS: Mapping[str, StandInModel] = MappingProxyType({model.id: model for model in _ALL})


class StandInCatalogue:
    """What the supplier has now. An id vanishes when it is withdrawn, and may return.

    The methods that take an id raise `KeyError` for one that the supplier never had.
    """

    def __init__(self) -> None:
        self._models = dict(MODELS)
        self._left: dict[str, int] = {}

    def __iter__(self) -> Iterator[StandInModel]:
        """The models on sale."""
        return (model for model in self._models.values() if self.find(model.id))

    def find(self, model_id: str) -> StandInModel | None:
        return self._models.get(model_id) if self._left.get(model_id, 1) else None

    def of_schema(self, slug: str) -> StandInModel | None:
        """The model of a schema's file name. The file outlives the model."""
        return next((model for model in self._models.values() if model.slug == slug), None)

    def withdraw(self, model_id: str, *, after: int = 0) -> None:
        """Take a model off sale once `after` more submissions are accepted. A second call changes nothing."""
        self._left.setdefault(self._models[model_id].id, after)

    def restore(self, model_id: str) -> None:
        self._left.pop(self._models[model_id].id, None)

    def sold(self, model_id: str) -> None:
        """Count an accepted submission."""
        if model_id in self._left:
            self._left[model_id] -= 1

    def move_price(self, model_id: str, percent: int) -> None:
        """Charge this share of the list's price from now on. The list does not change."""
        self._models[model_id] = replace(self._models[model_id], percent=percent)

    def narrow(self, model_id: str, name: str, value: str) -> None:
        """Let a field lose a value, in the schema and in what is accepted."""
        self._models[model_id] = self._models[model_id].without(name, value)
