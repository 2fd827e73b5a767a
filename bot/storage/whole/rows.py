"""The tables of a database, and how two databases are compared.

When a database is copied, every table goes along, of any migration, except `PROCESS_TABLES`. They belong to the running
processes: their leases, the leader locks, the rate limits and the facts that they share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PAGE = 200  # rows that are in memory at once
PROCESS_TABLES = ("processes", "duties", "buckets", "facts")
OF_THE_SCHEMA = ("migrations", "job_edges")
SEARCH_INDEX = ("job_words", "job_words_data", "job_words_idx", "job_words_config")  # SQLite's own tables of one index


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `key`: its primary key; sorted by it, the rows have the same order in both engines."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def select(self) -> str:
        return f'SELECT {_listed(self.columns)} FROM "{self.name}" ORDER BY {_listed(self.key)}'  # noqa: S608  # our own names

    @property
    def insert(self) -> str:
        places = ", ".join("?" * len(self.columns))
        return f'INSERT INTO "{self.name}" ({_listed(self.columns)}) VALUES ({places})'  # noqa: S608  # as above


@dataclass(slots=True)
class Sum:
    """The count of all rows of a table, and one hash over every value."""

    rows: int = 0
    _hash: Any = field(default_factory=hashlib.sha256, repr=False)

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows += len(rows)
        lines = "".join(f"{tuple(row)!r}\n" for row in rows)
        self._hash.update(lines.encode("utf-8", "surrogatepass"))

    @property
    def facts(self) -> tuple[int, str]:
        return self.rows, self._hash.hexdigest()


Sums = Mapping[str, Sum]


def differing(one: Sums, other: Sums) -> list[str]:
    """The names of the tables that are not the same in both."""
    return [
        name
        for name in sorted({*one, *other})
        if name not in one or name not in other or one[name].facts != other[name].facts
    ]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)
