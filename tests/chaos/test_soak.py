"""A short storm in every test run, over each engine; `make chaos KILLS=200 ENGINE=postgresql` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.storage.engine.migrations import Engine
from tests.chaos.__main__ import table
from tests.chaos.soak import soak
from tests.support import postgres

SEED = 20
NO_POSTGRES = pytest.mark.skipif(postgres.binaries() is None, reason=postgres.MISSING)


@pytest.mark.parametrize(
    ("engine", "blows"), [("sqlite", 10), pytest.param("postgres", 8, marks=NO_POSTGRES)], ids=["sqlite", "postgres"]
)
async def test_random_kills_under_load_break_no_rule(tmp_path: Path, engine: Engine, blows: int) -> None:
    soaked = await soak(tmp_path, kills=blows, seed=SEED, engine=engine)
    assert soaked.sound, "\n".join(table(soaked))
    assert soaked.aftermath.books.jobs
