"""Pictures drawn and videos made for the tests of the sandbox's drawing."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import av
from PIL import Image, ImageChops, ImageStat

from sandbox import render

LINK: dict[str, Any] = {
    "prompt": "Cinematic poster of the key scene",
    "shape": None,
    "size": "1k",
    "clip": None,
    "start": 14.0,
    "end": 17.0,
    "frame_rate": 1.0,
    "video_label": "youtube.com/watch?v=dQw4w9WgXcQ",
}


def drawn(**changes: Any) -> Image.Image:
    image = Image.open(io.BytesIO(render.render(**(LINK | changes))))
    image.load()
    assert (image.format, image.mode) == ("PNG", "RGB")
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of a pixel's channel, 0-255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def encoded(
    picture: Callable[[int], Image.Image],
    *,
    size: tuple[int, int] = (256, 256),
    count: int = 10,
    form: str = "mp4",
    seekable: bool = True,
) -> bytes:
    """A video of ten frames a second."""
    file = io.BytesIO()
    with av.open(file if seekable else OnlyWrites(file), mode="w", format=form) as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for index in range(count):
            frame = av.VideoFrame.from_image(picture(index))  # type: ignore[no-untyped-call]  # PyAV gives it no types
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


class OnlyWrites:
    """As a browser records: what was written cannot be completed later with its length."""

    def __init__(self, file: io.BytesIO) -> None:
        self.write = file.write


def plain_clip(colour: str) -> bytes:
    return encoded(lambda _: Image.new("RGB", (256, 144), colour), size=(256, 144))


def plain_picture(colour: str, *, size: tuple[int, int] = (256, 144)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()
