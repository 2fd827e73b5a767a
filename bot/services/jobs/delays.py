"""How long to wait between two tries of the same thing, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    download: float = 2.0  # after an image that came broken
    discord: float = 5.0  # after a delivery that Discord did not answer
    busy: float = 15.0  # after the supplier had no room for a job
    aftercare: float = 3.0  # also the least time between two edits of a waiting card
    balance: float = 300.0  # between two looks at the supplier's balance
    card_repair: float = 60.0  # after this, no edit of a process that lost a job can still be on its way
    probe: float = 30.0  # looks at the supplier while the circuit breaker is tripped; doubles each time
