"""A server's books of a period as CSV files for a spreadsheet, in a ZIP where they are large.

They are written page by page into a folder of their own, in a thread: the longest ledger takes the memory of one page.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.csv_cells import ENCODING, Cell, lines
from bot.domain.errors import PeriodEmpty, PeriodTooLong
from bot.domain.history import read_period
from bot.storage.credits import export
from bot.storage.credits.export import ExportCursor, ExportRows
from bot.storage.engine.store import Script, Store

PAGE_ROWS = 1_000
LARGE_BYTES = 1024 * 1024  # of all files together; more is zipped
MONTHS_LIMIT = 24
USUAL_PERIOD = "30d"
TIME_COLUMN = 1


@dataclass(frozen=True, slots=True)
class ExportPeriod:
    """From `since` until before `until`, in Unix milliseconds."""

    since: int
    until: int

    @property
    def name(self) -> str:
        return f"{_day(self.since)}-to-{_day(self.until - 1)}"


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The files for one message; none where they are too large to be sent."""

    period: ExportPeriod
    files: tuple[Path, ...]


class Exports:
    """`clock` gives Unix milliseconds."""

    def __init__(self, store: Store, *, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    def period(self, since: str | None, until: str | None, *, day_first: bool = True) -> ExportPeriod:
        """Read the period as `/history` does; the last 30 days where nothing is given.

        Raises `NotADate`, `PeriodEmpty` and `PeriodTooLong`.
        """
        now = self._clock()
        period = ExportPeriod(
            read_period(since or USUAL_PERIOD, option="since", now=now, day_first=day_first),
            min(now, read_period(until, option="until", now=now, day_first=day_first)) if until else now,
        )
        if period.since >= period.until:
            raise PeriodEmpty
        if len(list(_months(period))) > MONTHS_LIMIT:
            raise PeriodTooLong(limit=MONTHS_LIMIT)
        return period

    @asynccontextmanager
    async def write(
        self, guild_id: int, period: ExportPeriod, *, limit_bytes: int
    ) -> AsyncIterator[AsyncIterator[ExportFiles]]:
        """Write the files of the period, each of at most `limit_bytes`; where they are larger, month by month."""
        folder = await asyncio.to_thread(TemporaryDirectory, prefix="stillframe-export-")
        try:
            yield self._parts(Path(folder.name), guild_id, period, limit_bytes)
        finally:
            await asyncio.to_thread(folder.cleanup)

    async def _parts(
        self, folder: Path, guild_id: int, period: ExportPeriod, limit_bytes: int
    ) -> AsyncIterator[ExportFiles]:
        whole = await self._part(folder, guild_id, period, limit_bytes)
        months = list(_months(period))
        if whole.files or len(months) == 1:
            yield whole
            return
        for month in months:
            yield await self._part(folder, guild_id, month, limit_bytes)

    async def _part(self, folder: Path, guild_id: int, period: ExportPeriod, limit_bytes: int) -> ExportFiles:
        entries, jobs = folder / f"entries-{period.name}.csv", folder / f"jobs-{period.name}.csv"

        def entries_after(place: ExportCursor) -> Script[ExportRows]:
            return export.entries(guild_id, after=place, until=period.until, limit=PAGE_ROWS)

        def jobs_after(place: ExportCursor) -> Script[ExportRows]:
            return export.jobs(guild_id, after=place, until=period.until, limit=PAGE_ROWS)

        await self._sheet(entries, export.ENTRY_COLUMNS, entries_after, export.first_entry(period.since))
        await self._sheet(jobs, export.JOB_COLUMNS, jobs_after, export.first_job(period.since))
        files = await asyncio.to_thread(_packed, folder / f"stillframe-{period.name}.zip", (entries, jobs))
        fits = all(file.stat().st_size <= limit_bytes for file in files)
        return ExportFiles(period, files if fits else ())

    async def _sheet(
        self,
        path: Path,
        columns: tuple[str, ...],
        page: Callable[[ExportCursor], Script[ExportRows]],
        place: ExportCursor | None,
    ) -> None:
        await asyncio.to_thread(_append, path, [columns])
        while place is not None:
            sheet = await self._store.read(page(place))
            place = sheet.reached
            await asyncio.to_thread(_append, path, [_readable(row) for row in sheet.rows])


def _append(path: Path, rows: list[tuple[Cell, ...]]) -> None:
    encoding = "utf-8" if path.exists() else ENCODING
    with path.open("a", encoding=encoding, newline="") as file:
        file.write(lines(rows))


def _readable(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The row, with its Unix milliseconds as a date and time that a spreadsheet reads."""
    at = datetime.fromtimestamp(int(row[TIME_COLUMN] or 0) / 1000, UTC)
    return (*row[:TIME_COLUMN], f"{at:%Y-%m-%d %H:%M:%S}", *row[TIME_COLUMN + 1 :])


def _packed(target: Path, files: tuple[Path, ...]) -> tuple[Path, ...]:
    if sum(file.stat().st_size for file in files) <= LARGE_BYTES:
        return files
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file, file.name)
            file.unlink()
    return (target,)


def _months(period: ExportPeriod) -> Iterator[ExportPeriod]:
    """The period, cut at the calendar months of UTC."""
    since = period.since
    while since < period.until:
        first = datetime.fromtimestamp(since / 1000, UTC)
        end = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
        until = min(period.until, int(end.timestamp() * 1000))
        yield ExportPeriod(since, until)
        since = until


def _day(unix_ms: int) -> str:
    return f"{datetime.fromtimestamp(unix_ms / 1000, UTC):%Y-%m-%d}"
