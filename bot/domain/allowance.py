"""Allowances: credits that are filled up again each day, week or month."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_LONGEST = {Every.DAY: timedelta(days=1), Every.WEEK: timedelta(days=7), Every.MONTH: timedelta(days=31)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """When a period begins, the allowance is filled up to `amount` credits; nothing is added on top."""

    amount: int
    every: Every


@dataclass(frozen=True, slots=True, kw_only=True)
class Refill:
    """The wallet is to be filled up to `amount`, unless it was filled after `since` (Unix milliseconds)."""

    amount: int
    every: Every
    since: int


def due(allowance: Allowance, *, zone: ZoneInfo, now: int) -> Refill:
    """Say what the allowance owes a wallet in the period of `now` (Unix milliseconds)."""
    since = period_start(allowance.every, zone=zone, now=now)
    return Refill(amount=allowance.amount, every=allowance.every, since=since)


def best(allowances: Mapping[int, Allowance], roles: Collection[int]) -> Allowance | None:
    """Choose the highest allowance among the member's roles; of equal ones, the most frequent."""
    often = list(Every)
    mine = [allowance for role, allowance in allowances.items() if role in roles]
    return max(mine, key=lambda each: (each.amount, -often.index(each.every)), default=None)


def period_start(every: Every, *, zone: ZoneInfo, now: int) -> int:
    """Say when the present day, week (from Monday) or month began in the server's time zone; Unix milliseconds.

    It depends only on the local date, so that an hour that comes twice, or never, begins no period of its own.
    """
    today = datetime.fromtimestamp(now / 1000, zone).date()
    return _midnight(_first_day(every, today), zone)


def next_period(every: Every, *, zone: ZoneInfo, now: int) -> int:
    """Say when the present day, week or month ends, as `period_start` does."""
    first = _first_day(every, datetime.fromtimestamp(now / 1000, zone).date())
    return _midnight(_first_day(every, first + _LONGEST[every]), zone)


def _first_day(every: Every, today: date) -> date:
    match every:
        case Every.DAY:
            return today
        case Every.WEEK:
            return today - timedelta(days=today.weekday())
        case Every.MONTH:
            return today.replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
