"""The wheel holds the bot, its cogs and the sandbox, with their data, and nothing of the tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.deploy.names import ROOT

PACKAGES = ("bot", "cogs", "sandbox")
BESIDE = ("tests", "bench")
DATA = (".po", ".mo", ".sql", ".ttf", ".txt", ".html", ".css", ".js")
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


def test_the_wheel_holds_every_file_of_the_packages_and_none_of_the_tests(tmp_path: Path) -> None:
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    for folder in (*PACKAGES, *BESIDE):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, "-c", BUILD, wheels], cwd=source, check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    written = {path for folder in PACKAGES for path in (source / folder).rglob("*") if path.is_file()}
    assert held == {path.relative_to(source).as_posix() for path in written}
    assert {Path(name).suffix for name in held} == {".py", *DATA}
