"""Acts with credits whose answer is not confirmed: the same act within ten minutes is asked about, and not done."""

from __future__ import annotations

from bot.storage.credits import acts
from bot.storage.engine.store import Store


class Acts:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def confirm(self, act_id: str) -> None:
        """The actor has read what was done. An act without a mark changes nothing."""
        await self._store.run(acts.confirm(act_id))

    async def lose(self, act_id: str, *, code: str | None = None) -> None:
        """The answer of the act is lost. `code`: the text of a code, which is kept for the second try."""
        await self._store.run(acts.lose(act_id, code=code))
