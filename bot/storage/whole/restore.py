"""Brings a backup, or the database of another engine, into an empty database: all of it, checked, or nothing."""

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
from bot.storage.whole.temp_files import Stop, in_thread, temp_folder, to_its_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A backup that was restored. `doubted`: how many jobs waited then.

    They will be given up, since they may have been sent after the backup was made.
    """

    manifest: Manifest
    files: int
    books: Books
    doubted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """A database that was moved. `sums` are the same on both sides. `already`: the target had it all before."""

    sums: Sums
    books: Books
    already: bool


async def restore(file: Path, whole: DatabaseCopy, folders: Folders) -> Restored:
    """Bring a backup into an empty database, migrated and checked. Raises `StorageError`.

    When it fails, there is no database afterwards, also where the process is killed. Files that it has put back are
    erased again, unless the process is killed.
    """
    with on_a_disk():
        manifest = await to_its_end(archive.read_manifest, file)
        if manifest.migration > (known := migrations_of("sqlite")[-1].number):
            raise DatabaseTooNew(found=manifest.migration, known=known)
        async with whole.alone():
            if await whole.sums() is not None:
                raise PlaceTaken(where=whole.name)
            with temp_folder(whole.near) as place:
                database = place / archive.DATABASE
                await in_thread(lambda stop: archive.verify(file, database=database, stop=stop))
                await in_thread(lambda stop: _check_told(database, manifest, stop))
                doubted = await in_thread(lambda stop: _bring_up_to_date(database, later=True, stop=stop))
                books = await _checked_books(database)
                async with _files_put_back(file, folders) as files:
                    await whole.bring_in(database)
    return Restored(manifest=manifest, files=files, books=books, doubted=doubted)


async def move(source: DatabaseCopy, target: DatabaseCopy) -> MoveReport:
    """Copy everything from one database into another, which is empty or has the same data. Raises `StorageError`.

    The source stays as it is. When the move fails, the target is as it was, and the move can be repeated.
    """
    with on_a_disk():
        needed = await bytes_needed(source)
        async with source.alone(), target.alone():
            with temp_folder(target.near) as place:
                check_room(place, needed)
                copy = place / archive.DATABASE
                await source.copy_out(copy)
                await in_thread(lambda stop: _bring_up_to_date(copy, later=False, stop=stop))
                books = await _checked_books(copy)
                there = await target.sums()
                if there is not None and differing(there, await in_thread(lambda stop: _sums(copy, stop))):
                    raise PlaceTaken(where=target.name)
                sums = there or await target.bring_in(copy)
    return MoveReport(sums=sums, books=books, already=there is not None)


def _check_told(database: Path, manifest: Manifest, stop: Stop) -> None:
    """Check that the database is the one that the manifest describes. Raises `NotABackup`."""
    try:
        found = describe(database, manifest.engine, manifest.made_at, manifest.with_images, stop)
    except DatabaseUnavailable as error:
        raise NotABackup(detail="the database in it can't be read") from error
    if found != manifest:
        raise NotABackup(detail="the database in it is not the one that its manifest describes")


def _bring_up_to_date(database: Path, *, later: bool, stop: Stop) -> int:
    """Check the database, migrate it, and delete what belonged to running processes.

    `later`: time has passed since the copy was made, so its open jobs are in doubt. Returns how many of them waited.
    """
    with opened(database, stop) as db:
        check(db, thoroughly=True)
        migrate(db)
        clear_process_state(db)
        return mark_in_doubt(db) if later else 0


async def _checked_books(database: Path) -> Books:
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
    """Write the files of a backup. Gives how many there are.

    Where the body of the `with` fails, they are erased again, except those that were there before.
    """
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
    """Is the same file there? Raises `PlaceTaken` where the file has other bytes."""
    there = await folder.read(name) if await folder.has(name) else None
    if there is not None and there != data:
        raise PlaceTaken(where=name)
    return there is not None


async def _take_away(file: Path, folders: Folders, new: bytearray) -> None:
    """Erase the files that are new. Errors are left out: another error is on its way."""
    with suppress(StorageError, OSError):
        kept = archive.kept_files(file)
        for is_new in new:
            folder, name, _ = await to_its_end(next, kept)
            if is_new:
                await folders[folder].erase(name)
