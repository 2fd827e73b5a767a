"""Read moments and spans of a video as people type them, and write them again. In seconds, to the millisecond."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from bot.domain.errors import EndBeforeStart, NotATime, TimeTooLate, TooManyFrames, WholeVideoAndTimes
from bot.domain.recipe import FRAME_RATE_MIN, FRAMES_LIMIT, Span, count_frames

LATEST_SECONDS = 43_200  # 12 hours: the longest video YouTube takes
_HOUR, _MINUTE = 3600, 60
TEXT_LIMIT = 40  # characters in one moment; "12 hours, 59 minutes, 59.999 seconds" has 36

Option = Literal["start", "end"]

# Invisible characters in pasted text: soft hyphen, zero-width characters, marks of direction, variation selector.
INVISIBLE = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFE0F, 0xFEFF]
)

# Full-width forms become ASCII, but no other digits do: NFKC would also make a 2 of a superscript.
_PLAIN = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "‘’ʼ′"), "'")
    | dict.fromkeys(map(ord, "“”″"), '"')
    | dict.fromkeys(map(ord, "‐‑–—−→"), "-")
    | INVISIBLE
)

_WHOLE_WORDS = frozenset({"whole", "whole video", "all", "full", "everything"})

_LEAD_IN = re.compile(r"(?:at|from) |@ ?|[?&#]?(?:t|start|end|time_continue)=")
_TO = re.compile(r" ?(?:-+>?|\.\.+) ?| (?:to|until) ", re.IGNORECASE)

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_CLOCK = re.compile(r"(?:([0-9]+):(?=[0-5]?[0-9]:))?([0-9]+):([0-5]?[0-9](?:\.[0-9]+)?)")
# English, German, Spanish and French. A dot ends an abbreviation; commas only stand between units.
_NEXT = r"\.?(?:$|[ ,]*(?:and )?(?=[0-9]))"
_UNITS = re.compile(
    rf"(?:p?t)?(?:({_NUMBER}) ?(?:h|hrs?|hours?|std|stunden?|horas?|heures?){_NEXT})?"
    rf"(?:({_NUMBER}) ?(?:m|mins?|minutes?|minuten|minutos?|'){_NEXT})?"
    rf"(?:({_NUMBER})(?: ?(s|secs?|seconds?|sek|sekunden?|segundos?|secondes?|\")\.?)?)?"
)


def parse_time(text: str, *, option: Option) -> float:
    """Read one moment, in seconds up to `LATEST_SECONDS`: "83.5", "1:23", "01:02:03", "1m23s", "1 h 2 min", "t=83s".

    Raises `NotATime` and `TimeTooLate`.
    """
    seconds = _read_moment(_plain(text).lower()) if len(text) <= TEXT_LIMIT else None
    if seconds is None:
        raise NotATime(text=text, option=option)
    milliseconds = int((seconds * 1000).to_integral_value(ROUND_HALF_UP))
    return _not_too_late(milliseconds / 1000)


def parse_span(
    start: str | None,
    end: str | None,
    *,
    link_start: float | None = None,
    link_end: float | None = None,
    default_seconds: float,
    frame_rate: float,
    frames_limit: int = FRAMES_LIMIT,
) -> Span:
    """Read the two options of a member. What they leave open comes from the link, then from the default length.

    A span may be typed into either option ("0:14-0:17"), an end may be relative ("+20s"), and "whole" asks for all.
    Raises `NotATime`, `TimeTooLate`, `EndBeforeStart`, `TooManyFrames`, `WholeVideoAndTimes`.
    """
    start_text, end_text = _plain(start or ""), _plain(end or "")
    typed = {start_text.lower(), end_text.lower()} - {""}
    if typed & _WHOLE_WORDS:
        if typed - _WHOLE_WORDS:
            raise WholeVideoAndTimes
        return Span(start=0, end=None)

    first, last, repeated_end = _typed_moments(start_text, end_text)
    begin = parse_time(first, option="start") if first else link_start or 0.0
    if begin >= LATEST_SECONDS:
        raise TimeTooLate(seconds=begin, limit_seconds=LATEST_SECONDS)
    if last:
        finish = _read_end(last, begin)
        if repeated_end and _read_end(repeated_end, begin) != finish:
            raise NotATime(text=repeated_end, option="end")
    elif link_end is not None and link_end > begin:
        finish = link_end
    else:
        finish = _fitting_end(begin, default_seconds, frame_rate, frames_limit)
    return _checked(begin, finish, default_seconds, frame_rate, frames_limit)


def too_many_frames(span: Span, frame_rate: float, *, limit: int) -> TooManyFrames | None:
    """Return the refusal where the span has more frames than the limit. A whole video's length is not known here."""
    if span.seconds is None:
        return None
    frames = count_frames(span.seconds, frame_rate)
    if frames <= limit:
        return None
    rate = math.floor(round(limit / span.seconds * 100, 9)) / 100
    return TooManyFrames(
        frames=frames,
        limit=limit,
        start=span.start,
        suggested_end=_last_allowed_end(span.start, frame_rate, limit),
        suggested_rate=rate if rate >= FRAME_RATE_MIN else None,
    )


