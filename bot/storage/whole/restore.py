"""A backup, or a whole database of another engine, into a place where nothing is yet: all of it, proved, or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import BooksUnsound, DatabaseTooNew, DatabaseUnavailable, NotABackup, PlaceTaken, StorageError
from bot.storage.credits.audit import Books, check_books
from bot.storage.engine.migrations import migrations_of
from bot.storage.engine.sqlite import read_once
from bot.storage.engine.sqlite_file import check, migrate
from bot.storage.files.base import Files
from bot.storage.whole import archive
from bot.storage.whole.archive import Manifest
from bot.storage.whole.backup import Folders, bytes_needed, check_room, describe, on_a_disk
from bot.storage.whole.database_copy import DatabaseCopy
from bot.storage.whole.rows import Sums, differing
from bot.storage.whole.sqlite_copy import clear_process_state, mark_in_doubt, opened, sums_of
from bot.storage.whole.temp_files import Stop, in_thread, scratch, to_its_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`doubted`: how many jobs waited then, and will be given up, since they may have been sent since."""

    manifest: Manifest
    files: int
    books: Books
    doubted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """`sums`: the same on both sides. `already`: all of this was there before, and nothing was done."""

    sums: Sums
    books: Books
    already: bool


async def restore(file: Path, whole: DatabaseCopy, folders: Folders) -> Restored:
    """A backup into a place where nothing is yet, brought up to date and proved. Raises `StorageError`.

    Whatever fails, and even where the process is killed, no database is there after; where it did not, no files either.
    """
    with on_a_disk():
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
                doubted = await in_thread(lambda stop: _bring_up_to_date(database, later=True, stop=stop))
                books = await _proved(database)
                async with _files_put_back(file, folders) as files:
                    await whole.bring_in(database)
    return Restored(manifest=manifest, files=files, books=books, doubted=doubted)


async def move(source: DatabaseCopy, target: DatabaseCopy) -> MoveReport:
    """Everything from one database into another, where nothing may be but this. Raises `StorageError`.

    The source stays as it is. Where it is cut short, the target is as it was, and it can be done again.
    """
    with on_a_disk():
        needed = await bytes_needed(source)
        async with source.alone(), target.alone():
            with scratch(target.near) as place:
                check_room(place, needed)
                copy = place / archive.DATABASE
                await source.copy_out(copy)
                await in_thread(lambda stop: _bring_up_to_date(copy, later=False, stop=stop))
                books = await _proved(copy)
                there = await target.sums()
                if there is not None and differing(there, await in_thread(lambda stop: _sums(copy, stop))):
                    raise PlaceTaken(where=target.name)
                sums = there or await target.bring_in(copy)
    return MoveReport(sums=sums, books=books, already=there is not None)


def _check_told(database: Path, manifest: Manifest, stop: Stop) -> None:
    """Is the database the one that the manifest speaks of? Raises `NotABackup`."""
    try:
        found = describe(database, manifest.engine, manifest.made_at, manifest.with_images, stop)
    except DatabaseUnavailable as error:
        raise NotABackup(detail="the database in it can't be read") from error
    if found != manifest:
        raise NotABackup(detail="the database in it is not the one that its manifest describes")


def _bring_up_to_date(database: Path, *, later: bool, stop: Stop) -> int:
    """Whole, of the newest migration, and with nobody alive in it. `later`: the world has gone on since.

    Returns how many jobs are in doubt for that.
    """
    with opened(database, stop) as db:
        check(db, thoroughly=True)
        migrate(db)
        clear_process_state(db)
        return mark_in_doubt(db) if later else 0


async def _proved(database: Path) -> Books:
    """Raises `BooksUnsound`."""
    books = await read_once(database, check_books())
    if books.findings:
        raise BooksUnsound(findings=len(books.findings))
    return books


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
