"""Blocked words: no false alarm inside words or on quotes, no way around by odd letters, no pattern that never ends."""

from __future__ import annotations

import time

import pytest

from bot.domain.errors import BadPattern
from bot.domain.policy import Words
from bot.domain.wordlist import check_pattern, first_found


@pytest.mark.parametrize(("pattern", "text", "found"), [
    ("ass", "a class in the grass", False),
    ("ass", "what an ASS!", True),
    ("ass", '"ass"', True),
    ("bad word", "a bad  word, here", True),
    ("bad word", "a bad, bad idea of a word", False),
    ("don't", "please don’t", True),
    ("don", "please don't", False),
    ("evil", "ｅｖｉｌ plan", True),  # full-width letters
    ("evil", "e\u200bvil plan", True),  # an invisible character
    ("straße", "STRASSE", True),
    ("кот", "Кот в сапогах", True),
])  # fmt: skip
def test_a_word_is_found_as_a_word(pattern: str, text: str, found: bool) -> None:
    assert (first_found(text, [Words(pattern=pattern)]) is not None) is found


def test_a_pattern_is_an_re2_expression_and_case_does_not_matter() -> None:
    rule = Words(pattern=r"\bca+t\b", is_pattern=True)
    assert first_found("a CAAAT", [rule]) == rule
    assert first_found("concat", [rule]) is None


@pytest.mark.parametrize(("pattern", "is_pattern"), [("(", True), (r"(?=x)", True), (r"(a)\1", True), ("!?", False)])
def test_a_pattern_that_can_not_be_is_refused_with_the_reason(pattern: str, is_pattern: bool) -> None:
    with pytest.raises(BadPattern) as refusal:
        check_pattern(Words(pattern=pattern, is_pattern=is_pattern))
    assert refusal.value.why


def test_a_pattern_that_would_never_end_elsewhere_ends_here() -> None:
    began = time.monotonic()
    assert first_found("a" * 4_000 + "!", [Words(pattern=r"(a|aa)+$", is_pattern=True)]) is None
    assert time.monotonic() - began < 5


def test_what_blocks_goes_before_what_is_only_flagged() -> None:
    flag, block = Words(pattern="blood", action="flag"), Words(pattern="gore")
    assert first_found("blood and gore", [flag, block]) == block
    assert first_found("blood", [flag, block]) == flag
    assert first_found("blood", [Words(pattern="(", is_pattern=True)]) is None
