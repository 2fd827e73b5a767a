"""Sixty worlds with every fault there is, and the rules that hold in all of them. `make simulate` tries any number."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.simulation import simulate

FOUND_A_BUG_ONCE = (84, 137, 352, 1924, 1955, 2305, 4556, 5223, 100476)
SEEDS = (*range(60), *FOUND_A_BUG_ONCE)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_rules_hold(tmp_path: Path, seed: int) -> None:
    report = simulate(seed, tmp_path)
    assert report.delivered + report.waiting + sum(report.released.values()) == report.jobs


def test_a_seed_tells_the_same_story_each_time(tmp_path: Path) -> None:
    first, second = (simulate(4, tmp_path / name) for name in ("once", "again"))
    assert first == second
    assert len(first.trace) > 100
