"""Which command is meant by something that is not one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

CLOSE_ENOUGH = 0.7  # of 1: "imagin" and "immagine" are "imagine", "image" is not
WORDS_LIMIT = 2  # of a command: a group's name, and what is in it
WORD_LIMIT = 32  # characters of a name, Discord's


def closest_command(typed: str, names: Sequence[str], *, otherwise: str) -> str:
    """`names`: whole ones, such as "credits balance". Of a group that is named alone, its first."""
    words = [word[:WORD_LIMIT] for word in typed.casefold().split(maxsplit=WORDS_LIMIT)[:WORDS_LIMIT]]
    if words:
        words[0] = words[0].removeprefix("/").removeprefix("!")
    for count in range(len(words), 0, -1):
        start = " ".join(words[:count])
        within = {" ".join(name.split()[:count]): name for name in reversed(names)}
        close = get_close_matches(start, within, n=1, cutoff=CLOSE_ENOUGH)
        if close:
            return within[close[0]]
    return otherwise
