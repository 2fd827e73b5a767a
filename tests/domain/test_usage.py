"""Days by a server's calendar, and sums that agree with each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.job import JobState, ReleaseReason
from bot.domain.usage import (
    DAYS_LIMIT,
    Ending,
    Totals,
    Usage,
    UsagePeriod,
    bounds_of,
    days_between,
    days_of,
    ending_of,
)
from tests.support.factories import a_part

HOUR = 3_600_000
DAY = date(2026, 11, 22)
AUCKLAND = ZoneInfo("Pacific/Auckland")
BERLIN = ZoneInfo("Europe/Berlin")


def unix_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    ("period", "first", "last", "count"),
    [
        (UsagePeriod.WEEK, date(2026, 11, 17), date(2026, 11, 23), 7),
        (UsagePeriod.DAYS_30, date(2026, 10, 25), date(2026, 11, 23), 30),
        (UsagePeriod.THIS_MONTH, date(2026, 11, 1), date(2026, 11, 23), 23),
        (UsagePeriod.LAST_MONTH, date(2026, 10, 1), date(2026, 10, 31), 31),
    ],
)
def test_a_period_ends_with_the_servers_own_today(period: UsagePeriod, first: date, last: date, count: int) -> None:
    evening = unix_ms(datetime(2026, 11, 22, 20, tzinfo=UTC))  # the next morning in Auckland
    days = days_of(period, zone=AUCKLAND, now=evening)
    assert (days[0], days[-1], len(days)) == (first, last, count)


def test_january_has_the_december_of_another_year_before_it() -> None:
    days = days_of(UsagePeriod.LAST_MONTH, zone=BERLIN, now=unix_ms(datetime(2027, 1, 1, 12, tzinfo=UTC)))
    assert (days[0], days[-1]) == (date(2026, 12, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 22), 24)]
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    since, until = bounds_of(day, zone=BERLIN)
    assert until - since == hours * HOUR
    assert bounds_of(day + timedelta(days=1), zone=BERLIN)[0] == until


def test_no_more_days_than_a_month_has_are_ever_looked_at() -> None:
    assert len(days_between(date(2020, 1, 1), DAY)) == DAYS_LIMIT
    assert days_between(DAY, DAY - timedelta(days=1)) == ()


def test_every_way_to_end_belongs_somewhere() -> None:
    assert {ending_of(JobState.RELEASED, reason) for reason in ReleaseReason} == (
        set(Ending) - {Ending.DELIVERED, Ending.UNDER_WAY}
    )
    unended = {ending_of(state, None) for state in JobState if not state.ended}
    assert (unended, ending_of(JobState.DELIVERED, None)) == ({Ending.UNDER_WAY}, Ending.DELIVERED)


def test_success_counts_only_orders_that_ended_by_themselves() -> None:
    parts = [
        a_part(orders=6, charged=900, refunded=150),
        a_part(ending=Ending.CONTENT, orders=2, charged=0),
        a_part(ending=Ending.CANCELLED, orders=5, charged=0),
        a_part(ending=Ending.UNDER_WAY, orders=3, charged=0),
    ]
    total = Totals.of(parts)
    assert (total.orders, total.tried, total.unsuccessful, total.success) == (16, 8, 2, 0.75)
    assert total.spent == 750
    assert Totals.of(parts[2:]).success is None


def test_each_view_of_the_same_orders_sums_up_to_the_same() -> None:
    days = (DAY - timedelta(days=1), DAY)
    usage = Usage.of(
        days,
        [
            a_part(member_id=10, channel_id=5),
            a_part(member_id=11, channel_id=5, charged=400, orders=2),
            a_part(member_id=10, channel_id=6, charged=100, ending=Ending.SUPPLIER),
        ],
    )
    for view in (usage.by_day, usage.by_member, usage.by_channel):
        assert sum(totals.spent for totals in view.values()) == usage.total.spent == 650
        assert sum(totals.orders for totals in view.values()) == usage.total.orders == 4
    assert tuple(usage.by_day) == days
    assert usage.by_day[days[0]] == Totals()
    assert list(usage.by_member) == [11, 10]
    assert usage.by_ending == {Ending.DELIVERED: 3, Ending.SUPPLIER: 1}
