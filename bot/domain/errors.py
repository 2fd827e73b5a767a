"""Everything that can go wrong, as one tree. Exceptions carry facts; the words are in `bot/replies.py`.

StillframeError
├── Refusal                    what was asked can't be done: nothing was charged
│   ├── VideoMissing           neither a link nor a file was given
│   ├── TwoVideos              a link and a file were given
│   ├── NotAVideoLink          the text is not a link to one video we can read
│   ├── LinkNotPublic          the link leads to a place that is not on the public internet
│   ├── LinkUnreachable        the link's server did not give the file
│   ├── NotAVideoFile          the file is there, but is not a video that the model reads
│   ├── FileTooLarge           the file is over the limit
│   ├── NotATime               the text is not a moment in a video
│   ├── EndBeforeStart         the span is empty or runs backwards
│   ├── TimeTooLate            the moment is past what any video may be long
│   ├── WholeVideoAndTimes     both the whole video and a moment in it were asked for
│   ├── TooManyFrames          the span has more frames than the model reads
│   ├── BadOption              an option's value is not one of those it takes
│   ├── PromptMissing, PromptTooLong
│   ├── NotEnoughCredits       the wallet can't pay for it
│   ├── CannotPostHere         the bot lacks rights in this channel
│   ├── NotAModerator          the command is for those who manage the server
│   ├── NotInAServer           the command needs a server
│   ├── BadAmount              credits out of range
│   ├── ReasonMissing          credits move by a person's hand only with a reason
│   ├── NotYours               somebody else's private image
│   ├── ImageGone              the image is no longer kept
│   └── SalesPaused            the bot takes no new jobs just now
├── SupplierError              the image API; never shown raw
│   ├── SupplierBusy           certainly nothing was accepted: may be sent again
│   ├── SupplierRejected       certainly nothing was accepted: sending it again is no use
│   ├── ContentRefused         the content filter refused it
│   ├── SupplierClosed         key, funds or region: the operator's problem
│   ├── SubmitUnknown          it may or may not have been accepted: never send again
│   ├── SupplierUnreachable    a repeatable call (poll, upload, download) did not go through
│   └── PredictionLost         the supplier no longer knows this prediction
├── ImageError
│   ├── BrokenImage            not a whole image of a kind we know
│   └── CannotFit              no copy is small enough
└── StorageError
    ├── DatabaseUnavailable    full, read-only, locked or damaged
    ├── DatabaseTooNew         written by a newer version
    ├── DatabaseInUse          another process owns the file
    ├── LeaseLost              another worker has taken this job
    └── RepeatDiffers          the same idempotency key with other content
"""

from __future__ import annotations

from typing import Literal


class StillframeError(Exception):
    """Root of the tree. `str()` is for logs; people read `bot.replies`."""

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({facts})"


# --- Refusals -----------------------------------------------------------------------------------------


class Refusal(StillframeError):
    """What was asked can't be done. Raised before anything is charged."""


class VideoMissing(Refusal): ...


class TwoVideos(Refusal): ...


LinkProblem = Literal["not_a_link", "playlist", "channel", "live", "other_site", "lookalike", "bad_id", "bare_id"]


class NotAVideoLink(Refusal):
    def __init__(self, *, text: str, problem: LinkProblem) -> None:
        super().__init__()
        self.text = text
        self.problem: LinkProblem = problem


class LinkNotPublic(Refusal):
    def __init__(self, *, host: str) -> None:
        super().__init__()
        self.host = host


UnreachableBecause = Literal["dns", "connect", "tls", "timeout", "status", "redirects", "compressed", "broken", "url"]


class LinkUnreachable(Refusal):
    """`status` is the HTTP status when `because` is "status", else None."""

    def __init__(self, *, host: str, because: UnreachableBecause, status: int | None = None) -> None:
        super().__init__()
        self.host = host
        self.because: UnreachableBecause = because
        self.status = status


class NotAVideoFile(Refusal):
    """`found` is what the file's first bytes say it is, or None for something unknown."""

    def __init__(self, *, found: str | None) -> None:
        super().__init__()
        self.found = found


class FileTooLarge(Refusal):
    """`size_bytes` is None where reading stopped at the limit."""

    def __init__(self, *, limit_bytes: int, size_bytes: int | None = None) -> None:
        super().__init__()
        self.limit_bytes = limit_bytes
        self.size_bytes = size_bytes


