"""An image that could be shown nowhere waits for its member: when it is tried again, and when it is given up. Pure."""

from __future__ import annotations

HOUR_MS = 3_600_000
TRIES_MS = (HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS)  # after the first time that it could be shown nowhere
IN_DOUBT_MS = 5 * 60_000  # where a try may have shown it: what was seen is charged, as soon as Discord can be asked
LONGEST_DAYS = 7


def longest_ms(retention_days: int) -> int:
    """How long an image waits. `retention_days`: how long images are kept; 0 for ever."""
    return min(LONGEST_DAYS, retention_days or LONGEST_DAYS) * 24 * HOUR_MS


def next_look(since: int, *, longest_ms: int, now: int, in_doubt: bool = False) -> int:
    """When the image is tried again, or given up, in Unix milliseconds. `since`: from when on it waits.

    `in_doubt`: the last try may have shown it.
    """
    end = since + longest_ms
    pauses = (now - since + IN_DOUBT_MS, *TRIES_MS) if in_doubt else TRIES_MS
    return min((at for at in (since + pause for pause in pauses) if now < at < end), default=end)
