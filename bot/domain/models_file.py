"""The operator's file of models (`MODELS_FILE`): it adds rows to those built in, changes them, and orders them.

Its form is in docs/operators/models.md. Prices in it are US dollars.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Model, Models, ModelState, Prices, VideoKind
from bot.domain.recipe import (
    FRAMES_LIMIT,
    MODEL_KEY,
    PROMPT_LIMIT,
    MediaResolution,
    OutputFormat,
    Shape,
    Size,
    Thinking,
)

IMAGES_LIMIT = 14  # the most that any of these models is said to read
_MICROS = 1_000_000
_NEEDED = ("wire_id", "label", "sizes", "prices")  # of a row that is not built in

Usd = Annotated[Decimal, Field(ge=0, le=1_000, decimal_places=6, allow_inf_nan=False)]
Word = Annotated[str, Field(min_length=1, max_length=100)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Prices(_Table):
    as_of: date
    source: Word
    image: dict[Size, Annotated[Decimal, Field(gt=0, le=1_000, decimal_places=6, allow_inf_nan=False)]]
    clip: Usd | None = None
    web_search: Usd | None = None
    image_search: Usd | None = None


class _Row(_Table):
    """One `[[model]]`. What is left out stays as it is built in."""

    key: Annotated[str, Field(pattern=MODEL_KEY)]
    on: bool | None = None
    supplier: Literal["atlas"] | None = None
    wire_id: Annotated[str, Field(pattern=r"^[!-~]{1,200}$")] | None = None
    former_wire_ids: tuple[Word, ...] | None = None
    label: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    good_for: Annotated[str, Field(max_length=100)] | None = None
    videos: frozenset[VideoKind] | None = None
    images: tuple[Annotated[int, Field(ge=0, le=IMAGES_LIMIT)], Annotated[int, Field(ge=0, le=IMAGES_LIMIT)]] | None = (
        None
    )
    prompt_limit: Annotated[int, Field(ge=1, le=PROMPT_LIMIT)] | None = None
    frames_limit: Annotated[int, Field(ge=1, le=FRAMES_LIMIT)] | None = None
    sizes: tuple[Size, ...] | None = None
    shapes: tuple[Shape, ...] | None = None
    thinking: tuple[Thinking, ...] | None = None
    web_search: bool | None = None
    image_search: bool | None = None
    output_formats: tuple[OutputFormat, ...] | None = None
    media_resolutions: tuple[MediaResolution, ...] | None = None
    typical_seconds: Annotated[float, Field(gt=0, le=600)] | None = None
    retires: date | None = None
    successor: Annotated[str, Field(pattern=MODEL_KEY)] | None = None
    prices: _Prices | None = None


class ModelsFileBroken(ValueError):
    """`lines`: what is wrong, one sentence for each fault."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def read_models(text: str, built_in: Models = BUILT_IN) -> Models:
    """Return the rows as the file changes them. Raises `ModelsFileBroken`."""
    try:
        document: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ModelsFileBroken([f"is not TOML: {error}"]) from error
    except ArithmeticError as error:
        raise ModelsFileBroken(["has a number that can't be read"]) from error
    tables, order = document.pop("model", []), document.pop("order", [])
    lines = [_no_such(name, ("model", "order")) for name in document]
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise ModelsFileBroken([*lines, "each row begins with [[model]], in two brackets"])
    rows = [_read_row(number, table, lines) for number, table in enumerate(tables, 1)]
    if lines:
        raise ModelsFileBroken(lines)
    return _merged([row for row in rows if row], order, built_in)


def with_prices(text: str, key: str, prices: Prices, row: Model) -> str:
    """Turn a row on with these prices in the text of a file of models. All else in it stays, comments too."""
    import tomlkit  # noqa: PLC0415  # 2 MB, for one command of the operator

    document = tomlkit.parse(text)
    tables = document.setdefault("model", tomlkit.aot())
    table = next((each for each in tables if each.get("key") == key), None)
    if table is None:
        table = tomlkit.table()
        table.add("key", key)
        tables.append(table)
    table["on"] = True
    has = {"clip": bool(row.videos), "web_search": row.web_search, "image_search": row.image_search}
    image = tomlkit.inline_table()
    image.update({size.value: micros / _MICROS for size, micros in prices.image.items()})
    table["prices"] = {
        "as_of": prices.as_of,
        "source": prices.source,
        "image": image,
        **{name: getattr(prices, name) / _MICROS for name, there in has.items() if there},
    }
    return tomlkit.dumps(document)


def _read_row(number: int, table: Mapping[str, Any], lines: list[str]) -> _Row | None:
    key = table.get("key")
    name = f'model "{key}"' if isinstance(key, str) and key else f"model {number}"
    try:
        return _Row.model_validate(table)
    except ValidationError as error:
        lines += dict.fromkeys(f"{name}: {_fault(each)}" for each in error.errors())
        return None


