"""A member's request to the moderators for credits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.wallet import WalletKey

PATIENCE_MS = 24 * 3_600_000  # when no moderator has answered by then, the member may ask again
POSTING_MS = 60_000  # when its card is not in the moderators' channel by then, it will never be


class RequestState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRequest:
    """`decided_by` is None while it is open, and where the member asked anew instead. `locale` is the member's.

    `at` is when the member asked, in Unix milliseconds. `message_id` is the card in the moderators' channel.
    """

    id: str
    wallet: WalletKey
    amount: int
    words: str
    locale: str
    at: int
    state: RequestState = RequestState.OPEN
    given: int | None = None
    decided_by: int | None = None
    message_id: int | None = None

    @property
    def patience_until(self) -> int:
        """After this moment the member may ask anew, which ends this request. Unix milliseconds."""
        return self.at + (POSTING_MS if self.message_id is None else PATIENCE_MS)
