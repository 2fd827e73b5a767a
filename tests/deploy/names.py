"""The names that files and pages about deployment may use: settings, commands and options as the code has them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer
import yaml

from bot.cli.main import app
from bot.settings import Settings

ROOT = Path(__file__).parent.parent.parent

# What Python and others look for in the environment.
OF_OTHERS = {
    *("PATH", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR"),
    *("PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR"),
    *("POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"),
    "POD",  # of the StatefulSet's own making
}


def strange_settings(names: Iterable[str]) -> set[str]:
    return set(names) - {name.upper() for name in Settings.model_fields} - OF_OTHERS


def wrong_in(words: list[str]) -> str | None:
    """What is wrong in a command's words after `stillframe`; None when it could be typed."""
    command: Any = typer.main.get_command(app)
    taken = 0
    while taken < len(words) and (inner := getattr(command, "commands", {}).get(words[taken])):
        command, taken = inner, taken + 1
    unfinished = hasattr(command, "commands") and words[taken : taken + 1]
    if unfinished and not words[taken].startswith("-"):
        return f"no command: {words}"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help"
    }
    strange = {word.split("=")[0] for word in words[taken:] if word.startswith("--")} - known
    return f"{words[0]} has no {strange}" if strange else None


def commands_in(line: Iterable[str]) -> Iterator[list[str]]:
    """The words after `python -m bot`, also inside of what a shell is given."""
    words = [str(word) for word in line]
    for place in range(len(words) - 2):
        if words[place].endswith("python") and words[place + 1 : place + 3] == ["-m", "bot"]:
            yield words[place + 3 :]
        elif words[place + 1 : place + 3] == ["-m", "bot.cli.healthcheck"]:  # what `stillframe health` runs
            yield ["health", *words[place + 3 :]]
    for word in words:
        if " -m bot " in word:
            yield from commands_in(shlex.split(word))


def documents(text: str) -> list[Any]:
    return [each for each in yaml.safe_load_all(text) if each is not None]


def mappings(node: object) -> Iterator[dict[str, Any]]:
    """Every mapping in it, outermost first."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from mappings(each)
