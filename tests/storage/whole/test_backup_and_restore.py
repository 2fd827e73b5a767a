"""A backup has all data of one moment. It is restored completely or not at all, into either engine."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import (
    BackupTooNew,
    BooksUnsound,
    DatabaseAtWork,
    DatabaseInUse,
    DatabaseTooNew,
    DatabaseUnavailable,
    DiskUnavailable,
    FilesUnavailable,
    NotABackup,
    PlaceTaken,
)
from bot.domain.history import Search
from bot.storage.credits import gifts, ledger
from bot.storage.engine.migrations import Engine, migrations_of
from bot.storage.files.s3 import S3Files
from bot.storage.orders import history, jobs, placing
from bot.storage.processes import leases, shared_state
from bot.storage.whole.backup import back_up
from bot.storage.whole.restore import restore
from bot.storage.whole.rows import PROCESS_TABLES, differing
from bot.storage.whole.sqlite_copy import Filling, newest_tables
from tests.support.buckets import Buckets, a_place
from tests.support.everything import AWAITING, OPEN
from tests.support.factories import ANN, BOB, MANY, NOW, an_order, sql
from tests.support.places import ENGINES, Places, findings, left_in

ROOT = Path(__file__).parents[3]


async def a_backup(places: Places, engine: Engine = "sqlite", *, images: bool = False) -> tuple[str, Path]:
    """A backup of a database with rows in every table. Returns the URL of the database, and the backup."""
    url = await places.filled(engine)
    folders = places.folders("before") if images else None
    if folders:
        await folders["images"].keep("914.png", b"an image")
        await folders["images"].keep("915.png", b"\0" * 3_000_000)
        await folders["clips"].keep("a" * 64, b"a clip")
    backup = await back_up(places.whole(url), places.folder / "kept" / "stillframe.tar", folders=folders)
    return url, backup.path


# --- backed up and restored -----------------------------------------------------------------------------------


@pytest.mark.parametrize("into", ENGINES)
@pytest.mark.parametrize("of", ENGINES)
async def test_everything_comes_back_from_either_engine_in_either(places: Places, of: Engine, into: Engine) -> None:
    url, file = await a_backup(places, of, images=True)
    before = await places.sums(url)
    assert before
    assert all(each.rows for each in before.values())  # so every table is tested
    empty = await places.url(into)
    restored = await restore(file, places.whole(empty), places.folders("after"))
    assert await places.back(url, empty)
    assert (restored.files, restored.books.findings, restored.books.open_jobs) == (3, (), len(OPEN) + 1)
    assert await places.folders("after")["images"].read("914.png") == b"an image"
    assert await places.folders("after")["clips"].read("a" * 64) == b"a clip"


async def test_what_waited_then_is_not_begun_anew_since_it_may_have_been_sent_or_shown_since(places: Places) -> None:
    url, file = await a_backup(places)
    empty = await places.url("sqlite")
    restored = await restore(file, places.whole(empty), places.folders("after"))
    assert restored.doubted == 2
    rows = []
    for each in (url, empty):
        async with places.opened(each) as store:
            rows.append({row["id"]: dict(row) for row in await store.read(sql("SELECT * FROM jobs"))})
    before, after = rows
    changed = {
        job_id: {name: (value, after[job_id][name]) for name, value in job.items() if value != after[job_id][name]}
        for job_id, job in before.items()
    }
    assert {job_id: change for job_id, change in changed.items() if change} == {
        "910": {"state": ("held", "submitting"), "submitted_at": (None, before["910"]["updated_at"])},
        "911": {"state": ("held", "submitting"), "submitted_at": (None, before["911"]["updated_at"])},
        "914": {"state": ("stored", "posting")},
        AWAITING: {"next_at": (before[AWAITING]["next_at"], before[AWAITING]["updated_at"])},
    }


@pytest.mark.parametrize("into", ENGINES)
async def test_a_restored_database_is_guarded_by_all_its_rules_and_goes_on_counting(
    places: Places, into: Engine
) -> None:
    _, file = await a_backup(places)
    empty = await places.url(into)
    await restore(file, places.whole(empty), places.folders("after"))
    async with places.opened(empty) as store:
        entries = (await store.read(sql("SELECT max(id) AS newest FROM entries")))[0]["newest"]
        await store.run(placing.place(an_order("999"), starting_credits=0, limits=MANY, now=NOW + 20_000))
        newest = (await store.read(sql("SELECT max(id) AS newest FROM entries")))[0]["newest"]
        assert newest == entries + 1
        for attack in (
            "UPDATE entries SET posted_delta = 0 WHERE id = 1",
            "DELETE FROM wallets WHERE id = 1",
            "UPDATE jobs SET cost = 1 WHERE id = '910'",
            "UPDATE wallets SET posted = 1 WHERE id = 1",
        ):
            with pytest.raises(Exception, match="ConstraintBroken"):
                await store.run(sql(attack))
    assert await findings(empty) == ()


@pytest.mark.parametrize("into", ENGINES)
@pytest.mark.parametrize("of", ENGINES)
async def test_nobody_of_the_old_life_is_alive_in_the_new_one(places: Places, of: Engine, into: Engine) -> None:
    url = await places.filled(of)
    async with places.opened(url) as store:
        await store.run(leases.renew("old", about="bot host 1", lease_ms=10_000_000, now=NOW))
        await store.run(leases.take_leadership("watch", "old", grace_ms=0, now=NOW))
        await store.run(shared_state.put("commands", "as they are now"))
        await back_up(places.whole(url), places.folder / "a.tar")
    empty = await places.url(into)
    await restore(places.folder / "a.tar", places.whole(empty), {})
    async with places.opened(empty) as store:
        for table in PROCESS_TABLES:
            assert await store.read(sql(f"SELECT * FROM {table}")) == []  # noqa: S608  # our own names
        claimed = await store.run(jobs.claim("new", at_supplier=100, each=100, now=NOW + 60_000))
        assert {job.id for job in claimed} == {*OPEN, AWAITING}


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_backup_made_while_all_write_at_full_speed_is_one_moment_of_it(places: Places, engine: Engine) -> None:
    url, over = await places.url(engine), asyncio.Event()
    done: list[str] = []
    async with places.opened(url) as store:
        for wallet in (ANN, BOB):
            act_id = str(wallet.member_id)
            await store.run(ledger.grant(
                wallet, 100_000, act_id=act_id, actor="1", reason="Won", starting_credits=0, now=NOW,
            ))  # fmt: skip

        async def write(task: int) -> None:
            number = 0
            while not over.is_set():
                act_id = f"{task}-{number}"
                giver, taker = (ANN, BOB) if number % 2 else (BOB, ANN)
                await store.run(gifts.give(
                    giver, taker, 1, per_day=10**9, day_since=0, act_id=act_id, reason="Load", starting_credits=0,
                    now=NOW,
                ))  # fmt: skip
                done.append(act_id)
                number += 1

        writers = [asyncio.create_task(write(task)) for task in range(4)]
        while len(done) < 50:  # all of them are at it
            assert not any(writer.done() for writer in writers)
            await asyncio.sleep(0.01)
        before = list(done)
        backup = await back_up(places.whole(url), places.folder / "a.tar")
        after = len(done)
        over.set()
        await asyncio.gather(*writers)
    assert after > len(before)  # the writers did not wait
    assert backup.books
    assert backup.books.findings == ()
    other: Engine = "postgres" if engine == "sqlite" else "sqlite"
    empty = await places.url(other)
    await restore(backup.path, places.whole(empty), {})
    async with places.opened(empty) as store:
        keys = {row["key"] for row in await store.read(sql("SELECT key FROM entries WHERE kind LIKE 'gift%'"))}
        balances = [await store.read(ledger.balance(wallet)) for wallet in (ANN, BOB)]
    kept = {key.partition(":")[2] for key in keys}
    assert set(before) <= kept  # all that was committed before it began
    assert keys == {f"{half}:{act}" for act in kept for half in ("gift_sent", "gift_received")}  # and no half of an act
    assert sum(balance.posted for balance in balances if balance) == 200_000


async def test_images_go_from_a_bucket_into_a_folder_and_back(places: Places, buckets: Buckets) -> None:
    url = await places.filled("sqlite")
    place = a_place(buckets.url, buckets.new(), prefix="of/a-bot")
    bucket = {name: S3Files(place, name) for name in ("images", "clips")}
    await bucket["images"].keep("914.png", b"an image")
    first = await back_up(places.whole(url), places.folder / "a.tar", folders=bucket)
    await restore(first.path, places.whole(await places.url("sqlite")), places.folders("after"))
    assert await places.folders("after")["images"].read("914.png") == b"an image"
    await bucket["images"].erase("914.png")
    await restore(first.path, places.whole(await places.url("sqlite")), bucket)
    assert await bucket["images"].read("914.png") == b"an image"


# --- the file -----------------------------------------------------------------------------------------


async def test_a_backup_can_be_checked_and_opened_by_hand(places: Places) -> None:
    _, file = await a_backup(places, images=True)
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as tar:
        assert {member.mode & 0o077 for member in tar.getmembers()} == {0}
        for member in tar.getmembers():
            tar.extract(member, places.folder / "by hand")
    by_hand = places.folder / "by hand"
    for line in (by_hand / "SHA256SUMS").read_text().splitlines():  # as `sha256sum -c` reads it
        digest, name = line.split("  ")
        assert hashlib.sha256((by_hand / name).read_bytes()).hexdigest() == digest
    with closing(sqlite3.connect(by_hand / "database.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    manifest = json.loads((by_hand / "manifest.json").read_text())
    newest = migrations_of("sqlite")[-1].number
    assert (manifest["engine"], manifest["migration"], manifest["rows"]["jobs"]) == ("sqlite", newest, 9)


async def test_a_file_that_is_there_is_never_written_over(places: Places) -> None:
    url = await places.filled("sqlite")
    kept = places.folder / "a.tar"
    kept.write_bytes(b"the only one")
    with pytest.raises(PlaceTaken):
        await back_up(places.whole(url), kept)
    assert kept.read_bytes() == b"the only one"


async def test_where_there_is_no_database_none_is_made_by_backing_up(places: Places) -> None:
    url = await places.url("sqlite")
    with pytest.raises(DatabaseUnavailable, match="there is no file"):
        await back_up(places.whole(url), places.folder / "a.tar")
    (places.folder / "b.db").write_bytes(b"")
    with pytest.raises(DatabaseUnavailable, match="no database of Stillframe's"):
        await back_up(places.whole(f"sqlite:///{places.folder / 'b.db'}"), places.folder / "a.tar")
    assert left_in(places.folder) == ["b.db"]


async def test_unsound_books_are_backed_up_and_said_to_be_but_never_restored(places: Places) -> None:
    url = await places.filled("sqlite")
    async with places.opened(url) as store:
        await store.run(sql("DROP TRIGGER wallets_move_only_by_entries"))
        await store.run(sql("UPDATE wallets SET posted = posted + 1 WHERE id = 1"))
    backup = await back_up(places.whole(url), places.folder / "a.tar")
    assert backup.books
    assert len(backup.books.findings) == 1
    with pytest.raises(BooksUnsound):
        await restore(backup.path, places.whole(await places.url("sqlite")), {})
    assert await places.sums(places.made[-1]) is None


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_backup_that_is_no_longer_waited_for_leaves_nothing_or_is_whole(places: Places, engine: Engine) -> None:
    url = await places.filled(engine)
    for pause in (0.0, 0.005, 0.02, 0.05):
        kept = places.folder / f"kept{pause}"
        making = asyncio.create_task(back_up(places.whole(url), kept / "a.tar"))
        await asyncio.sleep(pause)
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
        if left_in(kept):  # the file was getting its name already
            assert left_in(kept) == ["a.tar"]
            await restore(kept / "a.tar", places.whole(await places.url("sqlite")), places.folders("after"))


# --- what is no backup --------------------------------------------------------------------------------


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None], *, honest: bool = True, more: Any = ()) -> None:
    """Write the archive again with changed members; `honest`: with hashes that fit them."""
    with tarfile.open(file) as tar:
        members = {member.name: (tar.extractfile(member) or io.BytesIO()).read() for member in tar.getmembers()}
    changed = {name: new for name, data in members.items() if (new := change(name, data)) is not None}
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in changed.items() if name != "SHA256SUMS"]
    if honest and "SHA256SUMS" in changed:
        changed["SHA256SUMS"] = "".join(lines).encode()
    with tarfile.open(file, "w") as tar:
        for name, data in (*changed.items(), *more):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def cut(share: float) -> Callable[[Path], None]:
    return lambda file: os.truncate(file, int(file.stat().st_size * share))


def flipped(part: str) -> Callable[[Path], None]:
    """Change one byte of a member."""

    def change(name: str, data: bytes) -> bytes:
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if name == part else data

    return lambda file: rewritten(file, change, honest=False)


def said(**otherwise: object) -> Callable[[Path], None]:
    """Change the manifest."""

    def change(name: str, data: bytes) -> bytes:
        return json.dumps({**json.loads(data), **otherwise}).encode() if name == "manifest.json" else data

    return lambda file: rewritten(file, change)


def a_tar_of_others(file: Path) -> None:
    with tarfile.open(file, "w") as tar:
        tar.add(ROOT / "README.md", "README.md")


def a_file_of_sqlite(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE wallets (id INTEGER)")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGE: dict[str, tuple[Callable[[Path], object], type[Exception], str]] = {
    "cut off early": (cut(0.1), NotABackup, "can't be read"),
    "cut off in the middle": (cut(0.5), NotABackup, "can't be read"),
    "cut off near the end": (lambda file: os.truncate(file, file.stat().st_size - 20_480), NotABackup, ""),
    "without its end": (
        lambda file: rewritten(file, lambda name, data: None if name == "SHA256SUMS" else data), NotABackup, "cut off"
    ),
    "empty": (lambda file: file.write_bytes(b""), NotABackup, "can't be read"),
    "no tar": (lambda file: file.write_bytes(b"no tar at all" * 1_000), NotABackup, "can't be read"),
    "gone": (lambda file: file.unlink(), NotABackup, "No such file"),
    "a folder": (a_folder, NotABackup, "Is a directory"),
    "a tar of others": (a_tar_of_others, NotABackup, "does not begin with a manifest"),
    "a bare file of SQLite's": (a_file_of_sqlite, NotABackup, "can't be read"),
    "another byte in the database": (flipped("database.db"), NotABackup, "damaged"),
    "another byte in an image": (flipped("images/914.png"), NotABackup, "damaged"),
    "another byte in the hashes": (flipped("SHA256SUMS"), NotABackup, "damaged"),
    "an image more": (
        lambda file: rewritten(file, lambda _, data: data, more=[("images/1.png", b"x")]), NotABackup, "where no backup"
    ),
    "a way out": (
        lambda file: rewritten(
            file, lambda name, data: None if name == "SHA256SUMS" else data, more=[("images/../../x", b"x")]
        ), NotABackup, "where no backup",
    ),
    "a database of others": (
        lambda file: rewritten(file, lambda name, data: b"x" * 9_000 if name == "database.db" else data),
        NotABackup, "can't be read",
    ),
    "other rows than it says": (said(rows={}), NotABackup, "not the one"),
    "other credits than it says": (said(posted=1), NotABackup, "not the one"),
    "no manifest of ours": (said(made_by="somebody"), NotABackup, "none of Stillframe's"),
    "a newer form": (said(format=2), BackupTooNew, ""),
    "a newer database": (said(migration=9_999), DatabaseTooNew, ""),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
async def test_what_is_no_whole_backup_of_ours_is_refused_and_leaves_the_place_empty(
    places: Places, damage: str
) -> None:
    _, file = await a_backup(places, images=True)
    do, error, words = DAMAGE[damage]
    do(file)
    empty = await places.url("sqlite")
    with pytest.raises(error) as refusal:
        await restore(file, places.whole(empty), places.folders("after"))
    assert words in getattr(refusal.value, "detail", "")
    assert await places.sums(empty) is None
    assert left_in(Path(empty.removeprefix("sqlite:///")).parent) == []
    assert not (places.folder / "after").exists()


# --- a place that is not empty ------------------------------------------------------------------------


@pytest.mark.parametrize("into", ENGINES)
async def test_a_database_that_holds_anything_is_never_restored_over(places: Places, into: Engine) -> None:
    _, file = await a_backup(places, images=True)
    taken = await places.url(into)
    async with places.opened(taken) as store:
        await store.run(ledger.welcome(ANN, starting_credits=7, now=NOW))
    before = await places.sums(taken)
    with pytest.raises(PlaceTaken):
        await restore(file, places.whole(taken), places.folders("after"))
    after = await places.sums(taken)
    assert before
    assert after
    assert differing(before, after) == []
    assert not (places.folder / "after").exists()


@pytest.mark.parametrize("into", ENGINES)
async def test_a_database_that_was_only_begun_is_as_good_as_none(places: Places, into: Engine) -> None:
    url, file = await a_backup(places)
    begun = await places.url(into)
    async with places.opened(begun):
        pass
    await restore(file, places.whole(begun), {})
    assert await places.back(url, begun)


async def test_nothing_is_restored_where_a_bot_runs(places: Places) -> None:
    _, file = await a_backup(places)
    begun = await places.url("sqlite")
    async with places.opened(begun) as store:
        with pytest.raises(DatabaseInUse):
            await restore(file, places.whole(begun), {})
        assert await store.read(ledger.balance(ANN)) is None


async def test_nothing_is_restored_where_a_process_of_postgres_is_alive(places: Places) -> None:
    _, file = await a_backup(places)
    begun = await places.url("postgres")
    async with places.opened(begun) as store:
        await store.run(leases.renew("1", about="worker host 12", lease_ms=60_000, now=NOW))
        with pytest.raises(DatabaseAtWork) as refusal:
            await restore(file, places.whole(begun), {})
        assert refusal.value.processes == "worker host 12"
        assert await store.read(ledger.balance(ANN)) is None


async def test_remains_of_a_file_that_was_moved_away_are_not_mixed_into_the_new_one(places: Places) -> None:
    """A `-wal` file that was left may hold the last commits, and SQLite would read it into the restored file."""
    _, file = await a_backup(places)
    empty = await places.url("sqlite")
    wal = Path(f"{empty.removeprefix('sqlite:///')}-wal")
    wal.parent.mkdir()
    wal.write_bytes(b"committed last")
    with pytest.raises(PlaceTaken) as refusal:
        await restore(file, places.whole(empty), {})
    assert refusal.value.where == str(wal)
    assert wal.read_bytes() == b"committed last"


async def test_images_that_are_there_stay_as_they_are(places: Places) -> None:
    """A file with the same bytes is no obstacle. Other bytes are one: then the files that were put back are erased."""
    _, file = await a_backup(places, images=True)
    folders, empty = places.folders("after"), await places.url("sqlite")
    await folders["images"].keep("914.png", b"an image")
    await folders["clips"].keep("a" * 64, b"another clip")
    with pytest.raises(PlaceTaken):
        await restore(file, places.whole(empty), folders)
    assert await places.sums(empty) is None
    assert left_in(places.folder / "after") == [f"clips/{'a' * 64}", "images/914.png"]
    await folders["clips"].erase("a" * 64)
    assert (await restore(file, places.whole(empty), folders)).files == 3


# --- failures -----------------------------------------------------------------------------------------


def full(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


async def test_a_disk_too_full_for_a_backup_is_left_as_it_was(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await places.filled("sqlite")
    kept = places.folder / "kept"
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskUnavailable, match="No space left"):
            await back_up(places.whole(url), kept / "a.tar")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, 10_000_000))
        with pytest.raises(DiskUnavailable, match=r"6\d MB are needed in .*kept, and 10 MB are free"):
            await back_up(places.whole(url), kept / "a.tar")
    assert left_in(kept) == []


async def test_a_disk_that_fills_while_postgres_is_backed_up_is_one_line_and_leaves_nothing(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, add = await places.filled("postgres"), Filling.add
    async with places.opened(url) as store:  # more than fits into the pages that the triggers had
        await store.run(
            history.keep_search("701", Search(guild_id=1, asker_id=10, member_id=10, text="x" * 500_000), now=0)
        )

    def full_by_now(filling: Filling, *rows: Any) -> None:
        filling._db.execute("PRAGMA max_page_count = 1")  # SQLite clamps it to the pages in use
        add(filling, *rows)

    with monkeypatch.context() as patch:
        patch.setattr(Filling, "add", full_by_now)
        with pytest.raises(DatabaseUnavailable, match="database or disk is full"):
            await back_up(places.whole(url), places.folder / "kept" / "a.tar")
    assert left_in(places.folder / "kept") == []


@pytest.mark.parametrize("into", ENGINES)
async def test_a_restore_that_fails_in_the_middle_leaves_nothing(
    places: Places, into: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, file = await a_backup(places, images=True)
    empty, fsyncs, fsync = await places.url(into), 0, os.fsync

    def full_at_the_third(descriptor: int) -> None:
        nonlocal fsyncs
        fsyncs += 1
        if fsyncs == 3:
            full(descriptor)
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_at_the_third)
        with pytest.raises(FilesUnavailable):
            await restore(file, places.whole(empty), places.folders("after"))
    assert await places.sums(empty) is None
    assert left_in(places.folder / "after") == []
    await restore(file, places.whole(empty), places.folders("after"))
    assert await findings(empty) == ()


def killed_at(point: str, *arguments: str, folder: Path, **environment: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.support.dying_process", point, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, cwd=folder, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert process.returncode == -signal.SIGKILL, process.stderr


async def test_a_process_killed_while_it_backs_up_leaves_what_the_next_one_sweeps_away(places: Places) -> None:
    url = await places.filled("sqlite")
    kept = places.folder / "kept"
    kept.mkdir()
    killed_at("bot.storage.whole.backup.settle", "backup", "a.tar", folder=kept, DATABASE_URL=url)
    assert not (kept / "a.tar").exists()
    assert [path.suffix for path in kept.iterdir()] == [".partial"]
    await back_up(places.whole(url), kept / "a.tar")
    assert left_in(kept) == ["a.tar"]


@pytest.mark.parametrize(
    ("into", "point"),
    [
        ("sqlite", "bot.storage.whole.sqlite_copy.settle"),
        ("sqlite", "bot.storage.whole.restore.clear_process_state"),
        ("postgres", "bot.storage.whole.postgres_copy.check_books"),
    ],
)
async def test_a_process_killed_while_it_restores_leaves_no_database_and_can_be_run_again(
    places: Places, into: Engine, point: str
) -> None:
    url, file = await a_backup(places, images=True)
    empty = await places.url(into)
    killed_at(point, "restore", str(file), folder=places.folder, DATABASE_URL=empty, DATA_DIR="after")
    assert await places.sums(empty) is None
    assert len(list(places.folder.rglob("*.partial"))) == 1
    await restore(file, places.whole(empty), places.folders("after"))
    assert await places.back(url, empty)


def test_every_table_has_a_key_by_which_its_rows_stand_in_one_order_in_both_engines() -> None:
    assert all(table.key for table in newest_tables())
