"""The database, read when a process has ended."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.awaiting import TRIES_MS
from bot.storage.engine.store import Script
from tests.simulation.loop import START_MS
from tests.simulation.plan import Order
from tests.simulation.supplier import Works

T = TypeVar("T")

# One that could be shown nowhere is at rest when it was tried again once.
_UNFINISHED = f"""
    SELECT count(*) AS unfinished FROM jobs WHERE state NOT IN ('delivered', 'released', 'awaiting')
        OR (state = 'awaiting' AND next_at <= awaiting_since + {TRIES_MS[0]})
        OR (state = 'released' AND (told = 0 OR late_looks > 0))"""  # noqa: S608  # our own text


@dataclass(frozen=True, slots=True)
class JobRow:
    order: Order
    id: str
    state: str
    reason: str | None
    created: float
    ended: float
    member_id: int
    cost: int
    refund: int
    awaiting: float | None


class Books:
    """The database as the last process left it."""

    def __init__(self, file: Path, works: Works) -> None:
        self._db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self._db.row_factory = sqlite3.Row
        self._works = works

    def __enter__(self) -> Books:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def read(self, script: Script[T]) -> T:
        try:
            sql, parameters = next(script)
            while True:
                rows: list[Any] = self._db.execute(sql, parameters).fetchall()
                sql, parameters = script.send(rows)
        except StopIteration as stop:
            value: T = stop.value
            return value

    def all(self, sql: str) -> list[sqlite3.Row]:
        return self._db.execute(sql).fetchall()

    def at_rest(self) -> bool:
        rows = self.all(_UNFINISHED)
        return bool(rows[0]["unfinished"] == 0)

    def jobs(self) -> list[JobRow]:
        rows = self.all(
            "SELECT jobs.*, (SELECT max(at) FROM job_steps WHERE job_id = jobs.id) AS ended_at FROM jobs ORDER BY rowid"
        )
        return [
            JobRow(
                order=self._works.order_of(row["recipe"]),
                id=row["id"],
                state=row["state"],
                reason=row["release_reason"],
                created=_seconds(row["created_at"]),
                ended=_seconds(row["ended_at"]),
                member_id=row["member_id"],
                cost=row["cost"],
                refund=row["refund"],
                awaiting=None if row["awaiting_since"] is None else _seconds(row["awaiting_since"]),
            )
            for row in rows
        ]


def _seconds(unix_ms: int) -> float:
    return (unix_ms - START_MS) / 1000
