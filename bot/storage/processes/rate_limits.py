"""The transaction script of what the supplier allows all processes together, each second."""

from __future__ import annotations

from bot.storage.engine.store import Script

# A bucket that was not used for long has saved up `slack`, and no more. All in microseconds.
_RESERVE = """
    INSERT INTO buckets (name, free_at) VALUES (:name, clock_ms(:now) * 1000 - :slack + :taken)
    ON CONFLICT (name) DO UPDATE SET free_at = :taken + CASE
        WHEN buckets.free_at < clock_ms(:now) * 1000 - :slack THEN clock_ms(:now) * 1000 - :slack
        ELSE buckets.free_at END
    RETURNING free_at - :taken - clock_ms(:now) * 1000 AS wait"""


def reserve(name: str, count: int, *, interval: int, slack: int, now: int) -> Script[int]:
    """Take the next `count` places, `interval` apart. Returns how long to wait for the first. In microseconds."""
    facts = {"name": name, "taken": count * interval, "slack": slack, "now": now}
    wait: int = (yield _RESERVE, facts)[0]["wait"]
    return max(0, wait)
