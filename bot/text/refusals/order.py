"""Refusals about times, frames, options and the prompt of an order."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain import errors as e
from bot.domain.recipe import Reading
from bot.domain.timecode import say_time, typed_span
from bot.text.escape import inline
from bot.text.i18n import either, number, tr


def about_the_order(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.NotATime(text=text, frames=True):
            return tr(
                "{text} counts frames, which I can't read. Write seconds, with decimals where you need them: "
                "`1:02`, `1:02.5`."
            ).format(text=inline(text))
        case e.NotATime(text=text, option=option):
            return tr(
                "I can't read {text} as `{option}`. Write it as `83`, `1:23`, `1m23s`, "
                "or both at once in `start`: `0:14-0:17`."
            ).format(text=inline(text), option=tr(option))
        case e.MomentRefusal():
            return _about_the_moment(error)
        case e.TimeTooLate(limit_seconds=limit_seconds):
            return tr(
                "That is past {hours} hours into the video, which is as far as I go. Pick an earlier moment."
            ).format(hours=number(limit_seconds / 3600))
        case e.BadOption(option=option, value=value, allowed=allowed):
            return tr("`{option}` can't be {value}. It takes: {allowed}.").format(
                option=tr(option), value=inline(value), allowed=allowed
            )
        case e.BadLength(option=option, length=length, least=least, limit=limit):
            return tr("`{option}` takes {least} to {limit} characters, and this has {length}.").format(
                option=tr(option), least=number(least), limit=number(limit), length=number(length)
            )
        case e.OptionUnknown(option=option):
            return tr("I can't use what was chosen as `{option}`. Choose it again from Discord's list.").format(
                option=tr(option)
            )
        case e.PromptMissing():
            return tr("What should the image show? Write it as `prompt`.")
        case e.PromptTooLong(length=length, limit=limit):
            return tr("The prompt has {length} characters; up to {limit} fit. Please make it shorter.").format(
                length=number(length), limit=number(limit)
            )
    return None


def _about_the_moment(error: e.MomentRefusal) -> str | None:
    match error:
        case e.MomentInDoubt(readings=readings):
            return tr("I can read this moment in more than one way. Did you mean {readings}?").format(
                readings=_either(readings)
            )
        case e.EndBeforeStart():
            return _end_before_start(error)
        case e.WholeVideoAndTimes():
            return tr("You asked for the whole video and for a moment in it. Leave one of them out.")
        case e.EndUnknown():
            return tr(
                "I don't know how long this video is, so I can't count from its end. Give both ends: `1:20-1:40`."
            )
        case e.TooManyFrames(frames=frames, limit=limit, readings=readings):
            return tr("This moment has about {frames} frames; the limit is {limit}. Try {readings}.").format(
                frames=number(frames), limit=number(limit), readings=_either(readings)
            )
    return None


def _end_before_start(error: e.EndBeforeStart) -> str:
    words = (
        tr("The end ({end}) is the same as the start. Did you mean {readings}?")
        if error.start == error.end
        else tr("The end ({end}) is before the start ({start}). Did you mean {readings}?")
    )
    return words.format(start=say_time(error.start), end=say_time(error.end), readings=_either(error.readings))


def _either(readings: Sequence[Reading]) -> str:
    """Say the readings as a member types them. The last of them has the frame rate that was asked for."""
    return either([_typed(each, slower=each.frame_rate != readings[-1].frame_rate) for each in readings])


def _typed(reading: Reading, *, slower: bool) -> str:
    moment = f"`{typed_span(reading.span)}`"
    if not slower:
        return moment
    return tr("{moment} with `frames: {rate}`").format(moment=moment, rate=f"{reading.frame_rate:g}")
