"""`stillframe backup`, `restore` and `migrate-database`: everything into a file, out of it, or to another engine."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table
from rich.text import Text

from bot.cli.output import CommandOutput, refused, table
from bot.domain import errors as e
from bot.settings import Settings
from bot.storage.credits.audit import Books
from bot.storage.database import whole
from bot.storage.files.open_files import open_files
from bot.storage.whole import backup as backups
from bot.storage.whole import restore as restoring
from bot.storage.whole.archive import FOLDERS, Manifest
from bot.storage.whole.backup import Folders
from bot.storage.whole.restore import MoveReport

SAME_PLACE = "Both are {name}. Say --from and --to; DATABASE_URL stands for the one that is left out."
SOUND = "The books are sound."
DOUBTED = (
    "Orders that waited in it: {count}. Whether they were sent since can't be told, so they are not sent again: their "
    "members have the credits back as soon as the bot starts."
)
UNSOUND = "The books in it are not sound: {count} findings. Keep an older backup, and run `stillframe ledger check`."

_WORDS: dict[type[e.StorageError], str] = {
    e.PlaceTaken: "There is something at {where} already, and none of it may be lost.",
    e.DatabaseInUse: "A bot is running on {path}: stop it first.",
    e.DatabaseAtWork: "At work on {where}: {processes}. Stop them first.",
    e.NotABackup: "This is no backup that can be used: {detail}.",
    e.BackupTooNew: "The backup is of a newer form ({found}; this version knows {known}). Update Stillframe.",
    e.DatabaseTooNew: "It is of a newer version (step {found}; this one knows {known}). Update Stillframe.",
    e.BooksUnsound: "The books in it are not sound: {findings} findings.",
    e.CopyDiffers: "What has arrived is not what was sent, in {detail}.",
    e.DiskUnavailable: "The disk did not do its part: {detail}.",
}


async def make_backup(settings: Settings, to: Path, *, images: bool) -> CommandOutput:
    """Write everything into one file, and check its books. The bot may be running."""
    try:
        made = await backups.back_up(
            whole(settings.database, near=settings.data_dir), to, folders=_folders(settings) if images else None
        )
    except e.StorageError as error:
        return _refused(error)
    manifest, books = made.manifest, made.books
    words = [Text(f"{made.path}: {_megabytes(made.size)}. {_in_words(manifest, made.files)}")]
    if books is None:
        words.append(Text(f"It is of an older version (step {manifest.migration}): restoring it proves its books."))
    else:
        words.append(Text(UNSOUND.format(count=len(books.findings)) if books.findings else SOUND))
    sound = books is None or not books.findings
    return CommandOutput(
        sound,
        words,
        {
            "ok": sound,
            "file": str(made.path),
            "bytes": made.size,
            "files": made.files,
            "findings": None if books is None else len(books.findings),
            **manifest.model_dump(mode="json"),
        },
    )


async def restore_backup(settings: Settings, file: Path) -> CommandOutput:
    """Write a backup into an empty place, which no other process may use meanwhile."""
    try:
        target = whole(settings.database, near=settings.data_dir)
        restored = await restoring.restore(file, target, _folders(settings))
    except e.StorageError as error:
        return _refused(error)
    manifest = restored.manifest
    words = [
        Text(f"Restored into {target.name}, as it was on {manifest.made_at:%Y-%m-%d %H:%M} UTC. {SOUND}"),
        Text(_in_words(manifest, restored.files)),
        Text("What happened since is not in it: docs/operators/backups.md says what to look at before you start."),
    ]
    if restored.doubted:
        words.append(Text(DOUBTED.format(count=restored.doubted)))
    return CommandOutput(
        True,
        words,
        {
            "ok": True,
            "database": target.name,
            "files": restored.files,
            "open_jobs": restored.books.open_jobs,
            "doubted": restored.doubted,
            **manifest.model_dump(mode="json"),
        },
    )


async def move_database(settings: Settings, source_url: str, target_url: str) -> CommandOutput:
    """Copy everything from one engine to the other. A second run changes nothing."""
    try:
        source, target = (whole(url, near=settings.data_dir) for url in (source_url, target_url))
        if source.name == target.name:
            words = SAME_PLACE.format(name=source.name)
            return CommandOutput(False, [Text(words)], {"ok": False, "error": "SamePlace", "message": words})
        moved = await restoring.move(source, target)
    except e.StorageError as error:
        return _refused(error)
    done = (
        f"{target.name} already holds exactly what {source.name} does. Nothing was changed."
        if moved.already
        else f"Everything is in {target.name} now. {source.name} is as it was: do not start a bot on it again."
    )
    return CommandOutput(
        True,
        [_moved_table(moved), Text(f"{_credits(moved.books)} {SOUND}"), Text(done)],
        {
            "ok": True,
            "from": source.name,
            "to": target.name,
            "already": moved.already,
            "rows": {name: found.rows for name, found in moved.sums.items()},
            "posted": moved.books.posted,
            "held": moved.books.held,
            "findings": len(moved.books.findings),
        },
    )


def _folders(settings: Settings) -> Folders:
    return {name: open_files(settings, name) for name in FOLDERS}


def _refused(error: e.StorageError) -> CommandOutput:
    """The answer to a refusal. Other errors are raised again, for `bot.cli.exits.finish`."""
    words = _WORDS.get(type(error))
    if words is None:
        raise error
    return refused(error, f"{words.format(**vars(error))} Nothing was changed.")


def _moved_table(moved: MoveReport) -> Table:
    shown = table("The same on both sides", "table", "rows", right=("rows",))
    for name, found in sorted(moved.sums.items()):
        if found.rows:
            shown.add_row(name, f"{found.rows:,}")
    return shown


def _credits(books: Books) -> str:
    return f"{books.posted:,} credits, of which {books.held:,} on hold; {books.open_jobs:,} open jobs."


def _in_words(manifest: Manifest, files: int) -> str:
    rows = manifest.rows
    kept = f"{files:,} files of images and clips" if manifest.with_images else "no images"
    return f"{rows['wallets']:,} wallets, {rows['entries']:,} entries, {rows['jobs']:,} orders; {kept}."


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
