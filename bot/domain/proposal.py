"""An order that waits for its member to say yes. Nothing is held for it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from bot.domain.recipe import Recipe
from bot.domain.wallet import WalletKey

LIFE_MS = 24 * 3_600_000  # after its last change; a card that old is not thought of any more


class Proposal(BaseModel):
    """Written to the database as JSON. `title` of the video, where it could be had.

    `from_tray`: its references are those of the member's tray, which is empty once the order is placed. `token`: of the
    interaction that showed its card last, by which the card can be changed for a quarter of an hour.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Recipe
    private: bool
    spoiler: bool = False
    made_from: str | None = None
    from_tray: bool = False
    title: str | None = None
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A proposal that is kept. `id` is that of the interaction it began with, and becomes the job's."""

    id: str
    wallet: WalletKey
    channel_id: int
    proposal: Proposal
