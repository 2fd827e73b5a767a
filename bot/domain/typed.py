"""What no text may have: half characters, which no encoding has, and NUL, which PostgreSQL refuses."""

from __future__ import annotations

import re

_HALVES = re.compile("[\ud800-\udfff]")
UNREADABLE = "\ufffd"


def sound(text: str) -> str:
    """Return the text with a mark for each half character (a lone surrogate), and without NUL."""
    return text.replace("\x00", "") if text.isascii() else _HALVES.sub(UNREADABLE, text).replace("\x00", "")
