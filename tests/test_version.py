"""Which Stillframe this is, said once more where no installed package can tell."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bot.version import VERSION


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
