"""Moments of a video: the ones a player shows, from nothing but the file itself."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from sandbox import frames
from sandbox.clip import make_clip
from sandbox.frames import moments, wanted_times
from sandbox.pictures import BrokenInput
from tests.sandbox.picture_seams import drawn, encoded


def grey(index: int) -> Image.Image:
    return Image.new("RGB", (64, 64), (index, index, index))


def shown(video: bytes, **span: Any) -> list[tuple[float, int]]:
    """The times, and the number of the frame by its grey."""
    found = moments(video, **({"start": 0, "end": None, "frame_rate": 1} | span))
    return [(round(moment.seconds, 3), round(ImageStat.Stat(moment.picture).mean[0])) for moment in found]


@pytest.fixture(scope="module")
def counting() -> bytes:
    """Twenty seconds; the frames get lighter by one."""
    return encoded(grey, size=(64, 64), count=200)


@pytest.mark.parametrize(
    ("span", "times"),
    [
        ({"start": 2, "end": 5}, [2, 3, 4]),
        ({"start": 2, "end": 2.9, "frame_rate": 2}, [2, 2.5]),
        ({"start": 0, "end": None, "frame_rate": 0.1}, [0, 10]),
        ({"start": 6.5, "end": 19, "frame_rate": 0.2}, [6.5, 11.5, 16.5]),
        ({"start": 19.9, "end": 60}, [19.9]),
        ({"start": 3, "end": 9, "frame_rate": 0}, [3]),
    ],
    ids=str,
)
def test_the_frame_of_a_moment_is_the_one_a_player_shows(
    counting: bytes, span: dict[str, float], times: list[float]
) -> None:
    found = shown(counting, **span)
    assert [time for time, _ in found] == times
    assert all(abs(number - time * 10) <= 2 for time, number in found)


def test_at_most_24_frames_are_taken_evenly(counting: bytes) -> None:
    found = shown(counting, start=0, end=18, frame_rate=24)
    assert [time for time, _ in found] == [index * 0.75 for index in range(24)]


@pytest.mark.parametrize(
    ("form", "seekable"), [("matroska", True), ("matroska", False), ("mpegts", False), ("mov", True)]
)
def test_other_containers_are_read_too_even_without_a_length(form: str, seekable: bool) -> None:
    video = encoded(grey, size=(64, 64), count=30, form=form, seekable=seekable)
    assert [time for time, _ in shown(video, start=0.5)] == [0.5, 1.5, 2.5]


def test_a_video_on_its_side_is_set_upright() -> None:
    def two_halves(_index: int) -> Image.Image:
        image = Image.new("RGB", (64, 32), "blue")
        image.paste("red", (0, 0, 32, 32))
        return image

    turned = turned_clockwise(encoded(two_halves, size=(64, 32), count=2))
    picture = moments(turned, start=0, end=None, frame_rate=1)[0].picture
    top, bottom = picture.getpixel((16, 8)), picture.getpixel((16, 56))
    assert picture.size == (32, 64)
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)


def turned_clockwise(video: bytes) -> bytes:
    """As a telephone held upright writes it: with the matrix of the track's header, 44 bytes into the box."""
    at = video.index(b"tkhd") + 44
    matrix = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    return video[:at] + matrix + video[at + len(matrix) :]


def test_large_frames_are_made_smaller() -> None:
    video = encoded(lambda _: Image.new("RGB", (2_560, 64)), size=(2_560, 64), count=2)
    assert {moment.picture.size for moment in moments(video, start=0, end=None, frame_rate=1)} == {(1_920, 48)}


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{path}\n#EXT-X-ENDLIST\n"
CONCATENATION = "ffconcat version 1.0\nfile '{path}'\n"


@pytest.mark.parametrize("text", [PLAYLIST, CONCATENATION])
def test_a_clip_cannot_make_the_decoder_open_files_of_this_machine(clip: bytes, tmp_path: Path, text: str) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(clip)
    with pytest.raises(BrokenInput):
        moments(text.format(path=secret).encode(), start=0, end=None, frame_rate=1)


@pytest.mark.parametrize("data", [b"", b"text", bytes(10_000), b"\x89PNG\r\n\x1a\n", b"\x00\x00\x00\x18ftypmp42"])
def test_what_is_no_video_is_a_broken_clip(data: bytes) -> None:
    with pytest.raises(BrokenInput):
        drawn(clip=data)


def test_a_span_after_the_end_is_a_broken_clip(clip: bytes) -> None:
    with pytest.raises(BrokenInput, match="the video ends at 2 s"):
        drawn(clip=clip, start=14.0, end=17.0)


def test_damaged_files_are_drawn_or_refused_but_nothing_else() -> None:
    whole = make_clip(seconds=0.5, width=96, height=64)
    chance = random.Random(7)  # noqa: S311  # the same damage every time; nothing is secret
    refused = 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 8, 64))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            moments(
                bytes(data[: chance.randrange(len(data))] if chance.random() < 0.2 else data),
                start=0,
                end=None,
                frame_rate=4,
            )
        except BrokenInput:
            refused += 1
    assert 0 < refused < 200


def test_wanted_times_begin_at_the_start_and_stay_below_the_end() -> None:
    assert wanted_times(1, 1.3, 10) == pytest.approx([1, 1.1, 1.2])
    assert len(wanted_times(0, 10_000, 24)) == frames.MOMENTS_LIMIT
