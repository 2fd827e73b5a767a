"""Read moments and spans of a video as people type them, and write them again. In seconds, to the millisecond."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from bot.domain.errors import (
    EndBeforeStart,
    EndUnknown,
    MomentInDoubt,
    MomentRefusal,
    NotATime,
    OrderRefusal,
    TimeTooLate,
    TooManyFrames,
    WholeVideoAndTimes,
)
from bot.domain.recipe import FRAME_RATE_MIN, FRAMES_LIMIT, Reading, Span, count_frames
from bot.domain.time_grammar import INVISIBLE, Moment, Typed, Unread, is_whole, plain, read_field, read_moment

WHOLE = Span(start=0, end=None)
LATEST_SECONDS = 43_200  # 12 hours: the longest video YouTube takes
TEXT_LIMIT = 40  # characters in one moment; "12 hours, 59 minutes, 59.999 seconds" has 36
LONG_FRAME_RATE = 0.5  # frames per second that the model's page advises for long videos, "use low FPS (0.5-1)"
NEAR_THE_LIMIT = 2 / 3  # of the frames that a model reads

Option = Literal["start", "end"]


def parse_time(text: str, *, option: Option) -> float:
    """Read one moment, in seconds up to `LATEST_SECONDS`: "83.5", "1:23", "01:02:03", "1m23s", "1 h 2 min", "t=83s".

    Raises `NotATime` and `TimeTooLate`.
    """
    if len(text) > TEXT_LIMIT:
        raise NotATime(text=text, option=option)
    try:
        moment = read_moment(plain(text))
    except Unread as error:
        raise NotATime(text=text, option=option, frames=error.frames) from error
    return _seconds(moment.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a member asks for, and what holds where the member does not say it."""

    typed: Typed
    link_start: float | None
    link_end: float | None
    default_seconds: float
    frame_rate: float
    frames_limit: int
    video_seconds: float | None


def parse_span(
    start: str | None,
    end: str | None,
    *,
    link_start: float | None = None,
    link_end: float | None = None,
    default_seconds: float,
    frame_rate: float,
    frames_limit: int = FRAMES_LIMIT,
    video_seconds: float | None = None,
) -> Span:
    """Read the two options of a member. What they leave open comes from the link, then from the default length.

    A span may be typed into either option ("0:14-0:17"), an end may be a length ("+20s"), and "whole" asks for all.
    Where both options tell an end, the one in `end` holds. `video_seconds`: the length of the video, where it is known.
    Raises `NotATime`, `TimeTooLate` and a `MomentRefusal`, which has the readings to offer.
    """
    asked = _Asked(
        typed=Typed(),
        link_start=link_start,
        link_end=link_end,
        default_seconds=default_seconds,
        frame_rate=frame_rate,
        frames_limit=frames_limit,
        video_seconds=video_seconds,
    )
    times = [text for text in (start or "", end or "") if _is_told(text)]
    if not any(is_whole(plain(text)) for text in times):
        return _between(start, end, asked)
    if all(is_whole(plain(text)) for text in times):
        return WHOLE
    raise WholeVideoAndTimes(readings=(*_without_whole(start, end, asked), Reading(span=WHOLE, frame_rate=frame_rate)))


def too_many_frames(span: Span, frame_rate: float, *, limit: int) -> TooManyFrames | None:
    """Return the refusal where the span has more frames than the limit. A whole video's length is not known here."""
    if span.seconds is None:
        return None
    frames = count_frames(span.seconds, frame_rate)
    if frames <= limit:
        return None
    allowed = math.floor(round(limit / span.seconds * 100, 9)) / 100
    rate = LONG_FRAME_RATE if LONG_FRAME_RATE <= allowed < 1 else allowed
    slower = [Reading(span=span, frame_rate=rate)] if FRAME_RATE_MIN <= rate < frame_rate else []
    part = Span(start=span.start, end=_last_allowed_end(span.start, frame_rate, limit))
    readings = (*slower, Reading(span=part, frame_rate=frame_rate))
    return TooManyFrames(frames=frames, limit=limit, readings=readings)


def is_long(span: Span, frame_rate: float, *, limit: int) -> bool:
    """Say whether fewer frames a second are worth offering: the whole video, or a span near the limit of frames."""
    near = span.seconds is None or count_frames(span.seconds, frame_rate) > limit * NEAR_THE_LIMIT
    return near and frame_rate > LONG_FRAME_RATE


