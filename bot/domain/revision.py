"""Edits of a rule: pure functions from its present JSON value to the next one.

They run inside the transaction that writes the rule, so that two moderators at the same moment don't lose an edit.
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
    """Replace the value."""
    return lambda _present: value


def to_default(rule: str) -> Edit:
    """Set the rule back to its default."""
    return set_to(default_of(rule))


def default_of(rule: str) -> Any:
    return Policy().model_dump(mode="json")[rule]


def with_item(item: int | str) -> Edit:
    return lambda present: present if item in present else [*present, item]


def without_item(item: int | str) -> Edit:
    return lambda present: [each for each in present if each != item]


def with_fields(given: Mapping[str, Any]) -> Edit:
    """Set the given fields of a rule, and keep the others."""
    return lambda present: {**present, **given}


def for_role(role_id: int, given: Mapping[str, Any]) -> Edit:
    """Do as `with_fields` for one role of a rule that has values by role."""
    key = str(role_id)
    return lambda present: {**present, key: {**present.get(key, {}), **given}}


def with_share(channel_id: int, percent: int | None) -> Edit:
    """Set the share of a channel; None takes it away."""
    key = str(channel_id)

    def edit(present: Any) -> Any:
        others = {each: value for each, value in present.items() if each != key}
        return others if percent is None else {**others, key: percent}

    return edit


def without_field(role_id: int, name: str) -> Edit:
    """Clear one field of a role. A role with no field set is removed from the rule."""
    key = str(role_id)

    def edit(present: Any) -> Any:
        left = {**present.get(key, {}), name: None}
        others = {each: value for each, value in present.items() if each != key}
        return others if set(left.values()) == {None} else {**others, key: left}

    return edit


def without_role(role_id: int) -> Edit:
    return lambda present: {key: value for key, value in present.items() if key != str(role_id)}


def with_words(words: Words) -> Edit:
    """Add a pattern. The same pattern once more changes its action. Raises `TooManyWords`."""

    def edit(present: Any) -> Any:
        others = [each for each in present if each["pattern"] != words.pattern]
        if len(others) >= PATTERNS_LIMIT:
            raise TooManyWords(limit=PATTERNS_LIMIT)
        return [*others, words.model_dump(mode="json")]

    return edit


def without_words(pattern: str) -> Edit:
    return lambda present: [each for each in present if each["pattern"] != pattern]


def read_amounts(text: str) -> tuple[int, ...]:
    """Read amounts such as `150 300, 600`. Raises `NotAmounts`."""
    words = text.replace(",", " ").split()
    amounts = tuple(dict.fromkeys(int(word) for word in words if word.isdecimal() and len(word) <= AMOUNT_DIGITS))
    if not 1 <= len(amounts) <= AMOUNTS_LIMIT or len(amounts) != len(words) or 0 in amounts:
        raise NotAmounts(text=text, limit=AMOUNTS_LIMIT)
    return amounts
