"""Takes pictures of some moments out of a video file.

Members upload these files, so they may be hostile: outside tests, `sandbox.drawing` runs this in another process.
"""

from __future__ import annotations

import io
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from sandbox.pictures import LONG_SIDE_LIMIT, BrokenInput

MOMENTS_LIMIT = 24
SEEK_STEP_SECONDS = 4.0  # moments further apart are sought one by one; closer ones are decoded through
ROUNDING_SECONDS = 0.001  # containers keep times in whole ticks
THREADS = 2  # frame buffers grow with every thread
# A playlist or a concatenation could name files of this machine: FFmpeg may open only what holds its own pictures.
OPEN_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpeg,mpegts,mpegvideo,asf",
    "protocol_whitelist": "",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A picture, and its time in seconds from the video's beginning."""

    seconds: float
    picture: Image.Image


def moments(clip: bytes, *, start: float, end: float | None, frame_rate: float) -> tuple[Moment, ...]:
    """At most 24 moments, evenly spaced from `start`. Raises `BrokenInput`."""
    try:
        with av.open(io.BytesIO(clip), mode="r", options=OPEN_OPTIONS) as container:
            found = tuple(_moments(container, start, end, frame_rate))
    except (av.FFmpegError, EOFError, ValueError, IndexError) as error:
        raise BrokenInput(f"can't be decoded: {error}") from error
    if not found:
        raise BrokenInput("has no picture in the span")
    return found


def wanted_times(start: float, end: float, frame_rate: float) -> list[float]:
    """The times in seconds. A rate of 0, which the supplier's page allows, gives one picture."""
    count = max(1, math.ceil(round((end - start) * frame_rate, 6)))
    step = (end - start) / MOMENTS_LIMIT if count > MOMENTS_LIMIT else 1 / (frame_rate or 1)
    return [start + step * index for index in range(min(count, MOMENTS_LIMIT))]


def _moments(container: InputContainer, start: float, end: float | None, frame_rate: float) -> Iterator[Moment]:
    stream = container.streams.video[0]
    if not stream.codec_context:  # PyAV has None, against its types, where the codec is unknown
        raise ValueError("the video's codec is unknown")
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = THREADS
    length = _length(container, stream)
    if start >= length:
        raise ValueError(f"the span begins at {start:g} s, the video ends at {length:g} s")
    times = wanted_times(start, min(end or length, length), frame_rate)
    if len(times) > 1 and times[1] - times[0] > SEEK_STEP_SECONDS:
        for time in times:
            yield from _scan(container, stream, [time])
    else:
        yield from _scan(container, stream, times)


def _length(container: InputContainer, stream: VideoStream) -> float:
    """The length in seconds. Recordings of browsers do not say it; then all packets are read."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return container.duration / av.time_base
    ends = [
        float((packet.pts + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux(stream)
        if packet.pts is not None
    ]
    container.seek(0)
    return max(ends) - _origin(stream)


def _origin(stream: VideoStream) -> float:
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def _scan(container: InputContainer, stream: VideoStream, times: list[float]) -> Iterator[Moment]:
    """The frames that a player shows at the times, which must ascend."""
    wanted = deque(times)
    origin = _origin(stream)
    if times[0] > SEEK_STEP_SECONDS:
        container.seek(round((origin + times[0]) / (stream.time_base or 1)), stream=stream)
    shown = None
    for frame in container.decode(stream):
        if frame.pts is None:
            continue
        while shown and wanted and frame.time - origin > wanted[0] + ROUNDING_SECONDS:
            yield Moment(wanted.popleft(), _picture(shown, stream))
        if not wanted:
            return
        shown = frame
    if shown:
        yield Moment(wanted[0], _picture(shown, stream))


def _picture(frame: VideoFrame, stream: VideoStream) -> Image.Image:
    """The frame as a player shows it: upright, and with square pixels."""
    width = frame.width * float(stream.sample_aspect_ratio or 1)
    scale = min(1.0, LONG_SIDE_LIMIT / max(width, frame.height))
    size = max(2, round(width * scale)), max(2, round(frame.height * scale))
    image: Image.Image = frame.to_image(  # type: ignore[no-untyped-call]  # PyAV gives it no types
        width=size[0], height=size[1], interpolation="AREA" if scale < 1 else "BICUBIC"
    )
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
