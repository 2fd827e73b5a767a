"""Allowances: credits that a role's rule gives its members for each day, week or month.

A rule is an amount and a period. What is free of a member's allowance is at each moment
`max(0, min(cap(q) - spent(q)))` over the present day, week and month q. `spent(q)` is what of allowances was spent or
put on hold since q began and was not given back, by whatever role it came.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo


class Every(StrEnum):
    """From the shortest period to the longest."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_ONE_DAY = timedelta(days=1)
_LONGEST = {Every.DAY: _ONE_DAY, Every.WEEK: timedelta(days=7), Every.MONTH: timedelta(days=31)}
_RATED_DAYS = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 30}  # with which the rates of rules are compared
_LENGTH_ORDER = list(Every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A role's rule: `amount` credits for each period. Nothing is added up from one period to the next."""

    amount: int
    every: Every

    @property
    def a_day(self) -> Fraction:
        """The rate in credits a day."""
        return Fraction(self.amount, _RATED_DAYS[self.every])

    @property
    def a_month(self) -> int:
        """What one member can spend of it in 30 days, in credits, rounded up."""
        return -(-30 * self.amount // _RATED_DAYS[self.every])

    def cap(self, period: Every, day: date) -> int:
        """The most that may be spent in the day, week or month (`period`) that `day` lies in.

        In a longer period than the rule's own it is the amount times all periods of the rule that touch it.
        """
        if _LENGTH_ORDER.index(period) <= _LENGTH_ORDER.index(self.every):
            return self.amount
        begin, end = first_day(period, day), day_after(period, day)
        steps = (first_day(self.every, end - _ONE_DAY) - first_day(self.every, begin)).days
        return self.amount * (steps // _RATED_DAYS[self.every] + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What the server's rules say of a member at one moment.

    `rules`: the server's allowances by role. `role`: the one of the member's roles whose rule is in force, None where
    no role of the member has a rule. `today`: the date where the server is (`zone`), which ends at `today_ends_at`.
    `now` and `today_ends_at` are Unix milliseconds.
    """

    rules: Mapping[int, Allowance]
    role: int | None
    today: date
    today_ends_at: int
    zone: ZoneInfo
    now: int

    @property
    def rule(self) -> Allowance | None:
        """The rule that is in force for the member."""
        return self.rules[self.role] if self.role is not None else None

    @property
    def renewed_at(self) -> int | None:
        """When the next period of the rule in force begins, in Unix milliseconds."""
        return midnight(day_after(self.rule.every, self.today), self.zone) if self.rule else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceState:
    """What a wallet remembers of its allowance. `free`: what is neither spent nor on hold.

    `day`: the day that its credits are spent on, which ended or ends at `day_ends_at` (Unix milliseconds); None in a
    wallet that never had an allowance. `spent`: since the day, week and month of `day` began.
    `role`: whose rule was in force last, and `until`: the first day after that rule's period.
    """

    free: int
    day: date | None
    day_ends_at: int
    spent: Mapping[Every, int]
    role: int | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceDay:
    """What a wallet is to remember from now on: as in `AllowanceState`."""

    day: date
    day_ends_at: int
    role: int | None
    until: date | None


def entitlement(rules: Mapping[int, Allowance], roles: Collection[int], *, zone: ZoneInfo, now: int) -> Entitlement:
    """Say what the rules give to a member with these roles. `now` in Unix milliseconds."""
    return Entitlement(
        rules=rules,
        role=best(rules, roles),
        today=datetime.fromtimestamp(now / 1000, zone).date(),
        today_ends_at=next_period(Every.DAY, zone=zone, now=now),
        zone=zone,
        now=now,
    )


def best(rules: Mapping[int, Allowance], roles: Collection[int]) -> int | None:
    """Choose the role whose rule has the highest rate; of equal ones the shorter period, then the older role."""
    mine = sorted(role for role in rules if role in roles)
    return max(mine, key=lambda role: (rules[role].a_day, -_LENGTH_ORDER.index(rules[role].every)), default=None)


def remembered(state: AllowanceState, entitled: Entitlement) -> AllowanceDay:
    """Say what the wallet is to remember.

    A day that has begun goes on until it ends where it began: a server that moves east, where it is tomorrow already,
    has no second day. And where it moves west, or the clock is set back, what was spent on a later day counts too.
    """
    day, ends_at = entitled.today, entitled.today_ends_at
    if state.day is not None and state.day < day and entitled.now < state.day_ends_at:
        day, ends_at = state.day, state.day_ends_at
    role, until = state.role, state.until
    if entitled.rule:
        role, until = entitled.role, day_after(entitled.rule.every, day)
    return AllowanceDay(day=day, day_ends_at=ends_at, role=role, until=until)


def free_by_the_rules(state: AllowanceState, entitled: Entitlement) -> int:
    """Say how much of the allowance is to be free; `state` already remembers what it is to remember.

    Where no role of the member has a rule any more, nothing is filled up: what is free stays until the period of the
    last rule ends, within that rule as it is today; where that rule was cleared, nothing stays.
    """
    rule = entitled.rule
    if rule is None and state.role is not None and state.until is not None and state.day and state.day < state.until:
        rule = entitled.rules.get(state.role)
    if rule is None or state.day is None:
        return 0
    most = max(0, min(rule.cap(period, state.day) - state.spent[period] for period in Every))
    return most if entitled.rule else min(most, state.free)


def first_day(every: Every, day: date) -> date:
    """The first day of the day, week (from Monday) or month that `day` lies in."""
    match every:
        case Every.DAY:
            return day
        case Every.WEEK:
            return day - timedelta(days=day.weekday())
        case Every.MONTH:
            return day.replace(day=1)


def day_after(every: Every, day: date) -> date:
    """The first day after the day, week or month that `day` lies in."""
    return first_day(every, first_day(every, day) + _LONGEST[every])


def period_start(every: Every, *, zone: ZoneInfo, now: int) -> int:
    """Say when the present day, week (from Monday) or month began in the server's time zone; Unix milliseconds.

    It depends only on the local date, so that an hour that comes twice, or never, begins no period of its own.
    """
    return midnight(first_day(every, datetime.fromtimestamp(now / 1000, zone).date()), zone)


def next_period(every: Every, *, zone: ZoneInfo, now: int) -> int:
    """Say when the present day, week or month ends, as `period_start` does."""
    return midnight(day_after(every, datetime.fromtimestamp(now / 1000, zone).date()), zone)


def midnight(day: date, zone: ZoneInfo) -> int:
    """When the day begins; Unix milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
