"""The `stillframe` command in an empty place: no settings but a test's own, no files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.settings import Settings

DATABASE = Path("data/stillframe.db")


def leave_for(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(place)


def stillframe(*arguments: str, stdin: str = "") -> Any:
    return CliRunner().invoke(app, list(arguments), input=stdin)


def as_json(*arguments: str) -> Any:
    """The one JSON object that the command printed."""
    result = stillframe(*arguments, "--json")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return json.loads(result.stdout)


def in_words(result: Any) -> str:
    """What was printed, as one line."""
    return " ".join(result.stdout.split())
