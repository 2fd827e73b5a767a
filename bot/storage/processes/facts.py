"""Transaction scripts of what one process has found out, and the others have to know."""

from __future__ import annotations

from bot.storage.engine import locks
from bot.storage.engine.store import Script

_SELECT = "SELECT value FROM facts WHERE name = :name"
_PUT = """
    INSERT INTO facts (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""


def get(name: str) -> Script[str | None]:
    rows = yield _SELECT, {"name": name}
    return rows[0]["value"] if rows else None


def put(name: str, value: str, *, channel: str | None = None) -> Script[bool]:
    """Is it news? Then whoever listens on the channel is called."""
    yield from locks.lock(f"fact:{name}")
    if (yield from get(name)) == value:
        return False
    yield _PUT, {"name": name, "value": value}
    if channel:
        yield from locks.notify(channel)
    return True
