import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import (
    EndBeforeStart,
    EndUnknown,
    MomentInDoubt,
    MomentRefusal,
    NotATime,
    Refusal,
    TimeTooLate,
    TooManyFrames,
    WholeVideoAndTimes,
)
from bot.domain.recipe import FRAME_RATE_MAX, FRAME_RATE_MIN, FRAMES_LIMIT, Span, count_frames
from bot.domain.timecode import LATEST_SECONDS, parse_span, parse_time, say_time

SAMPLE = Path(__file__).parents[1] / "data" / "timecodes_sample.tsv"
ROWS = [line.split("\t") for line in SAMPLE.read_text("utf-8").splitlines() if not line.startswith("# ")]


def rows(*classes: str) -> list[tuple[str, str]]:
    return [(text, expected) for text, expected, _, kind in ROWS if kind in classes]


def moment(text: str) -> float:
    return parse_time(text, option="start")


def span(
    start: str | None = None,
    end: str | None = None,
    *,
    link_start: float | None = None,
    link_end: float | None = None,
    default_seconds: float = 3,
    frame_rate: float = 1,
) -> tuple[float, float | None]:
    read = parse_span(
        start,
        end,
        link_start=link_start,
        link_end=link_end,
        default_seconds=default_seconds,
        frame_rate=frame_rate,
    )
    return read.start, read.end


def offered(refusal: MomentRefusal) -> list[tuple[float, float | None]]:
    return [(each.span.start, each.span.end) for each in refusal.readings]


# --- The corpus ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), [row for row in rows("core", "polite") if row[1] != "INVALID"])
def test_a_moment_that_people_type_is_read(text: str, expected: str) -> None:
    assert float(expected) == moment(text)


@pytest.mark.parametrize("text", [text for text, expected in rows("core") if expected == "INVALID"])
def test_what_is_no_moment_of_a_video_is_refused(text: str) -> None:
    with pytest.raises((NotATime, TimeTooLate)):
        moment(text)


@pytest.mark.parametrize(("text", "_elsewhere"), rows("policy"))
def test_what_others_read_but_could_bill_the_wrong_clip_is_refused(text: str, _elsewhere: str) -> None:
    with pytest.raises((NotATime, TimeTooLate)):
        moment(text)


@pytest.mark.parametrize(("text", "expected"), rows("span"))
def test_a_span_typed_into_one_option_is_read(text: str, expected: str) -> None:
    if expected == "INVALID":
        with pytest.raises(Refusal):
            span(text)
    else:
        start, _, end = expected.partition("-")
        assert (float(start), float(end) if end else float(start) + 3) == span(text)


# --- One moment ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("83", 83),
        ("83.5", 83.5),
        ("1:23", 83),
        ("0:5", 5),
        ("90:00", 5_400),
        ("01:02:03.5", 3_723.5),
        ("12:00:00", 43_200),
        ("1m40", 100),
        ("1 min 20", 80),
        ("1h30", 5_400),
        ("1h30m25", 5_425),
        ("1.5h", 5_400),
        ("62m45s", 3_765),
        ("1 h, 2 min", 3_720),
        ("3 hours, 11 minutes and 53 seconds", 11_513),
        ("87 Min.", 5_220),
        ("PT1M23S", 83),
        ("PT1H0.040S", 3_600.04),
        ("?t=83s", 83),
        ("end=1:23", 83),
        ("at 1:23", 83),
        ("from 1:23", 83),
        ("@1:23", 83),
        ("  [1:23]  ", 83),
        ("１:２３", 83),
        ("１：２３．５", 83.5),
        ("1:\u200b23\ufeff", 83),
        ("1'23\"", 83),
        ("1′23″", 83),
        ("1’23”", 83),
        ('23"', 23),
        ("1 hora 2 minutos 3 segundos", 3_723),
        ("1 Stunde 2 Minuten 3 Sekunden", 3_723),
        ("1 Std. 2 Min. 3 Sek.", 3_723),
        ("2 heures 3 secondes", 7_203),
    ],
)
def test_every_way_to_write_a_moment_works(text: str, expected: float) -> None:
    assert expected == moment(text)


