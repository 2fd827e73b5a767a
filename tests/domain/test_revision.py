"""Edits of rules: what an edit does not name stays, and no list grows without a limit."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.errors import NotAmounts, TooManyWords
from bot.domain.policy import PATTERNS_LIMIT, RULES, Policy, Words
from bot.domain.revision import (
    Edit,
    default_of,
    for_role,
    read_amounts,
    set_to,
    to_default,
    with_fields,
    with_item,
    with_words,
    without_field,
    without_item,
    without_role,
    without_words,
)

CAR = {"pattern": "car", "is_pattern": False, "action": "block"}


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (set_to(7), 3, 7),
        (to_default("request_amounts"), [1], [150, 300, 600]),
        (with_item(2), [1], [1, 2]),
        (with_item(1), [1], [1]),
        (without_item(1), [1, 2], [2]),
        (without_item(3), [1, 2], [1, 2]),
        (with_fields({"highest": 5}), {"allowed": True, "highest": 9}, {"allowed": True, "highest": 5}),
        (for_role(1, {"frames": 5}), {}, {"1": {"frames": 5}}),
        (for_role(1, {"frames": 5}), {"1": {"size": "1k"}, "2": {}}, {"1": {"size": "1k", "frames": 5}, "2": {}}),
        (without_role(1), {"1": {}, "2": {}}, {"2": {}}),
        (without_field(1, "size"), {"1": {"size": "1k", "frames": 5}}, {"1": {"size": None, "frames": 5}}),
        (without_field(1, "size"), {"1": {"size": "1k", "frames": None}, "2": {}}, {"2": {}}),
        (without_field(1, "size"), {}, {}),
        (with_words(Words(pattern="car")), [], [CAR]),
        (with_words(Words(pattern="car", action="flag")), [CAR], [{**CAR, "action": "flag"}]),
        (without_words("car"), [CAR], []),
        (without_words("bus"), [CAR], [CAR]),
    ],
)
def test_a_rule_becomes_what_is_asked_for_and_keeps_the_rest(edit: Edit, before: Any, after: Any) -> None:
    assert edit(before) == after


def test_a_full_list_of_words_takes_no_more_but_may_change() -> None:
    full = [{**CAR, "pattern": str(number)} for number in range(PATTERNS_LIMIT)]
    with pytest.raises(TooManyWords):
        with_words(Words(pattern="car"))(full)
    assert len(with_words(Words(pattern="7", action="flag"))(full)) == PATTERNS_LIMIT


def test_all_defaults_together_are_the_policy_of_a_server_that_has_set_nothing() -> None:
    assert Policy.model_validate({rule: default_of(rule) for rule in RULES}) == Policy()


@pytest.mark.parametrize(("text", "amounts"), [("150", (150,)), ("150 300, 600", (150, 300, 600)), ("1,2", (1, 2))])
def test_amounts_are_read_as_people_write_them(text: str, amounts: tuple[int, ...]) -> None:
    assert read_amounts(text) == amounts


@pytest.mark.parametrize("text", ["", "many", "1 1", "0", "-5", "1 2 3 4 5", "1.5", "99999999", "² 3"])
def test_what_is_no_short_list_of_amounts_is_refused(text: str) -> None:
    with pytest.raises(NotAmounts):
        read_amounts(text)
