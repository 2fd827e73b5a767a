"""Repair an order whose member used the wrong field, such as a link in the prompt, or a prompt as the video.

Only text with one clear meaning is moved, and no word of a prompt is lost: each word stays in the prompt, or moves
whole into the field where it belongs. For everything else, `understand` says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from bot.domain.errors import NotAVideoLink, Refusal, VideoRefusal
from bot.domain.order import OrderText
from bot.domain.recipe import FRAME_RATE_MIN, Shape
from bot.domain.time_grammar import Unread, plain, read_field
from bot.domain.timecode import parse_span, say_time
from bot.domain.video import ParsedLink, is_bare_id, is_link, parse_link, words_of

_AROUND = "()[]<>*~.,;:!?'\""  # these stand around a link or a span in a sentence, and are no part of it
_ADDRESS = re.compile(
    r"(?:https?://|(?:[\w-]+\.)+[\w-]+[/?])[\w\-.~:/?#@&=%+!$;]*", re.ASCII | re.IGNORECASE
)  # the whole word must match: other text joined to a link would be lost with it
_CLOCK = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9](?:\.[0-9]{1,3})?"
_SPAN = re.compile(rf"{_CLOCK}(?:-|–|—|->|→|\.\.){_CLOCK}")

_AROUND_TIME = re.compile(r"^[^\w.+'\"-]+|[^\w'\"-]+$")  # punctuation and pictures around words beside a link
_LIKE_A_CLOCK = re.compile(r"\d:\d")
_TIME_WORDS = 8
_SHAPES = frozenset(Shape)  # "16:9" beside a link is no time; 9:16 alone may be one


def normalise(order: OrderText) -> OrderText:
    """Return the order with each part in its own field. A correct order is returned unchanged."""
    sorted_out = _link_from_prompt(_unswapped(order))
    all_in_one = sorted_out.video is not None and not order.video
    return _time_from_video(_span_from_prompt(_link_from_start(sorted_out), all_in_one=all_in_one))


def links_in(text: str) -> list[ParsedLink]:
    """Return the links to videos in a text, in any form. Other links are skipped."""
    return [link for link in map(_read, text.split()) if link]


def _unswapped(order: OrderText) -> OrderText:
    """Swap `video` and `prompt` where the first holds a prompt and the second only a link."""
    if not order.video or len(order.prompt.split()) != 1 or _link_in(order.prompt) is None:
        return order
    try:
        parse_link(order.video)
    except NotAVideoLink as error:
        if error.problem == "not_a_link":
            return replace(order, prompt=order.video, video=order.prompt)
    return order


def _link_from_prompt(order: OrderText) -> OrderText:
    if order.video or order.attached:
        return order
    words = order.prompt.split()
    links = {word: link for word in words if (link := _link_in(word))}
    if len({link.video for link in links.values()}) != 1:
        return order
    linked = next(iter(links))
    first = linked.strip(_AROUND)
    again = [word for word in links if word.strip(_AROUND) == first]  # another form may have another time
    told = "" if order.start or order.end else _time_behind(words[words.index(linked) + 1 :])
    if told and len(again) == len(_times_in(words)) == 1:
        before, after = order.prompt.split(linked, 1)
        rest = after.split(maxsplit=len(told.split()))[len(told.split()) :]
        return replace(order, video=first, start=told, prompt=" ".join([before.rstrip(), *rest]).strip())
    return replace(order, video=first, prompt=_without(order.prompt, again))


def _link_from_start(order: OrderText) -> OrderText:
    """Where `start` holds a link, use the video or the time of this link."""
    link = _link_in(order.start or "")
    if link is None or order.attached:
        return order
    if not order.video:
        return replace(order, video=order.start, start=None)
    given = _read(order.video)
    if given is None or given.video != link.video or link.start is None:
        return order
    return replace(order, start=say_time(link.start))


def _span_from_prompt(order: OrderText, *, all_in_one: bool) -> OrderText:
    """Take a span such as 0:14-0:17 from the start of the prompt; where the link stood in it too, also from its end.

    In other places it may be what the image shows: "a poster, open 10:00-12:00".
    """
    words = order.prompt.split()
    if order.start or order.end or not words:
        return order
    ends = [word for word in dict.fromkeys((words[0], words[-1])) if _is_span(word.strip(_AROUND))]
    if len(ends) != 1 or words.count(ends[0]) != 1 or not (all_in_one or ends[0] == words[0]):
        return order
    return replace(order, start=ends[0].strip(_AROUND), prompt=_without(order.prompt, ends))


def _time_from_video(order: OrderText) -> OrderText:
    """Take the time that stands beside the link in `video`. A time that can't be read is taken too, to be refused."""
    if not order.video or order.start or order.end:
        return order
    words, linked = [], False
    for word in order.video.split():
        parts = words_of(word) if is_link(word) else [word]
        others = [part for part in parts if not is_link(part) and not is_bare_id(part)]
        linked = linked or others != parts
        words += others
    if not linked:
        return order
    rest = " ".join(word for word in (_AROUND_TIME.sub("", each) for each in words) if word)
    if not rest or not any(map(str.isdecimal, rest)) or _is_time(rest):
        return replace(order, start=rest) if _is_time(rest) else order
    times = _times_in(rest.split())
    unread = next((word for word in rest.split() if _LIKE_A_CLOCK.search(word) and word not in _SHAPES), None)
    if not times and unread is None:
        return order
    return replace(order, start=times[0] if len(times) == 1 else rest)


def _times_in(words: list[str]) -> list[str]:
    """Return the longest runs of words that are clearly times."""
    found, at = [], 0
    while at < len(words):
        if told := _time_behind(words[at:]):
            found.append(told)
            at += len(told.split())
        else:
            at += 1
    return found


def _time_behind(words: list[str]) -> str:
    """Return the longest run of words at the beginning that is clearly a time, "" for none."""
    for count in range(min(len(words), _TIME_WORDS), 0, -1):
        text = " ".join(words[:count]).strip(_AROUND)
        if _is_time(text, clearly=True):
            return " ".join(words[:count])
    return ""


def _is_time(text: str, *, clearly: bool = False) -> bool:
    """Say whether the text is a moment or a span. `clearly`: a number without a unit is none, and no shape is one."""
    if text in (_SHAPES if clearly else _SHAPES - {Shape.TALL}):
        return False
    try:
        typed = read_field(plain(text))
    except Unread:
        return False
    moments = [each for each in (typed.start, typed.end, typed.length, typed.last) if each]
    return not clearly or "=" in text or any(each.style != "number" for each in moments)


def _link_in(word: str) -> ParsedLink | None:
    """Read the video where the word is a link and nothing else, else None."""
    core = word.strip().strip(_AROUND)
    return _read(core) if _ADDRESS.fullmatch(core) else None


def _read(text: str) -> ParsedLink | None:
    try:
        return parse_link(text, bare=False)
    except VideoRefusal:
        return None


def _is_span(text: str) -> bool:
    if not _SPAN.fullmatch(text):
        return False
    try:
        parse_span(text, None, default_seconds=1, frame_rate=FRAME_RATE_MIN)
    except Refusal:
        return False
    return True


def _without(prompt: str, words: Collection[str]) -> str:
    """Remove the words, and keep the spacing before each other word."""
    kept = [piece for piece in re.findall(r"\s*\S+", prompt) if piece.strip() not in words]
    return "".join(kept).strip()
