"""A member's credits in one server, and the rows that explain them. Credits are whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GRANT_LIMIT = 1_000_000  # credits in one grant: a typing error must not be a fortune
REASON_LIMIT = 200  # characters; longer than any honest reason, short enough to list
SYSTEM = "stillframe"  # the actor of what nobody did by hand


@dataclass(frozen=True, slots=True)
class WalletKey:
    """Whose wallet, where. Discord ids."""

    guild_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    posted: int
    held: int

    @property
    def available(self) -> int:
        return self.posted - self.held


class EntryKind(StrEnum):
    GRANT = "grant"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One immutable row of the ledger. `at` is Unix time in milliseconds; `actor` a Discord id or `SYSTEM`."""

    id: int
    seq: int
    kind: EntryKind
    posted_delta: int
    held_delta: int
    after: Balance
    job_id: str | None
    actor: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of entries, newest first. `older_before` is the `seq` to ask the next page with, None at the end."""

    balance: Balance
    entries: tuple[Entry, ...]
    older_before: int | None
