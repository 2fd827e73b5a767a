"""Scheduled backups: when they are made, how many are kept, and what happens when they fail."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.errors import DatabaseUnavailable
from bot.services.jobs.job_steps import JobSteps
from bot.services.maintenance import backups
from bot.services.maintenance.backups import HOUR_MS, Backups
from bot.services.processes.lease import ProcessLease
from bot.storage.credits import ledger
from bot.storage.database import whole
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.whole.backup import Backup, back_up
from bot.storage.whole.restore import restore
from tests.services.conftest import Clock, RecordingMessenger
from tests.support.factories import ANN, sql


@dataclass
class Night:
    """`fails`: why no backup can be made just now."""

    folder: Path
    store: SqliteStore
    clock: Clock
    messenger: RecordingMessenger
    fails: str = ""

    def backups(self, *, every_hours: int = 24, keep: int = 3) -> Backups:
        lease = ProcessLease(self.store, kind="test", clock=self.clock)
        steps = JobSteps(self.store, self.messenger, lease, clock=self.clock)
        return Backups(
            steps, self.messenger, lease, self.back_up, folder=self.folder / "backups",
            every_hours=every_hours, keep=keep,
        )  # fmt: skip

    async def back_up(self, to: Path) -> Backup:
        if self.fails:
            raise DatabaseUnavailable(detail=self.fails)
        return await back_up(whole(f"sqlite:///{self.folder / 'a.db'}", near=self.folder), to)

    @property
    def kept(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "backups").glob("*"))

    def name(self) -> str:
        return f"stillframe-{datetime.fromtimestamp(self.clock.now / 1000, UTC):%Y%m%dT%H%M%SZ}.tar"


@asynccontextmanager
async def a_night(folder: Path, clock: Clock) -> AsyncIterator[Night]:
    async with open_sqlite(folder / "a.db") as store:
        await store.run(ledger.welcome(ANN, starting_credits=300, now=clock()))
        yield Night(folder, store, clock, RecordingMessenger())


@pytest.fixture
async def night(tmp_path: Path, clock: Clock) -> AsyncIterator[Night]:
    async with a_night(tmp_path, clock) as night:
        yield night


async def test_the_first_is_made_at_once_and_the_next_when_its_time_has_come(night: Night) -> None:
    service, first = night.backups(), night.name()
    await service.back_up_if_due()
    assert night.kept == [first]
    night.clock.now += 24 * HOUR_MS - 1
    await service.back_up_if_due()
    await night.backups().back_up_if_due()  # a restart makes none too many
    assert night.kept == [first]
    night.clock.now += 1
    await service.back_up_if_due()
    assert night.kept == [first, night.name()]
    assert night.messenger.operator == []


async def test_what_was_backed_up_by_itself_can_be_restored(night: Night) -> None:
    await night.backups().back_up_if_due()
    (name,) = night.kept
    restored = await restore(
        night.folder / "backups" / name, whole(f"sqlite:///{night.folder / 'b.db'}", near=night.folder), {}
    )
    assert restored.books.posted == 300


async def test_the_newest_are_kept_and_no_file_of_anybody_else_is_touched(night: Night) -> None:
    folder = night.folder / "backups"
    folder.mkdir()
    others = ["stillframe-before-0004.tar", "stillframe-by-hand.tar", "stillframe-20200101T000000Z.tar.gz", "notes.txt"]
    for name in (*others, "stillframe-99999999T999999Z.tar"):
        (folder / name).touch()
    service, made = night.backups(keep=2), []
    for _ in range(4):
        made.append(night.name())
        await service.back_up_if_due()
        night.clock.now += 24 * HOUR_MS
    assert night.kept == sorted([*others, "stillframe-99999999T999999Z.tar", *made[-2:]])


async def test_a_clock_that_was_wrong_once_does_not_stop_them(night: Night) -> None:
    night.clock.now += 1_000 * HOUR_MS
    await night.backups().back_up_if_due()
    night.clock.now -= 1_000 * HOUR_MS
    await night.backups().back_up_if_due()
    assert len(night.kept) == 2


async def test_a_failure_is_told_once_tried_again_and_deletes_nothing(night: Night) -> None:
    service = night.backups(keep=1)
    await service.back_up_if_due()
    before = night.kept
    night.clock.now += 24 * HOUR_MS
    night.fails = "disk I/O error"
    for _ in range(3):
        await service.back_up_if_due()
    assert night.kept == before
    assert night.messenger.operator == [
        "No backup of the database could be made: disk I/O error. It is tried again every ten minutes."
    ]
    night.fails = ""
    await service.back_up_if_due()
    assert night.kept == [night.name()]
    assert night.messenger.operator[1:] == ["The database is backed up again as it should be."]


async def test_a_disk_without_room_is_said_to_be_that_and_loses_no_older_backup(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = night.backups(keep=1)
    await service.back_up_if_due()
    before = night.kept
    night.clock.now += 24 * HOUR_MS
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, 10))
        await service.back_up_if_due()
    assert "are needed in" in night.messenger.operator[0]
    assert night.kept == before


async def test_old_backups_that_can_not_be_erased_are_told_of(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    await night.backups(keep=1).back_up_if_due()
    night.clock.now += 24 * HOUR_MS
    unlink = Path.unlink

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path.name in night.kept:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        await night.backups(keep=1).back_up_if_due()
    (told,) = night.messenger.operator
    assert told.startswith("The database is backed up, but old backups can't be erased: [Errno 13] Permission denied")
    assert len(night.kept) == 2


async def test_not_even_a_bug_ends_the_bot(night: Night) -> None:
    service = night.backups()

    async def bug(_to: Path) -> Backup:
        raise ZeroDivisionError("a bug")

    service._back_up = bug
    await service.back_up_if_due()
    assert "a bug" in night.messenger.operator[0]


async def test_unsound_books_are_kept_told_and_push_no_sound_backup_out(night: Night) -> None:
    service = night.backups(keep=1)
    await service.back_up_if_due()
    sound = night.name()
    await night.store.run(sql("DROP TRIGGER wallets_move_only_by_entries"))
    await night.store.run(sql("UPDATE wallets SET posted = 999"))
    for _ in range(2):
        night.clock.now += 24 * HOUR_MS
        await service.back_up_if_due()
    assert sound in night.kept
    assert len(night.kept) == 3
    (told,) = night.messenger.operator
    assert "not sound" in told


async def test_they_go_on_beside_everything_else_and_end_with_it(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "START_PAUSE_SECONDS", 0.0)
    service = night.backups()
    made: list[Path] = []

    async def make(to: Path) -> Backup:
        made.append(to)
        service._steps.stop()
        return await night.back_up(to)

    service._back_up = make
    await service.run()
    assert [path.name for path in made] == night.kept


async def test_none_are_made_where_they_are_turned_off(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "START_PAUSE_SECONDS", 0.0)
    await night.backups(every_hours=0).run()
    assert night.kept == []
