"""What a smaller image than ordered is worth, and what comes back of its price."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pricing import Pricing
from bot.domain.recipe import Size, size_of
from tests.support.factories import a_recipe


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (1024, 1024, Size.K1), (1376, 768, Size.K1), (848, 1264, Size.K1), (1584, 672, Size.K2),
        (2048, 2048, Size.K2), (2752, 1536, Size.K2), (1856, 2304, Size.K2),
        (4096, 4096, Size.K4), (5504, 3072, Size.K4), (3712, 4608, Size.K4),
        (1408, 768, Size.K1), (1535, 1535, Size.K1), (1536, 100, Size.K2), (3071, 3071, Size.K2), (100, 3072, Size.K4),
        (64, 64, Size.K1), (1, 1, Size.K1),
    ],
)  # fmt: skip
def test_an_image_counts_by_its_long_side_and_in_favour_of_the_supplier(width: int, height: int, size: Size) -> None:
    assert size is size_of(width, height)


@pytest.mark.parametrize(
    ("ordered", "made", "refund"),
    [
        (Size.K4, Size.K1, 80), (Size.K4, Size.K2, 40), (Size.K2, Size.K1, 40),
        (Size.K1, Size.K1, 0), (Size.K1, Size.K4, 0), (Size.K2, Size.K4, 0), (Size.K4, Size.K4, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("search", [False, True])
def test_the_difference_of_the_prices_comes_back(ordered: Size, made: Size, refund: int, search: bool) -> None:
    pricing = Pricing()
    recipe = a_recipe(size=ordered, search=search)
    assert refund == pricing.refund(pricing.credits(recipe), recipe, made=made)


def test_after_a_change_of_prices_the_same_part_of_what_was_paid_comes_back() -> None:
    assert Pricing().refund(460, a_recipe(size=Size.K4), made=Size.K1) == 160  # ordered at double the price


@given(
    cost=st.integers(1, 10**9), ordered=st.sampled_from(Size), made=st.sampled_from(Size),
    markup=st.integers(0, 900), per_usd=st.integers(1, 10_000),
)  # fmt: skip
def test_never_all_of_the_price_comes_back_and_never_less_than_nothing(
    cost: int, ordered: Size, made: Size, markup: int, per_usd: int
) -> None:
    pricing = Pricing(credits_per_usd=per_usd, markup_percent=markup)
    assert 0 <= pricing.refund(cost, a_recipe(size=ordered), made=made) < cost
