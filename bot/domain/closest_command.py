"""Find the command that a member most likely meant."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

CLOSE_ENOUGH = 0.7  # from 0 to 1: "imagin" and "immagine" are close enough to "imagine", "image" is not
WORDS_LIMIT = 2  # of a command: a group's name, and a command in it
WORD_LIMIT = 32  # characters of a name, Discord's


def closest_command(typed: str, names: Sequence[str], *, otherwise: str) -> str:
    """Return the name in `names` that is closest to what was typed, or `otherwise`.

    `names` are whole names, such as "credits balance". For the name of a group alone, return the group's first command.
    """
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