@pytest.mark.parametrize(
    ("words", "unit_seconds"),
    [
        ("h hr hrs hour hours hora horas std stunde stunden heure heures", 3_600),
        ("m min mins minute minutes minuto minutos minuten", 60),
        ("s sec secs second seconds sek sekunde sekunden segundo segundos seconde secondes", 1),
    ],
)
def test_units_have_many_words(words: str, unit_seconds: float) -> None:
    for word in words.split():
        assert moment(f"2{word}") == moment(f"2 {word.title()}.") == 2 * unit_seconds


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "abc", "x:y", "nan", "inf", "1e3", "1_000", "0x10", "1/2", "½", "²", "③"),
        *("1:", ":22", "1::2", "1:60", "1:60:00", "1:234", "103:050", "01:00:00:00", "1.2.3"),
        *("-5", "+5", "+32m", "1 - 5", "5 5", "1h1h", "1m1h", "1.5h 3m", "h", "pt", "1d", "1w", "3d2h32m"),
        *("1h30m25s25", "1 fortnight", "0:14-0:17", "t=", "()"),
    ],
)
def test_what_is_unclear_is_no_moment(text: str) -> None:
    with pytest.raises(NotATime) as caught:
        parse_time(text, option="end")

    assert (text, "end") == (caught.value.text, caught.value.option)


def test_a_text_that_is_too_long_is_not_even_read() -> None:
    assert moment("1:23".rjust(40)) == 83
    with pytest.raises(NotATime):
        moment("1:23".rjust(41))


@pytest.mark.parametrize(
    ("text", "seconds"), [("12:00:01", 43_201), ("13h", 46_800), ("1337:12", 80_232), ("9" * 40, 1e40)]
)
def test_a_moment_past_the_longest_video_is_too_late(text: str, seconds: float) -> None:
    with pytest.raises(TimeTooLate) as caught:
        moment(text)

    assert (seconds, LATEST_SECONDS) == (caught.value.seconds, caught.value.limit_seconds)


@pytest.mark.parametrize(
    ("text", "expected"), [("0.1", 0.1), ("1.005", 1.005), ("0.0005", 0.001), ("0.00049", 0), ("12:00:00.0004", 43_200)]
)
def test_a_moment_is_exact_to_the_millisecond(text: str, expected: float) -> None:
    assert expected == moment(text)


CASES = Path(__file__).parents[1] / "data" / "moments.tsv"
MOMENTS = [line.split("\t") for line in CASES.read_text("utf-8").splitlines() if line and not line.startswith("# ")]


@pytest.mark.parametrize(("start", "end", "expected"), MOMENTS)
def test_a_moment_is_read_or_asked_about_or_refused_by_name(start: str, end: str, expected: str) -> None:
    """See the head of the file for what its third column says."""
    try:
        found, ways = [span(start, end, default_seconds=30)], ""
    except MomentRefusal as refusal:
        found, ways = offered(refusal), f"{type(refusal).__name__} "
    except Refusal as refusal:
        found, ways = [], type(refusal).__name__
        if isinstance(refusal, NotATime) and refusal.frames:
            ways += " frames"
    assert expected == ways + " or ".join(
        f"{begin:g}-{'whole' if last is None else f'{last:g}'}" for begin, last in found
    )


def test_the_default_length_ends_with_a_video_whose_length_is_known() -> None:
    assert parse_span(None, None, default_seconds=30, frame_rate=1, video_seconds=2) == Span(start=0, end=2)
    assert parse_span("0:01", None, default_seconds=30, frame_rate=1, video_seconds=2.5) == Span(start=1, end=2.5)


def test_where_the_length_is_known_a_moment_counts_from_the_end() -> None:
    assert parse_span("last 5s", None, default_seconds=30, frame_rate=1, video_seconds=20.5) == Span(
        start=15.5, end=20.5
    )
    assert parse_span("0:14", "end", default_seconds=30, frame_rate=1, video_seconds=20.5) == Span(start=14, end=20.5)
    assert parse_span("last 60s", None, default_seconds=30, frame_rate=1, video_seconds=20.5) == Span(start=0, end=20.5)


