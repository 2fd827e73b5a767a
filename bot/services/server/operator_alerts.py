"""The operator is told once when a budget of the operator's is used by 50, 80 and 100 percent."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.domain.budget_use import BudgetUse
from bot.domain.errors import StorageError
from bot.domain.operator_budget import MICROS
from bot.storage.engine.store import Store
from bot.storage.processes import shared_state

log = logging.getLogger(__name__)

USED_UP = 100  # percent


class OperatorAlerts:
    """All processes share what was told; each also remembers it, so that most orders ask the database nothing.

    `tell_operator` never raises.
    """

    def __init__(self, store: Store, tell_operator: Callable[[str], Awaitable[None]]) -> None:
        self._store = store
        self._tell_operator = tell_operator
        self._told: dict[str, tuple[str, int]] = {}

    async def check(self, uses: Sequence[BudgetUse]) -> None:
        """Tell the operator of each budget that has reached a further percentage."""
        for use in uses:
            await self._reached(use, use.percent)

    async def used_up(self, use: BudgetUse) -> None:
        """An order did not fit into the budget."""
        await self._reached(use, USED_UP)

    async def _reached(self, use: BudgetUse, percent: int) -> None:
        name, which = f"budget told: {use.kind} {use.guild_id or 0}", f"{use.period} {use.limit}"
        before = self._told.get(name)
        if not percent or (before and before[0] == which and before[1] >= percent):
            return
        try:
            is_news = await self._store.run(shared_state.raise_to(name, which, percent))
        except StorageError as error:
            log.warning("whether the operator was told of a budget could not be read: %s", error)
            return
        self._told[name] = (which, percent)
        if is_news:
            words = _words(use, percent)
            log.warning("%s", words)
            await self._tell_operator(words)


def _words(use: BudgetUse, percent: int) -> str:
    whose = {
        "server": f"the budget of {_server(use.guild_id)} for {use.period}",
        "day": f"BUDGET_USD_PER_DAY for {use.period}",
        "strangers": f"BUDGET_USD_STRANGERS_PER_DAY for {use.period}",
    }[use.kind]
    spent = f"US$ {use.used / MICROS:.2f} of {use.limit / MICROS:.2f}"
    if percent < USED_UP:
        return f"{percent} % of {whose} is used: {spent}."
    return f"{whose[0].upper()}{whose[1:]} is used up: {spent}. No new images there until it ends or is raised (UTC)."


def _server(guild_id: int | None) -> str:
    return f"server {guild_id}" if guild_id else "direct messages"
