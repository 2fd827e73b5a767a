"""Draws the stand-in's image: a poster of the clip's frames or of the given images, or a placeholder.

`python -m sandbox.render` draws one picture in a process with limits. It reads the arguments of `render` as one line
of JSON, which has the sizes of `images` in bytes and no `clip`; then the images' bytes, and the clip's if there is one.
It writes the PNG.
"""

from __future__ import annotations

import io
import json
import math
import random
import sys
from collections.abc import Sequence
from typing import BinaryIO, TextIO

from PIL import Image

from sandbox import ground
from sandbox.frames import Moment, moments, wanted_times
from sandbox.pictures import BrokenInput, open_picture
from sandbox.poster import Cell, Colour, Poster, PosterWords

# Google's own sizes for this family of models at 1K; 2K and 4K have two and four times as many pixels a side.
PIXELS_AT_1K = {
    "1:1": (1024, 1024),
    "3:2": (1264, 848),
    "2:3": (848, 1264),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
SCALES = {"1k": 1, "2k": 2, "4k": 4, "8k": 4}  # an 8K picture is drawn at 4K, and enlarged later
PNG_LEVEL = 2  # of 9; higher ones take seconds at 4K and save little
EMPTY_FRAME: Colour = (30, 30, 36)
MEMORY_LIMIT_BYTES = 2 * 1024**3
CPU_LIMIT_SECONDS = 20
BROKEN_INPUT_EXIT = 3


def render(
    *,
    prompt: str,
    shape: str | None,
    size: str,
    clip: bytes | None,
    start: float,
    end: float | None,
    frame_rate: float,
    video_label: str,
    images: Sequence[bytes] = (),
    images_unread: int = 0,
) -> bytes:
    """Draws a PNG; the same arguments give the same bytes.

    Without a `clip`, `video_label` says what could not be reached: "youtube.com/watch?v=...", "host/name.mp4", or ""
    for nothing. Without a video the first image fills the picture; the others lie on it, small. `images_unread`: how
    many more images could not be reached. Raises `BrokenInput`.
    """
    insets = [open_picture(image) for image in images]
    kicker = f"{_span(start, end)} · {frame_rate:g} {'frame' if frame_rate == 1 else 'frames'} a second"
    seen: Sequence[Moment] = ()
    hero: Image.Image | None = None
    if clip is not None:
        seen = moments(clip, start=start, end=end, frame_rate=frame_rate)
        hero = ground.best([moment.picture for moment in seen])
    elif video_label:
        seen = _blanks(start, end, frame_rate)
    else:
        hero = insets.pop(0) if insets else None
        kicker = _images(len(images) + images_unread)
    pixels = _pixels(shape or (_nearest_shape(hero) if hero else "1:1"), size)
    if hero:
        picture, accent = ground.from_frame(hero, pixels), ground.accent_of(hero)
    else:
        inputs = json.dumps([prompt, shape, start, end, frame_rate, video_label])
        picture, accent = ground.lens(pixels, random.Random(inputs))
    notes = (video_label,) if clip is not None else _excuse(video_label)
    unread = (f"{images_unread} of the images could not be reached from the sandbox.",) if images_unread else ()
    strip = [Cell(moment.picture, clock(moment.seconds)) for moment in seen] if len(seen) > 1 else []
    words = PosterWords(prompt=prompt, kicker=kicker, notes=(*notes, *unread))
    Poster(picture, accent).compose(words, strip, insets)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=PNG_LEVEL)
    return file.getvalue()


def _images(count: int) -> str:
    if not count:
        return "From words alone"
    return "From 1 image" if count == 1 else f"From {count} images"


def clock(seconds: float) -> str:
    """A time as a player shows it, with tenths of a second where it is not whole: 0:14, 1:02:03, 0:14.5."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{text}:{rest // 10:02}" + (f".{rest % 10}" if rest % 10 else "")


def _span(start: float, end: float | None) -> str:
    if end is None:
        return "The whole video" if start == 0 else f"From {clock(start)}"
    return f"{clock(start)} – {clock(end)} · {round(end - start, 1):g} s"


def _excuse(video_label: str) -> tuple[str, ...]:
    if not video_label:
        return ()
    host = video_label.partition("/")[0]
    place = "YouTube" if host == "youtube.com" else host
    return video_label, f"The sandbox cannot reach {place}: this picture shows no frame of the video."


def _blanks(start: float, end: float | None, frame_rate: float) -> tuple[Moment, ...]:
    """The strip of film with empty cells, as many as the span would have pictures."""
    if end is None:
        return ()
    frame = Image.new("RGB", (160, 90), EMPTY_FRAME)
    return tuple(Moment(time, frame) for time in wanted_times(start, end, frame_rate))


def _pixels(shape: str, size: str) -> tuple[int, int]:
    width, height = PIXELS_AT_1K[shape]
    return width * SCALES[size], height * SCALES[size]


def _nearest_shape(picture: Image.Image) -> str:
    def distance(shape: str) -> float:
        width, height = PIXELS_AT_1K[shape]
        return abs(math.log(width / height) - math.log(picture.width / picture.height))

    return min(PIXELS_AT_1K, key=distance)


def main(source: BinaryIO, target: BinaryIO, complaints: TextIO) -> int:
    """Returns the exit code."""
    arguments = json.loads(source.readline())
    images = [source.read(size_bytes) for size_bytes in arguments.pop("images", ())]
    clip = source.read() or None
    try:
        target.write(render(clip=clip, images=images, **arguments))
    except (BrokenInput, MemoryError) as error:
        complaints.write(str(error) or "needs too much memory")
        return BROKEN_INPUT_EXIT
    return 0


def limit_this_process() -> None:
    """Set limits on memory and time against hostile files, and allow no core dump. Windows has no such limits."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # exists only on Unix

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_SECONDS, CPU_LIMIT_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit_this_process()
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer, sys.stderr))
