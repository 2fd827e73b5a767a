"""Show a text that a member typed to other people: inert, short, and without invisible characters.

What a script needs stays: the joiners of Persian and of emoji, the marks of Hebrew, Tibetan and Thai. Where a text that
runs from right to left stands in a sentence of ours, Unicode's isolates keep it from turning the rest around.
"""

from __future__ import annotations

import re
import unicodedata

ECHO_LIMIT = 60  # characters of a typed text, in an answer
PROMPT_ECHO_LIMIT = 900  # characters of a prompt, on a card
COMBINING_LIMIT = 2  # marks on one letter that fit any letter; more would cover the lines around it
SCRIPT_MARKS_LIMIT = 8  # marks on one letter that belong to one script, each once: a stack of Tibetan has as many

_JOINERS = "\u200c\u200d"
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")  # signs around Arabic numbers
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs"})
_FOR_ANY_LETTER = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f]")
_NEW_LINES = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def inline(text: str, limit: int = ECHO_LIMIT) -> str:
    """Quote a text inside a sentence: one line of inert code, cut to `limit` characters."""
    clean = " ".join(plain(text).split())
    return isolated(f"`{clean if len(clean) <= limit else clean[: limit - 1] + '…'}`")


def block(text: str, limit: int = PROMPT_ECHO_LIMIT) -> str:
    """Quote a text as a code block, in which no mention, link, time stamp or formatting works."""
    clean = plain(text).strip()
    return f"```\n{clean if len(clean) <= limit else clean[: limit - 1] + '…'}\n```"


def plain(text: str) -> str:
    """Remove control and direction characters and stacked marks, and replace backticks; a tab becomes a blank."""
    kept: list[str] = []
    marks: list[str] = []
    for character in unicodedata.normalize("NFC", _NEW_LINES.sub("\n", text).replace("\t", " ")):
        category = unicodedata.category(character)
        if category in {"Mn", "Me"}:
            if not _fits(marks, character):
                continue
            marks.append(character)
        else:
            marks.clear()
        if category in _HIDDEN and not _is_needed(kept, character):
            continue
        kept.append("ˋ" if character == "`" else character)
    return re.sub(r"\n{3,}", "\n\n", "".join(kept))


def isolated(text: str) -> str:
    """The text for a sentence of ours, which goes on as it was, whichever way the text runs."""
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return f"{_ISOLATE}{text}{_END_ISOLATE}"
    return text


def _fits(marks: list[str], mark: str) -> bool:
    """Whether one more mark stands on a letter that has these."""
    if _FOR_ANY_LETTER.match(mark):
        return sum(1 for each in marks if _FOR_ANY_LETTER.match(each)) < COMBINING_LIMIT
    return mark not in marks and len(marks) < SCRIPT_MARKS_LIMIT


def _is_needed(kept: list[str], character: str) -> bool:
    """A new line, a joiner after something, a sign that is seen though Unicode calls it a format."""
    if character in _JOINERS:
        return bool(kept) and kept[-1] not in _JOINERS
    return character == "\n" or character in _VISIBLE_FORMATS
