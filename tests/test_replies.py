"""The words people read: every error and every ending has some, and they say what it cost."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import get_args

import pytest

from bot import replies
from bot.domain import errors as e
from bot.domain.job import ReleaseReason
from bot.domain.recipe import VIDEO_TYPES

EXAMPLES: list[e.StillframeError] = [
    e.VideoMissing(),
    e.TwoVideos(),
    e.NotAVideoLink(text="hello", problem="not_a_link"),
    e.LinkNotPublic(host="localhost"),
    e.LinkUnreachable(host="a.example", because="status", status=404),
    e.NotAVideoFile(found="PNG image"),
    e.FileTooLarge(limit_bytes=15_000_000, size_bytes=26_000_000),
    e.NotATime(text="soon", option="start"),
    e.EndBeforeStart(start=14, end=10, suggested_end=24),
    e.TimeTooLate(seconds=50_000, limit_seconds=43_200),
    e.WholeVideoAndTimes(),
    e.TooManyFrames(frames=600, limit=450, start=0, suggested_end=450, suggested_rate=0.75),
    e.BadOption(option="size", value="8k", allowed="1k, 2k, 4k"),
    e.PromptMissing(),
    e.PromptTooLong(length=5_000, limit=4_000),
    e.NotEnoughCredits(needed=190, available=160, held=150, cheaper=(("1K", 150),)),
    e.CannotPostHere(missing=("Attach Files",)),
    e.NotAModerator(),
    e.NotInAServer(),
    e.BadAmount(amount=0, limit=1_000_000),
    e.ReasonMissing(),
    e.NotYours(),
    e.ImageGone(),
    e.LineFull(limit=7),
    e.TooLateToCancel(cost=150, ended=False),
    e.Restarting(),
    e.SalesPaused(),
]


def leaves(root: type[e.StillframeError]) -> Iterator[type[e.StillframeError]]:
    below = root.__subclasses__()
    if not below:
        yield root
    for each in below:
        yield from leaves(each)


def test_there_is_an_example_of_every_refusal() -> None:
    assert {type(example) for example in EXAMPLES} == set(leaves(e.Refusal))


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_refusal_has_words_of_its_own(error: e.Refusal) -> None:
    words = replies.say(error)
    assert words[0].isupper() or words[0] in "`0"
    assert words.endswith((".", "?"))
    assert type(error).__name__ not in words
    assert "None" not in words


@pytest.mark.parametrize("problem", get_args(e.LinkProblem))
def test_every_problem_with_a_link_has_words_that_say_what_to_paste(problem: e.LinkProblem) -> None:
    words = replies.say(e.NotAVideoLink(text="dQw4w9WgXcQ", problem=problem))
    assert "`dQw4w9WgXcQ`" in words
    assert "Nothing was charged." in words


@pytest.mark.parametrize("because", get_args(e.UnreachableBecause))
def test_every_reason_why_a_server_gave_no_file_has_words(because: e.UnreachableBecause) -> None:
    words = replies.say(
        e.LinkUnreachable(host="a.example", because=because, status=503 if because == "status" else None)
    )
    assert "I can't get the file from `a.example`: " in words


@pytest.mark.parametrize("error_type", sorted(set(leaves(e.StillframeError)) - set(leaves(e.Refusal)), key=str))
def test_what_goes_wrong_on_our_side_is_said_without_its_insides(error_type: type[e.StillframeError]) -> None:
    facts = {
        name: {"found": 2, "known": 1}.get(name, "secret insides")
        for name, parameter in inspect.signature(error_type.__init__).parameters.items()
        if parameter.default is inspect.Parameter.empty and parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    words = replies.say(error_type(**facts))
    assert "secret" not in words
    assert "Nothing was charged." in words
    assert "again" in words


@pytest.mark.parametrize("reason", ReleaseReason)
def test_every_ending_without_a_charge_is_explained(reason: ReleaseReason) -> None:
    assert len(replies.released(reason)) > 30


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            e.EndBeforeStart(start=14, end=10, suggested_end=24),
            "The end (0:10) is before the start (0:14). Did you mean `0:14-0:24`? Nothing was charged.",
        ),
        (
            e.TooManyFrames(frames=600, limit=450, start=0, suggested_end=450, suggested_rate=0.75),
            (
                "That span has about 600 frames; the model reads up to 450. "
                "Try `0:00-7:30`, or keep the span with `frames: 0.75`. Nothing was charged."
            ),
        ),
        (
            e.NotEnoughCredits(needed=190, available=160, held=150, cheaper=(("1K", 150),)),
            (
                "This costs 190 credits, and you have 160, with 150 on hold for images being made: 30 are missing. "
                "You could make it in 1K for 150. Nothing was charged."
            ),
        ),
        (
            e.NotAVideoFile(found=None),
            f"That is not a video that I know. It must be {VIDEO_TYPES}. Nothing was charged.",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_would_be_right(error: e.Refusal, words: str) -> None:
    assert words == replies.say(error)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("plain", "`plain`"),
        ("two\nlines", "`two lines`"),
        ("a `tick`", "`a ˋtickˋ`"),
        ("right\u202eleft", "`rightleft`"),
        ("x" * 80, f"`{'x' * 59}…`"),
        ("e" + "\u0301" * 9, "`é\u0301\u0301`"),
    ],
)
def test_what_somebody_typed_is_shown_inert_and_short(typed: str, shown: str) -> None:
    assert shown == replies.inline(typed)


def test_a_family_emoji_in_a_prompt_stays_whole() -> None:
    assert "👩\u200d👧" in replies.block("👩\u200d👧 on a swing")


def test_a_long_prompt_is_cut_on_the_card() -> None:
    assert len(replies.block("x" * 5_000)) < 1_000


@pytest.mark.parametrize(("amount", "words"), [(0, "0 credits"), (1, "1 credit"), (1_500, "1,500 credits")])
def test_credits_are_counted_as_people_count(amount: int, words: str) -> None:
    assert words == replies.credits(amount)
