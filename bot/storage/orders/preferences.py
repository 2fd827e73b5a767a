"""Transaction scripts of the members' preferences."""

from __future__ import annotations

from dataclasses import asdict

from bot.domain.preferences import Preferences
from bot.storage.engine.store import Script

_SELECT = "SELECT * FROM preferences WHERE member_id = :member_id"
_UPSERT = """
    INSERT INTO preferences (member_id, quiet_limit, open_buttons, private, spoiler, model)
    VALUES (:member_id, :quiet_limit, :open_buttons, :private, :spoiler, :model)
    ON CONFLICT (member_id) DO UPDATE SET quiet_limit = excluded.quiet_limit, open_buttons = excluded.open_buttons,
        private = excluded.private, spoiler = excluded.spoiler, model = excluded.model"""


def get(member_id: int) -> Script[Preferences]:
    rows = yield _SELECT, {"member_id": member_id}
    if not rows:
        return Preferences()
    row = rows[0]
    return Preferences(
        quiet_limit=row["quiet_limit"],
        open_buttons=bool(row["open_buttons"]),
        private=bool(row["private"]),
        spoiler=bool(row["spoiler"]),
        model=row["model"],
    )


def put(member_id: int, preferences: Preferences) -> Script[None]:
    yield _UPSERT, {"member_id": member_id, **asdict(preferences)}
