"""A whole database, and images where they are asked for, into a file and out of it; and from engine to engine."""

from __future__ import annotations

import logging
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.domain.errors import (
    BooksUnsound,
    DatabaseTooNew,
    DatabaseUnavailable,
    DiskUnavailable,
    NotABackup,
    PlaceTaken,
    StorageError,
)
from bot.storage import archive
from bot.storage.archive import Manifest
from bot.storage.audit import Books, check_books
from bot.storage.files import Files
from bot.storage.rows import Sums, differing
from bot.storage.scratch import Stop, in_thread, scratch, settle, to_its_end
from bot.storage.sqlite import read_once
from bot.storage.sqlite_file import applied, check, migrate
from bot.storage.sqlite_whole import begin_a_life, count_of, credits_of, opened, sums_of, tables_of
from bot.storage.versions import Engine, migrations_of
from bot.storage.whole import Whole

log = logging.getLogger(__name__)

BEFORE = "stillframe-before-"  # how the name of a backup before a migration begins
NO_WAY_BACK = (
    "it must be brought up to date, and there is no way back but a backup, which could not be made: {why}. "
    "Make room, or set BACKUP_DIR. Nothing was changed."
)
RESERVE_BYTES = 64 * 1024 * 1024  # of the disk, for whoever else writes to it

Folders = Mapping[str, Files]  # by the names of `archive.FOLDERS`


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """`books`: None where the database is of an older migration, whose books this code can't judge."""

    path: Path
    size: int
    manifest: Manifest
    files: int
    books: Books | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    manifest: Manifest
    files: int
    books: Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """`sums`: the same on both sides. `already`: all of this was there before, and nothing was done."""

    sums: Sums
    books: Books
    already: bool


async def back_up(whole: Whole, to: Path, *, folders: Folders | None = None, replacing: bool = False) -> Backup:
    """One moment of the database into a file; whoever writes meanwhile goes on. Raises `StorageError`.

    Images and clips come after the database, so none that it speaks of is missing, but for what was erased meanwhile.
    Books that are not sound are kept all the same: it is for whoever reads the answer to say so.
    """
    with _disk():
        if to.exists() and not replacing:  # noqa: ASYNC240  # a moment's work
            raise PlaceTaken(where=str(to))
        needed = await _bytes_needed(whole)
        with scratch(to.parent) as place:
            _check_room(place, needed)
            copy, made = place / archive.DATABASE, place / "backup.tar"
            now = datetime.now(UTC)
            await whole.copy_out(copy)
            manifest = await in_thread(lambda stop: _describe(copy, whole.engine, now, folders is not None, stop))
            newest = migrations_of("sqlite")[-1].number
            books = await read_once(copy, check_books()) if manifest.migration == newest else None
            files = await _pack(made, manifest, copy, folders or {})
            size = made.stat().st_size
            await to_its_end(settle, made, to)
    return Backup(path=to, size=size, manifest=manifest, files=files, books=books)


