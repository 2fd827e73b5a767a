"""The SQLite store: groups, savepoints, cancelled calls, and a file that is in use, too new, damaged or full."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from bot.domain.bank import LedgerMove
from bot.domain.errors import (
    ConstraintBroken,
    DatabaseInUse,
    DatabaseTooNew,
    DatabaseUnavailable,
    NotEnoughCredits,
)
from bot.domain.wallet import Balance
from bot.storage.credits import ledger
from bot.storage.credits.audit import check_books
from bot.storage.engine.migrations import Migration
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.store import Script
from tests.support.factories import ANN, BOB, NOW, sql


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with open_sqlite(tmp_path / "stillframe.db") as store:
        yield store


def grant(amount: int, act_id: str) -> Script[LedgerMove]:
    return ledger.grant(ANN, amount, act_id=act_id, actor="1", reason="Contest", starting_credits=0, now=NOW)


def grant_then_fail(amount: int, act_id: str) -> Script[None]:
    yield from grant(amount, act_id)
    raise NotEnoughCredits(needed=1, available=0, held=0)


async def test_a_script_that_raises_is_rolled_back_alone(store: SqliteStore) -> None:
    outcomes = await asyncio.gather(
        store.run(grant(10, "a")),
        store.run(grant_then_fail(1_000, "b")),
        store.run(grant(5, "c")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [LedgerMove, NotEnoughCredits, LedgerMove]
    assert await store.read(ledger.balance(ANN)) == Balance(posted=15, held=0)


async def test_a_thousand_waiting_scripts_share_a_few_commits(store: SqliteStore) -> None:
    commits = 0

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    await store._writer.set_trace_callback(count)
    await asyncio.gather(*(store.run(grant(1, str(number))) for number in range(1_000)))
    assert commits <= 3
    assert await store.read(ledger.balance(ANN)) == Balance(posted=1_000, held=0)


async def test_a_cancelled_call_never_leaves_half_a_transaction(store: SqliteStore) -> None:
    calls = [asyncio.create_task(store.run(grant(1, str(number)))) for number in range(100)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await store.run(grant(1, "after"))
    assert (await store.read(check_books())).findings == ()
    assert await store.read(ledger.balance(ANN)) == Balance(posted=101, held=0)  # a cancelled wait is not an undo


async def test_a_reader_never_sees_what_is_not_committed(store: SqliteStore) -> None:
    async def look() -> set[Balance | None]:
        return {await store.read(ledger.balance(ANN)) for _ in range(50)}

    writes = (store.run(grant_then_fail(100, str(number))) for number in range(50))
    seen, *_ = await asyncio.gather(look(), *writes, return_exceptions=True)
    assert seen == {None}


async def test_a_read_can_not_write(store: SqliteStore) -> None:
    with pytest.raises(DatabaseUnavailable, match="readonly"):
        await store.read(sql("INSERT INTO wallets (guild_id, member_id) VALUES (1, 1)"))


async def test_a_broken_rule_is_a_domain_error_with_the_rule_in_it(store: SqliteStore) -> None:
    await store.run(grant(10, "a"))
    with pytest.raises(ConstraintBroken, match="wallets are never deleted"):
        await store.run(sql("DELETE FROM wallets"))


async def test_after_closing_scripts_are_refused_not_lost(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path / "a.db") as store:
        pending = asyncio.create_task(store.run(grant(10, "a")))
        await asyncio.sleep(0)
    assert (await pending).entry.after == Balance(posted=10, held=0)
    with pytest.raises(DatabaseUnavailable, match="closed"):
        await store.run(grant(10, "b"))


async def test_a_second_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    holder = (
        "import asyncio, sys, pathlib\n"
        "from bot.storage.engine.sqlite import open_sqlite\n"
        "async def main():\n"
        "    async with open_sqlite(pathlib.Path(sys.argv[1])):\n"
        "        print('open', flush=True)\n"
        "        sys.stdin.read()\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(DatabaseInUse):
            async with open_sqlite(path):
                pass
        other.kill()
    async with open_sqlite(path):  # the lock died with its process
        pass


async def test_a_database_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with open_sqlite(path) as store:
        await store.run(sql("INSERT INTO migrations VALUES (9999, '9999_from_the_future.sql', 0, 9999)"))
    with pytest.raises(DatabaseTooNew) as refusal:
        async with open_sqlite(path):
            pass
    assert refusal.value.found == 9999


async def test_opening_again_applies_nothing_twice_and_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with open_sqlite(path) as store:
        await store.run(grant(10, "a"))
    async with open_sqlite(path) as store:
        assert await store.read(ledger.balance(ANN)) == Balance(posted=10, held=0)


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
async def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(DatabaseUnavailable):
        async with open_sqlite(path):
            pass
    assert path.read_bytes() == content


async def test_a_path_that_can_not_be_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(DatabaseUnavailable, match=r"a\.db"):
        async with open_sqlite(tmp_path / "a.db"):
            pass


async def test_an_sqlite_without_strict_tables_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(DatabaseUnavailable, match="too old"):
        async with open_sqlite(tmp_path / "a.db"):
            pass


async def test_a_failed_migration_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    one = "CREATE TABLE one (x INTEGER) STRICT;"
    broken = [Migration(1, "0001_broken.sql", one + one)]
    with monkeypatch.context() as patch:
        patch.setattr("bot.storage.engine.sqlite_file.migrations_of", lambda _: broken)
        with pytest.raises(DatabaseUnavailable, match="already exists"):
            async with open_sqlite(path):
                pass
    async with open_sqlite(path) as store:
        assert await store.read(sql("SELECT name FROM sqlite_master WHERE name = 'one'")) == []


async def test_on_a_full_disk_nobody_is_told_done_and_the_books_stay_whole(store: SqliteStore) -> None:
    await store.run(grant(10, "before"))
    await store._writer.execute("PRAGMA max_page_count = 1")  # SQLite clamps it to the pages in use
    outcomes = await asyncio.gather(*(store.run(grant(1, str(n))) for n in range(2_000)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, DatabaseUnavailable)]
    assert refused
    assert len(refused) + sum(isinstance(outcome, LedgerMove) for outcome in outcomes) == 2_000
    await store._writer.execute("PRAGMA max_page_count = 1000000")
    told_done = 2_000 - len(refused)
    assert await store.read(ledger.balance(ANN)) == Balance(posted=10 + told_done, held=0)
    await store.run(ledger.grant(BOB, 1, act_id="later", actor="1", reason="Space again", starting_credits=0, now=NOW))
    assert (await store.read(check_books())).findings == ()


async def test_nobody_else_on_the_machine_may_read_the_file(store: SqliteStore, tmp_path: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0}, modes


async def test_the_settings_that_durability_rests_on_are_on(store: SqliteStore) -> None:
    found = {}
    for pragma in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers"):
        async with store._writer.execute(f"PRAGMA {pragma}") as cursor:
            row = await cursor.fetchone()
            assert row
            found[pragma] = row[0]
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


def test_the_private_names_of_aiosqlite_that_we_use_still_stand() -> None:
    assert callable(aiosqlite.Connection._execute)
    assert isinstance(aiosqlite.Connection._conn, property)
