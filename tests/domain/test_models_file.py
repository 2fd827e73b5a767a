"""The operator's file of models: what it may change, and one sentence for each fault."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.model_rows import BUILT_IN
from bot.domain.models import ModelState
from bot.domain.models_file import ModelsFileBroken, read_models
from bot.domain.pricing import Pricing
from bot.domain.recipe import Recipe, Size
from tests.support.factories import a_recipe

PRICES = '[model.prices]\nas_of = 2026-12-01\nsource = "/calculate"\nimage = { 1k = 0.1, 2k = 0.2, 4k = 0.3 }\n'
NEW = f'[[model]]\nkey = "lite"\nwire_id = "google/lite"\nlabel = "Lite"\nsizes = ["2k", "1k"]\n{PRICES}'


def row(key: str, *lines: str) -> str:
    return "\n".join(["[[model]]", f'key = "{key}"', *lines, ""])


def test_an_empty_file_changes_nothing() -> None:
    assert read_models("") == BUILT_IN


def test_a_row_is_changed_only_in_what_the_file_says() -> None:
    models = read_models(row("nb2-dev", 'wire_id = "google/moved"', 'label = "Ours"'))
    changed, before = models.default, BUILT_IN.default
    assert (changed.wire_id, changed.label, changed.prices) == ("google/moved", "Ours", before.prices)
    assert changed.wire_ids == ("google/moved", before.wire_id)  # the bill of last week has the old name


def test_prices_are_dollars_to_the_millionth_with_their_date_and_source() -> None:
    text = row("nb2-dev") + PRICES.replace("0.1,", "0.123457,") + "clip = 0.07\nweb_search = 0\n"
    models = read_models(text)
    prices = models.default.prices
    assert prices
    assert (prices.image[Size.K1], prices.clip, prices.web_search) == (123_457, 70_000, 0)
    assert (prices.as_of, prices.source) == (date(2026, 12, 1), "/calculate")
    assert Pricing(models=models).credits(a_recipe(search=True)) == 194


def test_a_row_of_the_operators_own_is_on_and_its_sizes_stand_in_order() -> None:
    lite = read_models(NEW).get("lite")
    assert (lite.state, lite.sizes, lite.images, lite.videos) == (
        ModelState.ON,
        (Size.K1, Size.K2),
        (0, 0),
        frozenset(),
    )
    assert Pricing(models=read_models(NEW)).credits(Recipe(model="lite", prompt="x", size=Size.K2)) == 200


def test_the_list_orders_the_rows_and_its_first_is_the_default() -> None:
    models = read_models('order = ["nb2-text", "nb2-dev"]\n' + row("nb2-edit", "on = false"))
    assert [each.key for each in models.offered] == ["nb2-text", "nb2-dev"]
    assert models.default.key == "nb2-text"
    assert models.get("nb2-edit").state is ModelState.OFF


def test_standing_first_in_the_file_makes_no_row_the_default() -> None:
    assert read_models(NEW + row("nb2-text", 'label = "Words"')).default.key == "nb2-dev"


def test_a_row_that_is_not_confirmed_is_turned_on_by_prices_with_a_date() -> None:
    text = row("nb2", "on = true") + PRICES + "clip = 0.07\nweb_search = 0.014\nimage_search = 0.014\n"
    assert read_models(text).get("nb2").offered
    with pytest.raises(ModelsFileBroken, match="not confirmed: give its prices"):
        read_models(row("nb2", "on = true"))
    with pytest.raises(ModelsFileBroken, match="not confirmed"):
        read_models(row("nb2.1", "on = true"))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[[model]\n", ["is not TOML: "]),
        ("[model]\nkey = 'x'\n", ["each row begins with [[model]], in two brackets"]),
        ("model = [1]\n", ["each row begins with [[model]], in two brackets"]),
        ("modle = 1\n", ["there is no modle; did you mean model?"]),
        (row("nb2-dev", 'shape = ["16:9"]'), ['model "nb2-dev": there is no shape; did you mean shapes?']),
        (row("nb2-dev", "wire-id = 'x'"), ['model "nb2-dev": there is no wire-id; did you mean wire_id?']),
        (row("nb2-dev") + PRICES + "clips = 1\n", ['model "nb2-dev": there is no prices.clips; did you mean clip?']),
        (row("nb2-dev", "on = 'maybe'"), ['model "nb2-dev": on: must be a valid boolean']),
        (row("nb2-dev", 'sizes = ["8k"]'), ["model \"nb2-dev\": sizes.0: must be '1k', '2k' or '4k'"]),
        (row("nb2-dev", "sizes = []"), ['model "nb2-dev": sizes is empty']),
        (row("nb2-dev", "images = [4, 2]"), ['model "nb2-dev": images must be [fewest, most]']),
        (row("nb2-dev", "images = [0, 99]"), ['model "nb2-dev": images.1: must be less than or equal to 14']),
        (row("nb2-dev", "supplier = 'other'"), ["model \"nb2-dev\": supplier: must be 'atlas'"]),
        (row("nb2-dev", 'successor = "nb2-edt"'),
         ['model "nb2-dev": there is no successor "nb2-edt"']),
        (row("Not A Key"), ['model "Not A Key": key: ']),
        ("[[model]]\non = true\n", ["model 1: key is missing"]),
        (row("nb2-dev") + row("nb2-dev"), ['model "nb2-dev": there are two rows with this key']),
        (NEW + NEW, ['model "lite": there are two rows with this key']),
        (row("mine"), ['model "mine": wire_id, label, sizes, prices is missing, and no row with this key is built in']),
        (NEW.replace("1k = 0.1", "1k = -0.1"), ['model "lite": prices.image.1k: must be greater than 0']),
        (NEW.replace("1k = 0.1", "1k = 0"), ['model "lite": prices.image.1k: must be greater than 0']),
        (NEW.replace("1k = 0.1", "1k = nan"), ['model "lite": prices.image.1k: must be a finite number']),
        (NEW.replace("1k = 0.1", "1k = 0.0000001"), ['model "lite": prices.image.1k: ']),
        (NEW.replace("1k = 0.1, ", ""), ['model "lite": prices.image has no price for 1k']),
        (NEW.replace('source = "/calculate"\n', ""), ['model "lite": prices.source is missing']),
        (NEW.replace("as_of = 2026-12-01\n", ""), ['model "lite": prices.as_of is missing']),
        (NEW + "clip = -1\n", ['model "lite": prices.clip: must be greater than or equal to 0']),
        (row("nb2-dev") + PRICES,
         ['model "nb2-dev": prices.clip is missing: the row offers it, and what costs nothing must say 0',
          'model "nb2-dev": prices.web_search is missing: the row offers it, and what costs nothing must say 0']),
        (row("nb2-text", 'videos = ["youtube"]'), ['model "nb2-text": prices.clip is missing']),
        ('order = ["nb2-dve"]\n', ['there is no model "nb2-dve" (in order); did you mean nb2-dev?']),
        ('order = ["nb2-dev", "nb2-dev"]\n', ['order names "nb2-dev" twice']),
        ('order = "nb2-dev"\n', ["order must be a list of keys"]),
        ("".join(row(key, "on = false") for key in ("nb2-dev", "nb2-edit", "nb2-text")), ["no model is on"]),
    ],
)  # fmt: skip
def test_each_fault_has_one_line_that_names_the_row_and_the_field(text: str, lines: list[str]) -> None:
    with pytest.raises(ModelsFileBroken) as broken:
        read_models(text)
    assert len(broken.value.lines) == len(lines), broken.value.lines
    for said, expected in zip(broken.value.lines, lines, strict=True):
        assert said.startswith(expected)
        assert "\n" not in said
