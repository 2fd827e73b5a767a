"""Every module that a deployment file, the Makefile or a page runs with `python -m` exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.deploy.names import ROOT

FILES = [
    *(ROOT / name for name in ("Makefile", "Dockerfile", "compose.yaml", ".ci/run", "README.md")),
    *(path for folder in ("deploy", "docs") for path in sorted((ROOT / folder).rglob("*")) if path.is_file()),
]
_MODULE = re.compile(r"-m[\", ]+((?:bot|cogs|sandbox|tests|bench)\b[\w.]*)")


def modules_in(path: Path) -> set[str]:
    return set(_MODULE.findall(path.read_text(encoding="utf-8", errors="replace")))


def exists(module: str) -> bool:
    place = ROOT.joinpath(*module.rstrip(".").split("."))
    return place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


@pytest.mark.parametrize("path", [path for path in FILES if modules_in(path)], ids=lambda path: path.name)
def test_a_module_that_is_run_by_its_name_exists(path: Path) -> None:
    assert [module for module in sorted(modules_in(path)) if not exists(module)] == []


def test_the_files_that_start_the_bot_are_among_those_looked_at() -> None:
    named = {path.name for path in FILES if modules_in(path)}
    assert {"Makefile", "Dockerfile", "compose.yaml", "stillframe.service", "kubernetes.md"} <= named
