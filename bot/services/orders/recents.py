"""What a member used last, to be offered again."""

from __future__ import annotations

from bot.domain.recipe import AttachedVideo, Recipe, name_of
from bot.storage.engine.store import Store
from bot.storage.orders import recents

LOOK_BACK_ORDERS = 100


class Recents:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def videos(self, member_id: int) -> list[Recipe]:
        """The last order of each video that has a link, newest first."""
        found: dict[str, Recipe] = {}
        for recipe in await self._store.read(recents.recipes(member_id, limit=LOOK_BACK_ORDERS)):
            if not isinstance(recipe.clip.video, AttachedVideo):
                found.setdefault(name_of(recipe.clip.video), recipe)
        return list(found.values())
