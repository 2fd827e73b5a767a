"""A short storm in every test run; `make chaos KILLS=200` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.__main__ import table
from tests.chaos.soak import soak

KILLS = 10
SEED = 20


async def test_random_kills_under_load_break_no_rule(tmp_path: Path) -> None:
    soaked = await soak(tmp_path, kills=KILLS, seed=SEED)
    assert soaked.sound, "\n".join(table(soaked))
    assert soaked.aftermath.books.jobs
