"""What a person meant who used the wrong field: a link in the prompt, a prompt in the link's place.

Only what can't be mistaken is moved, and no word of a prompt is ever lost: each stays in it, or goes whole into the
field where it belongs. Everything else is left to `understand`, which says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from bot.domain.errors import NotAVideoLink, Refusal
from bot.domain.order import OrderText
from bot.domain.recipe import FRAME_RATE_MIN
from bot.domain.timecode import parse_span, say_time
from bot.domain.video import ParsedLink, parse_link

_AROUND = "()[]<>*~.,;:!?'\""  # around a link or a span in a sentence, and no part of it
_ADDRESS = re.compile(
    r"(?:https?://|(?:[\w-]+\.)+[\w-]+[/?])[\w\-.~:/?#@&=%+!$;]*", re.ASCII | re.IGNORECASE
)  # and nothing else: a word glued to a link would be lost with it
_CLOCK = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9](?:\.[0-9]{1,3})?"
_SPAN = re.compile(rf"{_CLOCK}(?:-|–|—|->|→|\.\.){_CLOCK}")


def normalise(order: OrderText) -> OrderText:
    """The order with everything in its own field. One that was fine stays as it is."""
    sorted_out = _link_from_prompt(_unswapped(order))
    all_in_one = sorted_out.video is not None and not order.video
    return _span_from_prompt(_link_from_start(sorted_out), all_in_one=all_in_one)


def first_link(text: str) -> ParsedLink | None:
    """The first video that a text links to, in whatever form; other links are passed over."""
    return next((link for link in map(_read, text.split()) if link), None)


def _unswapped(order: OrderText) -> OrderText:
    """A prompt stands in `video`, and nothing but a link in `prompt`."""
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
    links = {word: link for word in order.prompt.split() if (link := _link_in(word))}
    if len({link.video for link in links.values()}) != 1:
        return order
    first = next(iter(links)).strip(_AROUND)
    again = [word for word in links if word.strip(_AROUND) == first]  # written otherwise, it may say another time
    return replace(order, video=first, prompt=_without(order.prompt, again))


def _link_from_start(order: OrderText) -> OrderText:
    """A link stands in `start`: its own time was meant."""
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
    """A span such as 0:14-0:17 begins the prompt, or ends it where the link stood in it too.

    Elsewhere it may be what the image shows: "a poster, open 10:00-12:00".
    """
    words = order.prompt.split()
    if order.start or order.end or not words:
        return order
    ends = [word for word in dict.fromkeys((words[0], words[-1])) if _is_span(word.strip(_AROUND))]
    if len(ends) != 1 or words.count(ends[0]) != 1 or not (all_in_one or ends[0] == words[0]):
        return order
    return replace(order, start=ends[0].strip(_AROUND), prompt=_without(order.prompt, ends))


def _link_in(word: str) -> ParsedLink | None:
    """The video, where the word is a link and nothing but a link."""
    core = word.strip().strip(_AROUND)
    return _read(core) if _ADDRESS.fullmatch(core) else None


def _read(text: str) -> ParsedLink | None:
    try:
        return parse_link(text)
    except NotAVideoLink:
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
    """The other words, with the spacing that stands before each."""
    kept = [piece for piece in re.findall(r"\s*\S+", prompt) if piece.strip() not in words]
    return "".join(kept).strip()
