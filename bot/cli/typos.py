"""Finds names in the environment and in `.env` that are no settings, but look like one.

Other programs have their own names there, so no name is refused, and one that is like no setting is ignored.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from bot.settings import Settings

ALIKE = 0.83  # from here on, of 1: DISCORD_BOT_TOKEN and S3_ENDPOINT are like a setting's name, HTTP_PROXY is not
OF_OTHERS = ("AWS_",)  # the names of Amazon's own tools, of which ours for S3 remind

_NAME = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", re.MULTILINE)


def typos() -> Iterator[str]:
    """A line for each name, which begins with it. Raises `OSError` or `UnicodeError` where `.env` can't be read."""
    file = Path(".env")
    if file.is_dir():
        yield ".env is a folder, so nothing is read from it. Docker makes one for a mounted file that is not there."
    if file.is_file():
        yield from _in_dotenv(file.read_text(encoding="utf-8-sig"))
    yield from _alike(os.environ, place="the environment")


def _in_dotenv(text: str) -> Iterator[str]:
    found = Counter(name.upper() for name in _NAME.findall(text))
    yield from _alike(found, place=".env")
    for name in _settings():
        if found[name] > 1:
            yield f"{name} stands {found[name]} times in .env: the last one counts."


def _alike(names: Iterable[str], *, place: str) -> Iterator[str]:
    for name in map(str.upper, names):
        if name in _settings() or name.startswith(OF_OTHERS):
            continue
        for meant in get_close_matches(name, _settings(), n=1, cutoff=ALIKE):
            yield f"{name} in {place} is not a setting; did you mean {meant}?"


def _settings() -> list[str]:
    return [name.upper() for name in Settings.model_fields]
