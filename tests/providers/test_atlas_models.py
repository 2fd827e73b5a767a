"""Every row against the stand-in's own reading of the supplier's pages, by the real client over loopback HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Model
from bot.domain.pricing import Pricing
from bot.domain.recipe import Clip, Recipe, Span, Thinking, YouTubeVideo
from bot.media.fetch import Fetcher
from bot.providers.atlas import AtlasSupplier, open_atlas
from bot.providers.base import Submission
from sandbox.atlas import Latency, StandIn, serve
from sandbox.catalogue import MODELS
from tests.providers.atlas_seams import KEY
from tests.sandbox.standin_seams import draw_plainly

CLIP = Clip(video=YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=14, end=17), frame_rate=1)
KEYS = [row.key for row in BUILT_IN.rows]


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[StandIn, AtlasSupplier]]:
    async with (
        serve(api_key=KEY, latency=Latency.instant(), draw=draw_plainly) as standin,
        open_atlas(base_url=standin.base_url, api_key=SecretStr(KEY), fetch=Fetcher().download) as supplier,
    ):
        standin.use("foreign_field_400")
        yield standin, supplier


def choices(row: Model) -> Iterator[dict[str, Any]]:
    """Yield the row's own image, and each value of each option of the row alone."""
    yield {}
    yield from ({"size": size} for size in row.sizes)
    yield from ({"shape": shape} for shape in row.shapes)
    yield from ({"thinking": thinking} for thinking in row.thinking)
    yield from ({"output_format": name} for name in row.output_formats)
    yield from ({"media_resolution": name} for name in row.media_resolutions)
    yield from [{"search": True}] * row.web_search
    yield from [{"image_search": True}] * row.image_search


def submission(row: Model, *, images: int, **choice: Any) -> Submission:
    recipe = Recipe(model=row.key, prompt="A poster", clip=CLIP if row.videos else None, **choice)
    return Submission(
        model=row,
        recipe=recipe,
        video_url="https://www.youtube.com/watch?v=dQw4w9WgXcQ" if row.videos else None,
        reference_urls=tuple(f"https://lent.example/{number}.png" for number in range(images)),
    )


@pytest.mark.parametrize("key", KEYS)
async def test_each_choice_of_a_row_is_taken_and_costs_what_its_table_says(key: str) -> None:
    row = BUILT_IN.get(key)
    async with opened() as (standin, supplier):
        for choice in choices(row):
            wanted = submission(row, images=row.images[0], **choice)
            price = await supplier.price(wanted)
            if row.prices:
                assert price.list_price_micros == Pricing().supplier_micros(wanted.recipe), choice
            await supplier.submit(wanted)
        await supplier.submit(submission(row, images=row.images[1]))
        assert {charge.model for charge in standin.charges.values()} == {row.wire_id}


@pytest.mark.parametrize("key", KEYS)
def test_a_row_lists_what_the_pages_list(key: str) -> None:
    """A row may list less where that is said: thinking of 2.1 is not known, and one field breaks text to image."""
    row, page = BUILT_IN.get(key), MODELS[BUILT_IN.get(key).wire_id]
    ours = {
        "resolution": {size.value for size in row.sizes},
        "aspect_ratio": {shape.value for shape in row.shapes},
        "thinking_level": {level.value for level in row.thinking},
        "output_format": {each.value for each in row.output_formats},
        "media_resolution": {each.value for each in row.media_resolutions},
    }
    for name, values in ours.items():
        listed = set(page.options.get(name, ())) - ({Thinking.DEFAULT.value} if name != "thinking_level" else set())
        if name in page.breaks_on or (row.prices is None and name == "thinking_level"):
            assert not values
        else:
            assert values == listed, name
    assert (bool(row.videos), row.images) == (page.takes_clips, page.images)
    if row.prices:
        searches = {"enable_web_search": row.web_search, "enable_image_search": row.image_search}
        assert {name for name, has in searches.items() if has} == set(page.searches)