def say_time(seconds: float) -> str:
    """Write a time as players show it: "0:14", "1:02:03", "0:14.5"."""
    whole_seconds, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole_seconds, 60)
    hours, minute = divmod(minutes, 60)
    clock = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{clock}.{milliseconds:03}".rstrip("0") if milliseconds else clock


def _plain(text: str) -> str:
    """Make spacing, quotes and dashes plain. The words stay as the member typed them, for error messages."""
    return " ".join(text.translate(_PLAIN).split())


def _read_moment(text: str) -> Decimal | None:
    text = text.strip("()[] ")
    if lead_in := _LEAD_IN.match(text):
        text = text[lead_in.end() :]
    if clock := _CLOCK.fullmatch(text):
        return _sum(*clock.groups())
    if units := _UNITS.fullmatch(text):
        return _add_units(*units.groups())
    return None


def _add_units(hours: str | None, minutes: str | None, seconds: str | None, unit: str | None) -> Decimal | None:
    if hours and not minutes and not unit:
        minutes, seconds = seconds, None  # "1h30" is an hour and a half
    given = [number for number in (hours, minutes, seconds) if number]
    if not given or any("." in number for number in given[:-1]):
        return None
    return _sum(hours, minutes, seconds)


def _sum(hours: str | None, minutes: str | None, seconds: str | None) -> Decimal:
    return Decimal(hours or 0) * _HOUR + Decimal(minutes or 0) * _MINUTE + Decimal(seconds or 0)


def _typed_moments(start_text: str, end_text: str) -> tuple[str, str, str]:
    """Return start and end as typed, "" for none, with a span in either option split in two.

    The third value is the text of the end option where the start option has a span.
    """
    option: Option = "start" if start_text else "end"
    text = start_text or end_text
    first, *others = _TO.split(text)
    if not others:
        return start_text, end_text, ""
    if not first or others == [""] or len(others) > 1:
        raise NotATime(text=text, option=option)
    return first, others[0], end_text if start_text else ""


def _read_end(text: str, begin: float) -> float:
    if text.startswith("+"):
        return _not_too_late(round(begin + parse_time(text[1:], option="end"), 3))
    return parse_time(text, option="end")


def _checked(begin: float, finish: float, default_seconds: float, frame_rate: float, frames_limit: int) -> Span:
    if finish <= begin:
        # An end such as "3" after a start such as "0:14" was most likely meant as a length.
        length = finish if 0 < finish < begin else default_seconds
        suggested = _fitting_end(begin, length, frame_rate, frames_limit)
        raise EndBeforeStart(start=begin, end=finish, suggested_end=suggested)
    span = Span(start=begin, end=finish)
    many = too_many_frames(span, frame_rate, limit=frames_limit)
    if many is not None:
        raise many
    return span


def _fitting_end(begin: float, seconds: float, frame_rate: float, frames_limit: int) -> float:
    """The end so many seconds later, or earlier where the latest time or the frame limit comes first."""
    end = min(round(begin + seconds, 3), float(LATEST_SECONDS))
    fits = count_frames(end - begin, frame_rate) <= frames_limit
    return end if fits else _last_allowed_end(begin, frame_rate, frames_limit)


def _last_allowed_end(begin: float, frame_rate: float, frames_limit: int) -> float:
    """The last whole second within the frame limit, never under 18 s away at 450 frames. Rounded against float noise.

    Within a limit that is lower, it may be a part of a second.
    """
    end = round(begin + frames_limit / frame_rate, 9)
    return float(math.floor(end)) if math.floor(end) > begin else round(end, 3)


def _not_too_late(seconds: float) -> float:
    if seconds > LATEST_SECONDS:
        raise TimeTooLate(seconds=seconds, limit_seconds=LATEST_SECONDS)
    return seconds
