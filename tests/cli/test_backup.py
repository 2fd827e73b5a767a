"""`stillframe backup`, `restore` and `migrate-database`, as an operator types them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.storage.credits import ledger
from bot.storage.engine.migrations import migrations_of
from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.engine.store import Store
from bot.storage.processes import leases
from tests.support import postgres
from tests.support.command_line import DATABASE, as_json, in_words, leave_for, stillframe
from tests.support.everything import put_something_everywhere
from tests.support.factories import ANN, NOW, sql

HERE = f"sqlite:///{DATABASE}"
SECRET = "a-very-secret-word"


@pytest.fixture(autouse=True)
def an_empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_for(tmp_path, monkeypatch)


@pytest.fixture
def empty_postgres(postgres_server: postgres.Server) -> Any:
    url = asyncio.run(postgres_server.create())
    yield url
    asyncio.run(postgres_server.drop(url))


def books(fill: Callable[[Store], Awaitable[None]] = put_something_everywhere) -> None:
    async def make() -> None:
        async with open_sqlite(DATABASE) as store:
            await fill(store)

    asyncio.run(make())


def one_line(result: Any) -> str:
    """The one line that a command printed when it refused."""
    said: str = (result.stdout + result.stderr).strip()
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1, said
    return said


def test_everything_is_backed_up_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    books()
    Path("data/images").mkdir()
    Path("data/images/914.png").write_bytes(b"an image")
    result = stillframe("backup", "kept/a.tar", "--images")
    assert result.exit_code == 0, result.stderr
    assert "2 wallets, 22 entries, 9 orders; 1 files of images and clips. The books are sound." in in_words(result)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///new/stillframe.db")
    monkeypatch.setenv("DATA_DIR", "new")
    result = stillframe("restore", "kept/a.tar")
    assert result.exit_code == 0, result.stderr
    words = in_words(result)
    assert "Restored into new/stillframe.db, as it was on 20" in words
    assert "What happened since is not in it: docs/operators/backups.md says what to look at" in words
    assert "Orders that waited in it: 2." in words
    assert Path("new/images/914.png").read_bytes() == b"an image"
    assert stillframe("ledger", "check").exit_code == 0


def test_for_scripts_each_is_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    books()
    made = as_json("backup", "a.tar")
    assert (made["ok"], made["file"], made["files"], made["findings"], made["engine"], made["migration"]) == (
        True, "a.tar", 0, 0, "sqlite", migrations_of("sqlite")[-1].number,
    )  # fmt: skip
    assert (made["rows"]["entries"], made["bytes"]) == (22, Path("a.tar").stat().st_size)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///new.db")
    restored = as_json("restore", "a.tar")
    assert (restored["ok"], restored["database"], restored["open_jobs"], restored["made_at"]) == (
        True, "new.db", 7, made["made_at"],
    )  # fmt: skip
    moved = [as_json("migrate-database", "--from", HERE, "--to", "sqlite:///moved.db") for _ in range(2)]
    assert [(each["ok"], each["already"], each["rows"]["jobs"]) for each in moved] == [
        (True, False, 9), (True, True, 9),
    ]  # fmt: skip


def test_a_backup_is_made_while_the_bot_runs() -> None:
    async def hold_and_back_up() -> Any:
        async with open_sqlite(DATABASE) as store:
            await put_something_everywhere(store)
            return await asyncio.to_thread(stillframe, "backup", "a.tar")

    assert asyncio.run(hold_and_back_up()).exit_code == 0


def test_nothing_is_restored_or_moved_under_a_running_bot() -> None:
    async def hold_and_try() -> list[Any]:
        async with open_sqlite(DATABASE) as store:
            await put_something_everywhere(store)
            await asyncio.to_thread(stillframe, "backup", "a.tar")
            tries = (("restore", "a.tar"), ("migrate-database", "--from", HERE, "--to", "sqlite:///b.db"))
            return [await asyncio.to_thread(stillframe, *each) for each in tries]

    for result in asyncio.run(hold_and_try()):
        assert result.exit_code == 1
        assert one_line(result) == f"A bot is running on {DATABASE}: stop it first. Nothing was changed."


def test_a_place_that_holds_something_is_never_written_over() -> None:
    books()
    stillframe("backup", "a.tar")
    for again in (("backup", "a.tar"), ("restore", "a.tar")):
        result = stillframe(*again)
        assert result.exit_code == 1
        assert "already, and none of it may be lost. Nothing was changed." in one_line(result)
    assert as_json("restore", "a.tar")["error"] == "PlaceTaken"


@pytest.mark.parametrize("content", [None, b"", b"no tar" * 1_000])
def test_what_is_no_backup_is_refused_in_one_line(content: bytes | None) -> None:
    if content is not None:
        Path("a.tar").write_bytes(content)
    result = stillframe("restore", "a.tar")
    assert result.exit_code == 1
    assert one_line(result).startswith("This is no backup that can be used: ")
    assert not DATABASE.exists()


def test_unsound_books_are_kept_and_said_to_be_unsound() -> None:
    async def tamper(store: Store) -> None:
        await store.run(ledger.welcome(ANN, starting_credits=300, now=NOW))
        await store.run(sql("DROP TRIGGER wallets_move_only_by_entries"))
        await store.run(sql("UPDATE wallets SET posted = 999"))

    books(tamper)
    result = stillframe("backup", "a.tar")
    assert result.exit_code == 1
    assert "not sound: 1 findings. Keep an older backup" in in_words(result)
    assert Path("a.tar").exists()


def test_without_a_database_there_is_nothing_to_back_up() -> None:
    result = stillframe("backup", "a.tar")
    assert result.exit_code == 2
    assert "There is no database at data/stillframe.db yet" in one_line(result)
    assert list(Path().iterdir()) == []


def test_moving_to_postgres_and_back_shows_what_was_moved(empty_postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    books()
    monkeypatch.setenv("DATABASE_URL", empty_postgres)
    result = stillframe("migrate-database", "--from", HERE)
    assert result.exit_code == 0, result.stderr
    words = in_words(result)
    assert "jobs 9" in words
    assert "3,235 credits, of which 1,050 on hold; 7 open jobs. The books are sound." in words
    assert f"{DATABASE} is as it was: do not start a bot on it again." in words
    again = stillframe("migrate-database", "--from", HERE)
    assert again.exit_code == 0
    assert "already holds exactly what" in in_words(again)
    assert stillframe("migrate-database", "--to", "sqlite:///back.db").exit_code == 0
    assert stillframe("ledger", "check").exit_code == 0


def test_processes_at_work_are_named(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def live() -> None:
        async with open_postgres(postgres_url) as store:
            await store.run(leases.renew("1", about="worker host 12", lease_ms=60_000, now=NOW))

    asyncio.run(live())
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    result = stillframe("migrate-database", "--to", "sqlite:///b.db")
    assert result.exit_code == 1
    assert ": worker host 12. Stop them first. Nothing was changed." in one_line(result)


def test_from_a_place_into_itself_nothing_is_moved() -> None:
    books()
    result = stillframe("migrate-database", "--from", HERE)
    assert result.exit_code == 1
    assert one_line(result).startswith(f"Both are {DATABASE}.")


@pytest.mark.parametrize(
    "url",
    ["mysql://me:{}@127.0.0.1/x", "postgresql://me:{}@127.0.0.1", "sqlite:///~/{}.db", "postgresql://me:{}@h:p/x"],
)
def test_a_wrong_address_is_refused_and_never_repeated(url: str) -> None:
    result = stillframe("migrate-database", "--from", HERE, "--to", url.format(SECRET))
    assert result.exit_code == 2
    assert "must be" in " ".join(result.stderr.split())
    assert SECRET not in result.stdout + result.stderr


@pytest.mark.parametrize("command", ["backup", "restore", "migrate-database"])
def test_the_password_of_a_database_that_can_not_be_reached_is_never_printed(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    books()
    assert stillframe("backup", "a.tar").exit_code == 0
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{SECRET}@127.0.0.1:{port}/x")
    arguments = {"backup": ["b.tar"], "restore": ["a.tar"], "migrate-database": ["--from", HERE]}[command]
    for result in (stillframe(command, *arguments), stillframe(command, *arguments, "--json")):
        assert result.exit_code == 2
        assert "The database can't be used: PostgreSQL:" in one_line(result)
        assert SECRET not in result.stdout + result.stderr
