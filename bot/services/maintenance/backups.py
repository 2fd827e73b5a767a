"""Backs the database up every so many hours, and keeps the newest backups."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import DatabaseUnavailable, DiskUnavailable
from bot.services.jobs.job_steps import JobSteps, StopRequested
from bot.services.jobs.messenger import Messenger
from bot.services.maintenance.periodic import run_periodically
from bot.services.processes.lease import ProcessLease
from bot.storage.whole.backup import Backup

log = logging.getLogger(__name__)

HOUR_MS = 3_600_000
START_PAUSE_SECONDS = 60.0  # because a start has enough to do
PAUSE_SECONDS = 600.0

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"stillframe-(\d{8}T\d{6}Z)\.tar")

FAILED = "No backup of the database could be made: {why}. It is tried again every ten minutes."
UNSOUND = (
    "The books in the newest backup are not sound: run `stillframe ledger check`. Older backups are kept until a sound "
    "one is made."
)
NOT_ERASED = "The database is backed up, but old backups can't be erased: {why}."
WELL_AGAIN = "The database is backed up again as it should be."


class Backups:
    """`run` goes on until `JobSteps.stop`. `every_hours` 0: never. `back_up` makes one, or raises `StorageError`."""

    def __init__(
        self,
        steps: JobSteps,
        messenger: Messenger,
        lease: ProcessLease,
        back_up: Callable[[Path], Awaitable[Backup]],
        *,
        folder: Path,
        every_hours: int,
        keep: int,
    ) -> None:
        self._steps = steps
        self._messenger = messenger
        self._lease = lease
        self._back_up = back_up
        self._folder = folder
        self._every_ms = every_hours * HOUR_MS
        self._keep = keep
        self._told = ""  # the last trouble that the operator was told of

    async def run(self) -> None:
        if not self._every_ms:
            return
        with suppress(StopRequested):
            await self._steps.pause(START_PAUSE_SECONDS)
            await run_periodically(
                self.back_up_if_due,
                leader_lock="backup",
                pause_seconds=PAUSE_SECONDS,
                cut_short="whose turn it is to back up could not be asked",
                steps=self._steps,
                lease=self._lease,
            )

    async def back_up_if_due(self) -> None:
        """Make a backup if the newest one is old enough."""
        now = self._steps.now()
        if any(now - self._every_ms < made <= now for made in _ours(self._folder).values()):
            return
        path = self._folder / f"stillframe-{datetime.fromtimestamp(now / 1000, UTC):{_STAMP}}.tar"
        try:
            backup = await self._back_up(path)
        except Exception as error:  # a bug too: it must not end the bot
            log.exception("no backup was made")
            await self._tell("failed", FAILED.format(why=_why(error)))
            return
        log.info("backed up: %s, %d bytes", path, backup.size)
        if backup.books is not None and backup.books.findings:
            log.error("the books in %s are not sound: %s", path, backup.books.findings)
            await self._tell("unsound", UNSOUND)
            return
        try:
            self._forget_old()
        except OSError as error:
            log.warning("old backups could not be erased: %s", error)
            await self._tell("old", NOT_ERASED.format(why=error))
        else:
            await self._tell("", WELL_AGAIN)

    def _forget_old(self) -> None:
        """Erase all but the newest `keep` backups; files with other names stay."""
        newest_first = sorted(_ours(self._folder), reverse=True)
        for path in newest_first[self._keep :]:
            path.unlink(missing_ok=True)
            log.info("an old backup was erased: %s", path)

    async def _tell(self, what: str, words: str) -> None:
        """Tell the operator each change once."""
        if what != self._told:
            self._told = what
            await self._messenger.tell_operator(words)


def _ours(folder: Path) -> dict[Path, int]:
    """The backups in this folder, each with the time in its name, in Unix milliseconds."""
    found = {}
    for path in folder.glob("stillframe-*.tar"):
        match = _NAME.fullmatch(path.name)
        if match:
            with suppress(ValueError):
                made = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
                found[path] = int(made.timestamp() * 1000)
    return found


def _why(error: Exception) -> str:
    if isinstance(error, DiskUnavailable | DatabaseUnavailable):
        return error.detail
    return str(error) or type(error).__name__
