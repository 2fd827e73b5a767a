"""What orders cost the operator, as the triggers of the database count it, and how an order is fitted into it.

The costs of a day are several rows (`SHARDS`), one for some of the members, so that an order waits only for a few
others. Of orders that are placed at this moment in other transactions, each has locked one row and is not seen in the
others. So where a day's budget could be used up by as many of the dearest orders as there are rows, an order first
locks all rows (`lock_day`), and is exact. Of a server's month there is one row, which each order of the server locks.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.budget_use import BudgetUse
from bot.domain.operator_budget import (
    DAY_MS,
    CostCounts,
    MonthCosts,
    OperatorBudgets,
    check_uses,
    is_stranger,
    month_of_ms,
    uses_of,
)
from bot.storage.engine.store import Script

SHARDS = 8  # as the triggers count them
DEAREST_MICROS = 1_000_000  # a dearer order always locks all rows

_COUNTS = """
    SELECT (SELECT count(*) FROM server_budgets WHERE guild_id = :guild_id) AS has_own,
        (SELECT micros FROM server_budgets WHERE guild_id = :guild_id) AS own,
        (SELECT count(*) FROM server_costs WHERE guild_id = :guild_id AND bought <> 0) AS months_bought,
        coalesce((SELECT micros FROM server_costs WHERE guild_id = :guild_id AND month = :month), 0) AS month_micros,
        CAST(coalesce(sum(micros), 0) AS BIGINT) AS day,
        CAST(coalesce(sum(stranger_micros), 0) AS BIGINT) AS strangers_day
    FROM day_costs WHERE day = :day"""
_MONTHS = "SELECT month, micros, bought FROM server_costs WHERE guild_id = :guild_id AND month <= :month ORDER BY month"
_BEGIN_DAY = """
    INSERT INTO day_costs (day, shard)
    VALUES (:day, 0), (:day, 1), (:day, 2), (:day, 3), (:day, 4), (:day, 5), (:day, 6), (:day, 7)
    ON CONFLICT (day, shard) DO NOTHING"""
_LOCK_DAY = "SELECT shard FROM day_costs WHERE day = :day ORDER BY shard /*postgres FOR UPDATE */"


class BudgetInSight(Exception):
    """Orders at this moment may use a day's budget up: the order is to be placed again, and to lock the day's rows."""


def counts(guild_id: int, *, now: int) -> Script[CostCounts]:
    month = month_of_ms(now)
    facts = {"guild_id": guild_id, "month": month}
    row = (yield _COUNTS, {**facts, "day": now // DAY_MS})[0]
    months = [MonthCosts(month=month, micros=row["month_micros"])]
    if row["months_bought"]:
        months = [MonthCosts(**each) for each in (yield _MONTHS, facts)]
    return CostCounts(
        has_own=bool(row["has_own"]),
        own=row["own"],
        months=months,
        day=row["day"],
        strangers_day=row["strangers_day"],
    )


def uses(budgets: OperatorBudgets, guild_id: int, *, now: int) -> Script[tuple[tuple[BudgetUse, ...], bool]]:
    """The budgets that an order in this server counts to, and whether it counts to those of unknown servers too."""
    found = yield from counts(guild_id, now=now)
    return uses_of(budgets, found, guild_id, now=now), is_stranger(budgets, found)


def lock_day(now: int) -> Script[None]:
    """Lock all rows of the day. On PostgreSQL the locks come after all others, but for those that triggers take."""
    yield _BEGIN_DAY, {"day": now // DAY_MS}
    yield _LOCK_DAY, {"day": now // DAY_MS}


def is_near(present: Sequence[BudgetUse], micros: int) -> bool:
    """Say whether an order of `micros` must lock the day's rows, for what others may be placing at this moment."""
    if micros > DEAREST_MICROS:
        return any(use.guild_id is None for use in present)
    unseen = (SHARDS - 1) * DEAREST_MICROS
    return any(use.guild_id is None and use.used + micros + unseen > use.limit for use in present)


def check_placed(
    budgets: OperatorBudgets, guild_id: int, micros: int, *, locked: bool, now: int
) -> Script[tuple[BudgetUse, ...]]:
    """Check again once the order's job is written, and so counted and its rows locked. Returns the budgets with it.

    `locked`: the day's rows were locked before. Raises `OperatorBudgetUsedUp` and `BudgetInSight`.
    """
    if not micros:
        return ()
    present, _ = yield from uses(budgets, guild_id, now=now)
    check_uses(present, 0)
    if not locked and is_near(present, 0):
        raise BudgetInSight
    return present
