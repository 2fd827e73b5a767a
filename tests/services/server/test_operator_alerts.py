"""The operator is told of each budget once at 50, 80 and 100 percent, by whichever process is first."""

from __future__ import annotations

from bot.domain.budget_use import BudgetUse
from bot.domain.operator_budget import OperatorBudgets, bounds_missing
from bot.services.server.operator_alerts import OperatorAlerts
from bot.storage.engine.store import Store


def used(percent: int, **changes: object) -> BudgetUse:
    facts: dict[str, object] = {
        "kind": "server", "used": percent * 1_000_000, "limit": 100_000_000, "until": 0, "period": "2026-12",
        "guild_id": 7,
    }  # fmt: skip
    return BudgetUse(**{**facts, **changes})  # type: ignore[arg-type]  # as above


class Told(list[str]):
    async def __call__(self, words: str) -> None:
        self.append(words)


async def test_each_percentage_is_told_once_by_all_processes(store: Store) -> None:
    told = Told()
    one, two = OperatorAlerts(store, told), OperatorAlerts(store, told)
    for percent in (10, 49, 50, 60, 79, 81, 85, 99):
        for alerts in (one, two):
            await alerts.check([used(percent)])
    await two.used_up(used(99))
    await one.used_up(used(99))
    assert [words.partition(":")[0] for words in told] == [
        "50 % of the budget of server 7 for 2026-12 is used",
        "80 % of the budget of server 7 for 2026-12 is used",
        "The budget of server 7 for 2026-12 is used up",
    ]


async def test_another_month_and_another_budget_are_told_anew(store: Store) -> None:
    told = Told()
    alerts = OperatorAlerts(store, told)
    for use in (used(50), used(50, period="2027-01"), used(50, kind="day", guild_id=None), used(90, limit=180_000_000)):
        await alerts.check([use])
    assert len(told) == 4


def test_what_bounds_nothing_is_said() -> None:
    new = OperatorBudgets(server_month=20, day=100, strangers_day=10)
    assert bounds_missing(new, from_before=False, is_public=False, chosen=False) == []
    (public,) = bounds_missing(new, from_before=False, is_public=True, chosen=False)
    assert "ALLOWED_SERVERS" in public
    assert bounds_missing(new, from_before=False, is_public=True, chosen=True) == []
    (old,) = bounds_missing(OperatorBudgets(), from_before=True, is_public=False, chosen=False)
    assert "BUDGET_USD_PER_DAY" in old
