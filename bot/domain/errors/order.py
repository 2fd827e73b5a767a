"""What is wrong with what was asked of the video."""

from __future__ import annotations

from typing import Literal

from bot.domain.errors.base import Refusal


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
