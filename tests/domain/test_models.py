"""Rows of models: what fits which, what is nearest, and what becomes of a row that is off or gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import errors as e
from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Models, ModelState, Prices, fitted, misfits
from bot.domain.pricing import Pricing
from bot.domain.recipe import (
    AttachedVideo,
    MediaResolution,
    OutputFormat,
    Recipe,
    Shape,
    Size,
    Span,
    Thinking,
    forgotten,
)
from tests.support.factories import a_recipe, an_image

OLD = (
    '{"prompt":"A poster","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},'
    '"frame_rate":1.0},"shape":null,"size":"2k","thinking":"default","search":true,"references":[]}'
)
EDIT, TEXT = "nb2-edit", "nb2-text"


def without_video(model: str = TEXT, *, images: int = 0, **changes: Any) -> Recipe:
    return Recipe(model=model, prompt="A poster", references=tuple(map(an_image, range(images))), **changes)


def at(micros: int) -> Prices:
    return Prices(as_of=date(2026, 12, 1), source="a test", image=dict.fromkeys(Size, micros), clip=70_000)


def turned(key: str, state: ModelState = ModelState.OFF, models: Models = BUILT_IN, **changes: Any) -> Models:
    return Models(tuple(replace(row, state=state, **changes) if row.key == key else row for row in models.rows))


def test_an_order_from_before_there_were_rows_is_one_of_the_first_row() -> None:
    recipe = Recipe.model_validate_json(OLD)
    assert recipe == a_recipe(size=Size.K2, search=True)
    assert (recipe.model, Pricing().credits(recipe)) == ("nb2-dev", 204)


def test_keys_and_names_on_the_wire_are_never_given_twice() -> None:
    for names in ([row.key for row in BUILT_IN.rows], [row.wire_id for row in BUILT_IN.rows]):
        assert len(set(names)) == len(names)


def test_only_rows_whose_prices_and_fields_were_read_are_on() -> None:
    assert [row.key for row in BUILT_IN.offered] == ["nb2-dev", EDIT, TEXT]
    assert BUILT_IN.default.key == "nb2-dev"


@pytest.mark.parametrize("row", BUILT_IN.rows, ids=lambda row: row.key)
def test_a_row_that_is_on_has_a_price_for_all_that_it_makes(row: Any) -> None:
    if row.offered:
        assert set(row.prices.image) >= set(row.sizes)
        assert bool(row.prices.clip) is bool(row.videos)
        assert bool(row.prices.web_search) >= row.web_search
        assert bool(row.prices.image_search) >= row.image_search
    assert row.successor is None or BUILT_IN.get(row.successor) in BUILT_IN.rows


@pytest.mark.parametrize(
    ("recipe", "price"),
    [
        (without_video(), 80),
        (without_video(size=Size.K2), 120),
        (without_video(EDIT, images=14, size=Size.K4, search=True), 174),
        (without_video(EDIT, images=1, image_search=True, output_format=OutputFormat.PNG), 94),
        (a_recipe(model="nb2", image_search=True, search=True), 178),
        (without_video("nb-pro-text", size=Size.K4), 240),
    ],
)
def test_the_price_is_that_of_the_row_and_its_options(recipe: Recipe, price: int) -> None:
    assert Pricing().credits(recipe) == price


@pytest.mark.parametrize(
    ("recipe", "refusal"),
    [
        (without_video("nb2-dev"), e.ModelNeedsVideo),
        (without_video("nb2-dev", images=1), e.ModelNeedsVideo),
        (a_recipe(model=TEXT), e.ModelTakesNoVideo),
        (a_recipe(model=EDIT, references=(an_image(),)), e.ModelTakesNoVideo),
        (without_video(EDIT), e.ModelNeedsImages),
        (without_video(TEXT, images=1), e.ModelTakesNoImages),
        (without_video(EDIT, images=15), e.TooManyReferences),
        (a_recipe(references=tuple(map(an_image, range(11)))), e.TooManyReferences),
        (a_recipe(image_search=True), e.ModelLacks),
        (a_recipe(output_format=OutputFormat.JPEG), e.ModelLacks),
        (without_video(media_resolution=MediaResolution.LOW), e.ModelLacks),
        (a_recipe(model="nb2"), e.ModelOff),
        (a_recipe(model="nb2.1"), e.ModelOff),
        (a_recipe(model="gone-for-ever"), e.ModelOff),
        (a_recipe().evolve(span=Span(start=0, end=451)), e.TooManyFrames),
    ],
)
def test_what_a_row_can_not_make_is_refused_by_its_own_name(recipe: Recipe, refusal: type[e.Refusal]) -> None:
    with pytest.raises(refusal) as raised:
        BUILT_IN.check(recipe)
    assert type(raised.value) is refusal


def test_values_that_a_row_of_an_operator_lacks_are_refused_with_what_it_has() -> None:
    models = turned(
        TEXT, ModelState.ON, sizes=(Size.K1,), shapes=(Shape.WIDE,), thinking=(), web_search=False, prompt_limit=5
    )
    for changes, allowed in (
        ({"size": Size.K2}, ("1k",)),
        ({"shape": Shape.TALL}, ("16:9",)),
        ({"thinking": Thinking.HIGH}, ()),
        ({"search": True}, ()),
    ):
        (refusal,) = misfits(without_video(**changes).evolve(prompt="A dog"), models.get(TEXT))
        assert isinstance(refusal, e.ModelLacks)
        assert refusal.allowed == allowed
    assert [type(each) for each in misfits(without_video(), models.get(TEXT))] == [e.PromptTooLong]


def test_a_row_may_take_some_kinds_of_video_alone() -> None:
    models = turned("nb2-dev", ModelState.ON, videos=frozenset({"youtube"}))
    models.check(a_recipe())
    with pytest.raises(e.ModelTakesNoVideo) as raised:
        models.check(a_recipe(video=AttachedVideo(name="a.mp4", sha256="a" * 64, content_type="video/mp4")))
    assert raised.value.takes_others


def test_a_refusal_names_the_rows_that_would_make_it() -> None:
    with pytest.raises(e.ModelNeedsVideo) as raised:
        BUILT_IN.check(without_video("nb2-dev", images=3))
    assert raised.value.instead == ("Nano Banana 2 Edit",)
    with pytest.raises(e.ModelNeedsImages) as needs:
        BUILT_IN.check(without_video(EDIT))
    assert needs.value.instead == ("Nano Banana 2 Text",)


def test_the_nearest_recipe_leaves_options_out_and_never_what_was_given() -> None:
    row = replace(BUILT_IN.get(TEXT), sizes=(Size.K1, Size.K2), shapes=(), thinking=(), web_search=False)
    wanted = without_video("x", size=Size.K4, shape=Shape.TALL, thinking=Thinking.HIGH, search=True)
    assert fitted(wanted, row) == without_video(TEXT, size=Size.K2)
    assert fitted(a_recipe(), row) is None
    assert fitted(without_video(images=1), row) is None
    assert fitted(without_video(), BUILT_IN.get("nb2")) is None  # it is off


@given(
    clip=st.booleans(), images=st.integers(0, 16), size=st.sampled_from(Size), shape=st.none() | st.sampled_from(Shape),
    search=st.booleans(), thinking=st.sampled_from(Thinking), row=st.sampled_from(BUILT_IN.offered),
)  # fmt: skip
def test_the_nearest_recipe_always_fits_and_one_that_fits_is_its_own_nearest(
    clip: bool, images: int, size: Size, shape: Shape | None, search: bool, thinking: Thinking, row: Any
) -> None:
    recipe = without_video(row.key, images=images, size=size, shape=shape, search=search, thinking=thinking)
    if clip:
        recipe = recipe.evolve(clip=a_recipe().clip)
    nearest = fitted(recipe, row)
    assert nearest is None or not list(misfits(nearest, row))
    if not list(misfits(recipe, row)):
        assert nearest == recipe


def test_a_row_that_is_off_hands_over_to_the_first_of_its_line_that_is_on() -> None:
    models = turned("nb2-dev")
    assert models.default.key == EDIT
    assert models.successor("nb2-dev").key == EDIT  # its own successor is not confirmed
    prices = at(200_000)
    models = turned("nb2.1", ModelState.ON, models, prices=prices)
    today = models.today(a_recipe(thinking=Thinking.HIGH, search=True))
    assert today == a_recipe(model="nb2.1")  # what the successor lacks is left out
    assert Pricing(models=models).credits(today) == 270
    assert Pricing(models=models).credits(a_recipe()) == 150  # its own price stays, for the books


def test_lines_of_successors_may_be_a_circle() -> None:
    models = turned("nb2.1", successor="nb2-dev", models=turned("nb2-dev"))
    assert models.successor("nb2-dev").key == EDIT


def test_what_nothing_can_make_any_more_stays_as_it_is_and_is_refused_when_ordered() -> None:
    models = turned("nb2-dev")
    assert models.today(a_recipe()) == a_recipe()
    with pytest.raises(e.ModelOff) as raised:
        models.check(a_recipe())
    assert (raised.value.retires, raised.value.instead) == (date(2027, 5, 28), ())


def test_a_key_without_a_row_still_has_a_name_and_the_price_of_what_takes_its_place() -> None:
    recipe = a_recipe(model="taken-out", size=Size.K2)
    assert BUILT_IN.get("taken-out").label == "taken-out"
    assert Pricing().credits(recipe) == 190
    assert Pricing().refund(190, recipe, made=Size.K1) == 40


def test_where_less_is_to_be_had_other_rows_that_make_it_are_named_too() -> None:
    cheap = turned(
        "nb-pro-text",
        ModelState.ON,
        prices=at(28_000),
    )
    choices = Pricing(models=cheap).cheaper_than(80, without_video())
    assert choices == tuple((f"Nano Banana Pro Text {size.label}", 28) for size in Size)
    assert Pricing().cheaper_than(190, a_recipe()) == (("1K", 150),)


def test_a_smaller_image_of_any_row_gives_its_own_difference_back() -> None:
    assert Pricing().refund(160, without_video(size=Size.K4), made=Size.K2) == 40
    assert Pricing().refund(240, without_video("nb-pro-text", size=Size.K4), made=Size.K1) == 100


def test_a_forgotten_order_keeps_what_its_price_depends_on() -> None:
    for recipe in (without_video(EDIT, images=2, image_search=True, size=Size.K4), a_recipe(model="nb2", search=True)):
        assert Pricing().credits(forgotten(recipe)) == Pricing().credits(recipe)
        assert forgotten(recipe).model == recipe.model


@pytest.mark.parametrize("text", ["nb2-edit", " NB2-EDIT ", "Nano Banana 2 Edit", "nano banana 2 edit"])
def test_a_row_is_named_by_its_key_or_its_label(text: str) -> None:
    assert BUILT_IN.named(text).key == EDIT


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(e.ModelUnknown) as raised:
        BUILT_IN.named("dall-e")
    assert raised.value.instead == ("nb2-dev", EDIT, TEXT)


def test_an_old_order_in_a_size_that_is_sold_no_more_still_opens_and_offers_the_nearest() -> None:
    prices = Prices(as_of=date(2026, 12, 1), source="a test", image={Size.K1: 80_000, Size.K2: 120_000}, clip=70_000)
    models = turned("nb2-dev", ModelState.ON, sizes=(Size.K1, Size.K2), prices=prices)
    pricing, old = Pricing(models=models), a_recipe(size=Size.K4)
    assert models.today(old) == a_recipe(size=Size.K2)
    assert pricing.credits(old) == pricing.credits(models.today(old)) == 190
    assert 0 <= pricing.refund(230, old, made=Size.K1) < 230
    with pytest.raises(e.ModelLacks):
        models.check(old)


def test_an_old_order_that_no_row_makes_any_more_has_a_price_all_the_same() -> None:
    models = turned("nb2-dev", ModelState.ON, images=(0, 1), sizes=(Size.K1,), prices=None)
    old = a_recipe(size=Size.K4, references=tuple(map(an_image, range(5))))
    assert models.today(old) == old
    assert Pricing(models=models).credits(old) >= 1
