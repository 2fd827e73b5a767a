"""Scripts that tell what a member did last."""

from __future__ import annotations

from bot.domain.recipe import Recipe
from bot.storage.engine.store import Script

_LAST_ORDERS = """
    SELECT recipe FROM jobs WHERE member_id = :member_id AND deleted_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT :limit"""


def recipes(member_id: int, *, limit: int) -> Script[list[Recipe]]:
    """What a member ordered, newest first."""
    rows = yield _LAST_ORDERS, {"member_id": member_id, "limit": limit}
    return [Recipe.model_validate_json(row["recipe"]) for row in rows]
