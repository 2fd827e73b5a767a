"""A member's credits in one server, and the ledger entries that explain them. Credits are whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.domain.errors import BadAmount, NotAnAmount, ReasonMissing

GRANT_LIMIT = 1_000_000  # credits in one grant: a typing error must not be a fortune
REASON_LIMIT = 200  # characters; longer than any honest reason, short enough to list
NO_SERVER = 0  # in place of a server's id, for the wallet that a member has outside of servers
AMOUNT_TEXT_LIMIT = 15  # characters of an amount in a form: a million, with spaces in it
ERASED_REASON = "(erased)"  # the only text to which an entry's reason may be changed
DAY_MS = 24 * 3_600_000
SYSTEM = "stillframe"  # the actor of what the bot did by itself

_DISCORD_EPOCH_MS = 1_420_070_400_000  # 2015-01-01; see "Snowflakes" in Discord's reference
_SPACES = str.maketrans("", "", " \u00a0\u202f,'")  # between the thousands


@dataclass(frozen=True, slots=True)
class WalletKey:
    """The wallet of a member in a server. Discord ids."""

    guild_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartingCredits:
    """What a new member gets once in each server, from the day on which the Discord account is `account_days` old."""

    amount: int
    account_days: int = 0

    def due_at(self, member_id: int) -> int:
        """When they are due; Unix milliseconds."""
        return created_at(member_id) + self.account_days * DAY_MS

    def for_member(self, member_id: int, *, now: int) -> int | None:
        """The amount; None while the account is too young."""
        return self.amount if now >= self.due_at(member_id) else None


def created_at(account_id: int) -> int:
    """When a Discord account was made, which its id tells; Unix milliseconds."""
    return (account_id >> 22) + _DISCORD_EPOCH_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """In credits. `allowance` is a part of `posted`, and `allowance_held` a part of `held`; the rest is funds.

    `allowance_until`: the day on which what is free of the allowance lapses, where no role fills it up any more.
    """

    posted: int
    held: int
    allowance: int = 0
    allowance_held: int = 0
    allowance_until: date | None = field(default=None, compare=False)

    @property
    def available(self) -> int:
        return self.posted - self.held

    @property
    def allowance_available(self) -> int:
        return self.allowance - self.allowance_held

    @property
    def funds_available(self) -> int:
        return self.available - self.allowance_available


class EntryKind(StrEnum):
    GRANT = "grant"  # by a moderator, or the starting credits
    TAKE = "take"
    REFILL = "refill"  # of the allowance
    LAPSE = "lapse"  # of the allowance
    GIFT_SENT = "gift_sent"
    GIFT_RECEIVED = "gift_received"
    CODE = "code"
    PURCHASE = "purchase"
    PURCHASE_REFUND = "purchase_refund"
    UNDO = "undo"
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
    undoes: int | None = None

    @property
    def available_before(self) -> int:
        return self.after.available - self.posted_delta + self.held_delta


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of entries, newest first.

    `older_before` and `newer_before` are the `seq` with which to ask for the next pages; None where there is none.
    """

    balance: Balance
    entries: tuple[Entry, ...]
    older_before: int | None
    newer_before: int | None = None


def read_reason(text: str) -> str:
    """Read a reason as one line of at most `REASON_LIMIT` characters. Raises `ReasonMissing`."""
    reason = " ".join(text.split())[:REASON_LIMIT]
    if not reason:
        raise ReasonMissing
    return reason


def check_amount(amount: int, *, least: int = 1, limit: int = GRANT_LIMIT) -> None:
    """Raises `BadAmount`."""
    if not least <= amount <= limit:
        raise BadAmount(amount=amount, limit=limit)


def read_amount(text: str) -> int:
    """Read credits as people write them, such as "1,500". Raises `NotAnAmount`."""
    figures = text.strip().translate(_SPACES)
    if not (figures.isascii() and figures.isdecimal()):
        raise NotAnAmount(text=text)
    return int(figures[:20])  # what is longer is too large in any case
