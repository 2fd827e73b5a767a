"""What was pressed or asked for, and can't be done: rights, images, forms, the line."""

from __future__ import annotations

from typing import Literal

from bot.domain.errors.base import Refusal


class CannotPostHere(Refusal):
    """`missing` has Discord's permission names, such as "Attach Files"."""

    def __init__(self, *, missing: tuple[str, ...]) -> None:
        super().__init__()
        self.missing = missing


class NotAModerator(Refusal): ...


class NotInAServer(Refusal): ...


class NotYours(Refusal): ...


class ImageGone(Refusal): ...


class NotFinished(Refusal): ...


class ImagesUnderWay(Refusal):
    def __init__(self, *, count: int) -> None:
        super().__init__()
        self.count = count


class AlreadyReported(Refusal): ...


class PriceChanged(Refusal):
    """`price` in credits, now."""

    def __init__(self, *, price: int) -> None:
        super().__init__()
        self.price = price


class FileGone(Refusal):
    """`name` of a clip or a reference that is not kept any more."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.name = name


class ProposalGone(Refusal):
    """The order that waited for a yes has ended: cancelled, made, or a day old."""


class AlreadyOrdered(Refusal):
    """The yes was said before: its image is under way."""


class NotADate(Refusal):
    def __init__(self, *, text: str, option: Literal["since", "until"]) -> None:
        super().__init__()
        self.text = text
        self.option: Literal["since", "until"] = option


class JobUnknown(Refusal):
    """The same for one that does not exist and for a private one of somebody else."""

    def __init__(self, *, text: str) -> None:
        super().__init__()
        self.text = text


class SearchLost(Refusal):
    """A page of history from more than a week ago."""


class NotAgeRestricted(Refusal): ...


class CannotPostThere(Refusal):
    """`missing` has Discord's permission names."""

    def __init__(self, *, channel_id: int, missing: tuple[str, ...]) -> None:
        super().__init__()
        self.channel_id = channel_id
        self.missing = missing


class FormLost(Refusal):
    """A form that was opened before a restart, or hours ago."""


class LineFull(Refusal):
    """`limit`: how many images of one member may be under way, waiting ones included."""

    def __init__(self, *, limit: int) -> None:
        super().__init__()
        self.limit = limit


class TooLateToCancel(Refusal):
    """`cost` in credits; `ended`: there is nothing left to cancel."""

    def __init__(self, *, cost: int, ended: bool) -> None:
        super().__init__()
        self.cost = cost
        self.ended = ended


class WrongCommand(Refusal):
    """`right`: the whole name of the command that is meant."""

    def __init__(self, *, right: str) -> None:
        super().__init__()
        self.right = right


class SalesPaused(Refusal): ...


class Restarting(Refusal): ...
