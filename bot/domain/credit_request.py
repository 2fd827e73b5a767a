"""A member asks the moderators for credits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.wallet import WalletKey

PATIENCE_MS = 24 * 3_600_000  # a request that nobody has answered by then may be asked again
POSTING_MS = 60_000  # by then its card is in the moderators' channel, or will never be


class RequestState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRequest:
    """`decided_by`: None where it was asked anew instead. `locale`: the member's. `at` in Unix milliseconds."""

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
        """From then on its member may ask anew, which ends this one."""
        return self.at + (POSTING_MS if self.message_id is None else PATIENCE_MS)
