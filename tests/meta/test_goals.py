"""The goals of `make measure`, for `bot` and `cogs`: short functions, one meaning for a name, plain docstrings."""

from __future__ import annotations

from tests.meta.house import HERE, within
from tests.meta.measure import too_long

FORMATTER_SKIPPED_AT_MOST = 9
NAMES_FOR_TWO_THINGS_AT_MOST = 3

# What is still over: each goes from here when it has been mended, and nothing comes in.
LONG = {"bot.app.assemble", "bot.storage.credits.ledger.append"}
RIDDLES_IN = (
    *(
        "bot.cli",
        "bot.discord",
        "bot.domain",
        "bot.media",
        "bot.services",
        "bot.status",
        "bot.storage",
        "bot.telemetry",
    ),
    *("bot.text", "cogs"),
)


def test_no_function_is_longer_than_a_screen() -> None:
    assert too_long(HERE).keys() - LONG == set()


def test_the_formatter_has_its_way_almost_everywhere() -> None:
    assert len(HERE.marked("fmt: skip")) <= FORMATTER_SKIPPED_AT_MOST


def test_almost_every_public_class_name_stands_for_one_thing() -> None:
    twice = HERE.classes_named_twice()
    assert len(twice) <= NAMES_FOR_TWO_THINGS_AT_MOST, twice


def test_docstrings_name_the_member_the_moderator_or_the_process() -> None:
    assert {name for name in HERE.riddles() if not within(name, RIDDLES_IN)} == set()
