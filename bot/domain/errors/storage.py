"""Database, clips and images."""

from __future__ import annotations

from typing import Literal

from bot.domain.errors.base import StillframeError


class StorageError(StillframeError): ...


FilesBecause = Literal["bucket", "keys", "network"]


class FilesUnavailable(StorageError):
    """`because`: what the operator has to look at, where an S3 store is used and it can be told."""

    def __init__(self, *, detail: str, because: FilesBecause | None = None) -> None:
        super().__init__()
        self.detail = detail
        self.because: FilesBecause | None = because


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


class DiskUnavailable(StorageError):
    """Of a backup: no room for it, or no rights."""

    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class DatabaseAtWork(StorageError):
    """Where many processes may use one database: these do."""

    def __init__(self, *, where: str, processes: str) -> None:
        super().__init__()
        self.where = where
        self.processes = processes


class PlaceTaken(StorageError):
    """What is to be put there would lose what is there."""

    def __init__(self, *, where: str) -> None:
        super().__init__()
        self.where = where


class NotABackup(StorageError):
    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class BackupTooNew(StorageError):
    def __init__(self, *, found: int, known: int) -> None:
        super().__init__()
        self.found = found
        self.known = known


class BooksUnsound(StorageError):
    """In what is to be put somewhere."""

    def __init__(self, *, findings: int) -> None:
        super().__init__()
        self.findings = findings


class CopyDiffers(StorageError):
    """A proof at the end: never seen yet."""

    def __init__(self, *, detail: str) -> None:
        super().__init__()
        self.detail = detail


class LeaseLost(StorageError):
    def __init__(self, *, job_id: str) -> None:
        super().__init__()
        self.job_id = job_id


class RepeatDiffers(StorageError):
    def __init__(self, *, key: str) -> None:
        super().__init__()
        self.key = key