async def before_migrating(whole: Whole, folder: Path, step: int) -> None:
    """There is no other way back from a migration, so none begins without. One is kept: that of the newest step.

    Raises `DatabaseUnavailable`.
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


async def restore(file: Path, whole: Whole, folders: Folders) -> Restored:
    """A backup into a place where nothing is yet, brought up to date and proved. Raises `StorageError`.

    Whatever fails, and even where the process is killed, no database is there after; where it did not, no files either.
    """
    with _disk():
        manifest = await to_its_end(archive.read_manifest, file)
        if manifest.migration > (known := migrations_of("sqlite")[-1].number):
            raise DatabaseTooNew(found=manifest.migration, known=known)
        async with whole.alone():
            if await whole.sums() is not None:
                raise PlaceTaken(where=whole.name)
            with scratch(whole.near) as place:
                database = place / archive.DATABASE
                await in_thread(lambda stop: archive.verify(file, database=database, stop=stop))
                await in_thread(lambda stop: _check_told(database, manifest, stop))
                books = await _ready(database)
                async with _files_put_back(file, folders) as files:
                    await whole.bring_in(database)
    return Restored(manifest=manifest, files=files, books=books)


async def move(source: Whole, target: Whole) -> Moved:
    """Everything from one database into another, where nothing may be but this. Raises `StorageError`.

    The source stays as it is. Where it is cut short, the target is as it was, and it can be done again.
    """
    with _disk():
        needed = await _bytes_needed(source)
        async with source.alone(), target.alone():
            with scratch(target.near) as place:
                _check_room(place, needed)
                copy = place / archive.DATABASE
                await source.copy_out(copy)
                books = await _ready(copy)
                there = await target.sums()
                if there is not None and differing(there, await in_thread(lambda stop: _sums(copy, stop))):
                    raise PlaceTaken(where=target.name)
                sums = there or await target.bring_in(copy)
    return Moved(sums=sums, books=books, already=there is not None)


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskUnavailable(detail=str(error)) from error


# --- Making -------------------------------------------------------------------------------------------


async def _bytes_needed(whole: Whole) -> int:
    """For a while there are two copies of it."""
    return 2 * await whole.size() + RESERVE_BYTES


def _check_room(place: Path, needed: int) -> None:
    """Rather nothing than a disk that is full under the bot's feet. Raises `DiskUnavailable`."""
    free = shutil.disk_usage(place).free
    if free < needed:
        said = f"{_megabytes(needed)} are needed in {place.parent}, and {_megabytes(free)} are free"
        raise DiskUnavailable(detail=said)


async def _pack(made: Path, manifest: Manifest, database: Path, folders: Folders) -> int:
    """Returns how many files of the folders are in it."""
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


def _describe(database: Path, engine: Engine, now: datetime, with_images: bool, stop: Stop) -> Manifest:
    with opened(database, stop) as db:
        return Manifest(
            made_at=now,
            engine=engine,
            migration=max(applied(db), default=0),
            rows={table.name: count_of(db, table) for table in tables_of(db)},
            with_images=with_images,
            **credits_of(db),
        )


# --- Bringing back ------------------------------------------------------------------------------------


def _check_told(database: Path, manifest: Manifest, stop: Stop) -> None:
    """Is the database the one that the manifest speaks of? Raises `NotABackup`."""
    try:
        found = _describe(database, manifest.engine, manifest.made_at, manifest.with_images, stop)
    except DatabaseUnavailable as error:
        raise NotABackup(detail="the database in it can't be read") from error
    if found != manifest:
        raise NotABackup(detail="the database in it is not the one that its manifest describes")


async def _ready(database: Path) -> Books:
    """Whole, of the newest migration, with sound books, and with nobody alive in it."""
    await in_thread(lambda stop: _bring_up_to_date(database, stop))
    books = await read_once(database, check_books())
    if books.findings:
        raise BooksUnsound(findings=len(books.findings))
    return books


def _bring_up_to_date(database: Path, stop: Stop) -> None:
    with opened(database, stop) as db:
        check(db, thoroughly=True)
        migrate(db)
        begin_a_life(db)


def _sums(database: Path, stop: Stop) -> Sums:
    with opened(database, stop) as db:
        return sums_of(db)


@asynccontextmanager
async def _files_put_back(file: Path, folders: Folders) -> AsyncIterator[int]:
    """Gives how many there are. Taken away again where what follows fails, but for those that were there before."""
    new = bytearray()  # for each file of the backup: was it put there just now?
    try:
        kept = archive.kept_files(file)
        while entry := await to_its_end(next, kept, None):
            folder, name, data = entry
            is_new = not await _is_there(folders[folder], name, data)
            new.append(is_new)
            if is_new:
                await folders[folder].keep(name, data)
        yield len(new)
    except BaseException:
        await _take_away(file, folders, new)
        raise


async def _is_there(folder: Files, name: str, data: bytes) -> bool:
    """Raises `PlaceTaken` where other bytes are."""
    there = await folder.read(name) if await folder.has(name) else None
    if there is not None and there != data:
        raise PlaceTaken(where=name)
    return there is not None


async def _take_away(file: Path, folders: Folders, new: bytearray) -> None:
    with suppress(StorageError, OSError):
        kept = archive.kept_files(file)
        for is_new in new:
            folder, name, _ = await to_its_end(next, kept)
            if is_new:
                await folders[folder].erase(name)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
