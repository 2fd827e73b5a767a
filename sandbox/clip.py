"""Makes a video to try things with: a balloon crosses the mountains in one day. No two moments look alike."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass

import av
from PIL import Image, ImageChops, ImageDraw, ImageFont

from sandbox.lettering import BOLD, Lettering

Colour = tuple[int, ...]

# Sky above, sky below, hills: dawn, noon, dusk, night.
HOURS: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((64, 58, 120), (255, 158, 120), (52, 40, 82)),
    ((58, 132, 210), (188, 226, 240), (34, 86, 92)),
    ((92, 44, 110), (255, 122, 82), (60, 26, 66)),
    ((10, 14, 44), (40, 62, 116), (10, 16, 40)),
)
NIGHT = 3
HOURS_PASSING = 2.3  # of the four, from the first frame to the last
RANGES = 3  # of hills, the nearest last
PAN_WIDTHS = 0.8  # how many widths of the picture the nearest hills pass
STARS = 120
SMOOTHING = 4  # shapes are drawn so many times larger, Pillow's own have rough edges


@dataclass(frozen=True, slots=True)
class _Scene:
    size: tuple[int, int]
    first_hour: int
    hills: tuple[Image.Image, ...]
    stars: Image.Image
    sun: Image.Image
    balloon: Image.Image
    font: ImageFont.FreeTypeFont


def make_clip(*, seconds: float, width: int = 640, height: int = 360, rate: int = 24, seed: int = 0) -> bytes:
    """An H.264 MP4 with a running time code. Sides are even; the same arguments give the same video."""
    scene = _scene((width, height), seed)
    file = io.BytesIO()
    with av.open(file, mode="w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        count = max(1, round(seconds * rate))
        for index in range(count):
            picture = _draw(scene, progress=index / count, seconds=index / rate)
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # PyAV gives it no types
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _scene(size: tuple[int, int], seed: int) -> _Scene:
    chance = random.Random(seed)
    width, height = size
    stars = Image.new("L", size)
    for _ in range(STARS):
        stars.putpixel((chance.randrange(width), chance.randrange(height)), chance.randrange(60, 255))
    return _Scene(
        size=size,
        first_hour=seed % len(HOURS),
        hills=tuple(_hills(size, depth, chance) for depth in range(RANGES)),
        stars=stars,
        sun=_sun(round(height * 0.8)),
        balloon=_balloon(height),
        font=Lettering().font(height / 15, BOLD),
    )


def _sun(side: int) -> Image.Image:
    """A mask: the disc, and light that fades around it. Pillow's gradient has 181 at the middle of its edges."""
    light = Image.radial_gradient("L").point(lambda distance: round(150 * max(0.0, 1 - distance / 180) ** 1.8))
    disc = Image.new("L", (side * SMOOTHING, side * SMOOTHING))
    ImageDraw.Draw(disc).circle((disc.width / 2, disc.height / 2), disc.width * 0.075, fill=255)
    small = disc.resize((side, side), Image.Resampling.LANCZOS)
    return ImageChops.lighter(light.resize((side, side)), small)


def _hills(size: tuple[int, int], depth: int, chance: random.Random) -> Image.Image:
    """A mask wider than the picture, to pass by; as high as the picture's lower part."""
    width, height = round(size[0] * (1 + PAN_WIDTHS)), size[1]
    waves = [
        (chance.uniform(0.4, 1) / number, number * chance.uniform(1.6, 2.4), chance.random()) for number in (1, 2, 5)
    ]
    ridge = []
    for x in range(0, width + 8, 8):
        wave = sum(high * math.sin(math.tau * (often * x / width + phase)) for high, often, phase in waves)
        ridge.append((x, height * (0.56 + 0.13 * depth - 0.05 * wave)))
    large = Image.new("L", (width * SMOOTHING, height * SMOOTHING))
    corners = [*ridge, (width, height), (0, height)]
    ImageDraw.Draw(large).polygon([(x * SMOOTHING, y * SMOOTHING) for x, y in corners], fill=255)
    mask = large.resize((width, height), Image.Resampling.LANCZOS)
    return mask.crop((0, int(min(y for _, y in ridge)), width, height))


def _balloon(height: int) -> Image.Image:
    side = round(height * 0.3)
    unit = side * SMOOTHING / 100
    large = Image.new("RGBA", (side * SMOOTHING, side * SMOOTHING))
    draw = ImageDraw.Draw(large)
    neck = (32, 56), (68, 56), (55, 78), (45, 78)
    draw.polygon([(x * unit, y * unit) for x, y in neck], fill=(168, 46, 46))
    for inset, colour in ((0, (214, 60, 52)), (12, (250, 236, 214)), (24, (214, 60, 52))):
        draw.ellipse([(18 + inset) * unit, 2 * unit, (82 - inset) * unit, 66 * unit], fill=colour)
    draw.rounded_rectangle([44 * unit, 82 * unit, 56 * unit, 92 * unit], 2 * unit, fill=(92, 62, 40))
    return large.resize((side, side), Image.Resampling.LANCZOS)


def _draw(scene: _Scene, *, progress: float, seconds: float) -> Image.Image:
    width, height = scene.size
    hour = scene.first_hour + progress * HOURS_PASSING
    high, low, hills = _colours(hour)
    sky = Image.new("RGB", (1, 2))
    sky.putdata([high, low])
    column = sky.resize((1, height), Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))
    picture = column.resize(scene.size, Image.Resampling.NEAREST)
    night = max(0.0, 1 - min(abs(hour % 4 - NIGHT), 4 - abs(hour % 4 - NIGHT)))
    if night:
        picture.paste((255, 255, 255), mask=scene.stars.point(lambda light: light * night))
    x, y = round(width * (0.78 - 0.5 * progress)), round(height * (0.36 - 0.2 * math.sin(math.pi * progress)))
    picture.paste((255, 240, 200), (x - scene.sun.width // 2, y - scene.sun.height // 2), scene.sun)
    for depth, mask in enumerate(scene.hills):
        left = round((mask.width - width) * progress * (depth + 1) / RANGES)
        nearness = (depth + 1) / RANGES
        seen = mask.crop((left, 0, left + width, mask.height))
        picture.paste(_between(low, hills, nearness), (0, height - mask.height), seen)
        if depth == 0:
            at = round(width * (0.08 + 0.6 * progress)), round(height * (0.2 + 0.06 * math.sin(progress * 9)))
            picture.paste(scene.balloon, at, scene.balloon)
    _stamp(picture, scene.font, seconds)
    return picture


def _colours(hour: float) -> tuple[Colour, Colour, Colour]:
    before, after = HOURS[int(hour) % len(HOURS)], HOURS[(int(hour) + 1) % len(HOURS)]
    high, low, hills = (_between(one, other, hour % 1) for one, other in zip(before, after, strict=True))
    return high, low, hills


def _between(one: Colour, other: Colour, share: float) -> Colour:
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def _stamp(picture: Image.Image, font: ImageFont.FreeTypeFont, seconds: float) -> None:
    text = f"{int(seconds // 60):02}:{seconds % 60:05.2f}"
    edge = font.size
    draw = ImageDraw.Draw(picture)
    draw.text((picture.width - edge, edge * 1.6), text, font=font, fill=(255, 255, 255), anchor="rs")
