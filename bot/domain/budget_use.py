"""How far a budget of the operator is used, as a value that refusals and alerts carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BudgetKind = Literal["server", "day", "strangers"]

ALERT_PERCENTS = (50, 80, 100)  # of any budget, a server's own too


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetUse:
    """How far one budget of the operator is used, in US$ 0.000001.

    `until`: when the next one begins, in Unix milliseconds. `period`: its month or day, by UTC. `guild_id`: whose
    budget it is, None for one that servers share.
    """

    kind: BudgetKind
    used: int
    limit: int
    until: int
    period: str
    guild_id: int | None = None

    @property
    def percent(self) -> int:
        """Return the highest of `ALERT_PERCENTS` that is reached, or 0."""
        reached = (percent for percent in ALERT_PERCENTS if self.used * 100 >= percent * self.limit)
        return max(reached, default=0)