def test_only_the_default_length_and_a_clear_dot_are_no_doubt() -> None:
    assert span("14.5", default_seconds=30) == (14.5, 44.5)
    assert span("1.75", default_seconds=30) == (1.75, 31.75)
    assert span("1.20 s", default_seconds=30) == (1.2, 31.2)
    assert span("0:14.25", "0:14.75") == (14.25, 14.75)  # 75 are no seconds of a clock


# --- A span -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("0:14-0:17", "0:14 - 0:17", "0:14->0:17", "0:14 --> 0:17", "0:14→0:17", "0:14–0:17", "0:14 — 0:17"),
        *(
            "0:14..0:17",
            "0:14…0:17",
            "0:14 to 0:17",
            "14 TO 17",
            "0:14 until 0:17",
            "from 0:14 to 0:17",
            "(0:14-0:17)",
            "14s-17s",
        ),
        *("０：１４－０：１７", "0:14-+3", "0:14 to +3s"),
    ],
)
def test_a_whole_span_fits_into_either_option(text: str) -> None:
    assert span(text) == (14, 17)
    assert span(None, text) == (14, 17)


def test_a_unit_word_with_a_to_in_it_is_no_span() -> None:
    assert span("1 minuto 20 segundos") == (80, 83)


@pytest.mark.parametrize(("end", "expected"), [("0:17", 17), ("17s", 17), ("+3", 17), (" ", 17)])
def test_an_end_that_repeats_the_span_is_fine(end: str, expected: float) -> None:
    assert span("0:14-0:17", end) == (14, expected)


@pytest.mark.parametrize(
    ("end", "expected"),
    [("0:18", (14, 18)), ("+2", (14, 16)), ("3s", (14, 17)), ("0:20-0:22", (20, 22)), ("0:14-0:17", (14, 17))],
)
def test_an_end_that_differs_from_the_span_is_the_newer_of_the_two(end: str, expected: tuple[float, float]) -> None:
    assert span("0:14-0:17", end) == expected


def test_an_end_that_can_not_be_read_is_refused_beside_a_span_too() -> None:
    with pytest.raises(NotATime) as caught:
        span("0:14-0:17", "later")

    assert (caught.value.text, caught.value.option) == ("later", "end")


@pytest.mark.parametrize(
    ("start", "end", "text", "option"),
    [
        ("1-2-3", None, "1-2-3", "start"),
        ("-5", None, "-5", "start"),
        (None, "-5", "-5", "end"),
        ("Soon", None, "Soon", "start"),
        ("0:14", "Later On", "Later On", "end"),
        ("0:14-Later", None, "Later", "end"),
        ("0:14", "+soon", "soon", "end"),
        ("+5", None, "+5", "start"),
    ],
)
def test_the_refusal_names_the_text_and_the_option(start: str | None, end: str | None, text: str, option: str) -> None:
    with pytest.raises(NotATime) as caught:
        span(start, end)

    assert (text, option) == (caught.value.text, caught.value.option)


@pytest.mark.parametrize("end", ["0:17", "+3", "+3s", "+0:03", "+ 3 s"])
def test_an_end_may_be_a_moment_or_relative_to_the_start(end: str) -> None:
    assert span("0:14", end) == (14, 17)


def test_an_end_alone_begins_with_the_video_or_where_the_link_does() -> None:
    assert span(None, "20") == (0, 20)
    assert span(None, "+20") == (0, 20)
    assert span(None, "20", link_start=5) == (5, 20)
    assert span(None, "+20", link_start=5) == (5, 25)


def test_a_start_alone_gets_the_default_length() -> None:
    assert span("0:14", default_seconds=30) == (14, 44)
    assert span("0:14.1", default_seconds=0.2) == (14.1, 14.3)


def test_without_times_the_link_tells_them() -> None:
    assert span() == (0, 3)
    assert span("", "  ", link_start=83) == (83, 86)
    assert span(link_start=83, link_end=85.5) == (83, 85.5)
    assert span(link_end=9) == (0, 9)


def test_the_links_end_counts_only_after_the_start() -> None:
    assert span("7", link_start=5, link_end=9) == (7, 9)
    assert span("9", link_start=5, link_end=9) == (9, 12)
    assert span(link_start=9, link_end=5) == (9, 12)


def test_what_was_typed_wins_over_the_link() -> None:
    assert span("7", "8", link_start=5, link_end=9) == (7, 8)
    assert span("0", "8", link_start=5) == (0, 8)


