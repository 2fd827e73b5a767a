"""A move between engines copies everything or nothing, has the same rows on both sides, and can be repeated."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.domain.errors import (
    BooksUnsound,
    DatabaseAtWork,
    DatabaseInUse,
    DatabaseTooNew,
    DatabaseUnavailable,
    PlaceTaken,
)
from bot.storage.credits import ledger
from bot.storage.engine.migrations import Engine
from bot.storage.orders import placing
from bot.storage.processes import leases
from bot.storage.whole.restore import move
from bot.storage.whole.rows import differing
from tests.storage.engine.test_migrations import DATABASES, each_is_found
from tests.storage.whole.test_backup_and_restore import killed_at
from tests.support.factories import ANN, MANY, NOW, an_order, sql
from tests.support.places import ENGINES, Places, findings, left_in

BOTH_WAYS = [("sqlite", "postgres"), ("postgres", "sqlite")]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize(("of", "into"), [*BOTH_WAYS, ("sqlite", "sqlite"), ("postgres", "postgres")])
async def test_everything_moves_and_a_second_time_there_is_nothing_to_do(
    places: Places, of: Engine, into: Engine
) -> None:
    source, target = await places.filled(of), await places.url(into)
    moved = await move(places.whole(source), places.whole(target))
    assert (moved.already, moved.books.findings) == (False, ())
    assert await places.same(source, target)
    assert await findings(target) == ()
    again = await move(places.whole(source), places.whole(target))
    assert (again.already, again.books.posted) == (True, moved.books.posted)
    assert await places.same(source, target)
    async with places.opened(target) as store:
        await each_is_found(store)


@pytest.mark.parametrize(("of", "into"), BOTH_WAYS)
async def test_a_target_that_has_gone_on_is_never_written_to(places: Places, of: Engine, into: Engine) -> None:
    source, target = await places.filled(of), await places.url(into)
    await move(places.whole(source), places.whole(target))
    async with places.opened(target) as store:
        await store.run(placing.place(an_order("999"), starting_credits=0, limits=MANY, now=NOW + 20_000))
    before = await places.sums(target)
    with pytest.raises(PlaceTaken):
        await move(places.whole(source), places.whole(target))
    after = await places.sums(target)
    assert before
    assert after
    assert differing(before, after) == []
    assert "999" in {row["id"] for row in await _jobs(places, target)}


@pytest.mark.parametrize("into", ENGINES)
async def test_a_file_that_a_bot_runs_on_is_not_moved(places: Places, into: Engine) -> None:
    source, target = await places.filled("sqlite"), await places.url(into)
    async with places.opened(source):
        with pytest.raises(DatabaseInUse):
            await move(places.whole(source), places.whole(target))
    assert await places.sums(target) is None


@pytest.mark.parametrize("into", ENGINES)
async def test_a_database_of_postgres_that_a_process_works_on_is_not_moved(places: Places, into: Engine) -> None:
    source, target = await places.filled("postgres"), await places.url(into)
    async with places.opened(source) as store:
        await store.run(leases.renew("1", about="worker host 12", lease_ms=60_000, now=NOW))
        with pytest.raises(DatabaseAtWork):
            await move(places.whole(source), places.whole(target))
        await store.run(leases.leave("1"))
        await move(places.whole(source), places.whole(target))
    assert await places.same(source, target)


async def test_a_process_that_starts_while_postgres_is_being_moved_waits_for_the_end(places: Places) -> None:
    source = await places.filled("postgres")
    async with places.opened(source) as store:
        async with places.whole(source).alone():
            renewing = asyncio.create_task(store.run(leases.renew("1", about="bot", lease_ms=60_000, now=NOW)))
            await asyncio.sleep(0.2)
            assert not renewing.done()
        await renewing


@pytest.mark.parametrize("into", ENGINES)
async def test_an_older_file_is_brought_up_to_date_on_its_way_and_stays_as_it_is(places: Places, into: Engine) -> None:
    source, target = await places.url("sqlite"), await places.url(into)
    file = Path(source.removeprefix("sqlite:///"))
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as db:
        db.executescript((DATABASES / "0001.sql").read_text(encoding="utf-8"))
    before = file.read_bytes()
    await move(places.whole(source), places.whole(target))
    assert file.read_bytes() == before
    async with places.opened(target) as store:
        balance = await store.read(ledger.balance(ANN))
        assert balance
        assert (balance.posted, balance.held) == (300, 150)
    assert await findings(target) == ()


async def test_the_owner_of_the_tables_may_do_it_in_postgres_without_being_a_superuser(places: Places) -> None:
    source, target = await places.filled("sqlite"), await places.url("postgres")
    name = target.rpartition("/")[2]
    async with connected(target) as connection:
        await connection.execute(f"CREATE ROLE owner_of_{name} LOGIN")
        await connection.execute(f"ALTER DATABASE {name} OWNER TO owner_of_{name}")
    as_owner = target.replace("postgres@", f"owner_of_{name}@")
    await move(places.whole(source), places.whole(as_owner))
    assert await places.same(source, target)
    async with places.opened(as_owner) as store:
        with pytest.raises(Exception, match="ConstraintBroken"):
            await store.run(sql("DELETE FROM wallets WHERE id = 1"))


async def test_unsound_books_are_not_moved(places: Places) -> None:
    source, target = await places.filled("sqlite"), await places.url("postgres")
    async with places.opened(source) as store:
        await store.run(sql("DROP TRIGGER wallets_move_only_by_entries"))
        await store.run(sql("UPDATE wallets SET posted = posted + 1 WHERE id = 1"))
    with pytest.raises(BooksUnsound):
        await move(places.whole(source), places.whole(target))
    assert await places.sums(target) is None


async def test_what_postgres_can_not_keep_is_named_and_nothing_is_left_there(places: Places) -> None:
    source, target = await places.filled("sqlite"), await places.url("postgres")
    async with places.opened(source) as store:
        await store.run(sql("UPDATE requests SET words = :words", words="with a NUL: \0"))
    with pytest.raises(DatabaseUnavailable) as refusal:
        await move(places.whole(source), places.whole(target))
    assert "a text in requests has a NUL character" in refusal.value.detail
    assert await places.sums(target) is None


async def test_tables_of_a_newer_version_are_not_left_behind(places: Places) -> None:
    """Code that can work on a database of newer code does not know all of its tables."""
    source, target = await places.filled("postgres"), await places.url("sqlite")
    async with connected(source) as connection:
        await connection.execute("INSERT INTO migrations VALUES (9999, '9999_newer.sql', 0, 1)")
    with pytest.raises(DatabaseTooNew):
        await move(places.whole(source), places.whole(target))
    assert await places.sums(target) is None


async def test_where_nothing_is_nothing_is_made_of_it(places: Places) -> None:
    target = await places.url("sqlite")
    with pytest.raises(DatabaseUnavailable, match="there is no file"):
        await move(places.whole(f"sqlite:///{places.folder / 'typo' / 'a.db'}"), places.whole(target))
    with pytest.raises(DatabaseUnavailable, match="no database of Stillframe's"):
        await move(places.whole(await places.url("postgres")), places.whole(target))
    assert left_in(places.folder) == []
    assert not (places.folder / "typo").exists()


@pytest.mark.parametrize(
    ("of", "into", "point"),
    [
        ("sqlite", "postgres", "bot.storage.whole.postgres_copy.check_books"),
        ("sqlite", "postgres", "bot.storage.whole.restore.clear_process_state"),
        ("postgres", "sqlite", "bot.storage.whole.sqlite_copy.settle"),
    ],
)
async def test_a_process_killed_while_it_moves_leaves_the_target_empty_and_can_be_run_again(
    places: Places, of: Engine, into: Engine, point: str
) -> None:
    source, target = await places.filled(of), await places.url(into)
    killed_at(point, "migrate-database", "--from", source, "--to", target, folder=places.folder)
    assert await places.sums(target) is None
    moved = await move(places.whole(source), places.whole(target))
    assert not moved.already
    assert await places.same(source, target)


async def _jobs(places: Places, url: str) -> Any:
    async with places.opened(url) as store:
        return await store.read(sql("SELECT id FROM jobs"))
