"""Lengths of time as people write them: `12h`, `7d`, `2w`."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r"([0-9]{1,4}) ?([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def read_duration(text: str, *, units: str = "hdw") -> timedelta | None:
    """Read a number of up to four digits and one of `units`: hours, days or weeks. None for any other text."""
    found = _DURATION.fullmatch(text)
    return int(found[1]) * _UNITS[found[2]] if found and found[2] in units else None
