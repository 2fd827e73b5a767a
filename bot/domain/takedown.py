"""The images of one member that moderators take down together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.wallet import DAY_MS, WalletKey


class Period(StrEnum):
    HOUR = "hour"
    DAY = "day"
    EVER = "ever"


@dataclass(frozen=True, slots=True)
class Window:
    """The images that a member ordered in a server in the period up to `until` (Unix milliseconds)."""

    wallet: WalletKey
    period: Period
    until: int

    @property
    def since(self) -> int:
        lengths = {Period.HOUR: DAY_MS // 24, Period.DAY: DAY_MS}
        return self.until - lengths[self.period] if self.period in lengths else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many images there are, and how many of them their member alone can see. Those under way do not count."""

    images: int
    private: int
    under_way: int
