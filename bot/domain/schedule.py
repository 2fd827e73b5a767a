"""Read times as moderators write them: hours of a day, and the end of a rule."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.duration import read_day, read_duration
from bot.domain.errors import EmptyHours, NotAnEnd, NotATimeOfDay
from bot.domain.policy import Hours

_AHEAD = re.compile(r"^(?:in|en|dentro de) ")
_AT = re.compile(r"^(?:at|a las?) ")
_TIME_OF_DAY = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3])(?::(?P<minute>[0-5][0-9]))?")


def read_hours(since: str, until: str) -> Hours:
    """Read two times of day, such as 22:00 and 6. Raises `NotATimeOfDay`, and `EmptyHours` for the same time twice."""
    hours = Hours(since=_minute(since), until=_minute(until))
    if hours.since == hours.until:
        raise EmptyHours
    return hours


def read_end(text: str, *, zone: ZoneInfo, now: int, day_first: bool = True) -> int:
    """Read `12h`, `7 days` or `2w` from now, `2026-12-24` (the end of this day), `24/12 18:00` or `mañana`.

    `day_first`: what 5/6 means. `now` and the result are Unix milliseconds.
    Raises `NotAnEnd`, also for a moment in the past, and `NotATimeOfDay`.
    """
    try:
        words = unicodedata.normalize("NFC", text).casefold().split()
        end = _end(words, zone=zone, moment=datetime.fromtimestamp(now / 1000, zone), day_first=day_first)
        end_ms = int(end.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise NotAnEnd(text=text) from error
    if end_ms <= now:
        raise NotAnEnd(text=text)
    return end_ms


def _end(words: list[str], *, zone: ZoneInfo, moment: datetime, day_first: bool) -> datetime:
    ahead = read_duration(_AHEAD.sub("", " ".join(words)))
    if ahead is not None:
        return moment + ahead
    for count in range(len(words), 0, -1):
        day = read_day(" ".join(words[:count]).rstrip(","), moment.date(), day_first=day_first, ahead=True)
        if day is not None:
            return _at(day, _AT.sub("", " ".join(words[count:])), zone)
    raise ValueError("no day")


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock:
        hour, minute = divmod(_minute(clock), 60)
        return datetime.combine(day, time(hour, minute), tzinfo=zone)
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


def _minute(text: str) -> int:
    found = _TIME_OF_DAY.fullmatch(text.strip())
    if found is None:
        raise NotATimeOfDay(text=text)
    return int(found["hour"]) * 60 + int(found["minute"] or 0)
