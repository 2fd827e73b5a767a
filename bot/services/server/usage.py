"""How much a server used the bot, and what that cost."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.csv_cells import ENCODING, Cell, lines
from bot.domain.usage import OrderGroup, Usage, UsagePeriod, bounds_of, days_of
from bot.storage.engine.store import Store
from bot.storage.server import policy as policy_scripts
from bot.storage.server import usage as scripts

COLUMNS = (
    "day",
    "member_id",
    "member",
    "channel_id",
    "channel",
    "model",
    "ending",
    "orders",
    "credits_charged",
    "credits_refunded",
    "priced_orders",
    "supplier_usd",
)

Names = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file: its name and its bytes."""

    name: str
    data: bytes


class Reports:
    """`clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def days(self, guild_id: int, period: UsagePeriod) -> tuple[date, ...]:
        """The days of the period, by the server's calendar."""
        policy = await self._store.read(policy_scripts.get(guild_id))
        return days_of(period, zone=policy.zone, now=self._clock())

    async def usage(self, guild_id: int, days: Sequence[date]) -> Usage:
        parts = await self.parts(guild_id, days)
        return await asyncio.to_thread(Usage.of, days, parts)

    async def parts(self, guild_id: int, days: Sequence[date]) -> list[OrderGroup]:
        policy = await self._store.read(policy_scripts.get(guild_id))
        found: list[OrderGroup] = []
        for day in days:
            since, until = bounds_of(day, zone=policy.zone)
            found += await self._store.read(scripts.parts(guild_id, day, since=since, until=until))
        return found

    async def sheet(
        self, parts: Iterable[OrderGroup], days: Sequence[date], *, members: Names, channels: Names, limit_bytes: int
    ) -> CsvFile:
        """Returns a CSV with a line for each part, so that a spreadsheet can sum up by day, member, channel or model.

        It is compressed where it would be larger than `limit_bytes`.
        """
        name = f"usage_{days[0]}_{days[-1]}.csv"
        data = await asyncio.to_thread(_csv, parts, members, channels)
        if len(data) <= limit_bytes:
            return CsvFile(name, data)
        return CsvFile(f"{name}.gz", await asyncio.to_thread(gzip.compress, data))


def _csv(parts: Iterable[OrderGroup], members: Names, channels: Names) -> bytes:
    return lines([COLUMNS, *(_row(part, members, channels) for part in parts)]).encode(ENCODING)


def _row(part: OrderGroup, members: Names, channels: Names) -> tuple[Cell, ...]:
    return (
        part.day.isoformat(),
        str(part.member_id),
        members.get(part.member_id),
        str(part.channel_id),
        channels.get(part.channel_id),
        part.model,
        part.ending,
        part.orders,
        part.charged,
        part.refunded,
        part.priced,
        f"{part.cost_micros / 1_000_000:.6f}",
    )
