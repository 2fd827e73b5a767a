"""Reads which packages the lock files name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PRODUCTION = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"

_PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)(?:\[[a-z,]+\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)


class Pin(NamedTuple):
    name: str
    version: str


def pins(lock: Path) -> list[Pin]:
    """Every package of every platform and Python: some stand there in two versions."""
    return [Pin(match["name"], match["version"]) for match in _PIN.finditer(lock.read_text(encoding="utf-8"))]
