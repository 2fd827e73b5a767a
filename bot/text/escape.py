"""Show a text that a member typed to other people: inert, short, and without invisible characters."""

from __future__ import annotations

import re
import unicodedata

ECHO_LIMIT = 60  # characters of a typed text, in an answer
PROMPT_ECHO_LIMIT = 900  # characters of a prompt, on a card
COMBINING_LIMIT = 2  # marks on one letter; more would cover the lines around it


def inline(text: str, limit: int = ECHO_LIMIT) -> str:
    """Quote a text inside a sentence: one line of inert code, cut to `limit` characters."""
    clean = " ".join(plain(text).split())
    return f"`{clean if len(clean) <= limit else clean[: limit - 1] + '…'}`"


def block(text: str, limit: int = PROMPT_ECHO_LIMIT) -> str:
    """Quote a text as a code block, in which no mention, link, time stamp or formatting works."""
    clean = plain(text).strip()
    return f"```\n{clean if len(clean) <= limit else clean[: limit - 1] + '…'}\n```"


def plain(text: str) -> str:
    """Remove control and direction characters and stacked marks, and replace backticks."""
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category == "Mn" else 0
        if marks > COMBINING_LIMIT or (category in {"Cc", "Cf", "Co", "Cs"} and character not in "\n\u200d"):
            continue
        kept.append("ˋ" if character == "`" else character)
    return re.sub(r"\n{3,}", "\n\n", "".join(kept))
