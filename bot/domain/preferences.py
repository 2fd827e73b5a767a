"""How a member likes it."""

from __future__ import annotations

from dataclasses import dataclass

NEVER_ASK = 1_000_000  # credits: over any price


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """`quiet_limit`: from this price in credits on, ask before paying; None is the operator's default.

    `open_buttons`: others may press what is under this member's images, and pay for it themselves.
    `private`, `spoiler`: what an order is where it does not say.
    """

    quiet_limit: int | None = None
    open_buttons: bool = False
    private: bool = False
    spoiler: bool = False
