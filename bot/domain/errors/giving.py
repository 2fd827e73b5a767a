"""Gifts, codes and requests that come to nothing."""

from __future__ import annotations

from bot.domain.errors.base import Refusal


class GiftsOff(Refusal):
    """The server has switched gifts off."""


class GiftToSelf(Refusal): ...


class GiftToStranger(Refusal):
    """Not in this server."""


class GiftTooLarge(Refusal):
    """`limit`: of one gift."""

    def __init__(self, *, amount: int, limit: int) -> None:
        super().__init__()
        self.amount = amount
        self.limit = limit


class GiftsOfTheDay(Refusal):
    """`left` of `limit`, which is for all gifts of a member in a day."""

    def __init__(self, *, amount: int, left: int, limit: int) -> None:
        super().__init__()
        self.amount = amount
        self.left = left
        self.limit = limit


class NotEnoughToGive(Refusal):
    """`available`: of one's own; an allowance is not for giving."""

    def __init__(self, *, amount: int, available: int) -> None:
        super().__init__()
        self.amount = amount
        self.available = available


class NoResultHere(Refusal): ...


class NotAnAmount(Refusal):
    def __init__(self, *, text: str) -> None:
        super().__init__()
        self.text = text


class CodeUnknown(Refusal): ...


class CodeExpired(Refusal):
    """`at` in Unix milliseconds."""

    def __init__(self, *, at: int) -> None:
        super().__init__()
        self.at = at


class CodeWithdrawn(Refusal): ...


class CodeUsedUp(Refusal): ...


class CodeUsedBefore(Refusal):
    """By this member."""


class NoSuchCode(Refusal):
    """`number`: in a manager's list."""

    def __init__(self, *, number: int) -> None:
        super().__init__()
        self.number = number


class TooManyTries(Refusal):
    """`until` in Unix milliseconds."""

    def __init__(self, *, until: int) -> None:
        super().__init__()
        self.until = until


class RequestsOff(Refusal): ...


class AlreadyAsked(Refusal):
    """`at` and `again_at` in Unix milliseconds: it may be asked anew from then on."""

    def __init__(self, *, amount: int, at: int, again_at: int) -> None:
        super().__init__()
        self.amount = amount
        self.at = at
        self.again_at = again_at


class RequestNotSent(Refusal): ...


class RequestDecided(Refusal):
    """`given` in credits, None for a no. `decided_by` is None where it was asked anew since."""

    def __init__(self, *, decided_by: int | None, given: int | None) -> None:
        super().__init__()
        self.decided_by = decided_by
        self.given = given
