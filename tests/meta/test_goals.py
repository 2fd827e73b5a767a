"""The goals of `make measure`, for `bot` and `cogs`: short functions, one meaning for a name, plain docstrings."""

from __future__ import annotations

from tests.meta.house import HERE
from tests.meta.measure import too_long

FORMATTER_SKIPPED_AT_MOST = 9
NAMES_FOR_TWO_THINGS_AT_MOST = 3


def test_no_function_is_longer_than_a_screen() -> None:
    assert too_long(HERE) == {}


def test_the_formatter_has_its_way_almost_everywhere() -> None:
    assert len(HERE.marked("fmt: skip")) <= FORMATTER_SKIPPED_AT_MOST


def test_almost_every_public_class_name_stands_for_one_thing() -> None:
    twice = HERE.classes_named_twice()
    assert len(twice) <= NAMES_FOR_TWO_THINGS_AT_MOST, twice


def test_docstrings_name_the_member_the_moderator_or_the_process() -> None:
    assert HERE.riddles() == set()
