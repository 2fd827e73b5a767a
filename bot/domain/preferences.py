"""The preferences of a member for all of their orders."""

from __future__ import annotations

from dataclasses import dataclass

NEVER_ASK = 1_000_000  # credits: more than any price


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a member has chosen for all orders.

    `quiet_limit`: ask before paying from this price in credits on; None is the operator's default.
    `open_buttons`: others may press the buttons under this member's images, and pay for it themselves.
    `private`, `spoiler`, `model`: what an order is where it does not say; a `model` by its key.
    """

    quiet_limit: int | None = None
    open_buttons: bool = False
    private: bool = False
    spoiler: bool = False
    model: str | None = None
