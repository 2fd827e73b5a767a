"""Text that a member typed stays text when a spreadsheet opens it."""

from __future__ import annotations

import pytest

from bot.domain.csv_cells import Cell, cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "   @"])
def test_a_text_that_begins_like_a_formula_is_made_inert(start: str) -> None:
    assert cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("value", "expected"), [(-150, -150), (0.5, 0.5), (None, ""), ("ann", "ann"), ("a=b", "a=b"), ("", ""), (" ", " ")]
)
def test_anything_else_is_left_as_it_is(value: Cell, expected: Cell) -> None:
    assert cell(value) == expected
