"""A prediction is the supplier's job: one accepted submission, from its reservation to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.scenarios import Scenario
from sandbox.validation import ValidOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """`outputs` None and [] both say that there are none."""

    status: str
    outputs: object = None
    error: str = ""
    error_code: int | None = None

    @property
    def failed(self) -> bool:
        return self.status in {"failed", "timeout"}


@dataclass(slots=True, kw_only=True, eq=False)
class Prediction:
    """`address` is what `urls.get` says; `turn`: how often its scenario was taken before; `due`: on the loop's clock,
    seconds; `polls` before its end, `reads` after it."""

    id: str
    address: str
    order: ValidOrder
    price_micros: int
    scenario: Scenario
    turn: int
    latency_seconds: float
    due: float
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    polls: int = 0
    reads: int = 0
    ended: Ended | None = None
    life: asyncio.Task[None] | None = None
