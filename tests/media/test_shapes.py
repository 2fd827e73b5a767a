"""The small pictures of shapes that stand beside templates."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.domain.recipe import Shape
from bot.media.shapes import draw_shape


@pytest.mark.parametrize("shape", [*Shape, None])
def test_a_shape_is_shown_in_its_proportions_on_a_tile_with_round_corners(shape: Shape | None) -> None:
    data = draw_shape(shape)
    assert len(data) < 10_000
    picture = Image.open(io.BytesIO(data))
    assert picture.getchannel("A").getpixel((0, 0)) == 0
    frame = picture.convert("L").point([0] * 230 + [255] * 26).getbbox()
    assert frame
    left, top, right, bottom = frame
    across, down = (int(part) for part in (shape or Shape.SQUARE).split(":"))
    assert (right - left) / (bottom - top) == pytest.approx(across / down, rel=0.06)


def test_each_shape_has_its_own_picture() -> None:
    assert len({draw_shape(shape) for shape in [*Shape, None]}) == len(Shape) + 1
