"""A proposal: an order that waits for its member to say yes. No credits are held for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.order import Order
from bot.domain.recipe import Reading
from bot.domain.wallet import WalletKey

LIFE_MS = 24 * 3_600_000  # so long after its last change the proposal is forgotten


class Proposal(Order):
    """An order that is kept in the database as JSON. `title`: the video's, where YouTube told it.

    `token`: that of the interaction that showed its card last; with it the card can be changed for 15 minutes.
    `remark`: what else the member should know before saying yes, in the member's language.
    `readings`: the moments of which the member is to pick one, and `question` asks which, in the member's language.
    `left_out`: why files that the member gave are not among the references, in the same language.
    """

    title: str | None = None
    token: str = ""
    remark: str = ""
    readings: tuple[Reading, ...] = ()
    question: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A proposal that is kept. `id` is that of the interaction in which it began, and becomes the job's id."""

    id: str
    wallet: WalletKey
    channel_id: int
    proposal: Proposal
