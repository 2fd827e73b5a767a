"""How long to wait between two tries of the same thing, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    download: float = 2.0  # an image that came broken
    discord: float = 5.0  # a delivery that Discord did not answer
    busy: float = 15.0  # a supplier that had no room
    round: float = 3.0  # of the caretaker; also the least time between two edits of a waiting card
    balance: float = 300.0  # looks at the supplier's balance
    mend: float = 60.0  # until no edit of a process that lost a job can be on its way any more
    probe: float = 30.0  # looks whether a closed supplier is open again; doubles each time
