"""What the members of a server made in some days, in numbers. Each total is a sum of the same order groups."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.domain.job import JobState, ReleaseReason

DAYS_LIMIT = 31  # the longest period, a month


class UsagePeriod(StrEnum):
    WEEK = "7 days"
    DAYS_30 = "30 days"
    THIS_MONTH = "this month"
    LAST_MONTH = "last month"


class Ending(StrEnum):
    """How orders end, in the groups that matter to a moderator."""

    DELIVERED = "delivered"
    UNDER_WAY = "under way"
    CANCELLED = "cancelled"
    CONTENT = "content"  # refused by the content filter, or not for this channel
    SUPPLIER = "supplier"  # the image service failed, or had no room
    CLIP = "clip"  # what was given could not be handed over, or not be read
    DISCORD = "discord"  # there was no way to answer, or to show the image


_ENDED = {
    ReleaseReason.CANCELLED: Ending.CANCELLED,
    ReleaseReason.UNANSWERED: Ending.DISCORD,
    ReleaseReason.CONTENT_REFUSED: Ending.CONTENT,
    ReleaseReason.MODEL_GONE: Ending.SUPPLIER,
    ReleaseReason.MODEL_FAILING: Ending.SUPPLIER,
    ReleaseReason.REJECTED: Ending.SUPPLIER,
    ReleaseReason.FAILED: Ending.SUPPLIER,
    ReleaseReason.OVERLOADED: Ending.SUPPLIER,
    ReleaseReason.OUT_OF_ORDER: Ending.SUPPLIER,
    ReleaseReason.TOO_MUCH_VIDEO: Ending.CLIP,
    ReleaseReason.MOMENT_TOO_LATE: Ending.CLIP,
    ReleaseReason.IMAGE_UNREADABLE: Ending.CLIP,
    ReleaseReason.VIDEO_UNREADABLE: Ending.CLIP,
    ReleaseReason.VIDEO_NOT_PUBLIC: Ending.CLIP,
    ReleaseReason.NO_IMAGE: Ending.SUPPLIER,
    ReleaseReason.UNKNOWN: Ending.SUPPLIER,
    ReleaseReason.TIMED_OUT: Ending.SUPPLIER,
    ReleaseReason.BUSY: Ending.SUPPLIER,
    ReleaseReason.CLOSED: Ending.SUPPLIER,
    ReleaseReason.UNREACHABLE: Ending.CLIP,
    ReleaseReason.CLIP_GONE: Ending.CLIP,
    ReleaseReason.UNSAFE: Ending.CONTENT,
    ReleaseReason.UNDELIVERABLE: Ending.DISCORD,
    ReleaseReason.GIVEN_UP: Ending.DISCORD,
}

KeyT = TypeVar("KeyT", bound=Hashable)
RankT = TypeVar("RankT", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGroup:
    """The orders of one day, member, channel and model with the same ending.

    `refunded` is the part of `charged`, in credits, that came back. The supplier has told the price of `priced` orders:
    `cost_micros` in all, in US$ 0.000001.
    """

    day: date
    member_id: int
    channel_id: int
    model: str
    ending: Ending
    orders: int
    charged: int
    refunded: int
    priced: int
    cost_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    orders: int = 0
    images: int = 0  # delivered
    under_way: int = 0
    cancelled: int = 0
    charged: int = 0
    refunded: int = 0
    priced: int = 0
    cost_micros: int = 0

    @property
    def spent(self) -> int:
        return self.charged - self.refunded

    @property
    def tried(self) -> int:
        """The orders that succeeded or failed. A cancelled order did neither."""
        return self.orders - self.under_way - self.cancelled

    @property
    def unsuccessful(self) -> int:
        return self.tried - self.images

    @property
    def success(self) -> float | None:
        """The share of the tried orders that brought an image, from 0 to 1; None without such orders."""
        return self.images / self.tried if self.tried else None

    @classmethod
    def of(cls, parts: Iterable[OrderGroup]) -> Totals:
        all_of = tuple(parts)
        return cls(
            orders=sum(part.orders for part in all_of),
            images=_count(all_of, Ending.DELIVERED),
            under_way=_count(all_of, Ending.UNDER_WAY),
            cancelled=_count(all_of, Ending.CANCELLED),
            charged=sum(part.charged for part in all_of),
            refunded=sum(part.refunded for part in all_of),
            priced=sum(part.priced for part in all_of),
            cost_micros=sum(part.cost_micros for part in all_of),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`by_day` has every day of the period. The others of its kind begin with the highest spending."""

    total: Totals
    by_day: dict[date, Totals]
    by_member: dict[int, Totals]
    by_channel: dict[int, Totals]
    by_model: dict[str, Totals]
    by_ending: dict[Ending, int]

    @classmethod
    def of(cls, days: Iterable[date], parts: Iterable[OrderGroup]) -> Usage:
        all_of = tuple(parts)
        by_day = _grouped(all_of, lambda part: part.day)
        by_ending = _grouped(all_of, lambda part: part.ending)
        return cls(
            total=Totals.of(all_of),
            by_day={day: by_day.get(day, Totals()) for day in days},
            by_member=_ranked(_grouped(all_of, lambda part: part.member_id)),
            by_channel=_ranked(_grouped(all_of, lambda part: part.channel_id)),
            by_model=_ranked(_grouped(all_of, lambda part: part.model)),
            by_ending={ending: by_ending[ending].orders for ending in Ending if ending in by_ending},
        )


def ending_of(state: JobState, reason: ReleaseReason | None) -> Ending:
    if state is JobState.DELIVERED:
        return Ending.DELIVERED
    return _ENDED[reason] if state is JobState.RELEASED and reason else Ending.UNDER_WAY


def days_of(period: UsagePeriod, *, zone: ZoneInfo, now: int) -> tuple[date, ...]:
    """The days of the period in the server's calendar, up to today. `now` in Unix milliseconds."""
    today = datetime.fromtimestamp(now / 1000, zone).date()
    match period:
        case UsagePeriod.WEEK:
            return days_between(today - timedelta(days=6), today)
        case UsagePeriod.DAYS_30:
            return days_between(today - timedelta(days=29), today)
        case UsagePeriod.THIS_MONTH:
            return days_between(today.replace(day=1), today)
        case UsagePeriod.LAST_MONTH:
            last = today.replace(day=1) - timedelta(days=1)
            return days_between(last.replace(day=1), last)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """The days from `first` to `last`, both included; at most `DAYS_LIMIT` of them."""
    count = min((last - first).days + 1, DAYS_LIMIT)
    return tuple(first + timedelta(days=number) for number in range(count))


def bounds_of(day: date, *, zone: ZoneInfo) -> tuple[int, int]:
    """When the day and the next day begin, in Unix milliseconds. They are 23 to 25 hours apart."""
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time.min, zone).timestamp() * 1000)


def _count(parts: Iterable[OrderGroup], ending: Ending) -> int:
    return sum(part.orders for part in parts if part.ending is ending)


def _grouped(parts: Iterable[OrderGroup], key: Callable[[OrderGroup], KeyT]) -> dict[KeyT, Totals]:
    groups: dict[KeyT, list[OrderGroup]] = {}
    for part in parts:
        groups.setdefault(key(part), []).append(part)
    return {name: Totals.of(group) for name, group in groups.items()}


def _ranked(groups: dict[RankT, Totals]) -> dict[RankT, Totals]:
    return dict(sorted(groups.items(), key=lambda item: (-item[1].spent, -item[1].orders, item[0])))
