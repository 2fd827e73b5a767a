"""What is known about a result, and what follows when it is taken down."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import Job, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When each step was done, Unix milliseconds by our clock; None where it never was."""

    ordered: int
    submitted: int | None
    ready: int | None
    shown: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """`content_credentials`: of the file that we keep; None where none is kept. `made_from`: where that one stands."""

    job: Job
    moments: Moments
    content_credentials: bool | None
    made_from: Shown | None


@dataclass(frozen=True, slots=True)
class Takedown:
    """`messages`: those of ours that show the image: its own, where it is public, and the one in the gallery."""

    job: Job
    messages: tuple[Shown, ...]
