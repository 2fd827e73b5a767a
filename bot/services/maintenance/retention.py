"""Keeps nothing longer than it should: goes round every hour, and erases what has had its time."""

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
ROUND_SECONDS = 3_600.0
BATCH = 50  # files at a time, so that commands never wait for this
BATCH_PAUSE_SECONDS = 0.1
REMAINS_MS = DAY_MS  # of a write that a crash cut off: no write takes so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one round has erased. `rows`: old orders that never had their yes, searches and tray entries."""

    images: int
    files: int
    rows: int


class Retention:
    """`run` until `JobSteps.stop`. `days`: how long images, clips and references are kept; 0 for ever."""

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
            self._round,
            duty="retention",
            pause_seconds=ROUND_SECONDS,
            cut_short="a round of erasing was cut short",
            steps=self._steps,
            lease=self._lease,
        )

    async def _round(self) -> None:
        _tell(await self.round())

    async def round(self) -> Swept:
        """Raises `StorageError`; the next round goes on."""
        now = self._steps.now()
        rows = await self._store.run(retention.forget_old(trays_before=now - tray.TRAY_MS, now=now))
        files = sum([await folder.erase_remains(now - REMAINS_MS) for folder in (self._images, self._clips)])
        images = 0
        if self._days:
            before = now - self._days * DAY_MS
            images = await self._erase_images(before)
            files += await self._erase_clips(before)
        return Swept(images=images, files=files, rows=rows)

    async def _erase_images(self, before: int) -> int:
        """By the age of the files, so that one whose job never came to know of it goes too."""
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
        """Clips and references. What an order has taken up meanwhile stays: it is looked at just before."""
        erased = 0
        for names in _batches(await self._clips.older_than(before)):
            free = await self._store.read(retention.unneeded(names, now=self._steps.now()))
            for name in names:
                if name in free:
                    erased += await self._clips.erase_if_older(name, before)
            await self._steps.pause(BATCH_PAUSE_SECONDS)
        return erased


def _tell(swept: Swept) -> None:
    if swept.images or swept.files or swept.rows:
        log.info("erased: %d images, %d other files, %d rows", swept.images, swept.files, swept.rows)


def _batches(names: list[str]) -> Iterator[list[str]]:
    remaining = iter(names)
    while batch := list(islice(remaining, BATCH)):
        yield batch
