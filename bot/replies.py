"""The words people read. Each refusal says what happened, what it cost, and what to do next.

One `match` by type; a test fails when a leaf of the error tree has no words of its own.
"""

from __future__ import annotations

import re
import unicodedata

from bot.domain import errors as e
from bot.domain.job import ReleaseReason
from bot.domain.recipe import VIDEO_TYPES
from bot.domain.timecode import say_time

FREE = "Nothing was charged."
ECHO_LIMIT = 60  # characters of what somebody typed, in an answer
PROMPT_ECHO_LIMIT = 900  # characters of a prompt, on a card
COMBINING_LIMIT = 2  # marks on one letter; more is a wall of ink
TRY_AGAIN = "Please try again in a minute."

_LINKS = {
    "not_a_link": "I can't find one video link in {text}. Paste a YouTube link such as "
    "`https://youtu.be/dQw4w9WgXcQ`, a direct link to a video file, or attach a file as `clip`.",
    "playlist": "{text} is a playlist. Open the video you want in it, and paste that video's link.",
    "channel": "{text} is a channel, not a video. Open the video you want, and paste its link.",
    "live": "{text} leads to whatever is live just now. Paste the link of one video; a finished stream has its own.",
    "other_site": "I can't read videos from {text}. Paste a YouTube link or a direct link to a video file "
    "(.mp4, .mov, .webm ...), or attach the file as `clip`.",
    "lookalike": "{text} looks like YouTube, but leads somewhere else. Paste the link from YouTube itself.",
    "bad_id": "The video id in {text} is not whole: it has exactly 11 characters. Copy the link again, please.",
    "bare_id": "{text} looks like a video id. Paste the whole link: `https://youtu.be/{id}`.",
}

_UNREACHABLE = {
    "dns": "the address does not exist",
    "connect": "the server does not answer",
    "tls": "its certificate is not valid",
    "timeout": "the server is too slow",
    "redirects": "it redirects too often",
    "compressed": "it sends the file packed, which can't be checked",
    "broken": "the file breaks off in the middle",
    "url": "the link is not a web address that can be fetched",
}

_RELEASED = {
    ReleaseReason.CANCELLED: "It was taken out of the line before it began.",
    ReleaseReason.UNANSWERED: "The command could not be answered in time, so it was taken back.",
    ReleaseReason.CONTENT_REFUSED: "The image service refused this request under its content rules. "
    "Describe the scene in other words, without named people or anything violent or sexual, or pick another moment.",
    ReleaseReason.REJECTED: "The image service did not take this request as it is. "
    "Try a simpler prompt or another clip; if it happens again, tell a moderator the job number below.",
    ReleaseReason.FAILED: "The image service could not make this image. The video must be public: not private, not "
    "for members only, not age-restricted, not live. If it is, try again or pick another moment.",
    ReleaseReason.NO_IMAGE: "The image service finished, but no whole image came. Try again.",
    ReleaseReason.UNKNOWN: "We could not tell whether the request arrived at the image service, so it was stopped "
    "and never sent twice. Try again.",
    ReleaseReason.TIMED_OUT: "The image service took longer than 10 minutes. Try again, perhaps with fewer frames.",
    ReleaseReason.BUSY: "The image service was busy for an hour. Try again later.",
    ReleaseReason.CLOSED: "The image service does not take requests from this bot just now. "
    "It is not your fault, and whoever runs the bot can see why. Try again later.",
    ReleaseReason.UNREACHABLE: "The clip could not be handed to the image service. Try again in a few minutes.",
    ReleaseReason.CLIP_GONE: "The attached clip is no longer here. Run the command again and attach it once more.",
    ReleaseReason.UNSAFE: "The image service marked the result as not safe for work, and this channel is not "
    "age-restricted, so it is not shown.",
    ReleaseReason.UNDELIVERABLE: "The image was made, but there is no place left where the bot may show it to you. "
    "Ask a moderator to let the bot post here.",
}


def say(error: e.StillframeError) -> str:
    """What the person reads instead of the error. Never a stack, a secret or a supplier's own text."""
    if isinstance(error, e.Refusal):
        return _refusal(error)
    if isinstance(error, e.SupplierError | e.ImageError | e.DeliveryError):
        return f"The image service or Discord did not answer as it should. {FREE} {TRY_AGAIN}"
    if isinstance(error, e.DatabaseUnavailable | e.DiskUnavailable):
        return f"The credit books can't be written just now. {FREE} {TRY_AGAIN}"
    return f"Something went wrong on our side, and it has been written down. {FREE} {TRY_AGAIN}"


def released(reason: ReleaseReason) -> str:
    """Why a job ended without a charge."""
    return _RELEASED[reason]


def credits(amount: int) -> str:
    return f"{amount:,} credit" if amount == 1 else f"{amount:,} credits"


def megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f}".removesuffix(".0") + " MB"


def inline(text: str, limit: int = ECHO_LIMIT) -> str:
    """Somebody's words inside a sentence: one line of inert code, cut to `limit` characters."""
    clean = " ".join(plain(text).split())
    return f"`{clean if len(clean) <= limit else clean[: limit - 1] + '…'}`"


def block(text: str, limit: int = PROMPT_ECHO_LIMIT) -> str:
    """Somebody's words as a block: no mention, link, time stamp or formatting in it comes alive."""
    clean = plain(text).strip()
    return f"```\n{clean if len(clean) <= limit else clean[: limit - 1] + '…'}\n```"


