"""Makes the image of an order: which files may be read, and in which process."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image

from sandbox.frames import BrokenClip
from sandbox.render import BROKEN_CLIP_EXIT, render
from sandbox.scenarios import without_token
from sandbox.validation import ValidOrder

CLIP_LIMIT_BYTES = 15_000_000  # product page: "HTTP video is limited to 15MB"
DRAWING_LIMIT_SECONDS = 60.0
# Everything else stays out of the process that decodes: the bot's environment has its tokens.
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
SMALL_LONG_SIDE = 1_408  # pixels, whatever was ordered: seen for 4K (Open-WebUI-Functions#150)
HUGE_SIDE = 3_072  # pixels; as many square, without compression, are 28.3 million bytes
WATCH_PAGE = re.compile(r"https://www\.youtube\.com/watch\?v=[A-Za-z0-9_-]{11}")
YOUTUBE_HOSTS = ("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """The arguments of `sandbox.render.render`."""

    prompt: str
    shape: str | None
    size: str
    start: float
    end: float | None
    frame_rate: float
    video_label: str
    clip: bytes | None = None


Draw = Callable[[Commission], Awaitable[bytes]]


def commission(order: ValidOrder, uploads: Callable[[str], bytes | None], uploads_url: str) -> Commission:
    """What to draw. Only uploads to the stand-in are read; `uploads` finds them by their URL. Raises `BrokenClip`."""
    prompt = without_token(order.prompt)
    if not order.video_clips:
        return Commission(
            prompt=prompt,
            shape=order.aspect_ratio,
            size=order.resolution,
            start=0,
            end=None,
            frame_rate=1,
            video_label="",
        )
    clip = order.video_clips[0]
    data = None
    if clip.url.startswith(uploads_url):
        data = uploads(clip.url)
        if data is None:
            raise BrokenClip("failed to fetch the video: 404")
        if len(data) > CLIP_LIMIT_BYTES:
            raise BrokenClip("the video is larger than 15MB")
    return Commission(
        prompt=prompt,
        shape=order.aspect_ratio,
        size=order.resolution,
        start=clip.start,
        end=clip.ends or None,
        frame_rate=clip.fps,
        video_label=_label(clip.url, uploaded=data is not None),
        clip=data,
    )


def _label(url: str, *, uploaded: bool) -> str:
    """A short name for the video. YouTube's other addresses are not documented, so they fail here."""
    parts = urlsplit(url)
    name = unquote(parts.path)
    if uploaded:
        return name.rpartition("/")[2]
    if parts.hostname in YOUTUBE_HOSTS:
        if not WATCH_PAGE.fullmatch(url):
            raise BrokenClip("unsupported video address")
        return f"youtube.com/watch?{parts.query}"
    return f"{parts.hostname}{name}"


async def draw(work: Commission, *, limit_seconds: float = DRAWING_LIMIT_SECONDS) -> bytes:
    """Draws the image as a PNG. Raises `BrokenClip`.

    An upload and a large picture are drawn in another process, which adds 0.2 s. `stillframe run --sandbox-supplier`
    lets members attach any file, so an upload is decoded with limits; and a large picture drawn in a thread would
    hold up the event loop for 0.14 s at a time.
    """
    if work.clip is None and work.size == "1k":
        return await asyncio.to_thread(render, **asdict(work))
    arguments = asdict(work)
    clip = arguments.pop("clip")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox.render",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
    )
    try:
        async with asyncio.timeout(limit_seconds):
            image, complaint = await process.communicate(json.dumps(arguments).encode() + b"\n" + (clip or b""))
    except TimeoutError as error:
        raise BrokenClip("decoding the video took too long") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    code = await process.wait()
    if code == 0:
        return image
    said = complaint.decode(errors="replace")
    if code == BROKEN_CLIP_EXIT or code < 0:  # below 0: stopped by a limit, or crashed
        raise BrokenClip(said or "the video could not be decoded")
    raise RuntimeError(f"sandbox.render failed: {said}")


def as_jpeg(image: bytes) -> bytes:
    file = io.BytesIO()
    with Image.open(io.BytesIO(image)) as picture:
        picture.save(file, "JPEG", quality=92)
    return file.getvalue()


def as_small_png(image: bytes) -> bytes:
    """The same picture, as if 1K had been ordered."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(image)) as picture:
        scale = SMALL_LONG_SIDE / max(picture.size)
        smaller = picture.resize((round(picture.width * scale), max(1, round(picture.height * scale))))
    smaller.save(file, "PNG")
    return file.getvalue()


def as_huge_png(image: bytes) -> bytes:
    """The same picture, larger and not compressed."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(image)) as picture:
        scale = HUGE_SIDE / (picture.width * picture.height) ** 0.5
        larger = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    larger.save(file, "PNG", compress_level=0)
    return file.getvalue()
