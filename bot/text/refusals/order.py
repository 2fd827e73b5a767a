"""Refusals about times, frames, options and the prompt of an order."""

from __future__ import annotations

from bot.domain import errors as e
from bot.domain.timecode import say_time
from bot.text.escape import inline
from bot.text.i18n import number, tr


def about_the_order(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.NotATime(text=text, option=option):
            return tr(
                "I can't read {text} as `{option}`. Write it as `83`, `1:23`, `1m23s`, "
                "or both at once in `start`: `0:14-0:17`."
            ).format(text=inline(text), option=tr(option))
        case e.EndBeforeStart():
            return _end_before_start(error)
        case e.TimeTooLate(limit_seconds=limit_seconds):
            return tr(
                "That is past {hours} hours into the video, which is as far as I go. Pick an earlier moment."
            ).format(hours=number(limit_seconds / 3600))
        case e.WholeVideoAndTimes():
            return tr("You asked for the whole video and for a moment in it. Leave one of them out.")
        case e.TooManyFrames():
            return _too_many_frames(error)
        case e.BadOption(option=option, value=value, allowed=allowed):
            return tr("`{option}` can't be {value}. It takes: {allowed}.").format(
                option=tr(option), value=inline(value), allowed=allowed
            )
        case e.PromptMissing():
            return tr("What should the image show? Write it as `prompt`.")
        case e.PromptTooLong(length=length, limit=limit):
            return tr("The prompt has {length} characters; up to {limit} fit. Please make it shorter.").format(
                length=number(length), limit=number(limit)
            )
    return None


def _end_before_start(error: e.EndBeforeStart) -> str:
    words = (
        tr("The end ({end}) is the same as the start. Did you mean `{start}-{suggested}`?")
        if error.start == error.end
        else tr("The end ({end}) is before the start ({start}). Did you mean `{start}-{suggested}`?")
    )
    return words.format(start=say_time(error.start), end=say_time(error.end), suggested=say_time(error.suggested_end))


def _too_many_frames(error: e.TooManyFrames) -> str:
    words = (
        tr(
            "That span has about {frames} frames; the model reads up to {limit}. "
            "Try `{start}-{end}`, or keep the span with `frames: {rate}`."
        )
        if error.suggested_rate
        else tr("That span has about {frames} frames; the model reads up to {limit}. Try `{start}-{end}`.")
    )
    return words.format(
        frames=number(error.frames),
        limit=number(error.limit),
        start=say_time(error.start),
        end=say_time(error.suggested_end),
        rate=f"{error.suggested_rate or 0:g}",
    )
