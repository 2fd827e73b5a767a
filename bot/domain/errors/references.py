"""What is wrong with reference images."""

from __future__ import annotations

from bot.domain.errors.base import Refusal


class NoImageHere(Refusal):
    """The message that was picked shows no image."""


class NotAnImage(Refusal):
    """`found` is what the file's first bytes say it is, or None for something unknown."""

    def __init__(self, *, name: str, found: str | None) -> None:
        super().__init__()
        self.name = name
        self.found = found


class ImageTooLarge(Refusal):
    """`size_bytes` is None where reading stopped at the limit."""

    def __init__(self, *, name: str, limit_bytes: int, size_bytes: int | None = None) -> None:
        super().__init__()
        self.name = name
        self.limit_bytes = limit_bytes
        self.size_bytes = size_bytes


class TooManyPixels(Refusal):
    """In all, or along one side."""

    def __init__(self, *, name: str, limit_pixels: int, side_limit_pixels: int) -> None:
        super().__init__()
        self.name = name
        self.limit_pixels = limit_pixels
        self.side_limit_pixels = side_limit_pixels


class ImageDamaged(Refusal):
    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.name = name


class TooManyReferences(Refusal):
    def __init__(self, *, count: int, limit: int) -> None:
        super().__init__()
        self.count = count
        self.limit = limit
