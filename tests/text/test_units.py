"""Facts in words: moments, credits and sizes, as people of each language count."""

from __future__ import annotations

import pytest

from bot.domain.recipe import Clip, Shape, Span, YouTubeVideo
from bot.text import units
from bot.text.i18n import speaking


def clip(start: float, end: float | None, frame_rate: float = 1) -> Clip:
    return Clip(video=YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=start, end=end), frame_rate=frame_rate)


@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        (clip(14, 17), "0:14 → 0:17 (3 s, about 3 frames)"),
        (clip(14, 14.5), "0:14 → 0:14.5 (0.5 s, about 1 frame)"),
        (clip(14.1, 17.3), "0:14.1 → 0:17.3 (3.2 s, about 4 frames)"),
        (clip(0, 60, 0.5), "0:00 → 1:00 (1 min, about 30 frames)"),
        (clip(0, 80), "0:00 → 1:20 (1 min 20 s, about 80 frames)"),
        (clip(0, 80.25, 0.1), "0:00 → 1:20.25 (1 min 20.25 s, about 9 frames)"),
        (clip(0, 3_600, 0.1), "0:00 → 1:00:00 (1 h, about 360 frames)"),
        (clip(60, 3_785, 0.1), "1:00 → 1:03:05 (1 h 2 min, about 373 frames)"),
        (clip(0, 7_199, 0.05 * 2), "0:00 → 1:59:59 (2 h, about 720 frames)"),
        (clip(0, None), "the whole video (1 frame a second)"),
        (clip(0, None, 0.5), "the whole video (0.5 frames a second)"),
        (clip(0, None, 24), "the whole video (24 frames a second)"),
    ],
)
def test_a_span_is_said_with_its_length_and_frames(clip: Clip, expected: str) -> None:
    assert expected == units.span(clip)


@pytest.mark.parametrize(
    ("locale", "credits", "size", "moment"),
    [
        ("en-US", "12,500 credits", "15.5 MB", "0:14 → 0:15.25 (1.25 s, about 2 frames)"),
        ("en-GB", "12,500 credits", "15.5 MB", "0:14 → 0:15.25 (1.25 s, about 2 frames)"),
        ("es-ES", "12.500 créditos", "15,5 MB", "0:14 → 0:15.25 (1,25 s, alrededor de 2 fotogramas)"),
        ("es-419", "12,500 créditos", "15.5 MB", "0:14 → 0:15.25 (1.25 s, alrededor de 2 fotogramas)"),
        ("fr", "12,500 credits", "15.5 MB", "0:14 → 0:15.25 (1.25 s, about 2 frames)"),
    ],
)
def test_numbers_are_written_as_the_region_writes_them(locale: str, credits: str, size: str, moment: str) -> None:
    with speaking(locale):
        assert credits == units.credits(12_500)
        assert size == units.megabytes(15_500_000)
        assert moment == units.span(clip(14, 15.25))


@pytest.mark.parametrize(("amount", "words"), [(0, "0 créditos"), (1, "1 crédito"), (2, "2 créditos")])
def test_one_is_not_many_in_spanish_either(amount: int, words: str) -> None:
    with speaking("es-ES"):
        assert words == units.credits(amount)


def test_each_shape_says_what_people_make_in_it_in_both_languages() -> None:
    english = {units.purpose(shape) for shape in Shape}
    with speaking("es-ES"):
        spanish = {units.purpose(shape) for shape in Shape}
    assert len(english) == len(spanish) == len(Shape)
    assert english & spanish == set()
