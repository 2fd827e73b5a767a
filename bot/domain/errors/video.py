"""What is wrong with a link or a file."""

from __future__ import annotations

from typing import Literal

from bot.domain.errors.base import Refusal


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


class NoVideoHere(Refusal):
    """The message has neither a link to a video nor a video file."""
