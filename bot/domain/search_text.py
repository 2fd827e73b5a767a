"""The text by which the history is searched: the same for all ways to write a word. Pure.

Letters are compared without case, marks and width, and without characters that can't be seen. So "Закат", "ÉTÉ" and
"İstanbul" are found however they are typed, in composed characters or not.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote

GRAM = 3  # characters; an index finds any part of a text by the pieces of this length in it
GRAMS_LIMIT = 24  # of one search; what they find is read again in full
_LEFT_OUT = frozenset({"Mn", "Me", "Cf", "Cc", "Cs"})  # categories
_NOT_SEEN = frozenset("\u115f\u1160\u2800")  # though Unicode calls them letters or symbols
_ALIKE = str.maketrans({"\N{LATIN SMALL LETTER DOTLESS I}": "i"})  # Unicode makes an "i" of a Turkish "I"
# An index on SQLite reads words of letters, digits and all that is not ASCII, so other characters stand for the rest.
_AS_LETTERS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}


def search_text(prompt: str, video: str) -> str:
    """The text of a job, in two lines: its prompt, and the id, address or file name of its video."""
    return f"{fold(prompt)}\n{fold_video(video)}"


def fold(text: str) -> str:
    """The text in small letters without marks, in one line."""
    small = unicodedata.normalize("NFKC", text).casefold()
    if not small.isascii():
        small = "".join(filter(_is_seen, unicodedata.normalize("NFKD", small)))
        small = unicodedata.normalize("NFC", small).translate(_ALIKE)
    return " ".join(small.replace("\0", "").split())


def fold_video(text: str) -> str:
    """As `fold`, for a name or an address: `%D0%BA` is "к", and Discord writes the blanks of a name as `_`."""
    return fold(unquote(text).replace("_", " "))


def grams(text: str) -> str:
    """Every piece of `GRAM` characters of a text, and the shorter ones at its end, as words for an index."""
    letters = text.translate(_AS_LETTERS)
    return " ".join(letters[start : start + GRAM] for start in range(len(letters)))


def match(part: str) -> str:
    """A query of the index for the texts that may have this part."""
    letters = part.translate(_AS_LETTERS)
    if len(letters) < GRAM:
        return f'"{letters}" *'
    pieces = dict.fromkeys(letters[start : start + GRAM] for start in range(len(letters) - GRAM + 1))
    return " AND ".join(f'"{piece}"' for piece in list(pieces)[:GRAMS_LIMIT])


def _is_seen(character: str) -> bool:
    left_out = unicodedata.category(character) in _LEFT_OUT or character in _NOT_SEEN
    return not left_out or character.isspace()
