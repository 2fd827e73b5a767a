"""Credits that are not there, or can't be moved so."""

from __future__ import annotations

from bot.domain.errors.base import Refusal


class NotEnoughCredits(Refusal):
    """Credits. `cheaper` names sizes that the available credits would pay for: (size label, price)."""

    def __init__(self, *, needed: int, available: int, held: int, cheaper: tuple[tuple[str, int], ...] = ()) -> None:
        super().__init__()
        self.needed = needed
        self.available = available
        self.held = held
        self.cheaper = cheaper


class BadAmount(Refusal):
    def __init__(self, *, amount: int, limit: int) -> None:
        super().__init__()
        self.amount = amount
        self.limit = limit


class ReasonMissing(Refusal): ...


class NotEnoughToTake(Refusal):
    """A member's wallet has less than a person wants to move out of it."""

    def __init__(self, *, amount: int, available: int, held: int) -> None:
        super().__init__()
        self.amount = amount
        self.available = available
        self.held = held


class NoSuchEntry(Refusal):
    def __init__(self, *, entry_id: int) -> None:
        super().__init__()
        self.entry_id = entry_id


class NotUndoable(Refusal):
    """`kind`: of the entry."""

    def __init__(self, *, entry_id: int, kind: str) -> None:
        super().__init__()
        self.entry_id = entry_id
        self.kind = kind


class AlreadyUndone(Refusal):
    def __init__(self, *, entry_id: int) -> None:
        super().__init__()
        self.entry_id = entry_id


class NoCreditsForBots(Refusal): ...


class NobodyToGive(Refusal):
    """A role or a list in which no member is left to give to."""


class TooManyToGive(Refusal):
    """`limit`: how many members may be given to in one go, or (`looked_through`) may be in the server at most."""

    def __init__(self, *, limit: int, looked_through: bool = False) -> None:
        super().__init__()
        self.limit = limit
        self.looked_through = looked_through


class MembersHidden(Refusal):
    """Discord does not tell this bot who has a role."""


class MembersUnanswered(Refusal):
    """Discord did not answer when it was asked about members."""


class BatchGone(Refusal):
    """A list of members that nobody said yes to in time, or that was left."""


class PeriodEmpty(Refusal):
    """It ends before it begins."""


class PeriodTooLong(Refusal):
    """`limit` in months."""

    def __init__(self, *, limit: int) -> None:
        super().__init__()
        self.limit = limit
