"""`stillframe models` lists the rows of all models: what is on, what each costs, and since when that is known."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from bot.cli.output import CommandOutput, dollars, refused, table
from bot.domain.errors import DatabaseInUse, ModelUnknown, StillframeError, StorageError, SupplierClosed, SupplierError
from bot.domain.model_check import Checked, to_check
from bot.domain.models import Model, Models, Prices
from bot.domain.models_file import ModelsFileBroken, read_models, with_prices
from bot.domain.recipe import Size
from bot.media.fetch import Fetcher
from bot.providers.atlas import open_atlas
from bot.services.maintenance.model_check import check_models
from bot.settings import Settings
from bot.storage.database import open_database, read_once
from bot.storage.processes import closed_models
from bot.text import refusals

_HOW = (
    "A price of an unconfirmed model was inferred, and the model is off. MODELS_FILE turns models on and off, changes "
    "prices, adds rows and orders them: see docs/operators/models.md."
)

SOUND = "Every model that is on is as its row says."
UNSOUND = (
    "No price changes by itself. `stillframe models confirm KEY` writes today's prices into MODELS_FILE; a model that "
    "is gone is closed at its next order."
)
NOT_CONFIRMED = "So it is not confirmed, and nothing was changed."

_OPTIONS = ("clip", "web", "images")  # what is added: for a video, for web search, for image search


NO_FILE = (
    "MODELS_FILE is not set, so there is nowhere to write. Set MODELS_FILE=models.toml, and run this again. "
    "Nothing was changed."
)
IN_USE = (
    "The bot is running on {path}, and only one process may write there. Stop the bot, run this again and start it. "
    "Nothing was changed."
)


async def check(settings: Settings, keys: Sequence[str]) -> CommandOutput:
    """Ask the supplier about these rows, or about all that are on or unconfirmed. It costs nothing."""
    try:
        rows = tuple(map(settings.models_with_all_options.named, keys)) or to_check(
            settings.models_with_all_options.rows
        )
        checked = await _ask(settings, rows)
    except (ModelUnknown, SupplierError) as error:
        return _failed(error)
    lines = [_line(each) for each in checked]
    sound = not any(each.findings for each in checked if each.row.offered)
    facts = {"ok": sound, "models": [_checked(each) for each in checked]}
    return CommandOutput(sound, [*map(Text, lines), Text(SOUND if sound else UNSOUND)], facts)


async def confirm(settings: Settings, key: str) -> CommandOutput:
    """Write the prices that the supplier names for a row into MODELS_FILE, and turn the row on."""
    path = settings.models_file
    if path is None:
        return CommandOutput(False, [Text(NO_FILE)], {"ok": False, "error": "NoModelsFile", "message": NO_FILE})
    try:
        row = settings.models_with_all_options.named(key)
        (checked,) = await _ask(settings, (row,))
    except (ModelUnknown, SupplierError) as error:
        return _failed(error)
    if checked.quoted is None or not checked.confirmable:
        return CommandOutput(False, [Text(_line(checked)), Text(NOT_CONFIRMED)], {"ok": False, **_checked(checked)})
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        text = with_prices(before, row.key, checked.quoted.prices, row)
        read_models(text)
        _replace(path, text)
    except (OSError, ModelsFileBroken) as error:
        return _failed(error)
    words = f"{row.key} is on in {path}, at the prices of today. Start the bot anew to use it."
    return CommandOutput(True, [Text(words)], {"ok": True, "file": str(path), **_checked(checked)})


async def open_again(settings: Settings, key: str) -> CommandOutput:
    """Open a model that is closed. On SQLite no other process may have the file open."""
    try:
        async with open_database(settings.database, backups=settings.backups) as store:
            was_closed = await store.run(closed_models.reopen(key))
    except DatabaseInUse as error:
        return refused(error, IN_USE.format(path=error.path))
    words = f"{key} is open again." if was_closed else f"{key} is not closed. Nothing was changed."
    return CommandOutput(was_closed, [Text(words)], {"ok": was_closed, "key": key})


async def _ask(settings: Settings, rows: Sequence[Model]) -> list[Checked]:
    """Raises `SupplierError`."""
    key = settings.atlascloud_api_key
    if key is None:
        raise SupplierClosed(because="key", detail="ATLASCLOUD_API_KEY is not set")
    fetch = Fetcher(trusted_origin=settings.atlascloud_base_url).download
    async with open_atlas(base_url=settings.atlascloud_base_url, api_key=key, fetch=fetch) as supplier:
        return await check_models(supplier, rows, settings.pricing, today=datetime.now(UTC).date())


def _replace(path: Path, text: str) -> None:
    """Never leave half a file: write it beside the old one, then take its place."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, "utf-8")
    beside.replace(path)


def _failed(error: Exception) -> CommandOutput:
    said = f"The image service can't be asked: {error}" if isinstance(error, SupplierError) else str(error)
    if isinstance(error, StillframeError) and not isinstance(error, SupplierError):
        said = refusals.say(error)
    words = f"{said} Nothing was changed."
    return CommandOutput(False, [Text(words)], {"ok": False, "error": type(error).__name__, "message": words})


def _line(checked: Checked) -> str:
    if not checked.findings:
        return f"{checked.row.key}: as the row says"
    return "\n".join(map(str, checked.findings))


def _checked(checked: Checked) -> dict[str, object]:
    return {
        "key": checked.row.key,
        "state": checked.row.state.value,
        "findings": [{"trouble": each.trouble.value, "words": each.words} for each in checked.findings],
        "confirmable": checked.confirmable,
        "prices": _prices(checked.row, checked.quoted.prices) if checked.quoted else None,
    }


async def list_models(settings: Settings) -> CommandOutput:
    """List the rows; those that are closed now are marked, where there is a database. The bot may be running."""
    try:
        closed = await read_once(settings.database, closed_models.closed())
    except StorageError:
        closed = {}
    now = time.time_ns() // 1_000_000
    models = Models(settings.models.rows, {key: why for key, why in closed.items() if why.holds(now)})
    rows = tuple(models.get(row.key) for row in models.rows)
    return _listing(replace(models, rows=rows))


def _listing(models: Models) -> CommandOutput:
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
        "prices": row.prices and _prices(row, row.prices),
    }


def _prices(row: Model, prices: Prices) -> dict[str, object]:
    return {
        "as_of": f"{prices.as_of}",
        "source": prices.source,
        "image_micros": {size.value: prices.image[size] for size in row.sizes if size in prices.image},
        "clip_micros": prices.clip if row.videos else None,
        "web_search_micros": prices.web_search if row.web_search else None,
        "image_search_micros": prices.image_search if row.image_search else None,
    }
