"""Makes the ground of a sandbox picture: the best frame of the clip, or without a clip a lens drawn from a hash."""

from __future__ import annotations

import colorsys
import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps, ImageStat

from sandbox.poster import Colour

SKETCH_SIDE = 160  # pixels of the shorter side of what is blurred and enlarged
JUDGED_SIDE = 96  # pixels; enough to tell a good frame from a dull one
KEPT_SHARE = 0.5  # a crop that keeps less of a frame shows the whole of it instead, on a blurred copy
BLADES = 8
IRIS_SIDE_LIMIT = 4_096  # pixels
GRAIN_SIDE = 256  # pixels


def best(frames: Sequence[Image.Image]) -> Image.Image:
    """The frame with the most contrast, colour and detail; so no fade and no blur."""
    return max(frames, key=_appeal)


def _appeal(frame: Image.Image) -> float:
    small = ImageOps.fit(frame, (JUDGED_SIDE, JUDGED_SIDE))
    contrast = ImageStat.Stat(small.convert("L")).stddev[0]
    colour = ImageStat.Stat(small.convert("HSV")).mean[1]
    detail = ImageStat.Stat(small.convert("L").filter(ImageFilter.FIND_EDGES)).mean[0]
    return contrast + colour / 4 + 2 * detail


def from_frame(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    kept = min(frame.width / frame.height, size[0] / size[1]) / max(frame.width / frame.height, size[0] / size[1])
    ground = ImageOps.fit(frame, size, Image.Resampling.LANCZOS)
    if kept < KEPT_SHARE:
        whole = ImageOps.contain(frame, size, Image.Resampling.LANCZOS)
        ground = _blurred(ground)
        ground.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 3))
    return grained(ImageEnhance.Color(ImageEnhance.Contrast(ground).enhance(1.06)).enhance(1.12))


def _blurred(image: Image.Image) -> Image.Image:
    """The image is made small, blurred and made large again, since to blur 16 million pixels would take seconds."""
    small = ImageOps.contain(image, (SKETCH_SIDE, SKETCH_SIDE)).filter(ImageFilter.GaussianBlur(6))
    return ImageEnhance.Brightness(small.resize(image.size, Image.Resampling.BICUBIC)).enhance(0.6)


def accent_of(image: Image.Image) -> Colour:
    """The image's liveliest colour, light enough to be read on a dark ground."""
    few = image.resize((JUDGED_SIDE, JUDGED_SIDE)).quantize(8).convert("RGB")
    colours = [colour for _, colour in few.getcolors() or [] if isinstance(colour, tuple)]
    hue, saturation, _ = max(
        (colorsys.rgb_to_hsv(*(part / 255 for part in colour[:3])) for colour in colours),
        key=lambda colour: colour[1] * colour[2],
    )
    return _rgb(hue, min(0.55, saturation), 1.0)


def lens(size: tuple[int, int], chance: random.Random) -> tuple[Image.Image, Colour]:
    """An iris in coloured light, and the accent colour that fits it."""
    hue = chance.random()
    sketch = Image.new("RGB", (size[0] * SKETCH_SIDE // min(size), size[1] * SKETCH_SIDE // min(size)))
    draw = ImageDraw.Draw(sketch)
    draw.rectangle([(0, 0), sketch.size], fill=_rgb(hue, 0.65, 0.2))
    for shift, value in ((0.0, 0.7), (0.07, 0.85), (-0.09, 0.75), (0.22, 0.6)):
        x, y = chance.uniform(0, sketch.width), chance.uniform(0, sketch.height * 0.8)
        radius = chance.uniform(0.3, 0.55) * SKETCH_SIDE
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=_rgb(hue + shift, 0.58, value))
    ground = sketch.filter(ImageFilter.GaussianBlur(26)).resize(size, Image.Resampling.BICUBIC)
    side = round(min(size) * 0.92)
    iris = _iris(side, chance.random())
    across = 0.5 if size[0] <= size[1] else 0.74  # the words stand to the left
    corner = round(size[0] * across) - side // 2, round(size[1] * 0.42) - side // 2
    ground.paste((255, 255, 255), corner, iris)
    return grained(ground), _rgb(hue + 0.08, 0.42, 1.0)


def _iris(side: int, turn: float) -> Image.Image:
    """A mask: blades around an eight-cornered hole, each a little lighter than the last."""
    large = min(2 * side, IRIS_SIDE_LIMIT)
    image = Image.new("L", (large, large))
    draw = ImageDraw.Draw(image)

    def at(radius: float, blade: float) -> tuple[float, float]:
        angle = (blade + turn) * math.tau / BLADES
        return large * (0.5 + radius * math.cos(angle)), large * (0.5 + radius * math.sin(angle))

    for blade in range(BLADES):
        corners = [at(0.16, blade), at(0.16, blade + 1), at(0.5, blade + 2.1), at(0.5, blade + 1.1)]
        draw.polygon(corners, fill=12 + 8 * blade)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def grained(image: Image.Image) -> Image.Image:
    """The picture with a little noise, always the same, since soft gradients would show steps.

    The noise is one repeated tile, so that the PNG stays small.
    """
    grains = random.Random(0).randbytes(GRAIN_SIDE**2).translate(bytes(value % 5 for value in range(256)))
    tile = Image.frombytes("L", (GRAIN_SIDE, GRAIN_SIDE), grains)
    noise = Image.new("L", image.size)
    for top in range(0, image.height, GRAIN_SIDE):
        for left in range(0, image.width, GRAIN_SIDE):
            noise.paste(tile, (left, top))
    return ImageChops.add(image, Image.merge("RGB", (noise, noise, noise)), 1, -2)


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    return tuple(round(part * 255) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))
