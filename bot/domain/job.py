"""The life of a job: one paid request for one image.

    held -> submitting -> running -> stored -> posting -> delivered
      ^          |                     |        | ^
      +----------+                     v        v |
                                      awaiting ---+

Every state but `delivered` can also become `released`, with a reason. The row in the database records how far it is:
each step is committed before the next begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.budget_use import BudgetUse
from bot.domain.caller import Caller
from bot.domain.failure import Failure
from bot.domain.order import Order
from bot.domain.policy import Policy
from bot.domain.recipe import Recipe, YouTubeVideo
from bot.domain.wallet import Balance, WalletKey


class JobState(StrEnum):
    HELD = "held"  # the credits are held; certainly nothing was sent
    SUBMITTING = "submitting"  # the POST is about to go, or went, or was lost: it is never sent twice
    RUNNING = "running"  # the supplier works on it, and we know its id
    STORED = "stored"  # the image is whole, and we keep it
    POSTING = "posting"  # the image is being shown: before a second try, look whether it is there
    AWAITING = "awaiting"  # the image could be shown nowhere: it waits for its member, and nothing of it is shown
    DELIVERED = "delivered"  # the image is shown and charged
    RELEASED = "released"  # the job ended without a charge

    @property
    def ended(self) -> bool:
        return self in {JobState.DELIVERED, JobState.RELEASED}


class ReleaseReason(StrEnum):
    CANCELLED = "cancelled"  # by its owner or a moderator, while it waited
    UNANSWERED = "unanswered"  # Discord never took our answer, so the member saw a failed command
    CONTENT_REFUSED = "content_refused"
    MODEL_GONE = "model_gone"  # the supplier does not know the model any more
    MODEL_FAILING = "model_failing"  # the model failed for everyone, before it was this order's turn
    REJECTED = "rejected"  # the supplier did not take the request
    FAILED = "failed"  # the supplier took it and failed, and does not say why
    OVERLOADED = "overloaded"  # the supplier had no room for it, or no time
    OUT_OF_ORDER = "out_of_order"  # a part of the supplier does not work
    TOO_MUCH_VIDEO = "too_much_video"  # more frames than the model reads
    MOMENT_TOO_LATE = "moment_too_late"  # the video ends before
    IMAGE_UNREADABLE = "image_unreadable"  # a reference image
    VIDEO_UNREADABLE = "video_unreadable"  # a linked or attached file
    VIDEO_NOT_PUBLIC = "video_not_public"  # a YouTube video that the supplier may not read
    NO_IMAGE = "no_image"  # the supplier says completed, but no whole image came
    UNKNOWN = "unknown"  # we can't tell whether the request arrived; the supplier may have charged us
    TIMED_OUT = "timed_out"
    BUSY = "busy"  # the job waited in the line too long, and was never sent
    CLOSED = "closed"  # the supplier refuses our key, funds or region, which only the operator can mend
    UNREACHABLE = "unreachable"  # the clip could not be handed over
    CLIP_GONE = "clip_gone"  # the attached clip is not on our disk any more
    UNSAFE = "unsafe"  # the image is marked as not safe for work, and the channel isn't age-restricted
    UNDELIVERABLE = "undeliverable"  # of older versions: the image could be shown nowhere, and is kept as a gift
    GIVEN_UP = "given_up"  # the image could be shown nowhere, waited, and is erased


_FAILED = {
    Failure.MODEL: ReleaseReason.MODEL_GONE,
    Failure.CONTENT: ReleaseReason.CONTENT_REFUSED,
    Failure.NO_IMAGE: ReleaseReason.NO_IMAGE,
    Failure.BUSY: ReleaseReason.OVERLOADED,
    Failure.OUT_OF_ORDER: ReleaseReason.OUT_OF_ORDER,
}
_FAILED_WITH_VIDEO = {
    Failure.FRAMES: ReleaseReason.TOO_MUCH_VIDEO,
    Failure.MOMENT: ReleaseReason.MOMENT_TOO_LATE,
    Failure.VIDEO: ReleaseReason.VIDEO_UNREADABLE,
}
_FAILED_WITH_YOUTUBE = dict.fromkeys((Failure.VIDEO, Failure.ARGUMENT), ReleaseReason.VIDEO_NOT_PUBLIC)
_FAILED_WITH_IMAGES = {Failure.IMAGE: ReleaseReason.IMAGE_UNREADABLE}


def reason_of(failure: Failure, recipe: Recipe) -> ReleaseReason:
    """Why a job ends that the supplier has failed. What the recipe does not have can't be to blame."""
    reasons = dict(_FAILED)
    if recipe.clip:
        reasons |= _FAILED_WITH_VIDEO
        if isinstance(recipe.clip.video, YouTubeVideo):
            reasons |= _FAILED_WITH_YOUTUBE
    if recipe.references:
        reasons |= _FAILED_WITH_IMAGES
    return reasons.get(failure, ReleaseReason.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """An order that is about to be placed, at a price in credits that the member has seen.

    `id`: that of the interaction in which the order began; a repeated interaction finds its first job by it.
    `list_micros`: its list price in US$ 0.000001, for the operator's budgets.
    `message_id`: our answer to the member, where it was posted before the order.
    """

    id: str
    caller: Caller
    order: Order
    cost: int
    list_micros: int = 0
    message_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """An image that was downloaded, its size in pixels.

    `name` is the file in the images folder. `output_url` is where the supplier keeps the image, if it does.
    """

    name: str
    sha256: str
    width: int
    height: int
    unsafe: bool | None
    output_url: str | None
    price_micros: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the database has it. Times are Unix milliseconds by our clock.

    `answer_channel_id`: where the member asked to see an image that waited; None where it was ordered.
    """

    id: str
    wallet: WalletKey
    channel_id: int
    private: bool
    recipe: Recipe
    cost: int
    state: JobState
    created_at: int
    token: str = field(repr=False)
    token_until: int
    file_limit_bytes: int
    message_id: int | None
    submitted_at: int | None
    prediction_id: str | None
    image: StoredImage | None
    result_id: int | None
    release_reason: ReleaseReason | None
    told: bool
    late_looks: int
    lease_epoch: int
    locale: str
    spoiler: bool
    made_from: str | None
    deleted: bool
    refund: int = 0  # credits that come back at delivery, because the image is smaller than paid for
    awaiting_since: int | None = None  # when the image could be shown nowhere for the first time
    answer_channel_id: int | None = None
    shared: bool = False  # a private image of which a copy stands in its server, posted by its owner

    @property
    def charge(self) -> int:
        """Return what the image costs in the end, once it is delivered."""
        return self.cost - self.refund

    @property
    def shown_in(self) -> int:
        """Return the channel in which our answer stands, and in which the image is to be shown."""
        return self.answer_channel_id or self.channel_id

    def link_to(self, channel_id: int, message_id: int) -> str:
        """Return a link to a message about the job. Outside of servers Discord writes `@me` into it."""
        return f"https://discord.com/channels/{self.wallet.guild_id or '@me'}/{channel_id}/{message_id}"


@dataclass(frozen=True, slots=True)
class Placed:
    """The job of an order. `created` is False where this order had been placed before: then nothing was held again.

    `place` in the line of waiting jobs, from 1. `policy`: the rules that a new job was admitted by. `uses`: the
    operator's budgets that a new job counts to, with the job.
    """

    job: Job
    balance: Balance
    created: bool
    place: int
    policy: Policy = field(default_factory=Policy)
    uses: tuple[BudgetUse, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLimits:
    """The limits of one member: how many images may be made at once, and how many more may wait."""

    running: int = 2
    waiting: int = 5

    @property
    def under_way(self) -> int:
        return self.running + self.waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The image as it is sent to Discord. `shrunk`: a re-encoded copy, because the original is over the file limit.

    `content_credentials`: a C2PA manifest is present in these bytes (present, not verified).
    """

    data: bytes
    extension: str
    width: int
    height: int
    shrunk: bool
    content_credentials: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The message in which the image stands now, by Discord's ids."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """The jobs that have not ended.

    `oldest_at`: when the first of them was ordered, in Unix milliseconds. An image that waits for its member does not
    count there, since it may wait for days.
    """

    jobs: Mapping[JobState, int]
    credits_held: int
    oldest_at: int | None
