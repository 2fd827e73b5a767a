"""Makes the image of an order: which files may be read, and in which process."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import sys
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image

from sandbox.pictures import BrokenInput
from sandbox.render import BROKEN_INPUT_EXIT, render
from sandbox.scenarios import without_token
from sandbox.validation import ValidOrder

CLIP_LIMIT_BYTES = 15_000_000  # product page: "HTTP video is limited to 15MB"
DRAWING_LIMIT_SECONDS = 60.0
# Everything else stays out of the process that decodes: the bot's environment has its tokens.
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
SMALL_LONG_SIDE = 1_408  # pixels, whatever was ordered: seen for 4K (Open-WebUI-Functions#150)
HUGE_SIDE = 3_072  # pixels; as many square, without compression, are 28.3 million bytes
ULTRA_SIDE = 8_192  # pixels
ULTRA_BYTES = 45_000_000
CHUNK_NAME = b"fiLl"  # small first letters: of no standard, and not needed to show the picture
END_CHUNK_BYTES = 12
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
    images: tuple[bytes, ...] = ()
    images_unread: int = 0


Draw = Callable[[Commission], Awaitable[bytes]]


def commission(order: ValidOrder, uploads: Callable[[str], bytes | None], uploads_url: str) -> Commission:
    """What to draw. Only uploads to the stand-in are read; `uploads` finds them by their URL. Raises `BrokenInput`."""

    def read(url: str, what: str) -> bytes | None:
        if not url.startswith(uploads_url):
            return None
        data = uploads(url)
        if data is None:
            raise BrokenInput(f"failed to fetch the {what}: 404")
        return data

    read_images = [read(url, "image") for url in order.images]
    images = tuple(image for image in read_images if image is not None)
    work = Commission(
        prompt=without_token(order.prompt),
        shape=order.aspect_ratio or None,
        size=order.resolution,
        start=0,
        end=None,
        frame_rate=1,
        video_label="",
        images=images,
        images_unread=len(read_images) - len(images),
    )
    if not order.video_clips:
        return work
    clip = order.video_clips[0]
    data = read(clip.url, "video")
    if data is not None and len(data) > CLIP_LIMIT_BYTES:
        raise BrokenInput("the video is larger than 15MB")
    label = _label(clip.url, uploaded=data is not None)
    return replace(work, start=clip.start, end=clip.ends or None, frame_rate=clip.fps, video_label=label, clip=data)


def _label(url: str, *, uploaded: bool) -> str:
    """A short name for the video. YouTube's other addresses are not documented, so they fail here."""
    parts = urlsplit(url)
    name = unquote(parts.path)
    if uploaded:
        return name.rpartition("/")[2]
    if parts.hostname in YOUTUBE_HOSTS:
        if not WATCH_PAGE.fullmatch(url):
            raise BrokenInput("unsupported video address")
        return f"youtube.com/watch?{parts.query}"
    return f"{parts.hostname}{name}"


async def draw(work: Commission, *, limit_seconds: float = DRAWING_LIMIT_SECONDS) -> bytes:
    """Draws the image as a PNG. Raises `BrokenInput`.

    Uploads and a large picture are drawn in another process, which adds 0.2 s. `stillframe run --sandbox-supplier`
    lets members attach any file, so uploads are decoded with limits; and a large picture drawn in a thread would
    hold up the event loop for 0.14 s at a time.
    """
    if work.clip is None and not work.images and work.size == "1k":
        return await asyncio.to_thread(render, **asdict(work))
    arguments = asdict(work)
    files = [*work.images, arguments.pop("clip") or b""]
    arguments["images"] = [len(image) for image in work.images]
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
            image, complaint = await process.communicate(b"".join([json.dumps(arguments).encode(), b"\n", *files]))
    except TimeoutError as error:
        raise BrokenInput("decoding took too long") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    code = await process.wait()
    if code == 0:
        return image
    said = complaint.decode(errors="replace")
    if code == BROKEN_INPUT_EXIT or code < 0:  # below 0: stopped by a limit, or crashed
        raise BrokenInput(said or "an input could not be decoded")
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


def as_square_png(image: bytes) -> bytes:
    """The middle of the picture, whatever shape was ordered."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(image)) as picture:
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        picture.crop((left, top, left + side, top + side)).save(file, "PNG")
    return file.getvalue()


def as_huge_png(image: bytes) -> bytes:
    """The same picture, larger and not compressed."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(image)) as picture:
        scale = HUGE_SIDE / (picture.width * picture.height) ** 0.5
        larger = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    larger.save(file, "PNG", compress_level=0)
    return file.getvalue()


def as_8k_png(image: bytes) -> bytes:
    """The same picture with as many pixels as a square of 8192. It has at least 45 million bytes.

    How large the supplier's are is not known. What a plain picture lacks is filled up in a chunk that readers skip.
    """
    file = io.BytesIO()
    with Image.open(io.BytesIO(image)) as picture:
        scale = ULTRA_SIDE / (picture.width * picture.height) ** 0.5
        size = round(picture.width * scale), round(picture.height * scale)
        larger = picture.resize(size, Image.Resampling.NEAREST)
    larger.save(file, "PNG", compress_level=1)
    whole = file.getvalue()
    filling = CHUNK_NAME + bytes(max(0, ULTRA_BYTES - len(whole)))
    chunk = (len(filling) - len(CHUNK_NAME)).to_bytes(4) + filling + zlib.crc32(filling).to_bytes(4)
    return whole[:-END_CHUNK_BYTES] + chunk + whole[-END_CHUNK_BYTES:]
