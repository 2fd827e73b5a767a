"""Sandbox pictures: whole, of the right size, honest, the same every time, whatever they are given."""

from __future__ import annotations

import math
from typing import Any

import pytest
from PIL import Image, ImageStat

from sandbox import render
from sandbox.clip import make_clip
from sandbox.lettering import BOLD, Lettering
from sandbox.poster import Poster, PosterWords
from sandbox.render import PIXELS_AT_1K
from tests.sandbox.picture_seams import LINK, difference, drawn, encoded, plain_clip, plain_picture


@pytest.fixture(scope="module")
def placeholder() -> Image.Image:
    return drawn()


@pytest.mark.parametrize(("shape", "pixels"), PIXELS_AT_1K.items())
def test_a_picture_has_the_asked_shape(shape: str, pixels: tuple[int, int]) -> None:
    assert pixels == drawn(shape=shape).size


@pytest.mark.parametrize(("shape", "pixels"), PIXELS_AT_1K.items())
def test_every_shape_has_about_the_area_of_the_square_in_steps_of_16(shape: str, pixels: tuple[int, int]) -> None:
    width, height = map(int, shape.split(":"))
    assert math.isclose(width / height, pixels[0] / pixels[1], rel_tol=0.02)
    assert math.isclose(1024**2, pixels[0] * pixels[1], rel_tol=0.03)
    assert [side % 16 for side in pixels] == [0, 0]


def test_a_size_is_the_side_of_its_square(placeholder: Image.Image) -> None:
    assert [placeholder.size, drawn(size="4k").size] == [(1024, 1024), (4096, 4096)]


@pytest.mark.parametrize(
    ("width", "height", "pixels"),
    [(320, 180, (1376, 768)), (180, 320, (768, 1376)), (200, 200, (1024, 1024)), (400, 100, (1584, 672))],
)
def test_without_a_shape_the_clips_own_is_taken(width: int, height: int, pixels: tuple[int, int]) -> None:
    small = make_clip(seconds=0.2, width=width, height=height)
    assert drawn(clip=small, start=0, end=None).size == pixels


def test_the_same_arguments_give_the_same_bytes(clip: bytes) -> None:
    for changes in ({}, {"clip": clip, "start": 0.0, "end": 2.0, "frame_rate": 4.0}):
        assert render.render(**(LINK | changes)) == render.render(**(LINK | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "Another prompt"},
        {"start": 13.0},
        {"end": 18.0},
        {"end": None},
        {"frame_rate": 2.0},
        {"video_label": "youtube.com/watch?v=9bZkp7q19f0"},
        {"video_label": "cdn.example.org/clips/a.mp4"},
        {"video_label": ""},
    ],
    ids=str,
)
def test_every_argument_changes_a_placeholder(placeholder: Image.Image, changes: dict[str, Any]) -> None:
    assert difference(placeholder, drawn(**changes)) > 1


def test_different_moments_of_a_clip_give_different_pictures(clip: bytes) -> None:
    early = drawn(clip=clip, start=0.0, end=0.5, frame_rate=8.0)
    late = drawn(clip=clip, start=1.5, end=2.0, frame_rate=8.0)
    assert difference(early, late) > 10


def test_a_poster_is_made_of_the_clips_own_colours() -> None:
    red, blue = (drawn(clip=plain_clip(colour), start=0, end=None, shape="16:9") for colour in ("#d02020", "#2030d0"))
    sky = (400, 200, 900, 300)
    red_mean, blue_mean = (ImageStat.Stat(image.crop(sky)).mean for image in (red, blue))
    assert red_mean[0] > 2 * red_mean[2]
    assert blue_mean[2] > 2 * blue_mean[0]


def test_without_a_video_the_first_image_fills_the_picture_and_the_others_lie_on_it() -> None:
    red, blue = plain_picture("#d02020", size=(320, 180)), plain_picture("#2030d0")
    alone, both = (drawn(images=images, video_label="") for images in ((red,), (red, blue)))
    assert alone.size == both.size == (1376, 768)
    assert [_strongest(alone, (700, 250)), _strongest(both, (700, 250))] == ["red", "red"]
    corner = both.width - 100, 150
    assert [_strongest(alone, corner), _strongest(both, corner)] == ["red", "blue"]


def test_beside_a_video_every_image_is_small() -> None:
    blue = plain_picture("#2030d0")
    image = drawn(clip=plain_clip("#d02020"), start=0, end=None, shape="16:9", images=[blue] * 14)
    assert [_strongest(image, (image.width - 100, 150)), _strongest(image, (700, 420))] == ["blue", "red"]


