"""When a period begins in each time zone, and which role's allowance counts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.allowance import Allowance, Every, best, due, next_period, period_start

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana")
BERLIN = ZoneInfo("Europe/Berlin")
moments = st.integers(1_700_000_000_000, 1_900_000_000_000)


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(("every", "begins"), [
    (Every.DAY, "2026-11-22T00:00"), (Every.WEEK, "2026-11-16T00:00"), (Every.MONTH, "2026-11-01T00:00"),
])  # fmt: skip
def test_a_period_begins_at_midnight_where_the_server_is(every: Every, begins: str) -> None:
    assert period_start(every, zone=BERLIN, now=at("2026-11-22T23:59")) == at(begins)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-22", 24)])
def test_a_day_with_a_clock_change_is_one_day(day: str, hours: int) -> None:
    start = at(f"{day}T00:00")
    starts = {period_start(Every.DAY, zone=BERLIN, now=start + minute * 60_000) for minute in range(hours * 60)}
    assert starts == {start}
    assert period_start(Every.DAY, zone=BERLIN, now=start + hours * 3_600_000) == start + hours * 3_600_000


@pytest.mark.parametrize(("every", "ends"), [
    (Every.DAY, "2026-10-26T00:00"), (Every.WEEK, "2026-10-26T00:00"), (Every.MONTH, "2026-11-01T00:00"),
])  # fmt: skip
def test_the_next_period_begins_when_this_one_is_over(every: Every, ends: str) -> None:
    assert next_period(every, zone=BERLIN, now=at("2026-10-25T12:00")) == at(ends)


@given(zone=st.sampled_from(ZONES), every=st.sampled_from(Every), now=moments)
def test_a_period_follows_on_another_without_a_gap(zone: str, every: Every, now: int) -> None:
    where = ZoneInfo(zone)
    following = next_period(every, zone=where, now=now)
    assert following > period_start(every, zone=where, now=now)
    assert period_start(every, zone=where, now=following + 7_200_000) == following


@given(zone=st.sampled_from(ZONES), every=st.sampled_from(Every), now=moments, later=st.integers(0, 10**10))
def test_a_period_has_begun_and_never_begins_twice(zone: str, every: Every, now: int, later: int) -> None:
    where = ZoneInfo(zone)
    start = period_start(every, zone=where, now=now)
    assert start <= now + 3_600_000  # in an hour that comes twice, the day before may come back for an hour
    assert period_start(every, zone=where, now=now + later + 7_200_000) >= start - 86_400_000
    assert period_start(every, zone=where, now=start + 7_200_000) == start


def test_the_highest_of_a_members_roles_counts_and_of_equal_ones_the_more_frequent() -> None:
    rules = {
        1: Allowance(amount=100, every=Every.DAY),
        2: Allowance(amount=300, every=Every.MONTH),
        3: Allowance(amount=300, every=Every.WEEK),
    }
    assert best(rules, [1, 2, 3]) == rules[3]
    assert best(rules, [1, 9]) == rules[1]
    assert best(rules, []) is None


def test_what_is_due_names_the_period() -> None:
    refill = due(Allowance(amount=50, every=Every.WEEK), zone=BERLIN, now=at("2026-11-22T10:00"))
    assert (refill.amount, refill.every, refill.since) == (50, Every.WEEK, at("2026-11-16T00:00"))
