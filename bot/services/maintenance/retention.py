"""Erases every hour what was kept long enough: images, clips, references, searches and unanswered orders."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bot.services.jobs.job_steps import JobSteps
from bot.services.maintenance.periodic import run_periodically
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.files.base import Files
from bot.storage.orders import tray
from bot.storage.privacy import retention

log = logging.getLogger(__name__)

DAY_MS = 24 * 3_600_000
PAUSE_SECONDS = 3_600.0
BATCH = 50  # files that are erased at a time, so that commands never wait for long
BATCH_PAUSE_SECONDS = 0.1
REMAINS_MS = DAY_MS  # an unfinished file of this age was cut off by a crash: no write takes so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased. `rows`: orders that were never confirmed, searches and tray entries."""

    images: int
    files: int
    rows: int


class Retention:
    """`run` goes on until `JobSteps.stop`. `days`: how long images, clips and references are kept; 0 for ever."""

    def __init__(
        self, store: Store, steps: JobSteps, lease: ProcessLease, *, images: Files, clips: Files, days: int
    ) -> None:
        self._store = store
        self._steps = steps
        self._lease = lease
        self._images = images
        self._clips = clips
        self._days = days

    async def run(self) -> None:
        await run_periodically(
            self._run_once,
            leader_lock="retention",
            pause_seconds=PAUSE_SECONDS,
            cut_short="a round of erasing was cut short",
            steps=self._steps,
            lease=self._lease,
        )

    async def _run_once(self) -> None:
        _tell(await self.erase_old())

    async def erase_old(self) -> Erased:
        """Raises `StorageError`; what is left is erased by the next call."""
        now = self._steps.now()
        rows = await self._store.run(retention.forget_old(trays_before=now - tray.TRAY_MS, now=now))
        files = sum([await folder.erase_remains(now - REMAINS_MS) for folder in (self._images, self._clips)])
        images = 0
        if self._days:
            before = now - self._days * DAY_MS
            images = await self._erase_images(before)
            files += await self._erase_clips(before)
        return Erased(images=images, files=files, rows=rows)

    async def _erase_images(self, before: int) -> int:
        """Erase by the age of the files, so that a file goes too whose job was never told of it."""
        erased = 0
        for names in _batches(await self._images.older_than(before)):
            job_ids = {name: name.partition(".")[0] for name in names}
            now = self._steps.now()
            free = await self._store.run(retention.let_images_go(job_ids.values(), now=now))
            for name in names:
                if job_ids[name] in free:
                    erased += await self._images.erase_if_older(name, before)
            await self._steps.pause(BATCH_PAUSE_SECONDS)
        return erased

    async def _erase_clips(self, before: int) -> int:
        """Erase clips and references. A file that a new order uses stays: that is looked up just before."""
        erased = 0
        for names in _batches(await self._clips.older_than(before)):
            free = await self._store.read(retention.unneeded(names, now=self._steps.now()))
            for name in names:
                if name in free:
                    erased += await self._clips.erase_if_older(name, before)
            await self._steps.pause(BATCH_PAUSE_SECONDS)
        return erased


def _tell(erased: Erased) -> None:
    if erased.images or erased.files or erased.rows:
        log.info("erased: %d images, %d other files, %d rows", erased.images, erased.files, erased.rows)


def _batches(names: list[str]) -> Iterator[list[str]]:
    remaining = iter(names)
    while batch := list(islice(remaining, BATCH)):
        yield batch
