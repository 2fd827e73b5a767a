"""Find blocked and flagged words: whole words or phrases, or RE2 expressions, which always end in linear time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from bot.domain.errors import BadPattern
from bot.domain.policy import Words

_WORD = re.compile(r"\w+(?:['’]\w+)*")  # a quote inside a word belongs to it; around a word it does not
_MEMORY_BYTES = 1 << 20  # of one compiled expression


def check_pattern(words: Words) -> None:
    """Raises `BadPattern` for a phrase without a word, or an expression that RE2 does not take."""
    if not words.is_pattern:
        if not _tokens(words.pattern):
            raise BadPattern(pattern=words.pattern, why="it has no word in it")
        return
    _compile(words.pattern)


def first_found(text: str, rules: Iterable[Words]) -> Words | None:
    """Return the first rule that matches, blocking rules first. A pattern that RE2 can't read matches nothing."""
    plain = _plain(text)
    tokens = _tokens(text)
    for rule in sorted(rules, key=lambda each: each.action):  # "block" before "flag"
        if _matches(rule, plain, tokens):
            return rule
    return None


def _matches(rule: Words, plain: str, tokens: list[str]) -> bool:
    if rule.is_pattern:
        try:
            return _compile(rule.pattern).search(plain) is not None
        except BadPattern:
            return False
    wanted = _tokens(rule.pattern)
    starts = range(len(tokens) - len(wanted) + 1)
    return bool(wanted) and any(tokens[start : start + len(wanted)] == wanted for start in starts)


def _compile(pattern: str) -> Any:
    """Raises `BadPattern`."""
    import re2  # noqa: PLC0415  # 2 MB, for the servers that have a pattern

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        why = error.args[0] if error.args else ""
        raise BadPattern(pattern=pattern, why=why.decode() if isinstance(why, bytes) else str(why)) from error


def _plain(text: str) -> str:
    """The text as a person reads it: one form for letters that look the same, without invisible characters."""
    whole = unicodedata.normalize("NFKC", text)
    return "".join(character for character in whole if unicodedata.category(character) != "Cf").casefold()


def _tokens(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(_plain(text))]
