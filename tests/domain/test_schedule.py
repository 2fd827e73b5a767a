"""Times of day and ends, as moderators write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import EmptyHours, NotAnEnd, NotATimeOfDay
from bot.domain.policy import Hours
from bot.domain.schedule import read_end, read_hours

BERLIN = ZoneInfo("Europe/Berlin")
NOW = int(datetime(2026, 11, 22, 12, 30, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [("22:00", "06:00", (1_320, 360)), (" 7 ", "7:30", (420, 450)), ("0:00", "23:59", (0, 1_439))],
)
def test_hours_are_read_as_people_write_them(since: str, until: str, minutes: tuple[int, int]) -> None:
    assert read_hours(since, until) == Hours(since=minutes[0], until=minutes[1])


@pytest.mark.parametrize("text", ["", "24:00", "12:60", "7pm", "7:5", "-1", "٧"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(NotATimeOfDay):
        read_hours("06:00", text)


def test_hours_that_end_when_they_begin_are_refused() -> None:
    with pytest.raises(EmptyHours):
        read_hours("6:00", "06:00")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("12h", datetime(2026, 11, 23, 0, 30, tzinfo=UTC)),
        ("7D", datetime(2026, 11, 29, 12, 30, tzinfo=UTC)),
        ("2 w", datetime(2026, 12, 6, 12, 30, tzinfo=UTC)),
        ("2026-12-24", datetime(2026, 12, 25, tzinfo=BERLIN)),
        (" 2026-11-22 ", datetime(2026, 11, 23, tzinfo=BERLIN)),
        ("2026-12-24  18:00", datetime(2026, 12, 24, 18, tzinfo=BERLIN)),
        ("7 days", datetime(2026, 11, 29, 12, 30, tzinfo=UTC)),
        ("in 12 hours", datetime(2026, 11, 23, 0, 30, tzinfo=UTC)),
        ("2 semanas", datetime(2026, 12, 6, 12, 30, tzinfo=UTC)),
        ("dentro de 7 días", datetime(2026, 11, 29, 12, 30, tzinfo=UTC)),
        ("today", datetime(2026, 11, 23, tzinfo=BERLIN)),
        ("hoy 18:00", datetime(2026, 11, 22, 18, tzinfo=BERLIN)),
        ("mañana", datetime(2026, 11, 24, tzinfo=BERLIN)),
        ("tomorrow at 18", datetime(2026, 11, 23, 18, tzinfo=BERLIN)),
        ("24/12/2026", datetime(2026, 12, 25, tzinfo=BERLIN)),
        ("24/12/2026 a las 18:00", datetime(2026, 12, 24, 18, tzinfo=BERLIN)),
        ("3 ene", datetime(2027, 1, 4, tzinfo=BERLIN)),  # the next one
        ("24 de diciembre", datetime(2026, 12, 25, tzinfo=BERLIN)),
    ],
)
def test_an_end_lies_ahead_by_the_servers_clock(text: str, end: datetime) -> None:
    assert read_end(text, zone=BERLIN, now=NOW) == int(end.timestamp() * 1000)


@pytest.mark.parametrize("text", ["", "soon", "7", "0d", "2026-11-21", "2026-11-22 13:30", "2026-13-01", "9999-12-31"])
def test_what_is_no_end_or_over_already_is_refused(text: str) -> None:
    with pytest.raises(NotAnEnd):
        read_end(text, zone=BERLIN, now=NOW)


@pytest.mark.parametrize("at", ["25:00", "18:00+09:00", "18:00 sharp"])
def test_an_end_at_no_time_of_day_is_refused(at: str) -> None:
    with pytest.raises(NotATimeOfDay):
        read_end(f"2026-12-24 {at}", zone=BERLIN, now=NOW)