def _strongest(image: Image.Image, place: tuple[int, int]) -> str:
    colour = image.getpixel(place)
    assert isinstance(colour, tuple)
    return ("red", "green", "blue")[colour.index(max(colour))]


def test_a_fade_is_not_chosen_to_fill_the_picture() -> None:
    def fading(index: int) -> Image.Image:
        return Image.linear_gradient("L").convert("RGB") if index == 5 else Image.new("RGB", (256, 256))

    image = drawn(clip=encoded(fading), start=0, end=None, frame_rate=10.0)
    assert ImageStat.Stat(image.crop((300, 200, 700, 600))).mean[0] > 60


def test_a_wide_clip_on_a_tall_picture_is_shown_whole() -> None:
    def marked(_index: int) -> Image.Image:
        image = Image.new("RGB", (320, 180), "#204020")
        image.paste("#ff2020", (0, 0, 20, 180))
        image.paste("#2020ff", (300, 0, 320, 180))
        return image

    image = drawn(clip=encoded(marked, size=(320, 180)), start=0, end=None, shape="9:16")
    left, right = image.getpixel((10, 500)), image.getpixel((757, 500))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert (left[0] > 150, right[2] > 150) == (True, True)


HOSTILE = [
    "🎬 Поster 🦊🔥 with 👩‍👩‍👧‍👦 family",
    "مرحبا بالعالم، ملصق سينمائي للمشهد الرئيسي",
    "映画のポスター、夕暮れの山を越える気球",
    "x" * 4_000,
    "word " * 800,
    "line\none\r\n\ttab\x00null\x07bell\x1b[31mred\x7f",
    "\u202eright to left\u202c \u200bzero\u200dwidth \ufeffmark",
    "Z̸̢̛͝a̷̡͠l̴̨͘g̵̢̕o̶͜͠" * 40,
    "\ud800 lone surrogate \udfff",
    "{} %s %n <b>bold</b> [link](https://example.org) @everyone",
    "\uffff\U0010ffff\ue000 ",
    "",
]


@pytest.mark.parametrize("prompt", HOSTILE, ids=range(len(HOSTILE)))
def test_any_prompt_can_be_lettered(prompt: str) -> None:
    image = Image.new("RGB", (192, 344))
    Poster(image, (255, 200, 90)).compose(PosterWords(prompt=prompt, kicker="0:14 – 0:17", notes=(prompt,)), [])
    lettered = image.crop((0, 200, 192, 344))
    assert ImageStat.Stat(lettered).extrema[0][1] > 200


def test_a_picture_of_all_the_hostile_prompts_is_whole() -> None:
    assert drawn(prompt="\n".join(HOSTILE), video_label="".join(HOSTILE)).size == (1024, 1024)


@pytest.mark.parametrize(
    ("text", "legible"),
    [
        ("Zürich – “naïve” café, Ελλάδα, Київ, Việt", "Zürich – “naïve” café, Ελλάδα, Київ, Việt"),
        ("ﬁne 𝓗𝓮𝓵𝓵𝓸 Ⅷ", "fine Hello VIII"),
        ("a 🎬 film", "a film"),
        ("漢字漢字 and 漢", "··· and ·"),
        ("e\u0301 \u202eabc\u202c x\u200dy", "é abc xy"),
        ("a\nb\t\x00c", "a b c"),
        ("Z\u0338\u0322a", "Za"),
    ],
)
def test_what_the_font_lacks_is_replaced_sensibly(text: str, legible: str) -> None:
    assert Lettering().legible(text) == legible


def test_text_is_wrapped_shrunk_and_at_last_cut_short() -> None:
    letters = Lettering()

    def lines(text: str) -> tuple[float, tuple[str, ...]]:
        block = letters.block(text, sizes=(40, 20), weight=BOLD, width=400, line_limit=2)
        assert all(block.font.getlength(line) <= 400 for line in block.lines)
        return block.font.size, block.lines

    assert lines("A poster") == (40, ("A poster",))
    assert lines("A poster of the key scene, of the night and of the sea")[0] == 20
    assert lines("word " * 100)[1][-1].endswith("…")
    assert lines("w" * 30)[1][0].startswith("www")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (14, "0:14"), (14.5, "0:14.5"), (59.96, "1:00"), (83, "1:23"), (3_723, "1:02:03")],
)
def test_times_read_as_on_a_player(seconds: float, text: str) -> None:
    assert render.clock(seconds) == text