@pytest.mark.parametrize("word", ["whole", "Whole Video", "ALL", " full ", "everything"])
def test_a_word_in_either_option_asks_for_the_whole_video(word: str) -> None:
    assert span(word, link_start=5, link_end=9) == (0, None)
    assert span(None, word, frame_rate=24) == (0, None)
    assert span(word, "all") == (0, None)


@pytest.mark.parametrize(("start", "end"), [("whole", "0:17"), ("0:14", "all"), ("everything", "soon")])
def test_the_whole_video_and_a_time_contradict_each_other(start: str, end: str) -> None:
    with pytest.raises(WholeVideoAndTimes):
        span(start, end)


@pytest.mark.parametrize(
    ("start", "end", "meant"),
    [
        ("5:30", "5:20", [(320, 330)]),
        ("1:05:00", "1:04:30", [(3_870, 3_900)]),
        ("0:14", "3", [(14, 17), (3, 14)]),  # a length, or start and end in the wrong order
        ("2.30", "2.10", [(130, 150)]),
        ("0:14", "0:14", [(14, 17)]),
        ("0:14", "0", [(14, 17)]),
        ("10:00:00", "9:00:00", [(32_400, 32_850)]),  # as much as the frame limit allows
        ("11:59:59", "5", [(43_199, 43_200), (5, 455)]),
    ],
)
def test_an_end_before_the_start_is_refused_with_what_was_meant(
    start: str, end: str, meant: list[tuple[float, float]]
) -> None:
    with pytest.raises(EndBeforeStart) as caught:
        span(start, end)

    assert meant == offered(caught.value)


def test_an_end_before_the_links_start_is_a_length_or_begins_with_the_video() -> None:
    with pytest.raises(EndBeforeStart) as caught:
        span(None, "0:20", link_start=83)

    assert offered(caught.value) == [(83, 103), (0, 20)]


def test_an_end_of_nothing_after_a_links_start_suggests_the_default_length() -> None:
    with pytest.raises(EndBeforeStart) as caught:
        span(None, "0", link_start=83, default_seconds=30)

    assert offered(caught.value) == [(83, 113)]


@pytest.mark.parametrize(("start", "end"), [("12:00:00", None), ("11:59:59", "+2"), (None, "12:00:01"), ("0", "13h")])
def test_a_span_past_the_longest_video_is_too_late(start: str | None, end: str | None) -> None:
    with pytest.raises(TimeTooLate):
        span(start, end)


def test_the_default_length_stops_at_the_latest_time() -> None:
    assert span("11:59:59") == (43_199, 43_200)


@pytest.mark.parametrize(
    ("start", "end", "frame_rate", "frames", "part_until", "slower"),
    [
        ("0", "10:00", 1, 600, 450, 0.5),
        ("0:14.5", "1:14.5", 24, 1_440, 33, 7.5),
        ("0", "10:53.2", 0.7, 458, 642, 0.5),
        ("0", "1:30:00", 1, 5_400, 450, None),
        ("0", "1:15:00", 0.2, 900, 2_250, 0.1),
        ("0", "1:15:00.001", 0.1, 451, 4_500, None),
        ("0", "451", 1, 451, 450, 0.5),
    ],
)
def test_a_span_of_too_many_frames_is_refused_with_fewer_a_second_and_with_its_first_part(
    start: str, end: str, frame_rate: float, frames: int, part_until: float, slower: float | None
) -> None:
    with pytest.raises(TooManyFrames) as caught:
        span(start, end, frame_rate=frame_rate)

    assert (frames, FRAMES_LIMIT) == (caught.value.frames, caught.value.limit)
    part = (moment(start), part_until, frame_rate)
    whole = [] if slower is None else [(moment(start), moment(end), slower)]
    assert [*whole, part] == [(each.span.start, each.span.end, each.frame_rate) for each in caught.value.readings]


def test_the_frame_limit_itself_is_allowed() -> None:
    assert span("0", "450") == (0, 450)


def test_a_span_of_the_link_has_the_same_frame_limit() -> None:
    with pytest.raises(TooManyFrames):
        span(link_start=0, link_end=451)


