"""Two versions at work on one database, while one takes over from the other: no pause, and nothing done twice.

The version to come is this one, copied, with a migration more that says it can live beside this code.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from bot.domain.job import JobState
from bot.storage.engine.migrations import migrations_of
from tests.chaos.fleet import Fleet, open_fleet
from tests.support import postgres
from tests.support.factories import sql
from tests.support.wire_house import ROOT

ORDERS = 30
EVERY_SECONDS = 0.25
NEXT = """-- oldest code: {known}
ALTER TABLE jobs ADD COLUMN mood TEXT COLLATE "C" NOT NULL DEFAULT 'fine';
"""

pytestmark = pytest.mark.skipif(postgres.binaries() is None, reason=postgres.MISSING)


def a_next_version(folder: Path) -> Path:
    for room in ("bot", "cogs", "sandbox", "tests"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    known = migrations_of("postgres")[-1].number
    migrations = folder / "bot" / "storage" / "migrations" / "postgres"
    (migrations / f"{known + 1:04}_the_mood.sql").write_text(NEXT.format(known=known))
    return folder


async def test_a_new_version_takes_over_while_the_old_one_works_on(tmp_path: Path, postgres_url: str) -> None:
    newer = {"PYTHONPATH": str(a_next_version(tmp_path / "next"))}
    async with open_fleet(tmp_path, postgres_url, median_seconds=0.3) as fleet:
        gateway = await fleet.gateway()
        old = await fleet.workers(2)
        ordering = asyncio.create_task(order_on(fleet))
        await asyncio.sleep(5 * EVERY_SECONDS)
        new = await fleet.workers(1, **newer)
        assert await newest_migration(fleet) > migrations_of("postgres")[-1].number
        crashed = await fleet.workers(1)  # a process of the old version that is started again meanwhile
        new += await fleet.workers(1, **newer)
        for process in (*old, *crashed):
            process.terminate()
        assert [await process.wait() for process in (*old, *crashed)] == [0, 0, 0]
        await ordering
        found = await fleet.ended(ORDERS)
        assert [job.release_reason for job in found if job.state is not JobState.DELIVERED] == []
        assert len(fleet.wire.visible_images()) == len(fleet.standin.charges) == ORDERS
        for process in (gateway, *new):
            process.terminate()
        assert [await process.wait() for process in (gateway, *new)] == [0, 0, 0]


async def order_on(fleet: Fleet) -> None:
    for number in range(ORDERS):
        await fleet.order(f"A poster {number}")
        await asyncio.sleep(EVERY_SECONDS)


async def newest_migration(fleet: Fleet) -> int:
    rows = await fleet.store.read(sql("SELECT max(number) AS newest FROM migrations"))
    newest: int = rows[0]["newest"]
    return newest
