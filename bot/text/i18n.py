"""Translation: words in the language of the person who will read them.

The code has the English words inside `tr` and `trn`, which translate them when a card is made. Words in a table at the
top of a module stand inside `mark`, and go through `tr` when they are used. The catalogues are
`bot/text/locales/<language>.po`; `make words` updates them from the code, and compiles each into the `.mo` beside
it, which is read at first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

ENGLISH = "en"  # also for people whose language has no catalogue
LOCALES_LIMIT = 64  # Discord has 33, https://discord.com/developers/docs/reference#locales
# Whole numbers below are written alike in all our languages. The prices in the commands are such, so Babel's tables
# (5 MB) are not loaded before they are needed.
PLAIN_BELOW = 1_000
NUMBERS_LIMIT = 4_096  # of numbers whose words are kept, in all regions together

_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


def tr(words: str) -> str:
    """Translate the sentence into the current language."""
    return _catalogue(_language(_spoken.get())).gettext(words)


def trn(one: str, many: str, count: int) -> str:
    """Translate as `tr` does, in the singular or plural form for `count`."""
    return _catalogue(_language(_spoken.get())).ngettext(one, many, count)


def mark(words: str) -> str:
    """Put the words into the catalogue and return them unchanged. `tr` translates them when they are used."""
    return words


def number(value: float) -> str:
    """Format a number with the grouping and the decimal sign of the reader's region."""
    if isinstance(value, int) and 0 <= value < PLAIN_BELOW:
        return str(value)
    return _number(value, _region(_spoken.get()))


@lru_cache(maxsize=NUMBERS_LIMIT)
def _number(value: float, region: Locale) -> str:
    """Keep the words: a card has ten numbers, and most stand on other cards too (5 % of an order's CPU)."""
    return format_decimal(value, locale=region)


def percent(share: float) -> str:
    """Format a share from 0 to 1 in whole percents. A share under 1 is never shown as 100 %."""
    return format_percent(min(share, 0.99) if share < 1 else share, locale=_region(_spoken.get()))


def dollars(amount: float) -> str:
    """Format US dollars with the cents."""
    return format_currency(amount, "USD", locale=_region(_spoken.get()))


def day(day: date) -> str:
    """Format month and day: "Nov 22"."""
    return format_skeleton("MMMd", day, locale=_region(_spoken.get()))


def day_first() -> bool:
    """Say whether the reader's region writes the day before the month: all do but the United States."""
    return _spoken.get() not in {ENGLISH, "en-US"}


def either(choices: Sequence[str]) -> str:
    """Join choices: "A, B, or C"."""
    return format_list(choices, style="or", locale=_region(_spoken.get()))


def speak(locale: str) -> None:
    """Set the language for the rest of this task. `locale` is Discord's, such as `es-419`; others give English."""
    _spoken.set(locale)


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Set the language as `speak` does, and set it back at the end."""
    before = _spoken.set(locale)
    try:
        yield
    finally:
        _spoken.reset(before)


@lru_cache(maxsize=LOCALES_LIMIT)
def _language(locale: str) -> str:
    language = locale.partition("-")[0]
    return language if language in _languages() else ENGLISH


@lru_cache(maxsize=LOCALES_LIMIT)
def _region(locale: str) -> Locale:
    """The region, because numbers differ within a language: 1.500 in Spain, 1,500 in Mexico."""
    language = _language(locale)
    if language == ENGLISH:
        return Locale(ENGLISH)
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale(language)


def is_translated(locale: str) -> bool:
    """Whether the locale has a language other than English."""
    return _language(locale) != ENGLISH


@cache
def _languages() -> frozenset[str]:
    folder = resources.files("bot.text") / "locales"
    return frozenset(file.name.removesuffix(".po") for file in folder.iterdir() if file.name.endswith(".po"))


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == ENGLISH:
        return NullTranslations()
    with (resources.files("bot.text") / "locales" / f"{language}.mo").open("rb") as compiled:
        return GNUTranslations(compiled)
