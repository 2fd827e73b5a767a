"""The file format of a backup: a tar file that any `tar` opens, with hashes that `sha256sum -c SHA256SUMS` checks.

    manifest.json   what the backup is, and what is in it
    database.db     a whole SQLite database, also where the backup is of PostgreSQL
    images/...      only where they were asked for
    clips/...
    SHA256SUMS      the hashes of all files before; without it the backup is cut off

The file is written and read from the beginning to the end, so it takes no more memory than the largest image in it.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from bot.domain.errors import BackupTooNew, NotABackup
from bot.storage.engine.migrations import Engine
from bot.storage.files.base import NAME
from bot.storage.whole.temp_files import Stop

FORMAT = 1  # to be raised when older code can't restore a new backup
MANIFEST, DATABASE, SUMS = "manifest.json", "database.db", "SHA256SUMS"
FOLDERS: tuple[Literal["images"], Literal["clips"]] = ("images", "clips")

_ONCE = {MANIFEST, DATABASE, SUMS}
_KEPT = re.compile(rf"(?P<folder>{'|'.join(FOLDERS)})/(?P<name>{NAME})")
_MANIFEST_LIMIT = 1024 * 1024
_CHUNK = 1024 * 1024


class Manifest(BaseModel):
    """What a backup has in it. `migration`: the newest one of its database. `rows`: the count of each table.

    `posted` and `held` are credits, added up over all wallets.
    """

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    made_by: Literal["stillframe"] = "stillframe"
    made_at: AwareDatetime
    engine: Engine
    migration: int
    rows: dict[str, int]
    posted: int
    held: int
    with_images: bool


class Writer:
    """Writes one archive; for one thread at a time. `finish` writes the hashes: without them it is no backup."""

    def __init__(self, file: BinaryIO, sums: IO[bytes]) -> None:
        """`sums`: an empty file for the hashes, until `finish`."""
        self._tar = tarfile.open(fileobj=file, mode="w")  # noqa: SIM115  # closed by `finish`
        self._sums = sums

    def add(self, name: str, data: bytes, stop: Stop) -> None:
        self._add(name, io.BytesIO(data), len(data), stop)

    def add_file(self, name: str, path: Path, stop: Stop) -> None:
        with path.open("rb") as file:
            self._add(name, file, path.stat().st_size, stop)

    def finish(self) -> None:
        size = self._sums.tell()
        self._sums.seek(0)
        self._tar.addfile(_entry(SUMS, size), self._sums)
        self._tar.close()

    def _add(self, name: str, file: IO[bytes], size: int, stop: Stop) -> None:
        counted = _Counted(file, stop)
        self._tar.addfile(_entry(name, size), counted)
        _forget(self._tar)
        self._sums.write(_line(name, counted.digest))


def read_manifest(path: Path) -> Manifest:
    """Read the manifest alone. Raises `NotABackup` and `BackupTooNew`."""
    with _entries(path) as entries:
        name, file, size = next(entries, ("", io.BytesIO(), 0))
        if name != MANIFEST or size > _MANIFEST_LIMIT:
            raise NotABackup(detail="it does not begin with a manifest of Stillframe's")
        return _manifest(file.read())


def verify(path: Path, *, database: Path, stop: Stop) -> None:
    """Read and check the whole backup, and write its database to the path `database`. Raises `NotABackup`."""
    said, found = hashlib.sha256(), hashlib.sha256()
    seen: set[str] = set()
    with _entries(path) as entries:
        for name, file, _ in entries:
            if SUMS in seen or name in seen or not (name in _ONCE or _KEPT.fullmatch(name)):
                raise NotABackup(detail=f"it holds {name!r} where no backup does")
            if name in _ONCE:
                seen.add(name)
            if name == SUMS:
                _pour(file, said.update, stop)
            elif name == DATABASE:
                with database.open("wb") as out:
                    found.update(_line(name, _pour(file, out.write, stop)))
            else:
                found.update(_line(name, _pour(file, len, stop)))
    if _ONCE - seen:
        raise NotABackup(detail="it is cut off: its end is missing")
    if said.digest() != found.digest():
        raise NotABackup(detail="it is damaged: what is in it is not what was written")


def kept_files(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """The folder, name and content of every image and clip. Raises `NotABackup`."""
    with _entries(path) as entries:
        for name, file, _ in entries:
            if match := _KEPT.fullmatch(name):
                yield match["folder"], match["name"], file.read()


class _Counted:
    """A file that hashes what is read from it, and raises `InterruptedError` once `stop` is set."""

    def __init__(self, file: IO[bytes], stop: Stop) -> None:
        self._file = file
        self._stop = stop
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        if self._stop.is_set():
            raise InterruptedError("stopped")
        data = self._file.read(size)
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def _entries(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes], int]]]:
    """Open a backup and walk through its entries: name, file and size. Raises `NotABackup`."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotABackup(detail=f"{path}: {error.strerror}") from error
    with file:
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                yield _walk(tar)
        except (tarfile.TarError, EOFError) as error:
            raise NotABackup(detail=f"it can't be read: {error}") from error


def _walk(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes], int]]:
    while (entry := tar.next()) is not None:
        _forget(tar)
        plain = entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not entry.issparse() and entry.size >= 0
        file = tar.extractfile(entry) if plain else None
        if file is None:
            raise NotABackup(detail=f"it holds {entry.name!r}, which is no plain file")
        yield entry.name, file, entry.size


def _forget(tar: tarfile.TarFile) -> None:
    """Make `tar` forget its entries: it would keep each of a million files in memory."""
    tar.members.clear()  # type: ignore[attr-defined]  # not in its types; only its listing methods read it again


def _pour(file: IO[bytes], into: Callable[[bytes], object], stop: Stop) -> str:
    counted = _Counted(file, stop)
    while chunk := counted.read(_CHUNK):
        into(chunk)
    return counted.digest


def _manifest(text: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise NotABackup(detail="its manifest is none of Stillframe's") from error
    if manifest.format > FORMAT:
        raise BackupTooNew(found=manifest.format, known=FORMAT)
    return manifest


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(time.time())
    return entry


def _line(name: str, digest: str) -> bytes:
    return f"{digest}  {name}\n".encode()