class NotATime(Refusal):
    def __init__(self, *, text: str, option: Literal["start", "end"]) -> None:
        super().__init__()
        self.text = text
        self.option: Literal["start", "end"] = option


class EndBeforeStart(Refusal):
    """Seconds. `suggested_end` is an end that would be right."""

    def __init__(self, *, start: float, end: float, suggested_end: float) -> None:
        super().__init__()
        self.start = start
        self.end = end
        self.suggested_end = suggested_end


class TimeTooLate(Refusal):
    def __init__(self, *, seconds: float, limit_seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.limit_seconds = limit_seconds


class WholeVideoAndTimes(Refusal): ...


class TooManyFrames(Refusal):
    """`suggested_end` keeps the rate; `suggested_rate` keeps the span (None where no allowed rate would do)."""

    def __init__(
        self, *, frames: int, limit: int, start: float, suggested_end: float, suggested_rate: float | None
    ) -> None:
        super().__init__()
        self.frames = frames
        self.limit = limit
        self.start = start
        self.suggested_end = suggested_end
        self.suggested_rate = suggested_rate


class BadOption(Refusal):
    def __init__(self, *, option: str, value: str, allowed: str) -> None:
        super().__init__()
        self.option = option
        self.value = value
        self.allowed = allowed


class PromptMissing(Refusal): ...


class PromptTooLong(Refusal):
    def __init__(self, *, length: int, limit: int) -> None:
        super().__init__()
        self.length = length
        self.limit = limit


class NotEnoughCredits(Refusal):
    """Credits. `cheaper` names sizes that the available credits would pay for: (size label, price)."""

    def __init__(self, *, needed: int, available: int, held: int, cheaper: tuple[tuple[str, int], ...] = ()) -> None:
        super().__init__()
        self.needed = needed
        self.available = available
        self.held = held
        self.cheaper = cheaper


class CannotPostHere(Refusal):
    """`missing` has Discord's permission names, such as "Attach Files"."""

    def __init__(self, *, missing: tuple[str, ...]) -> None:
        super().__init__()
        self.missing = missing


class NotAModerator(Refusal): ...


class NotInAServer(Refusal): ...


class BadAmount(Refusal):
    def __init__(self, *, amount: int, limit: int) -> None:
        super().__init__()
        self.amount = amount
        self.limit = limit


class ReasonMissing(Refusal): ...


class NotYours(Refusal): ...


class ImageGone(Refusal): ...


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


class SalesPaused(Refusal): ...


class Restarting(Refusal): ...


# --- The supplier -------------------------------------------------------------------------------------


class SupplierError(StillframeError):
    """`request_id` is the supplier's X-Request-ID, for its support. `detail` is for our log only."""

    def __init__(self, *, detail: str = "", request_id: str | None = None) -> None:
        super().__init__()
        self.detail = detail
        self.request_id = request_id


class SupplierBusy(SupplierError): ...


class SupplierRejected(SupplierError): ...


class ContentRefused(SupplierError): ...


ClosedBecause = Literal["key", "funds", "region", "forbidden"]


class SupplierClosed(SupplierError):
    def __init__(self, *, because: ClosedBecause, detail: str = "", request_id: str | None = None) -> None:
        super().__init__(detail=detail, request_id=request_id)
        self.because: ClosedBecause = because


class SubmitUnknown(SupplierError): ...


class SupplierUnreachable(SupplierError): ...


class PredictionLost(SupplierError): ...


# --- Images, delivery and storage -------------------------------------------------------------------------------


class ImageError(StillframeError): ...


class BrokenImage(ImageError): ...


class CannotFit(ImageError): ...


class DeliveryError(StillframeError): ...


class PictureTooLarge(DeliveryError): ...


class Undeliverable(DeliveryError):
    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class DiscordUnavailable(DeliveryError):
    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class StorageError(StillframeError): ...


class DiskUnavailable(StorageError):
    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class DatabaseUnavailable(StorageError):
    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class ConstraintBroken(StorageError):
    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class DatabaseTooNew(StorageError):
    def __init__(self, *, found: int, known: int) -> None:
        super().__init__()
        self.found = found
        self.known = known


class DatabaseInUse(StorageError):
    def __init__(self, *, path: str) -> None:
        super().__init__()
        self.path = path


class LeaseLost(StorageError):
    def __init__(self, *, job_id: str) -> None:
        super().__init__()
        self.job_id = job_id


class RepeatDiffers(StorageError):
    def __init__(self, *, key: str) -> None:
        super().__init__()
        self.key = key
