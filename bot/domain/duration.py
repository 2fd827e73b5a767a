"""Lengths of time and days as people write them, in English and in Spanish: `7d`, `2 semanas`, `ayer`, `22/11/2026`."""

from __future__ import annotations

import re
from datetime import date, timedelta

TEXT_LIMIT = 60  # characters
MONTHS = 12
CENTURY = 2_000  # of a year with two digits

_DURATION = re.compile(r"([0-9]{1,4}) ?([a-zíá]+)")
_UNITS = {
    **dict.fromkeys(("h", "hour", "hours", "hora", "horas"), ("h", timedelta(hours=1))),
    **dict.fromkeys(("d", "day", "days", "día", "días", "dia", "dias"), ("d", timedelta(days=1))),
    **dict.fromkeys(("w", "week", "weeks", "semana", "semanas"), ("w", timedelta(weeks=1))),
}
_DAYS = {
    **dict.fromkeys(("today", "hoy"), 0),
    **dict.fromkeys(("yesterday", "ayer"), -1),
    **dict.fromkeys(("day before yesterday", "the day before yesterday", "anteayer", "antier"), -2),
    **dict.fromkeys(("tomorrow", "mañana"), 1),
    **dict.fromkeys(("day after tomorrow", "the day after tomorrow", "pasado mañana"), 2),
}
_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {  # by their first three letters
    **{name: month for month, name in enumerate(_ENGLISH.split(), 1)},
    "ene": 1,
    "abr": 4,
    "ago": 8,
    "set": 9,
    "dic": 12,
}
_NUMERIC = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})(?:[./-]([0-9]{4}|[0-9]{2}))?")
_YEAR_FIRST = re.compile(r"([0-9]{4})[./]([0-9]{2})[./]([0-9]{2})")
_YEAR = r"(?:,? (?:del? )?(?P<year>[0-9]{4}))?"
_DAY_AND_NAME = re.compile(rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|º)? (?:de )?(?P<month>[a-z]{{3,10}})\.?{_YEAR}")
_NAME_AND_DAY = re.compile(rf"(?P<month>[a-z]{{3,10}})\.? (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?{_YEAR}")


def read_duration(text: str, *, units: str = "hdw") -> timedelta | None:
    """Read a number of up to four digits and one of `units`: hours, days or weeks. None for any other text."""
    found = _DURATION.fullmatch(text)
    unit, length = _UNITS.get(found[2], ("", timedelta())) if found else ("", timedelta())
    return int(found[1]) * length if found and unit and unit in units else None


def read_day(text: str, today: date, *, day_first: bool = True, ahead: bool = False) -> date | None:
    """Read a day in lower case: "ayer", "2026-11-22", "22/11/2026", "22 de noviembre". None for any other text.

    `day_first`: what 5/6 means. `ahead`: a day without a year is the next one, else the last one.
    Raises `ValueError` and `OverflowError` for a day that no calendar has.
    """
    if len(text) > TEXT_LIMIT:
        return None
    if text in _DAYS:
        return today + timedelta(days=_DAYS[text])
    if found := _NUMERIC.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        day_stands_first = second <= MONTHS and (day_first or first > MONTHS)
        day, month = (first, second) if day_stands_first else (second, first)
        return _date(found[3], month, day, today, ahead=ahead)
    if found := _DAY_AND_NAME.fullmatch(text) or _NAME_AND_DAY.fullmatch(text):
        named = found.groupdict()
        month = _MONTHS.get(named["month"][:3], 0)
        return _date(named["year"], month, int(named["day"]), today, ahead=ahead)
    try:
        return date.fromisoformat(_YEAR_FIRST.sub(r"\1-\2-\3", text))
    except ValueError:
        return None


def _date(year: str | None, month: int, day: int, today: date, *, ahead: bool) -> date:
    if year:
        return date(int(year) % CENTURY + CENTURY, month, day)
    found = date(today.year, month, day)
    if ahead and found < today:
        return date(today.year + 1, month, day)
    return date(today.year - 1, month, day) if found > today and not ahead else found
