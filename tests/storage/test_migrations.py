"""A database of an earlier version is brought up to date, with everything in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.errors import DatabaseTooOld
from bot.domain.job import JobState
from bot.domain.wallet import Balance
from bot.storage import jobs, ledger
from bot.storage.audit import check_books
from bot.storage.sqlite import open_sqlite, read_once
from tests.factories import ANN, NOW, a_recipe, sql

DATABASES = Path(__file__).parent.parent / "data" / "databases"
RECIPE = a_recipe(prompt="A poster of the old days")


def restore(version: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.executescript((DATABASES / f"{version}.sql").read_text(encoding="utf-8"))


async def test_wallets_entries_and_open_jobs_of_the_first_version_go_on(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    restore("0001", file)
    async with open_sqlite(file) as store:
        assert await store.read(ledger.balance(ANN)) == Balance(posted=300, held=150)
        job = await store.read(jobs.get("900"))
        assert job
        assert (job.state, job.recipe, job.locale, job.spoiler) == (JobState.HELD, RECIPE, "en-US", False)
        (found,) = await store.read(sql("SELECT prompt, video FROM jobs"))
        assert {"prompt": RECIPE.prompt, "video": "dQw4w9WgXcQ"} == dict(found)
        await store.run(jobs.answered("900", 77, now=NOW))
        (claimed,) = await store.run(jobs.claim("worker", at_supplier=1, each=1, now=NOW))
        await store.run(jobs.submitting(claimed, now=NOW))
        assert (await store.read(check_books())).findings == ()


async def test_a_reader_is_told_of_an_older_database_and_leaves_it_alone(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    restore("0001", file)
    before = file.read_bytes()
    with pytest.raises(DatabaseTooOld) as refusal:
        await read_once(file, check_books())
    assert refusal.value.found == 1
    assert file.read_bytes() == before
