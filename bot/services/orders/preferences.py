"""The preferences of members: read and stored."""

from __future__ import annotations

from bot.domain.preferences import Preferences
from bot.storage.engine.store import Store
from bot.storage.orders import preferences


class MemberPreferences:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_member(self, member_id: int) -> Preferences:
        return await self._store.read(preferences.get(member_id))

    async def set(self, member_id: int, wanted: Preferences) -> None:
        await self._store.run(preferences.put(member_id, wanted))
