"""Says how long the supplier takes: 4-8 s and longer with more thinking, by its page; 8-18 s as measured."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from sandbox.validation import ValidOrder

SIZE_FACTORS = {"1k": 1.0, "2k": 1.4, "4k": 2.2, "8k": 4.0}
THINKING_FACTORS = {"minimal": 0.8, "high": 1.8}  # other levels, and none: 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The times are log-normal around the median of a 1K image; `spread` is the standard deviation of the logarithm.

    `by_order`: larger images and more thinking take longer.
    """

    median_seconds: float = 6.0
    spread: float = 0.35
    by_order: bool = True

    @classmethod
    def instant(cls) -> Latency:
        return cls.fixed(0)

    @classmethod
    def fixed(cls, seconds: float) -> Latency:
        return cls(median_seconds=seconds, spread=0, by_order=False)

    def seconds(self, order: ValidOrder, chance: random.Random) -> float:
        factor = (
            SIZE_FACTORS[order.resolution] * THINKING_FACTORS.get(order.thinking_level, 1.0) if self.by_order else 1.0
        )
        return self.median_seconds * factor * math.exp(chance.gauss(0, self.spread))
