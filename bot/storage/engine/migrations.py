"""The migrations: which of them a database has, and whether this code can work on it.

A migration is a numbered file of SQL, one for each engine. Its first line may say `-- oldest code: 3`: then code whose
newest migration is 3 or later can still work on the database after it. So two versions can run side by side while one
takes over from the other. A migration without this line needs a stop of the older version first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from bot.domain.errors import DatabaseTooNew, DatabaseTooOld

Engine = Literal["sqlite", "postgres"]

_OLDEST_CODE = re.compile(r"-- oldest code: (\d+)\n")


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def oldest_code(self) -> int:
        """The newest migration of the oldest code that can work on a database after this one."""
        match = _OLDEST_CODE.match(self.sql)
        return int(match[1]) if match else self.number


def migrations_of(engine: Engine) -> list[Migration]:
    """The migrations in order. The first one of PostgreSQL is number 4: it has all that SQLite had got up to then."""
    folder = resources.files("bot.storage") / "migrations" / engine
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [Migration(int(file.name[:4]), file.name, file.read_text(encoding="utf-8")) for file in files]


def check_compatible(applied: Mapping[int, int], ours: Sequence[Migration]) -> None:
    """Check that this code can work on a database. Raises `DatabaseTooNew`.

    `applied`: the oldest code that can work on it, by the number of each migration that it has.
    """
    known = ours[-1].number
    newer = [oldest_code for number, oldest_code in applied.items() if number > known]
    if newer and max(newer) > known:
        raise DatabaseTooNew(found=max(applied), known=known)


def check_readable(applied: Mapping[int, int], ours: Sequence[Migration]) -> None:
    """As `check_compatible`, for a command that does not migrate. Raises `DatabaseTooOld` too."""
    check_compatible(applied, ours)
    found, known = max(applied, default=0), ours[-1].number
    if found < known:
        raise DatabaseTooOld(found=found, known=known)