def plain(text: str) -> str:
    """Without what could act or hide: control and direction characters, stacked marks, backticks."""
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category == "Mn" else 0
        if marks > COMBINING_LIMIT or (category in {"Cc", "Cf", "Co", "Cs"} and character not in "\n\u200d"):
            continue
        kept.append("ˋ" if character == "`" else character)
    return re.sub(r"\n{3,}", "\n\n", "".join(kept))


def _refusal(error: e.Refusal) -> str:
    words = _about_the_video(error) or _about_the_order(error) or _about_the_act(error) or _about_the_line(error)
    if words is None:
        raise AssertionError(f"no words for {type(error).__name__}")
    return words


def _about_the_video(error: e.Refusal) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.VideoMissing():
            return f"Which video? Give a link as `video`, or attach a file as `clip`. {FREE}"
        case e.TwoVideos():
            return f"You gave both a link and a file. Leave one of them out. {FREE}"
        case e.NotAVideoLink(text=text, problem=problem):
            words = _LINKS[problem].format(text=inline(text), id=plain(text).strip())
            return f"{words} {FREE}"
        case e.LinkNotPublic(host=host):
            return f"{inline(host)} is not a place on the public internet, so I don't go there. {FREE}"
        case e.LinkUnreachable(host=host, because=because, status=status):
            why = f"the server says {status}" if because == "status" else _UNREACHABLE[because]
            return f"I can't get the file from {inline(host)}: {why}. Check the link, or attach the file. {FREE}"
        case e.NotAVideoFile(found=found):
            what = f"That is a {found}, not a video" if found else "That is not a video that I know"
            return f"{what}. It must be {VIDEO_TYPES}. {FREE}"
        case e.FileTooLarge(limit_bytes=limit_bytes, size_bytes=size_bytes):
            size = f"has {megabytes(size_bytes)}" if size_bytes else "is too large"
            return (
                f"The file {size}; the image service takes up to {megabytes(limit_bytes)}. "
                f"Cut the moment out of it, or use a YouTube link, which may be any size. {FREE}"
            )
    return None


def _about_the_order(error: e.Refusal) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.NotATime(text=text, option=option):
            return (
                f"I can't read {inline(text)} as `{option}`. Write it as `83`, `1:23`, `1m23s`, "
                f"or both at once in `start`: `0:14-0:17`. {FREE}"
            )
        case e.EndBeforeStart(start=start, end=end, suggested_end=suggested):
            relation = "the same as" if start == end else "before"
            return (
                f"The end ({say_time(end)}) is {relation} the start ({say_time(start)}). "
                f"Did you mean `{say_time(start)}-{say_time(suggested)}`? {FREE}"
            )
        case e.TimeTooLate(limit_seconds=limit_seconds):
            return f"That is past {limit_seconds / 3600:g} hours into the video, which is as far as I go. {FREE}"
        case e.WholeVideoAndTimes():
            return f"You asked for the whole video and for a moment in it. Leave one of them out. {FREE}"
        case e.TooManyFrames(frames=frames, limit=limit, start=start, suggested_end=end, suggested_rate=rate):
            other = f", or keep the span with `frames: {rate:g}`" if rate else ""
            return (
                f"That span has about {frames:,} frames; the model reads up to {limit}. "
                f"Try `{say_time(start)}-{say_time(end)}`{other}. {FREE}"
            )
        case e.BadOption(option=option, value=value, allowed=allowed):
            return f"`{option}` can't be {inline(value)}. It takes: {allowed}. {FREE}"
        case e.PromptMissing():
            return f"What should the image show? Write it as `prompt`. {FREE}"
        case e.PromptTooLong(length=length, limit=limit):
            return f"The prompt has {length:,} characters; up to {limit:,} fit. {FREE}"
    return None


def _about_the_act(error: e.Refusal) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.NotEnoughCredits(needed=needed, available=available, held=held, cheaper=cheaper):
            on_hold = f", with {held:,} on hold for images being made" if held else ""
            choices = " or ".join(f"{label} for {price:,}" for label, price in cheaper)
            instead = f" You could make it in {choices}." if choices else " A moderator can give you credits."
            return (
                f"This costs {credits(needed)}, and you have {available:,}{on_hold}: {needed - available:,} "
                f"are missing.{instead} {FREE}"
            )
        case e.CannotPostHere(missing=missing):
            return (
                f"I may not post images here (missing: {', '.join(missing)}). Ask a moderator to allow it, "
                f"or use another channel. {FREE}"
            )
        case e.NotAModerator():
            return "This command is for those who may manage the server."
        case e.NotInAServer():
            return "This command works in a server, where your credits are."
        case e.BadAmount(amount=amount, limit=limit):
            return f"{amount:,} is not an amount I can give: it must be from 1 to {limit:,}. No credits were moved."
        case e.ReasonMissing():
            return "A reason is needed: the member will read it in the statement. No credits were moved."
        case e.NotYours():
            return "This belongs to somebody else: only its owner can do that."
        case e.ImageGone():
            return "This image is no longer kept here."
    return None


def _about_the_line(error: e.Refusal) -> str | None:
    match error:
        case e.LineFull(limit=limit):
            return (
                f"You have {limit} images under way already, which is as many as one member may have here. "
                f"Order the next one when one of them is finished. {FREE}"
            )
        case e.TooLateToCancel(ended=True):
            return "There is nothing to cancel any more: this one has ended."
        case e.TooLateToCancel(cost=cost):
            return (
                "Too late to stop: the image service is already working on it, and can't be told to stop. "
                f"If it finishes, you get the image ({credits(cost)}); if it fails, the credits come back."
            )
        case e.Restarting():
            return f"I am just restarting. {FREE} Please try again in a minute."
        case e.SalesPaused():
            return f"No new images are made just now; whoever runs the bot knows. {FREE} Please try again later."
    return None
