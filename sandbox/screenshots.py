"""`make screenshots` draws the real bot's cards as pictures for the documentation.

    python -m sandbox.screenshots --output docs/images --only help result
    python -m sandbox.screenshots --page build/play/mouse-5-image.png    # what the browser test kept, made small

Each card comes from the bot itself, in the simulated Discord; only the drawing is ours (`card_picture.py`), so that it
needs neither a browser nor a network.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from sandbox.atlas import Latency
from sandbox.card_picture import CardPicture
from sandbox.clip import make_clip
from sandbox.stage import Stage, changes_of, set_up

LIMIT_BYTES = 150_000  # of one picture: they travel with the repository
SCALES = (1.0, 0.75, 0.6, 0.5)
COLOURS = 256
MAKING_SECONDS = 2.0
CREDITS = 2_000

Scene = tuple[str, Any]
ORDERS = (
    {"prompt": "Travel poster: one balloon over the valley at dawn", "start": "0:01", "shape": "16:9"},
    {"prompt": "Postcard: greetings from above the hills", "start": "0:03", "shape": "4:5"},
    {"prompt": "Album cover: the last light", "start": "0:04", "shape": "1:1"},
)
LARGE = {
    "prompt": "Cinematic poster of the key scene, in the style of these",
    "video": "https://youtu.be/aqz-KE-bpKQ",
    "start": "1:00-1:05",
    "shape": "16:9",
    "size": "4k",
}


async def tour(stage: Stage) -> AsyncIterator[Scene]:
    """The name and the message of each card, the cheap ones first."""
    ann, mo, channel = stage.ann, stage.mo, stage.channel
    yield "help", (await ann.slash(channel, "help")).response
    yield "refusal", (await ann.slash(channel, "imagine", prompt="A poster", video="a cat video")).response
    in_doubt = {"prompt": "A poster", "video": LARGE["video"], "start": "1.20-1.40"}
    yield "moment", (await ann.slash(channel, "imagine", **in_doubt)).response
    yield "preferences", (await ann.slash(channel, "preferences")).response
    yield "templates", (await ann.slash(channel, "templates browse")).response
    granted = await mo.slash(channel, "bank grant", member=ann, amount=CREDITS, reason="Won the poster contest")
    yield "bank", granted.response
    yield "setup", (await mo.slash(channel, "setup")).response
    async for scene in _made(stage):
        yield scene
    yield "statement", (await ann.slash(channel, "credits statement")).response
    yield "policy", (await mo.slash(channel, "policy show")).response
    yield "usage", (await mo.slash(channel, "usage")).response


async def _made(stage: Stage) -> AsyncIterator[Scene]:
    ann, channel = stage.ann, stage.channel
    clip = ("balloon.mp4", await asyncio.to_thread(make_clip, seconds=6, width=1_280, height=720))
    orders = [await ann.slash(channel, "imagine", clip=clip, end="+2s", **what) for what in ORDERS]
    yield "waiting", orders[0].response
    for order in orders:
        async for _ in changes_of(order):
            pass
    results: list[Any] = [each.response for each in orders]
    yield "result", results[0]
    yield "details", (await ann.click(results[0].message, label="Details")).response
    for each in results:
        await ann.click(each.message, label="Use as reference")
    yield "tray", (await ann.slash(channel, "tray")).response
    yield "confirm", (await ann.slash(channel, "imagine", **LARGE)).response
    yield "history", (await ann.slash(channel, "history")).response


async def take(output: Path, only: Collection[str]) -> list[Path]:
    """Draws the cards named in `only`, or all."""
    written = []
    await asyncio.to_thread(output.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with set_up(Path(folder), latency=Latency.fixed(MAKING_SECONDS)) as stage:
            async for name, message in tour(stage):
                if only and name not in only:
                    continue
                written.append(output / f"{name}.png")
                picture = await _picture(stage, message)
                written[-1].write_bytes(await asyncio.to_thread(small_png, picture))
                if only and len(written) == len(only):
                    break
    return written


async def _picture(stage: Stage, message: Any) -> Image.Image:
    files = {each.filename: await each.read() for each in message.attachments}
    artist = CardPicture(files, stage.names)
    return await asyncio.to_thread(artist.draw, message.components, private=message.ephemeral)


def small_png(picture: Image.Image) -> bytes:
    """The picture as a PNG, as large as the limit of bytes allows."""
    data = b""
    for scale in SCALES:
        size = (round(picture.width * scale), round(picture.height * scale))
        smaller = picture if scale == 1 else picture.resize(size, Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        palette = smaller.quantize(COLOURS, kmeans=1)
        smaller.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(buffer, "PNG", optimize=True)
        data = buffer.getvalue()
        if len(data) <= LIMIT_BYTES:
            break
    return data


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.screenshots")
    parser.add_argument("--output", type=Path, default=Path("docs/images"))
    parser.add_argument("--only", nargs="*", default=(), metavar="CARD")
    parser.add_argument("--page", type=Path, metavar="PNG", help="Keep this picture of the play page, and no card.")
    asked = parser.parse_args(arguments)
    if asked.page:
        with Image.open(asked.page) as picture:
            (asked.output / "play.png").write_bytes(small_png(picture.convert("RGB")))
        return 0
    written = asyncio.run(take(asked.output, asked.only))
    for path in written:
        sys.stdout.write(f"{path}  {path.stat().st_size:,} bytes\n")
    missing = set(asked.only) - {path.stem for path in written}
    if missing:
        sys.stderr.write(f"There is no card named {', '.join(sorted(missing))}.\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