def ends_of(span: Span) -> tuple[str, str]:
    """Write start and end as a member types them into two fields; "whole" stands in the first, alone."""
    return ("whole", "") if span.end is None else (say_time(span.start), say_time(span.end))


def typed_span(span: Span) -> str:
    """Write a span as a member types it into one field: "0:14-0:17", "whole"."""
    return "-".join(filter(None, ends_of(span)))


def say_time(seconds: float) -> str:
    """Write a time as players show it: "0:14", "1:02:03", "0:14.5"."""
    whole_seconds, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole_seconds, 60)
    hours, minute = divmod(minutes, 60)
    clock = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{clock}.{milliseconds:03}".rstrip("0") if milliseconds else clock


def _is_told(text: str) -> bool:
    return bool(text.translate(INVISIBLE).strip())


def _read(text: str | None, option: Option) -> Typed:
    if not text or not _is_told(text):
        return Typed()
    words = plain(text)
    try:
        return read_field(words, relative=option == "end")
    except Unread as error:
        if error.second:
            raise NotATime(text=error.text, option="end", frames=error.frames) from error
        raise NotATime(text=text.strip(), option=option, frames=error.frames) from error


def _between(start: str | None, end: str | None, asked: _Asked) -> Span:
    first, second = _read(start, "start"), _read(end, "end")
    return _span(replace(asked, typed=_joined(first, second)), lone_end=_lone_end(first, second))


def _without_whole(start: str | None, end: str | None, asked: _Asked) -> tuple[Reading, ...]:
    """Return what is meant if "whole" is left out."""
    times = [None if text and is_whole(plain(text)) else text for text in (start, end)]
    try:
        return (Reading(span=_between(times[0], times[1], asked), frame_rate=asked.frame_rate),)
    except MomentRefusal as doubt:
        return doubt.readings
    except OrderRefusal:
        return ()


def _joined(first: Typed, second: Typed) -> Typed:
    """Put the two options together. What `end` says holds against what `start` says, because it was typed later."""
    if second == Typed():
        return first
    if second.last or (second.start and second.has_end):
        return second
    return replace(second, start=first.start, end=second.end or second.start)


def _lone_end(first: Typed, second: Typed) -> bool:
    """Say whether the end is an amount such as "3 s" after a start that is none: then it may be a length."""
    end = second.start
    if end is None or second.has_end or end.style != "amount" or (first.end and first.end.seconds == end.seconds):
        return False
    return first.start is None or first.start.style in {"clock", "number"}


def _span(asked: _Asked, *, lone_end: bool) -> Span:
    """Return the span, if it can be read in one way only. Raises `MomentInDoubt`, and as `parse_span`."""
    ways = _dots_as_colons(asked)
    if lone_end:
        ways = [way for each in ways for way in _as_length(each, asked)]
    readings = tuple(dict.fromkeys(reading for way in ways if (reading := _reading(way, asked))))
    if len(ways) > 1 and readings:
        raise MomentInDoubt(readings=readings)
    return _span_of(ways[0], asked)


def _dots_as_colons(asked: _Asked) -> list[Typed]:
    """Return what was typed; before it, where it looks so (1.20, or a span under a second), with colons for dots.

    A dot that can't be a colon, as in 1.75, shows that the others are none.
    """
    typed = asked.typed
    told = [each for each in (typed.start, typed.end, typed.length) if each]
    moments = [each for each in told if each.other is not None or each.seconds != each.seconds.to_integral_value()]
    finish = typed.end.seconds if typed.end else None
    short = finish is not None and finish < (typed.start.seconds if typed.start else 0) + 1
    looks_so = short or any(each.dotted for each in moments)
    if not moments or not looks_so or any(each.other is None or each.other >= LATEST_SECONDS for each in moments):
        return [typed]
    with_colons = replace(typed, start=_colon(typed.start), end=_colon(typed.end), length=_colon(typed.length))
    return [with_colons, typed]


def _colon(moment: Moment | None) -> Moment | None:
    return moment if moment is None or moment.other is None else Moment(moment.other, "clock")


def _as_length(typed: Typed, asked: _Asked) -> list[Typed]:
    """Read the end "3 s" as a length, where it lies before the start; in both ways where it lies behind."""
    if typed.end is None:
        return [typed]
    begin, as_length = _begin(typed, asked), replace(typed, end=None, length=typed.end)
    if not begin:
        return [typed]
    return [typed, as_length] if typed.end.seconds > Decimal(str(begin)) else [as_length]


