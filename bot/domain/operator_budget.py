"""The operator's budgets: what images may cost a server in a month, all servers in a day, and unknown servers in a day.

All amounts are US$ 0.000001, months and days are those of UTC. An order counts with its list price from the moment when
it is placed, later with its real cost; it counts no more where certainly nothing was bought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.budget_use import BudgetUse
from bot.domain.errors import OperatorBudgetUsedUp

DAY_MS = 86_400_000
MICROS = 1_000_000  # of a dollar


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorBudgets:
    """The budgets that the settings name; None for no budget.

    `strangers_day`: what all servers without a budget of their own share. `credits_per_usd`: the worth of what members
    have bought on Discord, which a server may spend beyond its budget.
    """

    server_month: int | None = None
    day: int | None = None
    strangers_day: int | None = None
    credits_per_usd: int = 1_000


NO_BUDGETS = OperatorBudgets()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCosts:
    """What the images of a server have cost in a month; `bought`: the credits that its members bought on Discord."""

    month: str
    micros: int
    bought: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCounts:
    """What the database counts for one server now.

    `has_own`: the operator gave the server a budget of its own, which is `own`; None there for no budget.
    `months`: those of the server that matter, the present one last.
    """

    has_own: bool
    own: int | None
    months: Sequence[MonthCosts]
    day: int
    strangers_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCosts:
    """What a server has done in a month. `refusals`: orders that the image service's content filter refused.

    `micros`, `own` and `has_own` as in `CostCounts`; `bought` in credits.
    """

    guild_id: int
    micros: int
    bought: int
    has_own: bool
    own: int | None
    images: int
    refusals: int


def is_stranger(budgets: OperatorBudgets, counts: CostCounts) -> bool:
    """Say whether a server's orders count to what unknown servers share."""
    return budgets.strangers_day is not None and not counts.has_own


def uses_of(budgets: OperatorBudgets, counts: CostCounts, guild_id: int, *, now: int) -> tuple[BudgetUse, ...]:
    """Return every budget that an order in this server counts to. `now` in Unix milliseconds."""
    month, month_ends = month_of_ms(now), _month_end(now)
    day, day_ends = f"{_moment(now):%Y-%m-%d}", (now // DAY_MS + 1) * DAY_MS
    found: list[BudgetUse] = []
    base = counts.own if counts.has_own else budgets.server_month
    if base is not None:
        limit = base + _paid_by_members(counts.months, base, month, credits_per_usd=budgets.credits_per_usd)
        used = sum(each.micros for each in counts.months if each.month == month)
        found.append(
            BudgetUse(kind="server", used=used, limit=limit, until=month_ends, period=month, guild_id=guild_id)
        )
    if budgets.day is not None:
        found.append(BudgetUse(kind="day", used=counts.day, limit=budgets.day, until=day_ends, period=day))
    if budgets.strangers_day is not None and is_stranger(budgets, counts):
        shared = BudgetUse(
            kind="strangers", used=counts.strangers_day, limit=budgets.strangers_day, until=day_ends, period=day
        )
        found.append(shared)
    return tuple(found)


def check_uses(uses: Sequence[BudgetUse], micros: int) -> None:
    """Check that an order that costs `micros` more fits into each budget. Raises `OperatorBudgetUsedUp`."""
    for use in uses:
        if use.used + micros > use.limit:
            raise OperatorBudgetUsedUp(use=use)


def month_of_ms(now: int) -> str:
    return f"{_moment(now):%Y-%m}"


def _paid_by_members(months: Sequence[MonthCosts], base: int, month: str, *, credits_per_usd: int) -> int:
    """Return what members have bought and the server has not spent beyond its budget in the months before this one."""
    left = 0
    for each in months:
        left += each.bought * MICROS // credits_per_usd
        if each.month < month:
            left = max(0, left - max(0, each.micros - base))
    return max(0, left)


def _moment(now: int) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC)


def _month_end(now: int) -> int:
    first = _moment(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + timedelta(days=32)).replace(day=1)
    return int(following.timestamp() * 1000)


def bounds_missing(budgets: OperatorBudgets, *, from_before: bool, is_public: bool, chosen: bool) -> list[str]:
    """Return what the operator should know of the bounds on the money, one line each. Empty where all is bounded.

    `is_public`: others than the operator may add the bot. `chosen`: `ALLOWED_SERVERS` is set.
    """
    lines = []
    if budgets.server_month is None and budgets.day is None:
        why = " (the database is from before there were budgets)" if from_before else ""
        lines.append(f"There is no budget on your money{why}: set BUDGET_USD_PER_DAY and SERVER_BUDGET_USD_PER_MONTH.")
    elif budgets.day is None:
        lines.append("There is no budget for a day of all servers together: set BUDGET_USD_PER_DAY.")
    elif budgets.server_month is None and not chosen:
        lines.append("There is no budget for a month of one server: set SERVER_BUDGET_USD_PER_MONTH.")
    if is_public and not chosen:
        lines.append(
            "The application is public: every server can add the bot and spend your money. Set ALLOWED_SERVERS, "
            "or turn Public Bot off in Discord's developer portal."
        )
    return lines
