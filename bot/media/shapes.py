"""A small picture of a shape: a frame of its proportions, with the ratio written in it."""

from __future__ import annotations

import io

from bot.domain.recipe import Shape

_SIDE = 192  # pixels; Discord shows a thumbnail at about 85, or twice that on a fine screen
_SCALE = 2  # drawn larger and scaled down, for smooth edges
_MARGIN = 20
_CORNER = 24
_LINE = 5
_LABEL = 34
# The tile brings its own background, so that it reads the same on Discord's dark and light themes.
_TILE = (43, 54, 84)
_FRAME = (76, 102, 196)
_INK = (255, 255, 255)
_ANY = "?"  # no shape: the model picks


def draw_shape(shape: Shape | None) -> bytes:
    """A PNG of a few kilobytes. Takes some milliseconds: not for the event loop."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415  # 2 MB of fonts, for the few who list templates

    side = _SIDE * _SCALE
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((0, 0, side - 1, side - 1), _CORNER * _SCALE, fill=_TILE)
    width, height = _fitted(shape)
    left, top = (side - width) / 2, (side - height) / 2
    pen.rectangle((left, top, left + width, top + height), fill=_FRAME, outline=_INK, width=_LINE * _SCALE)
    font = ImageFont.load_default(_LABEL * _SCALE)
    pen.text((side / 2, side / 2), shape or _ANY, fill=_INK, font=font, anchor="mm", stroke_width=1)
    data = io.BytesIO()
    picture.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).save(data, "PNG", optimize=True)
    return data.getvalue()


def _fitted(shape: Shape | None) -> tuple[float, float]:
    """Width and height of the frame, as large as the margin leaves."""
    across, down = (int(part) for part in (shape or Shape.SQUARE).split(":"))
    room = (_SIDE - 2 * _MARGIN) * _SCALE
    longest = max(across, down)
    return room * across / longest, room * down / longest
