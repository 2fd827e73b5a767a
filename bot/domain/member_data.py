"""Counts of what the bot keeps about one member, and the writer that cuts an export into files."""

from __future__ import annotations

import json
from dataclasses import dataclass

JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSummary:
    """Counts over all servers. `since` is the first order, in Unix milliseconds. `files` are images that the bot keeps.

    `preferences` says whether any differ from the defaults. `published` counts the templates that a server shows.
    """

    images: int
    since: int | None
    files: int
    references: int
    proposals: int
    templates: int
    published: int
    favourites: int
    reports: int
    requests: int
    blocks: int
    preferences: bool
    wallets: int
    entries: int


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of an export: a whole JSON document. `number` from 1."""

    number: int
    data: bytes
    last: bool


class PartWriter:
    """Collects items by section, and returns a document when the next item would make it larger than `limit_bytes`.

    An item that is too large by itself gets a document of its own.
    """

    def __init__(self, about: JsonObject, *, limit_bytes: int) -> None:
        self._about = about
        self._limit_bytes = limit_bytes
        self._number = 1
        self._start()

    def put(self, section: str, item: JsonObject) -> DataFile | None:
        line = json.dumps(item, ensure_ascii=False)
        room = (
            len(line.encode()) + len(section) + len('"":[\n],\n')
        )  # at most: the section's name counts even where the section is there already
        full = self._finish(last=False) if self._sections and self._size + room > self._limit_bytes else None
        self._sections.setdefault(section, []).append(line)
        self._size += room
        return full

    def close(self) -> DataFile:
        return self._finish(last=True)

    def _start(self) -> None:
        self._sections: dict[str, list[str]] = {}
        self._size = len(self._head().encode())

    def _head(self) -> str:
        return f'"about": {json.dumps({**self._about, "part": self._number})}'

    def _finish(self, *, last: bool) -> DataFile:
        lists = [f"{json.dumps(name)}: [\n" + ",\n".join(lines) + "\n]" for name, lines in self._sections.items()]
        text = "{\n" + ",\n".join([self._head(), *lists]) + "\n}\n"
        part = DataFile(self._number, text.encode(), last)
        self._number += 1
        self._start()
        return part
