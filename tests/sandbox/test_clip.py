"""The clip to try things with."""

from __future__ import annotations

import io
from itertools import pairwise

import av

from sandbox.clip import make_clip
from sandbox.frames import moments
from tests.sandbox.picture_seams import difference


def test_a_made_clip_has_the_asked_length_size_and_rate() -> None:
    video = make_clip(seconds=1.5, width=320, height=180, rate=12)
    with av.open(io.BytesIO(video)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 320, 180)
        assert (stream.frames, float(stream.average_rate or 0)) == (18, 12.0)


def test_a_made_clip_is_always_the_same_and_differs_by_seed() -> None:
    first, again, other = (make_clip(seconds=0.2, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_every_frame_of_a_made_clip_differs_from_the_last(clip: bytes) -> None:
    pictures = [moment.picture for moment in moments(clip, start=0, end=1, frame_rate=24)]
    assert all(difference(one, other) > 0.5 for one, other in pairwise(pictures))
