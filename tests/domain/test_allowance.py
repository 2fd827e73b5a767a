"""When a period begins in each time zone, and which role's allowance counts."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.allowance import Allowance, Every, best, entitlement, next_period, period_start

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


@pytest.mark.parametrize(("roles", "in_force"), [
    ([1, 2, 3], 1), ([2, 3], 2), ([3, 4], 4), ([5, 1], 1), ([6, 7], 6), ([3, 9], 3), ([9], None), ([], None),
])  # fmt: skip
def test_the_highest_rate_of_a_members_roles_counts_and_of_equal_ones_the_shorter_period(
    roles: list[int], in_force: int | None
) -> None:
    rules = {
        1: Allowance(amount=100, every=Every.DAY),
        2: Allowance(amount=500, every=Every.WEEK),
        3: Allowance(amount=2_100, every=Every.MONTH),
        4: Allowance(amount=490, every=Every.WEEK),  # the same rate as 3
        5: Allowance(amount=3_000, every=Every.MONTH),  # the same rate as 1
        6: Allowance(amount=7, every=Every.DAY),
        7: Allowance(amount=7, every=Every.DAY),
    }
    assert best(rules, roles) == in_force


@pytest.mark.parametrize(("rule", "day", "caps"), [
    (Every.DAY, "2026-02-11", (10, 70, 280)),
    (Every.DAY, "2026-12-11", (10, 70, 310)),
    (Every.WEEK, "2026-11-11", (10, 10, 60)),  # six weeks touch this November
    (Every.WEEK, "2027-02-11", (10, 10, 40)),
    (Every.MONTH, "2026-11-11", (10, 10, 10)),
])  # fmt: skip
def test_in_a_longer_period_than_its_own_a_rule_gives_its_amount_for_each_that_touches(
    rule: Every, day: str, caps: tuple[int, int, int]
) -> None:
    allowance = Allowance(amount=10, every=rule)
    assert tuple(allowance.cap(every, date.fromisoformat(day)) for every in Every) == caps


def test_an_entitlement_names_the_day_and_when_the_allowance_is_renewed() -> None:
    found = entitlement({7: Allowance(amount=50, every=Every.WEEK)}, [7], zone=BERLIN, now=at("2026-11-22T10:00"))
    assert (found.role, found.today) == (7, date(2026, 11, 22))
    assert (found.today_ends_at, found.renewed_at) == (at("2026-11-23T00:00"), at("2026-11-23T00:00"))
