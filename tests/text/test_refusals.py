"""The words that people read: every error and every ending has some, and they say what it cost."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date
from typing import get_args

import pytest

from bot.domain import errors as e
from bot.domain.budget_use import BudgetUse
from bot.domain.job import ReleaseReason
from bot.domain.recipe import Reading, Span
from bot.text import escape, refusals, units


def a_reading(start: float, end: float, frame_rate: float = 1) -> Reading:
    return Reading(span=Span(start=start, end=end), frame_rate=frame_rate)


EXAMPLES: list[e.StillframeError] = [
    e.VideoMissing(),
    e.TwoVideos(),
    e.NotAVideoLink(text="hello", problem="not_a_link"),
    e.VideoNotShown(link="https://youtu.be/dQw4w9WgXcQ", because="private"),
    e.LinkNotPublic(host="localhost"),
    e.LinkUnreachable(host="a.example", because="status", status=404),
    e.NotAVideoFile(found="PNG image"),
    e.FileTooLarge(limit_bytes=15_000_000, size_bytes=26_000_000),
    e.NotATime(text="soon", option="start"),
    e.MomentInDoubt(readings=(a_reading(1.2, 1.4), a_reading(80, 100))),
    e.EndUnknown(),
    e.EndBeforeStart(start=14, end=10, readings=(a_reading(10, 14),)),
    e.TimeTooLate(seconds=50_000, limit_seconds=43_200),
    e.WholeVideoAndTimes(),
    e.TooManyFrames(frames=600, limit=450, readings=(a_reading(0, 600, 0.5), a_reading(0, 450))),
    e.BadOption(option="size", value="8k", allowed="1k, 2k, 4k"),
    e.ModelUnknown(model="nb9", instead=("nb2-dev", "nb2-edit")),
    e.ModelClosed(model="Nano Banana 2", instead=("Nano Banana 2.1",)),
    e.ModelOff(model="Nano Banana 2", retires=date(2027, 5, 28), instead=("Nano Banana 2.1",)),
    e.ModelNeedsVideo(model="Nano Banana 2", instead=("Nano Banana 2 Text",)),
    e.ModelTakesNoVideo(model="Nano Banana 2 Text", takes_others=False),
    e.ModelNeedsImages(model="Nano Banana 2 Edit", least=1),
    e.ModelTakesNoImages(model="Nano Banana 2 Text"),
    e.ModelLacks(model="Nano Banana 2", option="size", value="8k", allowed=("1k", "2k", "4k")),
    e.PromptMissing(),
    e.PromptTooLong(length=5_000, limit=4_000),
    e.NotEnoughCredits(needed=190, available=160, held=150, cheaper=(("1K", 150),)),
    e.CannotPostHere(missing=("Attach Files",)),
    e.NotAModerator(),
    e.NotInAServer(),
    e.BadAmount(amount=0, limit=1_000_000),
    e.ReasonMissing(),
    e.NotYours(),
    e.FileGone(name="chorus.mp4"),
    e.FormLost(),
    e.FormSent(),
    e.PressUnknown(),
    e.BadLength(option="reason", length=501, least=1, limit=500),
    e.OptionUnknown(option="member"),
    e.TypedLost(),
    e.NotEnoughToTake(amount=200, available=50, held=150),
    e.NoSuchEntry(entry_id=12),
    e.NotUndoable(entry_id=12, kind="hold"),
    e.AlreadyUndone(entry_id=12),
    e.NoCreditsForBots(),
    e.NobodyToGive(),
    e.TooManyToGive(limit=1_000),
    e.MembersHidden(),
    e.MembersUnanswered(),
    e.BatchGone(),
    e.PeriodEmpty(),
    e.PeriodTooLong(limit=24),
    e.BadRule(rule="budget", why="Input should be greater than or equal to 0"),
    e.BadPattern(pattern="(", why="missing )"),
    e.NoSuchChange(change_id=3),
    e.ChangedSince(rule="budget"),
    e.PolicyRefused(rule="limits", limit="images_per_day", value="3", until=1_700_000_000_000),
    e.NoSuchRule(text="chaos"),
    e.OperatorBudgetUsedUp(
        use=BudgetUse(kind="server", used=1, limit=1, until=1_700_000_000_000, period="2026-12", guild_id=1)
    ),
    e.OperatorBudgetUsedUp(
        use=BudgetUse(kind="server", used=1, limit=1, until=1_700_000_000_000, period="2026-12", guild_id=0)
    ),
    e.ServerNotAllowed(),
    e.TooManyWords(limit=200),
    e.StartingTooHigh(limit=300),
    e.NotAmounts(text="many", limit=4),
    e.NotATimeOfDay(text="noon"),
    e.EmptyHours(),
    e.NotAnEnd(text="yesterday"),
    e.OwnWallet(),
    e.OverManagersLimit(amount=600, limit=500),
    e.ManagersDayOver(amount=600, left=300, limit=2_000),
    e.WalletFull(amount=600, limit=20_000, room=200),
    e.WalletFull(amount=600, limit=20_000, room=None),
    e.EveryoneAsManager(),
    e.NumberTooLarge(name="member_id", value=10**20),
    e.GiftsOff(),
    e.GiftToSelf(),
    e.GiftToStranger(),
    e.GiftTooLarge(amount=2_000, limit=1_000),
    e.GiftsOfTheDay(amount=200, left=50, limit=2_000),
    e.NotEnoughToGive(amount=200, available=50),
    e.NotEnoughToGive(amount=60, available=40, starting=150),
    e.TooNewHere(account_days=30, member_days=0, old_enough_at=1_790_000_000_000),
    e.TooNewHere(account_days=0, member_days=7, old_enough_at=1_790_000_000_000),
    e.TooNewHere(account_days=30, member_days=7, old_enough_at=1_790_000_000_000),
    e.NoResultHere(),
    e.NotAnAmount(text="lots"),
    e.CodeUnknown(),
    e.CodeExpired(at=1_790_000_000_000),
    e.CodeWithdrawn(),
    e.CodeUsedUp(),
    e.CodeUsedBefore(),
    e.DoneBefore(act_id="1", numbered="entry", number=2, minutes=1),
    e.DoneBefore(act_id="1", numbered="code", number=2, minutes=7),
    e.QuestionClosed(),
    e.NoSuchCode(number=12),
    e.TooManyTries(until=1_790_000_000_000),
    e.RequestsOff(),
    e.AlreadyAsked(amount=200, at=1_790_000_000_000, again_at=1_790_086_400_000),
    e.RequestNotSent(),
    e.RequestDecided(decided_by=7, given=150),
    e.ImageGone(),
    e.NotFinished(),
    e.AlreadyReported(),
    e.AlreadyPosted(link="https://discord.com/channels/1/2/3"),
    e.BeingPosted(),
    e.ChoiceLost(),
    e.ImagesUnderWay(count=2),
    e.ImageWaits(),
    e.ImageOnItsWay(),
    e.PriceChanged(price=190),
    e.NoTemplates(),
    e.TemplateNotFound(name="Poster"),
    e.TemplateNameBad(limit=50),
    e.TemplateNameTaken(name="Poster", published=False),
    e.TemplatesFull(limit=50, published=False),
    e.TooManyBlanks(names=("A", "B", "C", "D", "E"), limit=4),
    e.BlanksMissing(names=("HERO",)),
    e.TemplateFileTooLarge(size_bytes=5_000_000, limit_bytes=4_000_000),
    e.TemplateFileBroken(place="templates, 3, shape"),
    e.NoImageOfYours(text="123"),
    e.NoVideoHere(),
    e.ProposalGone(),
    e.AlreadyOrdered(),
    e.NoImageHere(),
    e.NotAnImage(name="photo.heic", found="HEIC image"),
    e.ImageTooLarge(name="photo.png", limit_bytes=30_000_000, size_bytes=31_000_000),
    e.TooManyPixels(name="photo.png", limit_pixels=40_000_000, side_limit_pixels=16_383),
    e.ImageDamaged(name="photo.png"),
    e.TooManyReferences(count=12, limit=10),
    e.LineFull(limit=7),
    e.TooLateToCancel(cost=150, ended=False),
    e.Restarting(),
    e.NotADate(text="soon", option="since"),
    e.JobUnknown(text="12"),
    e.SearchLost(),
    e.NotAgeRestricted(),
    e.CannotPostThere(channel_id=7, missing=("Attach Files",)),
    e.WrongCommand(right="imagine"),
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
    words = refusals.say(error)
    assert words[0].isupper() or words[0] in "`0"
    assert words.endswith((".", "?"))
    assert type(error).__name__ not in words
    assert "None" not in words


@pytest.mark.parametrize("problem", get_args(e.LinkProblem))
def test_every_problem_with_a_link_has_words_that_say_what_to_paste(problem: e.LinkProblem) -> None:
    words = refusals.say(e.NotAVideoLink(text="dQw4w9WgXcQ", problem=problem))
    assert "`dQw4w9WgXcQ`" in words
    assert "Nothing was charged." in words


@pytest.mark.parametrize("because", get_args(e.UnreachableBecause))
def test_every_reason_why_a_server_gave_no_file_has_words(because: e.UnreachableBecause) -> None:
    words = refusals.say(
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
    words = refusals.say(error_type(**facts))
    assert "secret" not in words
    assert "Nothing was charged." in words
    assert "again" in words


@pytest.mark.parametrize("reason", ReleaseReason)
def test_every_ending_without_a_charge_is_explained(reason: ReleaseReason) -> None:
    assert len(refusals.released(reason)) > 30


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            e.EndBeforeStart(start=14, end=10, readings=(a_reading(10, 14),)),
            "The end (0:10) is before the start (0:14). Did you mean `0:10-0:14`? Nothing was charged.",
        ),
        (
            e.TooManyFrames(frames=600, limit=450, readings=(a_reading(0, 600, 0.5), a_reading(0, 450))),
            (
                "This moment has about 600 frames; the limit is 450. "
                "Try `0:00-10:00` with `frames: 0.5` or `0:00-7:30`. Nothing was charged."
            ),
        ),
        (
            e.NotEnoughCredits(needed=190, available=160, held=150, cheaper=(("1K", 150),)),
            (
                "This costs 190 credits. You have 160, and 150 more on hold for images being made, "
                "so you need another 30. You could make it in 1K for 150. Nothing was charged."
            ),
        ),
        (
            e.NotAVideoFile(found=None),
            (
                "I don't know this kind of file. I need a video: MP4, MOV, WebM, AVI, FLV, MPEG, WMV, or 3GP. "
                "Nothing was charged."
            ),
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_would_be_right(error: e.Refusal, words: str) -> None:
    assert words == refusals.say(error)


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
    assert shown == escape.inline(typed)


def test_a_family_emoji_in_a_prompt_stays_whole() -> None:
    assert "👩\u200d👧" in escape.block("👩\u200d👧 on a swing")


def test_a_long_prompt_is_cut_on_the_card() -> None:
    assert len(escape.block("x" * 5_000)) < 1_000


@pytest.mark.parametrize(("amount", "words"), [(0, "0 credits"), (1, "1 credit"), (1_500, "1,500 credits")])
def test_credits_are_counted_as_people_count(amount: int, words: str) -> None:
    assert words == units.credits(amount)
