"""How a rule is changed: pure functions from its present JSON value to the next one.

They run inside the transaction that writes it, so that of two moderators at one moment neither undoes the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.errors import NotAmounts, TooManyWords
from bot.domain.policy import PATTERNS_LIMIT, Policy, Words

Edit = Callable[[Any], Any]

AMOUNTS_LIMIT = 4  # buttons on a request, beside the one that denies it
AMOUNT_DIGITS = 7  # more than any amount of credits may have


def set_to(value: Any) -> Edit:
    """Whatever it was."""
    return lambda _present: value


def to_default(rule: str) -> Edit:
    """As in a server that has set nothing."""
    return set_to(default_of(rule))


def default_of(rule: str) -> Any:
    return Policy().model_dump(mode="json")[rule]


def with_item(item: int) -> Edit:
    return lambda present: present if item in present else [*present, item]


def without_item(item: int) -> Edit:
    return lambda present: [each for each in present if each != item]


def with_fields(given: Mapping[str, Any]) -> Edit:
    """Of a rule with several values: the given ones; the rest stays."""
    return lambda present: {**present, **given}


def for_role(role_id: int, given: Mapping[str, Any]) -> Edit:
    """As `with_fields`, for one role of a rule by roles."""
    key = str(role_id)
    return lambda present: {**present, key: {**present.get(key, {}), **given}}


def without_field(role_id: int, name: str) -> Edit:
    """A role that has nothing set any more goes from the rule."""
    key = str(role_id)

    def edit(present: Any) -> Any:
        left = {**present.get(key, {}), name: None}
        others = {each: value for each, value in present.items() if each != key}
        return others if set(left.values()) == {None} else {**others, key: left}

    return edit


def without_role(role_id: int) -> Edit:
    return lambda present: {key: value for key, value in present.items() if key != str(role_id)}


def with_words(words: Words) -> Edit:
    """The same pattern once more changes what happens where it is found. Raises `TooManyWords`."""

    def edit(present: Any) -> Any:
        others = [each for each in present if each["pattern"] != words.pattern]
        if len(others) >= PATTERNS_LIMIT:
            raise TooManyWords(limit=PATTERNS_LIMIT)
        return [*others, words.model_dump(mode="json")]

    return edit


def without_words(pattern: str) -> Edit:
    return lambda present: [each for each in present if each["pattern"] != pattern]


def read_amounts(text: str) -> tuple[int, ...]:
    """Such as `150 300, 600`. Raises `NotAmounts`."""
    words = text.replace(",", " ").split()
    amounts = tuple(dict.fromkeys(int(word) for word in words if word.isdecimal() and len(word) <= AMOUNT_DIGITS))
    if not 1 <= len(amounts) <= AMOUNTS_LIMIT or len(amounts) != len(words) or 0 in amounts:
        raise NotAmounts(text=text, limit=AMOUNTS_LIMIT)
    return amounts
