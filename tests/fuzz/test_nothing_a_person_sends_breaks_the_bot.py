"""Hostile values in every command, option, form and custom id get a clear answer, hold nothing and log no error."""

from __future__ import annotations

from pathlib import Path

from tests.cogs.shared.test_refused_forms import kinds_of_forms
from tests.fuzz.fuzz import run
from tests.support.wire_house import hurried_discord_py

SEED = 16
WITHOUT_FIELDS = {"DeleteForm"}


async def test_each_place_answers_hostile_input_in_clear_words(tmp_path: Path) -> None:
    with hurried_discord_py():
        report = await run(tmp_path, seed=SEED, passes=2)
    assert list(dict.fromkeys(report.problems)) == []
    assert kinds_of_forms() - WITHOUT_FIELDS <= report.visited
