"""Typed text in any script stays as it was typed, and neither hides anything nor spoils what stands around it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import escape

STACK = "\u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f82"  # of Tibetan: one letter, and eight signs below it


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a\tposter", "a poster"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\x0btwo\u2028three", "one\ntwo\nthree"),
        ("one\r\n\r\n\r\n\r\ntwo", "one\n\ntwo"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("ක්\u200dර", "ක්\u200dර"),
        ("👩\u200d👩\u200d👧 ❤\ufe0f", "👩\u200d👩\u200d👧 ❤\ufe0f"),
        ("a\u200c\u200c\u200c\u200db", "a\u200cb"),
        ("\u200d\u200dpaint", "paint"),
        ("ที่นี่", "ที่นี่"),
        (
            "\u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f82",
            "\u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f82",
        ),
        ("क्षत्रिय", "क्षत्रिय"),
        ("\u0600١٢٣", "\u0600١٢٣"),
        ("Việt Nam", "Việt Nam"),
        ("a\u202eb\u2066c\x07d\ue000", "abcd"),
        ("Z" + "\u0300\u0301\u0302" * 10, "Z\u0300\u0301"),
        ("ก" + "\u0e47" * 30, "ก\u0e47"),
        ("x" + "\u20dd" * 9, "x\u20dd\u20dd"),
        ("`code`", "ˋcodeˋ"),
    ],
)
def test_what_a_script_needs_stays_and_what_covers_or_hides_goes(typed: str, shown: str) -> None:
    assert escape.plain(typed) == unicodedata.normalize("NFC", shown)


@pytest.mark.parametrize("word", ["בְּרֵאשִׁ֖ית", "שָׁל֔וֹם"])
def test_hebrew_keeps_all_its_marks(word: str) -> None:
    assert escape.plain(word) == unicodedata.normalize("NFC", word)


@pytest.mark.parametrize(
    ("typed", "quoted"), [("poster", "`poster`"), ("ملصق 12", "\u2068`ملصق 12`\u2069"), ("", "``")]
)
def test_a_text_from_right_to_left_stands_between_isolates_in_a_sentence(typed: str, quoted: str) -> None:
    assert escape.inline(typed) == quoted


@given(st.text())
def test_what_is_shown_has_no_control_and_is_the_same_when_it_is_shown_again(typed: str) -> None:
    shown = escape.plain(typed)
    assert not [each for each in shown if unicodedata.category(each) in {"Cc", "Cs", "Co"} and each != "\n"]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert escape.plain(shown) == shown
