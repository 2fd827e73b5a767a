"""What moderators see of credits: an entry and whose it is, what an undo would do, a list to give to, the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.wallet import Balance, Entry, Statement, WalletKey

BATCH_LIMIT = 1_000  # members in one go: each line of it can be undone by hand, and a typing error is no disaster


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """By a moderator's hand, on one wallet. `id`: of the interaction, so that the same act told twice happens once.
    `roles`: the member's, for an allowance that is due first.
    """

    id: str
    wallet: WalletKey
    actor_id: int
    reason: str
    roles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LedgerMove:
    """An entry, and in whose wallet."""

    wallet: WalletKey
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What undoing `of` would move in its wallet, which has `balance` now."""

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
    """How far a batch is. `done`: by this press; `skipped`: done before, or not possible any more."""

    done: int = 0
    skipped: int = 0

    @property
    def seen(self) -> int:
        return self.done + self.skipped


@dataclass(frozen=True, slots=True)
class StatementPage:
    """`links`: to the messages that show the images of some of its jobs, by the job's id."""

    statement: Statement
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHold:
    """`since` in Unix milliseconds."""

    job_id: str
    member_id: int
    cost: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerBooks:
    """Of one server. `findings`: how many of its wallets and jobs break which rule of the books, 0 in sound ones."""

    wallets: int
    entries: int
    posted: int
    held: int
    allowance: int
    open_holds: int
    oldest: tuple[OpenHold, ...]
    findings: int
