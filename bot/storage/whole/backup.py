"""Backs up a whole database into one file, with the images and clips where they are asked for."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.domain.errors import (
    DatabaseUnavailable,
    DiskUnavailable,
    PlaceTaken,
)
from bot.storage.credits.audit import Books, check_books
from bot.storage.engine.migrations import Engine, migrations_of
from bot.storage.engine.sqlite import read_once
from bot.storage.engine.sqlite_file import applied
from bot.storage.files.base import Files
from bot.storage.whole import archive
from bot.storage.whole.archive import Manifest
from bot.storage.whole.database_copy import DatabaseCopy
from bot.storage.whole.sqlite_copy import count_of, credits_of, opened, tables_of
from bot.storage.whole.temp_files import Stop, in_thread, settle, temp_folder, to_its_end

log = logging.getLogger(__name__)

BEFORE = "stillframe-before-"  # how the name of a backup before a migration begins
NO_WAY_BACK = (
    "it must be brought up to date, and there is no way back but a backup, which could not be made: {why}. "
    "Make room, or set BACKUP_DIR. Nothing was changed."
)
RESERVE_BYTES = 64 * 1024 * 1024  # stay free on the disk, for other programs that write to it

Folders = Mapping[str, Files]  # by the names of `archive.FOLDERS`


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made. `size` in bytes.

    `books`: None where the database is of an older migration, whose books this code can't check.
    """

    path: Path
    size: int
    manifest: Manifest
    files: int
    books: Books | None


async def back_up(whole: DatabaseCopy, to: Path, *, folders: Folders | None = None, replacing: bool = False) -> Backup:
    """Write the database as it is at one moment into a file, while others go on writing. Raises `StorageError`.

    Images and clips are copied after the database, so every file that it names is there, except those erased meanwhile.
    A database whose books are not sound is backed up too: the caller reads `books` and tells the operator.
    """
    with on_a_disk():
        if to.exists() and not replacing:  # noqa: ASYNC240  # a moment's work
            raise PlaceTaken(where=str(to))
        needed = await bytes_needed(whole)
        with temp_folder(to.parent) as place:
            check_room(place, needed)
            copy, made = place / archive.DATABASE, place / "backup.tar"
            now = datetime.now(UTC)
            await whole.copy_out(copy)
            manifest = await in_thread(lambda stop: describe(copy, whole.engine, now, folders is not None, stop))
            newest = migrations_of("sqlite")[-1].number
            books = await read_once(copy, check_books()) if manifest.migration == newest else None
            files = await _pack(made, manifest, copy, folders or {})
            size = made.stat().st_size
            await to_its_end(settle, made, to)
    return Backup(path=to, size=size, manifest=manifest, files=files, books=books)


async def before_migrating(whole: DatabaseCopy, folder: Path, step: int) -> None:
    """Back up an older database before it is migrated to `step`: there is no other way back from a migration.

    Only the backup before the newest migration is kept. Raises `DatabaseUnavailable`: then it must not be migrated.
    """
    made = folder / f"{BEFORE}{step:04}.tar"
    try:
        await back_up(whole, made, replacing=True)
    except (DiskUnavailable, DatabaseUnavailable) as error:
        raise DatabaseUnavailable(detail=NO_WAY_BACK.format(why=error.detail)) from error
    log.info("backed up before the database is brought to step %d: %s", step, made)
    for older in folder.glob(f"{BEFORE}[0-9][0-9][0-9][0-9].tar"):  # noqa: ASYNC240  # nothing else runs yet
        if older != made:
            older.unlink(missing_ok=True)


@contextmanager
def on_a_disk() -> Iterator[None]:
    """Raise `DiskUnavailable` for `OSError`."""
    try:
        yield
    except OSError as error:
        raise DiskUnavailable(detail=str(error)) from error


async def bytes_needed(whole: DatabaseCopy) -> int:
    """How many bytes a backup needs on the disk: for a while there are two copies of the database."""
    return 2 * await whole.size() + RESERVE_BYTES


def check_room(place: Path, needed: int) -> None:
    """Check that there is room, so that no backup fills the disk that the bot writes to. Raises `DiskUnavailable`."""
    free = shutil.disk_usage(place).free
    if free < needed:
        said = f"{_megabytes(needed)} are needed in {place.parent}, and {_megabytes(free)} are free"
        raise DiskUnavailable(detail=said)


async def _pack(made: Path, manifest: Manifest, database: Path, folders: Folders) -> int:
    """Write the archive. Returns how many images and clips are in it."""
    files = 0
    with made.open("wb") as file, (database.parent / archive.SUMS).open("w+b") as sums:
        writer = archive.Writer(file, sums)
        text = manifest.model_dump_json(indent=2).encode()
        await in_thread(partial(writer.add, archive.MANIFEST, text))
        await in_thread(partial(writer.add_file, archive.DATABASE, database))
        database.unlink()  # noqa: ASYNC240  # as above
        for folder, kept in folders.items():
            async for name in kept.names():
                data = await kept.read(name)
                if data is not None:  # else it was erased since
                    await in_thread(partial(writer.add, f"{folder}/{name}", data))
                    files += 1
        await to_its_end(writer.finish)
    return files


def describe(database: Path, engine: Engine, now: datetime, with_images: bool, stop: Stop) -> Manifest:
    with opened(database, stop) as db:
        return Manifest(
            made_at=now,
            engine=engine,
            migration=max(applied(db), default=0),
            rows={table.name: count_of(db, table) for table in tables_of(db)},
            with_images=with_images,
            **credits_of(db),
        )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
