"""Read times as moderators write them: hours of a day, and the end of a rule."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.duration import read_duration
from bot.domain.errors import EmptyHours, NotAnEnd, NotATimeOfDay
from bot.domain.policy import Hours

_TIME_OF_DAY = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3])(?::(?P<minute>[0-5][0-9]))?")


def read_hours(since: str, until: str) -> Hours:
    """Read two times of day, such as 22:00 and 6. Raises `NotATimeOfDay`, and `EmptyHours` for the same time twice."""
    hours = Hours(since=_minute(since), until=_minute(until))
    if hours.since == hours.until:
        raise EmptyHours
    return hours


def read_end(text: str, *, zone: ZoneInfo, now: int) -> int:
    """Read `12h`, `7d` or `2w` from now, `2026-12-24` (the end of this day) or `2026-12-24 18:00`.

    `now` and the result are Unix milliseconds. Raises `NotAnEnd`, also for a moment in the past, and `NotATimeOfDay`.
    """
    try:
        end = _end(" ".join(text.casefold().split()), zone=zone, moment=datetime.fromtimestamp(now / 1000, zone))
        end_ms = int(end.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise NotAnEnd(text=text) from error
    if end_ms <= now:
        raise NotAnEnd(text=text)
    return end_ms


def _end(words: str, *, zone: ZoneInfo, moment: datetime) -> datetime:
    ahead = read_duration(words)
    if ahead is not None:
        return moment + ahead
    written, _, at = words.partition(" ")
    day = date.fromisoformat(written)
    if at:
        hour, minute = divmod(_minute(at), 60)
        return datetime.combine(day, time(hour, minute), tzinfo=zone)
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


def _minute(text: str) -> int:
    found = _TIME_OF_DAY.fullmatch(text.strip())
    if found is None:
        raise NotATimeOfDay(text=text)
    return int(found["hour"]) * 60 + int(found["minute"] or 0)
