"""What an image costs: the list prices are its row's. Credits are whole numbers, and a price is rounded up."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Model, Models, Prices
from bot.domain.recipe import Recipe, Size, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """`markup_percent` is added to the supplier's price before it becomes credits."""

    models: Models = BUILT_IN
    credits_per_usd: int = 1_000
    markup_percent: int = 0

    def supplier_micros(self, recipe: Recipe) -> int:
        """Return what the recipe costs us at list price. Thinking, references and formats cost nothing extra."""
        recipe, row = self._priced(recipe)
        return _micros(row.prices, recipe, recipe.size) if row.prices else 0

    def credits(self, recipe: Recipe) -> int:
        """Return what a member pays for the recipe."""
        return self._credits(self.supplier_micros(recipe))

    def size_credits(self, size: Size, row: Model | None = None, *, search: bool = False) -> int:
        """Return what a plain image costs, from a video where the row takes one. Without a row: of the default one."""
        prices = (row or self.models.default).prices
        if prices is None:
            return self._credits(0)
        return self._credits(prices.image[size] + prices.clip + (prices.web_search if search else 0))

    @property
    def micros_per_credit(self) -> int:
        """What one credit costs us at most, in US$ 0.000001, rounded up."""
        return -(-100_000_000 // (self.credits_per_usd * (100 + self.markup_percent)))

    @property
    def search_credits(self) -> int:
        """Return what web search adds to the price of an image of the default row; 0 where the row has none."""
        row = self.models.default
        if not row.web_search:
            return 0
        return self.size_credits(row.sizes[0], search=True) - self.size_credits(row.sizes[0])

    @property
    def image_search_credits(self) -> int:
        """Return what image search adds to the price of an image of the first row that has it; 0 without one."""
        row = next((row for row in self.models.rows if row.image_search and row.prices), None)
        if row is None or row.prices is None:
            return 0
        plain = row.prices.image[row.sizes[0]]
        return self._credits(plain + row.prices.image_search) - self._credits(plain)

    def refund(self, cost: int, recipe: Recipe, *, made: Size) -> int:
        """The credits to return where a smaller image came than was ordered. Always less than `cost`."""
        recipe, row = self._priced(recipe)
        smaller = min(recipe.size, row.nearest_size(made), key=list(Size).index)
        ordered, worth = self.credits(recipe), self.credits(recipe.evolve(size=smaller))
        # In proportion, not a difference: the prices may have changed since the order.
        return max(0, cost - -(-cost * worth // ordered))

    def cheaper_than(self, credits: int, recipe: Recipe) -> tuple[tuple[str, int], ...]:
        """List every choice that costs less than `credits`, dearest first: (label, credits).

        Other sizes, the same without web search, and the other offered models that make the recipe.
        """
        row = self.models.get(recipe.model)
        choices = self._by_size(recipe, row)
        if recipe.search:
            without = self._by_size(recipe.evolve(search=False), row)
            choices |= {f"{label} without web search": price for label, price in without.items()}
        for other in self.models.rows_for(recipe):
            if other is not row:
                choices |= {f"{other.label} {label}": price for label, price in self._by_size(recipe, other).items()}
        below = [(label, price) for label, price in choices.items() if price < credits]
        return tuple(sorted(below, key=lambda choice: -choice[1]))

    def _by_size(self, recipe: Recipe, row: Model) -> dict[str, int]:
        prices = row.prices if row.offered else None
        if prices is None:
            return {}
        return {size.label: self._credits(_micros(prices, recipe, size)) for size in row.sizes}

    def _priced(self, recipe: Recipe) -> tuple[Recipe, Model]:
        """Return the recipe with its row; where the row has no prices any more, as its successor would make it now."""
        row = self.models.get(recipe.model)
        if row.prices is None:
            recipe = self.models.today(recipe)
            row = self.models.get(recipe.model)
        return recipe, row

    def _credits(self, micros: int) -> int:
        exact = micros * self.credits_per_usd * (100 + self.markup_percent)
        return max(1, -(-exact // 100_000_000))  # micros to dollars, percent to one; rounded up


def _micros(prices: Prices, recipe: Recipe, size: Size) -> int:
    """An old order may have a size that is sold no more: it counts as the nearest. No new order has one."""
    sizes = tuple(prices.image)
    micros = prices.image[size if size in sizes else nearest(size, sizes)]
    if recipe.clip is not None:
        micros += prices.clip
    if recipe.search:
        micros += prices.web_search
    if recipe.image_search:
        micros += prices.image_search
    return micros
