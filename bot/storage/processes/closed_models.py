"""Transaction scripts of the models that can't be used now, which all processes on a database share."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from bot.domain.models import Closed
from bot.storage.engine import locks
from bot.storage.engine.store import Script
from bot.storage.processes import shared_state

FACT = "models closed"  # the name of the shared state; its value is JSON, by the models' keys
_CLOSED = TypeAdapter(dict[str, Closed])


def closed() -> Script[dict[str, Closed]]:
    return _read((yield from shared_state.get(FACT)))


def close(key: str, why: Closed) -> Script[bool]:
    """Returns whether it was open. What is closed already stays as it is, for its reason."""

    def closing(before: str | None) -> str:
        found = _read(before)
        opens = key in found and found[key].until is not None  # it may have opened by itself, or this one is for good
        return _write({**found, key: why}) if opens or key not in found else before or ""

    return (yield from shared_state.change(FACT, closing, channel=locks.MODELS))


def reopen(key: str) -> Script[bool]:
    """Returns whether it was closed."""

    def opening(before: str | None) -> str:
        return _write({each: why for each, why in _read(before).items() if each != key})

    was_closed = key in (yield from closed())
    yield from shared_state.change(FACT, opening, channel=locks.MODELS)
    return was_closed


def _read(value: str | None) -> dict[str, Closed]:
    """A reason of a newer version is not known here: then no model counts as closed, and the supplier answers."""
    try:
        return _CLOSED.validate_json(value or "{}")
    except ValidationError:
        return {}


def _write(models: dict[str, Closed]) -> str:
    return _CLOSED.dump_json(models).decode()
