"""What a role's allowance may cost, for the moderators who set it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.allowance import Allowance

MUCH_MICROS = 100_000_000  # US$ 100 a month: from here on a mistyped amount would hurt, so it is asked once more


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCost:
    """`members` have the role; where they are not `exact`, all members of the server, and None where none are known.

    `micros_per_credit`: what a credit is worth in US$ 0.000001.
    """

    rule: Allowance
    members: int | None
    exact: bool
    micros_per_credit: int

    @property
    def credits_a_month(self) -> int:
        """If all of them, or one where none are known, spend it in 30 days."""
        return self.rule.a_month * (self.members or 1)

    @property
    def micros_a_month(self) -> int:
        return self.credits_a_month * self.micros_per_credit

    @property
    def is_much(self) -> bool:
        return self.micros_a_month >= MUCH_MICROS
