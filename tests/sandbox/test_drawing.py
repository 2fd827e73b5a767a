"""The process that draws: the same pictures, with limits, and no blame in the wrong place."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sandbox import render
from sandbox.drawing import Commission, draw
from sandbox.pictures import BrokenInput
from tests.sandbox.picture_seams import LINK, plain_picture

ROOT = Path(__file__).parents[2]


def work(clip: bytes | None, **changes: Any) -> Commission:
    return Commission(**(LINK | {"clip": clip, "start": 0.0, "end": None} | changes))


async def test_the_process_draws_the_same_picture(clip: bytes) -> None:
    assert await draw(work(clip)) == render.render(**(LINK | {"clip": clip, "start": 0.0, "end": None}))


async def test_a_large_placeholder_is_drawn_in_the_process_too() -> None:
    image = Image.open(io.BytesIO(await draw(work(None, size="2k"))))
    image.load()
    assert image.size == (2048, 2048)


async def test_the_process_draws_given_images_too(clip: bytes) -> None:
    images = tuple(plain_picture(colour) for colour in ("#d02020", "#2030d0"))
    assert await draw(work(clip, images=images)) == render.render(
        **(LINK | {"clip": clip, "images": images, "start": 0.0, "end": None})
    )
    assert await draw(work(None, images=images, video_label="")) != await draw(work(None, video_label=""))


async def test_the_process_says_what_is_wrong_with_a_clip() -> None:
    with pytest.raises(BrokenInput, match="can't be decoded"):
        await draw(work(b"not a video"))


async def test_the_process_says_what_is_wrong_with_an_image() -> None:
    with pytest.raises(BrokenInput, match="failed to read the image"):
        await draw(work(None, images=(b"GIF89a, and then nothing",)))


async def test_a_mistake_of_ours_is_not_blamed_on_the_clip(clip: bytes) -> None:
    with pytest.raises(RuntimeError, match="KeyError"):
        await draw(work(clip, shape="7:5"))


async def test_a_process_that_takes_too_long_is_stopped(clip: bytes) -> None:
    with pytest.raises(BrokenInput, match="too long"):
        await draw(work(clip), limit_seconds=0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_the_process_has_limits() -> None:
    program = (
        "import resource; from sandbox.render import limit_this_process; limit_this_process();"
        "kinds = resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE;"
        "print([resource.getrlimit(kind)[0] for kind in kinds])"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT).stdout
    assert json.loads(printed) == [2 * 1024**3, 20, 0]


def run_main(clip: bytes, **changes: Any) -> tuple[int, bytes, str]:
    arguments = {name: value for name, value in (LINK | changes).items() if name != "clip"}
    target, complaints = io.BytesIO(), io.StringIO()
    code = render.main(io.BytesIO(json.dumps(arguments).encode() + b"\n" + clip), target, complaints)
    return code, target.getvalue(), complaints.getvalue()


def test_the_program_reads_arguments_and_a_clip_and_writes_a_picture(clip: bytes) -> None:
    assert run_main(b"") == (0, render.render(**LINK), "")
    drawn_whole = render.render(**(LINK | {"clip": clip, "start": 0, "end": None}))
    assert run_main(clip, start=0, end=None) == (0, drawn_whole, "")


def test_the_program_says_by_its_exit_code_that_the_clip_is_to_blame() -> None:
    code, image, complaint = run_main(b"not a video")
    assert (code, image) == (render.BROKEN_INPUT_EXIT, b"")
    assert complaint.startswith("can't be decoded")
