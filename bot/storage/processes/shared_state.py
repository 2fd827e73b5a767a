"""Transaction scripts of the state that all processes on a database share: facts, and the supplier's rate limits."""

from __future__ import annotations

from collections.abc import Callable

from bot.storage.engine import locks
from bot.storage.engine.store import Script

_SELECT = "SELECT value FROM facts WHERE name = :name"
_PUT = """
    INSERT INTO facts (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
# A limit that was not used for long has saved up `slack`, and no more. All times are microseconds.
_RESERVE = """
    INSERT INTO buckets (name, free_at) VALUES (:name, clock_ms(:now) * 1000 - :slack + :taken)
    ON CONFLICT (name) DO UPDATE SET free_at = :taken + CASE
        WHEN buckets.free_at < clock_ms(:now) * 1000 - :slack THEN clock_ms(:now) * 1000 - :slack
        ELSE buckets.free_at END
    RETURNING free_at - :taken - clock_ms(:now) * 1000 AS wait"""


def get(name: str) -> Script[str | None]:
    rows = yield _SELECT, {"name": name}
    return rows[0]["value"] if rows else None


def put(name: str, value: str, *, channel: str | None = None) -> Script[bool]:
    """Store a fact. Returns whether its value is new; then the processes that listen on `channel` are woken."""
    return (yield from change(name, lambda _: value, channel=channel))


def change(name: str, how: Callable[[str | None], str], *, channel: str | None = None) -> Script[bool]:
    """Store what becomes of a fact. Returns as `put`."""
    yield from locks.lock(f"fact:{name}")
    before = yield from get(name)
    value = how(before)
    if value == before:
        return False
    yield _PUT, {"name": name, "value": value}
    if channel:
        yield from locks.notify(channel)
    return True


def raise_to(name: str, which: str, number: int) -> Script[bool]:
    """Raise the number that is stored for `which` under a name. Another `which` begins anew.

    Returns whether it was lower before.
    """
    yield from locks.lock(f"fact:{name}")
    before, _, stored = ((yield from get(name)) or "").rpartition("=")
    if before == which and int(stored) >= number:
        return False
    yield _PUT, {"name": name, "value": f"{which}={number}"}
    return True


def reserve(name: str, count: int, *, interval: int, slack: int, now: int) -> Script[int]:
    """Reserve the next `count` places of a rate limit, `interval` apart. Returns how long to wait for the first.

    All times are microseconds.
    """
    facts = {"name": name, "taken": count * interval, "slack": slack, "now": now}
    wait: int = (yield _RESERVE, facts)[0]["wait"]
    return max(0, wait)