def _reading(typed: Typed, asked: _Asked) -> Reading | None:
    try:
        return Reading(span=_span_of(typed, asked), frame_rate=asked.frame_rate)
    except TooManyFrames as error:
        return error.readings[0]
    except OrderRefusal:
        return None


def _begin(typed: Typed, asked: _Asked) -> float:
    begin = _seconds(typed.start.seconds) if typed.start else asked.link_start or 0.0
    if begin >= LATEST_SECONDS:
        raise TimeTooLate(seconds=begin, limit_seconds=LATEST_SECONDS)
    return begin


def _span_of(typed: Typed, asked: _Asked) -> Span:
    begin = _begin(typed, asked)
    if typed.to_end and not begin:
        return WHOLE
    if typed.last or typed.to_end:
        if asked.video_seconds is None:
            raise EndUnknown
        finish = asked.video_seconds
        begin = round(max(0.0, finish - _seconds(typed.last.seconds)), 3) if typed.last else begin
    elif typed.end:
        finish = _seconds(typed.end.seconds)
    elif typed.length:
        finish = _not_too_late(round(begin + _seconds(typed.length.seconds), 3))
    elif asked.link_end is not None and asked.link_end > begin and not typed.open:
        finish = asked.link_end
    else:
        finish = _fitting_end(begin, asked.default_seconds, asked)
    if finish <= begin:
        raise EndBeforeStart(start=begin, end=finish, readings=_meant(begin, finish, typed, asked))
    span = Span(start=begin, end=finish)
    many = too_many_frames(span, asked.frame_rate, limit=asked.frames_limit)
    if many is not None:
        raise many
    return span


def _meant(begin: float, finish: float, typed: Typed, asked: _Asked) -> tuple[Reading, ...]:
    """Return what an end before the start may mean: a length, start and end swapped, or an end that was left out."""
    spans = []
    if 0 < finish < begin:
        spans += _completed(begin, finish, typed)
        if typed.start is None or (typed.end and typed.end.style != "clock"):
            spans.append((begin, finish))
        spans.append((finish, begin - finish) if typed.start else (0.0, finish))
    else:
        spans.append((begin, asked.default_seconds))
    fitting = [Span(start=start, end=_fitting_end(start, seconds, asked)) for start, seconds in spans]
    return tuple(Reading(span=span, frame_rate=asked.frame_rate) for span in fitting)


def _completed(begin: float, finish: float, typed: Typed) -> list[tuple[float, float]]:
    """Return start and length where the end lacks what stands in the start: "1:20-40" is until 1:40."""
    if typed.start is None or typed.start.style != "clock" or typed.end is None or typed.end.unit:
        return []
    lacking = 60 if typed.end.style == "number" else 3_600
    end = begin - begin % lacking + finish
    return [(begin, round(end - begin, 3))] if finish < lacking and end > begin else []


def _fitting_end(begin: float, seconds: float, asked: _Asked) -> float:
    """The end so many seconds later, or earlier where the video's end or the frame limit comes first."""
    last = asked.video_seconds if asked.video_seconds and asked.video_seconds > begin else float(LATEST_SECONDS)
    end = min(round(begin + seconds, 3), last)
    fits = count_frames(end - begin, asked.frame_rate) <= asked.frames_limit
    return end if fits else _last_allowed_end(begin, asked.frame_rate, asked.frames_limit)


def _last_allowed_end(begin: float, frame_rate: float, frames_limit: int) -> float:
    """The last whole second within the frame limit, never under 18 s away at 450 frames. Rounded against float noise.

    Within a limit that is lower, it may be a part of a second.
    """
    end = round(begin + frames_limit / frame_rate, 9)
    return float(math.floor(end)) if math.floor(end) > begin else round(end, 3)


def _seconds(exact: Decimal) -> float:
    """To the millisecond. Raises `TimeTooLate`."""
    return _not_too_late(int((exact * 1000).to_integral_value(ROUND_HALF_UP)) / 1000)


def _not_too_late(seconds: float) -> float:
    if seconds > LATEST_SECONDS:
        raise TimeTooLate(seconds=seconds, limit_seconds=LATEST_SECONDS)
    return seconds