def test_the_default_length_gives_way_to_the_frame_limit() -> None:
    assert span("0:14", default_seconds=30, frame_rate=24) == (14, 32)
    assert span("0:14", default_seconds=18.75, frame_rate=24) == (14, 32.75)


# --- Saying it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0:00"),
        (14, "0:14"),
        (14.5, "0:14.5"),
        (14.05, "0:14.05"),
        (83, "1:23"),
        (3_723, "1:02:03"),
        (3_600.04, "1:00:00.04"),
        (59.9996, "1:00"),
        (43_200, "12:00:00"),
    ],
)
def test_a_moment_is_said_as_players_show_it(seconds: float, expected: str) -> None:
    assert expected == say_time(seconds)


# --- Whatever is typed --------------------------------------------------------------------------------

moments = st.integers(0, LATEST_SECONDS * 1_000).map(lambda milliseconds: milliseconds / 1_000)
PIECES = (
    *"0123456789:.,-+ '\"()~*`", "h", "min", " s", "sec.", "to", "→", "..", "whole", "t=", "pt", "１", "٣", "²", "ms",
    "for ", "first ", "last ", "end", "a ", "bis", "à", "y ", "分", "秒", "から", "초", "до", "с", "/", ";", "jusqu'à",
)  # fmt: skip
timeish = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
frame_rates = st.floats(FRAME_RATE_MIN, FRAME_RATE_MAX)


@settings(deadline=None)
@given(moments)
def test_a_moment_survives_the_round_trip(seconds: float) -> None:
    assert seconds == moment(say_time(seconds))


@settings(max_examples=500, deadline=None)
@given(timeish | st.text())
def test_any_text_gives_a_moment_or_a_refusal(text: str) -> None:
    try:
        seconds = moment(text)
    except (NotATime, TimeTooLate):
        return
    assert 0 <= seconds <= LATEST_SECONDS
    assert seconds == round(seconds, 3)


@settings(max_examples=500, deadline=None)
@given(
    start=st.none() | moments.map(say_time) | timeish | st.text(),
    end=st.none() | moments.map(say_time) | timeish | st.text(),
    link_start=st.none() | moments,
    link_end=st.none() | moments,
    default_seconds=st.integers(1, 600),
    frame_rate=frame_rates,
)
def test_any_span_runs_forward_within_the_limits(
    start: str | None,
    end: str | None,
    link_start: float | None,
    link_end: float | None,
    default_seconds: int,
    frame_rate: float,
) -> None:
    try:
        read = parse_span(
            start,
            end,
            link_start=link_start,
            link_end=link_end,
            default_seconds=default_seconds,
            frame_rate=frame_rate,
        )
    except MomentRefusal as refusal:
        assert refusal.readings or isinstance(refusal, EndUnknown)  # noqa: PT017  # any text may be fine
        for each in refusal.readings:
            assert_is_fine(each.span.start, each.span.end, each.frame_rate)
        return
    except (NotATime, TimeTooLate, WholeVideoAndTimes):
        return
    assert_is_fine(read.start, read.end, frame_rate)


def assert_is_fine(start: float, end: float | None, frame_rate: float) -> None:
    if end is None:
        assert start == 0
    else:
        assert 0 <= start < end <= LATEST_SECONDS
        assert count_frames(end - start, frame_rate) <= FRAMES_LIMIT


@settings(deadline=None)
@given(moments.filter(lambda seconds: seconds < LATEST_SECONDS), moments, frame_rates)
def test_two_moments_are_a_span_or_have_one_to_offer(first: float, last: float, frame_rate: float) -> None:
    with suppress(TooManyFrames, MomentInDoubt, EndBeforeStart):
        span(say_time(first), say_time(last), frame_rate=frame_rate)


@pytest.mark.parametrize("piece", ["1", "1:", "1 ", "1h ", "分", "٣", "to ", "'", "~", "1,", "first "])
def test_no_text_takes_longer_than_a_twentieth_of_a_second(piece: str) -> None:
    """The fastest of three, since Python may collect its garbage meanwhile."""
    text = (piece * 6_000)[:6_000]

    def seconds() -> float:
        began = time.process_time()
        with suppress(Refusal):
            span(text, text)
        return time.process_time() - began

    assert min(seconds() for _ in range(3)) < 0.05
