"""Database and disk."""

from __future__ import annotations

from bot.domain.errors.base import StillframeError


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


class DatabaseTooOld(StorageError):
    """For reading only: the bot brings it up to date when it starts."""

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
