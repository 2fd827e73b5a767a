"""What an image costs. The price table is data with a date. Credits are whole numbers, and a price is rounded up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from bot.domain.recipe import Recipe, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """A supplier's list prices in US$ 0.000001, as read on a day. Clip and search are per request."""

    as_of: date
    source: str
    image_micros: Mapping[Size, int]
    clip_micros: int
    search_micros: int


ATLAS_CLOUD = PriceTable(
    as_of=date(2026, 11, 22),
    source="Atlas Cloud, product page of google/nano-banana-2/reference-to-image-developer, section Pricing",
    image_micros=MappingProxyType({Size.K1: 80_000, Size.K2: 120_000, Size.K4: 160_000}),
    clip_micros=70_000,
    search_micros=14_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """`markup_percent` is added to the supplier's price before it becomes credits."""

    table: PriceTable = ATLAS_CLOUD
    credits_per_usd: int = 1_000
    markup_percent: int = 0

    def supplier_micros(self, size: Size, *, search: bool) -> int:
        """What one image from a clip costs us at list price. Thinking and references cost nothing extra."""
        return self.table.image_micros[size] + self.table.clip_micros + (self.table.search_micros if search else 0)

    def credits(self, size: Size, *, search: bool) -> int:
        """What a member pays for one image from a clip."""
        exact = self.supplier_micros(size, search=search) * self.credits_per_usd * (100 + self.markup_percent)
        return max(1, -(-exact // 100_000_000))  # micros to dollars, percent to one; rounded up

    @property
    def micros_per_credit(self) -> int:
        """What one credit costs us at most, in US$ 0.000001, rounded up."""
        return -(-100_000_000 // (self.credits_per_usd * (100 + self.markup_percent)))

    @property
    def search_credits(self) -> int:
        """What web search adds to the price of an image."""
        return self.credits(Size.K1, search=True) - self.credits(Size.K1, search=False)

    def refund(self, cost: int, recipe: Recipe, *, made: Size) -> int:
        """The credits to return where a smaller image came than was ordered. Always less than `cost`."""
        ordered = self.credits(recipe.size, search=recipe.search)
        worth = self.credits(made, search=recipe.search)
        # In proportion, not a difference: the prices may have changed since the order.
        return max(0, cost - -(-cost * worth // ordered))

    def cheaper_than(self, credits: int, *, search: bool) -> tuple[tuple[str, int], ...]:
        """List every choice that costs less than `credits`, dearest first: (label, credits)."""
        choices = {size.label: self.credits(size, search=search) for size in Size}
        if search:
            choices |= {f"{size.label} without web search": self.credits(size, search=False) for size in Size}
        below = [(label, price) for label, price in choices.items() if price < credits]
        return tuple(sorted(below, key=lambda choice: -choice[1]))
