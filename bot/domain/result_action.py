"""Values for the actions on a finished image: its details, and taking it down."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import Job, Shown
from bot.domain.showing import Showing


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The time at which each step of a job was done, in Unix milliseconds by our clock. None where it was not done."""

    ordered: int
    submitted: int | None
    ready: int | None
    shown: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The facts about a result that a member may read.

    `content_credentials` is about the file that the bot keeps; None where it keeps none.
    `made_from` is the message of the image whose button led to this one.
    """

    job: Job
    moments: Moments
    content_credentials: bool | None
    made_from: Shown | None


@dataclass(frozen=True, slots=True)
class Takedown:
    """An image that was taken down, and the messages that show it, which are still to be deleted."""

    job: Job
    messages: tuple[Showing, ...]
