"""What moderators do with credits and what they see: entries, an undo, a batch of grants, the server's books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.wallet import Balance, Entry, Statement, WalletKey

BATCH_LIMIT = 1_000  # members at once, so that a moderator could still undo each entry of a mistake by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A moderator moves credits in one wallet. `id` is the interaction's, so that the same act sent twice happens once.

    `roles` are the member's: an allowance that is due is filled up first. `once_more` is as in `ActMark`,
    and `by_role` as in `Manager`.
    """

    id: str
    wallet: WalletKey
    actor_id: int
    reason: str
    roles: frozenset[int] = frozenset()
    once_more: str | None = None
    by_role: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """A credit manager of a server by role, who does not manage the server itself.

    A manager gives nothing to the own wallet, and to others at most `highest` credits at once and `per_day` in the day
    that began at `day_since` (Unix milliseconds). None sets no such limit.
    """

    guild_id: int
    member_id: int
    highest: int | None
    per_day: int | None
    day_since: int


@dataclass(frozen=True, slots=True)
class LedgerMove:
    """An entry, and the wallet that it belongs to."""

    wallet: WalletKey
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """Undoing `of` would move `moves` credits in its wallet, which has `balance` now."""

    of: LedgerMove
    moves: int
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A list of members who get the same amount. `id` is that of the interaction that asked for it."""

    id: str
    guild_id: int
    amount: int
    reason: str
    actor: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many members of a batch were given credits now (`done`), and how many got them before or can't get them."""

    done: int = 0
    skipped: int = 0

    @property
    def seen(self) -> int:
        return self.done + self.skipped


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A page of a statement. `links` has links to the messages that show images, for some of its jobs, by job id."""

    statement: Statement
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHold:
    """Credits that are on hold for a job. `since` in Unix milliseconds."""

    job_id: str
    member_id: int
    cost: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerBooks:
    """The sums of one server's books, in credits. `findings` counts broken rules of the books, 0 in sound ones."""

    wallets: int
    entries: int
    posted: int
    held: int
    allowance: int
    open_holds: int
    oldest: tuple[OpenHold, ...]
    findings: int