def _fault(each: ErrorDetails) -> str:
    place = [str(part) for part in each["loc"] if part != "[key]"]
    name = ".".join(place)
    if each["type"] == "extra_forbidden":
        fields = _Prices.model_fields if len(place) > 1 else _Row.model_fields
        return _no_such(name, tuple(fields), last=place[-1])
    if each["type"] == "missing":
        return f"{name} is missing"
    return f"{name}: {each['msg'].replace('Input should', 'must', 1)}"


def _no_such(name: str, fields: tuple[str, ...], *, last: str | None = None) -> str:
    alike = get_close_matches(last or name, fields, n=1)
    return f"there is no {name}; did you mean {alike[0]}?" if alike else f"there is no {name}"


def _merged(rows: list[_Row], order: object, built_in: Models) -> Models:
    lines: list[str] = []
    found = {row.key: row for row in built_in.rows}
    known = set(found) | {row.key for row in rows}
    for number, row in enumerate(rows):
        if row.key in {other.key for other in rows[:number]}:
            lines.append(f'model "{row.key}": there are two rows with this key')
            continue
        before = found.get(row.key)
        missing = [name for name in _NEEDED if before is None and getattr(row, name) is None]
        if missing:
            lines.append(f'model "{row.key}": {", ".join(missing)} is missing, and no row with this key is built in')
            continue
        found[row.key] = _changed(row, before)
        lines += [f'model "{row.key}": {fault}' for fault in _faults(row, found[row.key], known)]
    ordered = _in_order(found, order, lines)
    if not lines and not any(row.offered for row in ordered):
        lines.append("no model is on: leave at least one")
    if lines:
        raise ModelsFileBroken(lines)
    return Models(tuple(ordered))


def _in_order(found: Mapping[str, Model], order: object, lines: list[str]) -> list[Model]:
    if not isinstance(order, list) or not all(isinstance(key, str) for key in order):
        lines.append('order must be a list of keys, such as ["nb2-dev", "nb2-edit"]')
        return list(found.values())
    lines += [_no_such(f'model "{key}" (in order)', tuple(found), last=key) for key in order if key not in found]
    lines += [f'order names "{key}" twice' for key in dict.fromkeys(order) if order.count(key) > 1]
    return [found[key] for key in dict.fromkeys([*order, *found]) if key in found]


def _changed(row: _Row, before: Model | None) -> Model:
    given = {name: value for name in _Row.model_fields if (value := getattr(row, name)) is not None}
    on: bool | None = given.pop("on", None)
    if row.prices is not None:
        given["prices"] = _prices(row.prices)
    if row.sizes is not None:
        given["sizes"] = tuple(size for size in Size if size in row.sizes)
    if before is None:
        return Model(**given, state=ModelState.OFF if on is False else ModelState.ON)
    if row.wire_id and row.wire_id != before.wire_id:  # the bill may still have it under its name of before
        given["former_wire_ids"] = (*(row.former_wire_ids or ()), before.wire_id)
    if on is not None:
        given["state"] = ModelState.ON if on else ModelState.OFF
    return replace(before, **given)


def _prices(given: _Prices) -> Prices:
    return Prices(
        as_of=given.as_of,
        source=given.source,
        image=MappingProxyType({size: _micros(usd) for size, usd in given.image.items()}),
        clip=_micros(given.clip or Decimal()),
        web_search=_micros(given.web_search or Decimal()),
        image_search=_micros(given.image_search or Decimal()),
    )


def _micros(usd: Decimal) -> int:
    return int(usd * _MICROS)


def _faults(row: _Row, model: Model, known: set[str]) -> Iterable[str]:
    if not model.sizes:
        yield "sizes is empty"
    if model.images[0] > model.images[1]:
        yield "images must be [fewest, most]"
    if model.successor and model.successor not in known:
        yield _no_such(f'successor "{model.successor}"', tuple(known), last=model.successor)
    unconfirmed = model.key in {each.key for each in BUILT_IN.rows if each.state is ModelState.UNCONFIRMED}
    if row.on and unconfirmed and row.prices is None:
        yield "its built-in prices are not confirmed: give its prices here, with their date and source"
    elif model.offered or row.prices:
        yield from _absent_prices(model, row.prices)


def _absent_prices(model: Model, given: _Prices | None) -> Iterable[str]:
    prices = model.prices
    if prices is None:
        yield "prices is missing"
        return
    yield from (f"prices.image has no price for {size.value}" for size in model.sizes if size not in prices.image)
    needed = {"clip": bool(model.videos), "web_search": model.web_search, "image_search": model.image_search}
    for name, is_needed in needed.items():
        absent = getattr(given, name) is None if given else not getattr(prices, name)
        if is_needed and absent:
            yield f"prices.{name} is missing: the row offers it, and what costs nothing must say 0"
