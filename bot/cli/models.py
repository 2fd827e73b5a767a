"""`stillframe models` lists the rows of all models: what is on, what each costs, and since when that is known."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from bot.cli.output import CommandOutput, dollars, table
from bot.domain.models import Model, Models
from bot.domain.recipe import Size

_HOW = (
    "A price of an unconfirmed model was inferred, and the model is off. MODELS_FILE turns models on and off, changes "
    "prices, adds rows and orders them: see docs/operators/models.md."
)

_OPTIONS = ("clip", "web", "images")  # what is added: for a video, for web search, for image search


def list_models(models: Models) -> CommandOutput:
    facts = {"ok": True, "default": models.default.key, "models": [_facts(row) for row in models.rows]}
    return CommandOutput(True, [_table(models), *map(Text, _remarks(models))], facts)


def _table(models: Models) -> Table:
    amounts = {row.key: _amounts(row) for row in models.rows}
    names = (*(size.label for size in Size), *_OPTIONS)
    columns = [name for name in names if any(name in each for each in amounts.values())]
    shown = table("Models, prices in US$", "key and label", "state", *columns, "as of", right=(*columns, "as of"))
    for row in models.rows:
        known = amounts[row.key]
        shown.add_row(
            f"{row.key}\n{row.label}",
            row.state.value,
            *(dollars(known[name]) if name in known else "" for name in columns),
            f"{row.prices.as_of}" if row.prices else "unknown",
            style="" if row.offered else "dim",
        )
    return shown


def _amounts(row: Model) -> dict[str, int]:
    return {**{size.label: micros for size, micros in _sizes(row).items()}, **_options(row)}


def _remarks(models: Models) -> list[str]:
    sources = dict.fromkeys(row.prices.source for row in models.rows if row.prices)
    lines = [f"Prices of {', '.join(_keys_from(models, source))}: {source}." for source in sources]
    lines += [
        f"{row.label} ({row.key}): its end is announced for {row.retires}."
        for row in models.rows
        if row.retires and row.offered
    ]
    return [*lines, f"An order that names no model takes {models.default.key}.", _HOW]


def _keys_from(models: Models, source: str) -> list[str]:
    return [row.key for row in models.rows if row.prices and row.prices.source == source]


def _sizes(row: Model) -> dict[Size, int]:
    return {size: row.prices.image[size] for size in row.sizes if size in row.prices.image} if row.prices else {}


def _options(row: Model) -> dict[str, int]:
    """By the names of `_OPTIONS`, where the row has them."""
    if row.prices is None:
        return {}
    has = (bool(row.videos), row.web_search, row.image_search)
    prices = (row.prices.clip, row.prices.web_search, row.prices.image_search)
    return {name: price for name, price, there in zip(_OPTIONS, prices, has, strict=True) if there}


def _facts(row: Model) -> dict[str, object]:
    return {
        "key": row.key,
        "label": row.label,
        "supplier": row.supplier,
        "wire_id": row.wire_id,
        "state": row.state.value,
        "retires": row.retires and f"{row.retires}",
        "successor": row.successor,
        "prices": row.prices
        and {
            "as_of": f"{row.prices.as_of}",
            "source": row.prices.source,
            "image_micros": {size.value: micros for size, micros in _sizes(row).items()},
            "clip_micros": row.prices.clip if row.videos else None,
            "web_search_micros": row.prices.web_search if row.web_search else None,
            "image_search_micros": row.prices.image_search if row.image_search else None,
        },
    }
