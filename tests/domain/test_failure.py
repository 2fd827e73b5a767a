"""Why a job ends that the supplier has failed depends on what was ordered too."""

from __future__ import annotations

import pytest

from bot.domain.failure import Failure
from bot.domain.job import ReleaseReason, reason_of
from bot.domain.recipe import AttachedVideo, Recipe, VideoLink
from tests.support.factories import a_recipe, an_image

YOUTUBE = a_recipe()
LINKED = a_recipe(video=VideoLink(url="https://a.example/clip.mp4"))
ATTACHED = a_recipe(video=AttachedVideo(name="clip.mp4", sha256="a" * 64, content_type="video/mp4"))
WORDS = Recipe(model="nb2-text", prompt="A poster")
IMAGES = Recipe(model="nb2-edit", prompt="A poster", references=(an_image(),))
ALL = (YOUTUBE, LINKED, ATTACHED, WORDS, IMAGES)


@pytest.mark.parametrize("failure", [Failure.VIDEO, Failure.ARGUMENT])
def test_only_a_youtube_video_that_was_refused_must_be_public(failure: Failure) -> None:
    told = [recipe for recipe in ALL if reason_of(failure, recipe) is ReleaseReason.VIDEO_NOT_PUBLIC]
    assert told == [YOUTUBE]
    others = set(Failure) - {Failure.VIDEO, Failure.ARGUMENT}
    assert ReleaseReason.VIDEO_NOT_PUBLIC not in {reason_of(each, YOUTUBE) for each in others}


@pytest.mark.parametrize(
    ("failure", "reasons"),
    [
        (Failure.FRAMES, {ReleaseReason.TOO_MUCH_VIDEO: 3, ReleaseReason.FAILED: 2}),
        (Failure.MOMENT, {ReleaseReason.MOMENT_TOO_LATE: 3, ReleaseReason.FAILED: 2}),
        (Failure.IMAGE, {ReleaseReason.IMAGE_UNREADABLE: 1, ReleaseReason.FAILED: 4}),
        (Failure.BUSY, {ReleaseReason.OVERLOADED: 5}),
        (Failure.OTHER, {ReleaseReason.FAILED: 5}),
    ],
)
def test_what_was_not_given_is_not_to_blame(failure: Failure, reasons: dict[ReleaseReason, int]) -> None:
    found = [reason_of(failure, recipe) for recipe in ALL]
    assert reasons == {reason: found.count(reason) for reason in reasons}
