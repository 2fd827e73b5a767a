"""How long to wait between two tries of the same thing."""

from __future__ import annotations

import random
from dataclasses import dataclass

FIRST_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Looks at the supplier come every `early_seconds` in the first minute, then every `late_seconds`, jittered."""

    early_seconds: float = 3.0
    late_seconds: float = 5.0
    download_seconds: float = 2.0
    discord_seconds: float = 5.0
    busy_seconds: float = 15.0

    def look_seconds(self, age_ms: int) -> float:
        base = self.early_seconds if age_ms < FIRST_MINUTE_MS else self.late_seconds
        return base * random.uniform(0.9, 1.1)  # noqa: S311  # spreads the looks, guards nothing
