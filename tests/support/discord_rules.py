"""Judges every request of the bot by Discord's schemas, and by the rules that no schema says.

The limits are those of Discord's documentation (Components Reference, Create Message, Application Commands), as read in
November 2026. In a test house each request is judged when the house is closed, so that every flow that a test walks is
checked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from functools import cache
from itertools import chain
from typing import Any

from tests.support import discord_schemas
from tests.support.discord_commands import broken_commands

Json = dict[str, Any]

COMPONENTS_V2 = 1 << 15
COMPONENTS_LIMIT = 40  # in one message, nested ones counted
TEXT_LIMIT = 4_000  # characters in all text displays of a message together
TEXT_BYTES_LIMIT = 10_170  # sum of UTF-8 bytes and 12 for each text; above, Discord fails (discord-api-docs#8554)
TEXT_OVERHEAD_BYTES = 12
ROWS_LIMIT = 5  # in a message of the old kind
MODAL_LIMIT = 5  # components at the top; the schema says 40
ATTACHMENT = "attachment://"
BEYOND_SCHEMAS = {"nsfw", "tts"}  # the first is documented for commands; the second discord.py sends with each file
NOT_BESIDE_V2 = ("content", "embeds", "poll", "sticker_ids")
CONTENT = ("content", "embeds", "poll", "sticker_ids", "components", "attachments")


class Kind(IntEnum):
    """The kinds of a component."""

    ROW = 1
    BUTTON = 2
    SELECT = 3
    TEXT_INPUT = 4
    MENTIONABLE_SELECTS = 5  # users; roles, mentionables and channels follow
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13
    LABEL = 18
    FILE_UPLOAD = 19
    CHECKBOX_GROUP = 22


class Style(IntEnum):
    """The styles of a button that has no custom id."""

    LINK = 5
    PREMIUM = 6


class Callback(IntEnum):
    PONG = 1
    MESSAGE = 4
    THINKING = 5
    LATER = 6
    CHANGE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


_CALLBACKS = {
    Callback.PONG: "PongInteractionCallbackRequest",
    Callback.MESSAGE: "CreateMessageInteractionCallbackRequest",
    Callback.THINKING: "CreateMessageInteractionCallbackRequest",
    Callback.LATER: "UpdateMessageInteractionCallbackRequest",
    Callback.CHANGE: "UpdateMessageInteractionCallbackRequest",
    Callback.AUTOCOMPLETE: "ApplicationCommandAutocompleteCallbackRequest",
    Callback.MODAL: "ModalInteractionCallbackRequest",
}


def broken(method: str, path: str, body: Any) -> list[str]:
    """A sentence for each rule that a request breaks; `path` without the version of the API."""
    if body is None:
        return []
    for verb, pattern, judge in _ROUTES:
        if verb == method and re.fullmatch(pattern, path):
            return [f"{method} {path}: {complaint}" for complaint in judge(body)]
    return [f"{method} {path}: nobody has written down what may be sent there"]


# --- by route -------------------------------------------------------------------------------------------


def _callback(body: Json) -> Iterator[str]:
    kind = body.get("type")
    if kind not in set(Callback):
        yield f"no answer has the type {kind}"
        return
    data = body.get("data") or {}
    answer = {**body, "data": _specified(data)} if data else body
    yield from discord_schemas.broken(answer, _CALLBACKS[Callback(kind)], "answer")
    if kind in {Callback.MESSAGE, Callback.CHANGE}:
        yield from broken_message(data, new=kind == Callback.MESSAGE)
    elif kind == Callback.MODAL:
        yield from broken_modal(data)


def _message_of(schema: str, *, new: bool) -> Callable[[Json], Iterator[str]]:
    def judge(body: Json) -> Iterator[str]:
        yield from discord_schemas.broken(_specified(body), schema, "message")
        yield from broken_message(body, new=new)

    return judge


def _commands(body: list[Json]) -> Iterator[str]:
    yield from _complaints_of_commands(json.dumps(body))


@cache
def _complaints_of_commands(text: str) -> list[str]:
    """Judge the commands once for each process: every test house registers the same ones, and it takes 70 ms."""
    body: list[Json] = json.loads(text)
    by_schema = (
        discord_schemas.broken(_specified(command), "ApplicationCommandUpdateRequest", f"/{command.get('name')}")
        for command in body
    )
    return [*chain.from_iterable(by_schema), *broken_commands(body)]


def _specified(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in BEYOND_SCHEMAS}


def _anything(body: object) -> Iterator[str]:
    yield from ()


_ROUTES: tuple[tuple[str, str, Callable[[Any], Iterator[str]]], ...] = (
    ("POST", r"/channels/\d+/messages", _message_of("MessageCreateRequest", new=True)),
    ("PATCH", r"/channels/\d+/messages/\d+", _message_of("MessageEditRequestPartial", new=False)),
    ("POST", r"/interactions/\d+/[^/]+/callback", _callback),
    ("POST", r"/webhooks/\d+/[^/]+", _message_of("IncomingWebhookRequestPartial", new=True)),
    (
        "PATCH",
        r"/webhooks/\d+/[^/]+/messages/[^/]+",
        _message_of("IncomingWebhookUpdateRequestPartial", new=False),
    ),
    ("PUT", r"/applications/\d+(/guilds/\d+)?/commands", _commands),
    ("POST", r"/users/@me/channels", _anything),
    ("PATCH", r"/channels/\d+", _anything),  # by tests: the bot itself changes no channel
    ("POST", r"/channels/\d+/messages/\d+/threads", _anything),  # by tests too
)


# --- messages -------------------------------------------------------------------------------------------


def broken_message(body: Json, *, new: bool) -> Iterator[str]:
    """`new`: no earlier version of the message exists, so all that it shows must be in this request."""
    tree: list[Json] = body.get("components") or []
    found = list(_walk(tree))
    v2 = bool((body.get("flags") or 0) & COMPONENTS_V2)
    if len(found) > COMPONENTS_LIMIT:
        yield f"{len(found)} components, and {COMPONENTS_LIMIT} are allowed"
    if v2:
        yield from (f"{name} beside components V2" for name in NOT_BESIDE_V2 if body.get(name))
    elif any(each["type"] >= Kind.SECTION for each in found):
        yield "a component that needs the flag of components V2"
    elif len(tree) > ROWS_LIMIT:
        yield f"{len(tree)} rows, and {ROWS_LIMIT} are allowed"
    if new and not any(body.get(name) for name in CONTENT):
        yield "an empty message"
    yield from _mentions(body.get("allowed_mentions") or {})
    if body.get("enforce_nonce") and not body.get("nonce"):
        yield "a nonce is enforced, and there is none"
    yield from _texts([each["content"] for each in found if each["type"] == Kind.TEXT])
    yield from _identities(found)
    for component in found:
        yield from _component(component)
    yield from _files(body, found, new=new, v2=v2)


def _walk(components: Iterable[Json]) -> Iterator[Json]:
    """Yields each component, the outer ones first."""
    for component in components:
        yield component
        yield from _walk(component.get("components", ()))
        yield from _walk([component[name] for name in ("accessory", "component") if name in component])


def _mentions(allowed: Json) -> Iterator[str]:
    for group in ("users", "roles"):
        if group in (allowed.get("parse") or ()) and allowed.get(group):
            yield f"all {group} may be mentioned, and then only some"


def _texts(texts: list[str]) -> Iterator[str]:
    if not all(text.strip() for text in texts):
        yield "a text of nothing"
    length = sum(map(len, texts))
    if length > TEXT_LIMIT:
        yield f"{length} characters of text, and {TEXT_LIMIT} are allowed"
    size_bytes = sum(len(text.encode()) + TEXT_OVERHEAD_BYTES for text in texts)
    if size_bytes > TEXT_BYTES_LIMIT:
        yield f"{size_bytes} bytes of text, and {TEXT_BYTES_LIMIT} are allowed"


def _identities(found: list[Json]) -> Iterator[str]:
    for name in ("custom_id", "id"):
        counted = Counter(each[name] for each in found if each.get(name))
        yield from (f"the {name} {value!r} twice" for value, times in counted.items() if times > 1)


def _component(component: Json) -> Iterator[str]:
    match component["type"]:
        case Kind.ROW:
            yield from _row(component["components"])
        case Kind.BUTTON:
            yield from _button(component)
        case kind if Kind.SELECT <= kind <= Kind.CHANNEL_SELECT and kind != Kind.TEXT_INPUT:
            yield from _select(component)


def _row(components: list[Json]) -> Iterator[str]:
    if len(components) > 1 and any(each["type"] != Kind.BUTTON for each in components):
        yield "a select has its row for itself"


def _button(button: Json) -> Iterator[str]:
    needed = {Style.LINK: "url", Style.PREMIUM: "sku_id"}.get(button["style"], "custom_id")
    given = [name for name in ("custom_id", "url", "sku_id") if button.get(name)]
    if given != [needed]:
        yield f"a button of style {button['style']} has {given} and needs {needed}"
    if button["style"] != Style.PREMIUM and not (button.get("label") or button.get("emoji")):
        yield f"the button {button.get('custom_id') or button.get('url')!r} says nothing"


def _select(select: Json) -> Iterator[str]:
    name, options = select.get("custom_id"), select.get("options", [])
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if least > most:
        yield f"{name}: at least {least} and at most {most} are to be chosen"
    values = [option["value"] for option in options]
    if len(values) != len(set(values)):
        yield f"{name}: a value twice"
    if select["type"] == Kind.SELECT:
        if most > len(options):
            yield f"{name}: {most} may be chosen, of {len(options)}"
        chosen = sum(bool(option.get("default")) for option in options)
        if chosen > most:
            yield f"{name}: {chosen} are chosen from the start, and {most} may be"


def _files(body: Json, found: list[Json], *, new: bool, v2: bool) -> Iterator[str]:
    """An edit that lists no attachments keeps those that are there, and may name them."""
    listed: list[Json] = body.get("attachments") or []
    names = [each["filename"] for each in listed if each.get("filename")]
    if len(names) != len(set(names)):
        yield "two files of one name"
    media = [each["url"] for each in _media(found)]
    wanted = [url.removeprefix(ATTACHMENT) for url in media if url.startswith(ATTACHMENT)]
    if new or "attachments" in body:
        yield from (f"{name!r} is shown, and was not attached" for name in wanted if name not in names)
    if v2:
        yield from (f"{name!r} is attached, and not shown" for name in names if name not in wanted)
    yield from (f"{url!r} is no place for a picture" for url in media if not url.startswith((ATTACHMENT, "http")))


def _media(found: Iterable[Json]) -> Iterator[Json]:
    for component in found:
        match component["type"]:
            case Kind.THUMBNAIL:
                yield component["media"]
            case Kind.GALLERY:
                yield from (item["media"] for item in component["items"])
            case Kind.FILE:
                yield component["file"]


# --- modals ---------------------------------------------------------------------------------------------


def broken_modal(data: Json) -> Iterator[str]:
    tree: list[Json] = data.get("components", [])
    if len(tree) > MODAL_LIMIT:
        yield f"{len(tree)} components in a modal, and {MODAL_LIMIT} are allowed"
    if any(each["type"] == Kind.ROW for each in tree):
        yield "a row in a modal: Discord asks for labels"
    found = list(_walk(tree))
    yield from _texts([each["content"] for each in found if each["type"] == Kind.TEXT])
    yield from _identities(found)
    for label in (each for each in found if each["type"] == Kind.LABEL):
        yield from _field(label["component"])


def _field(field: Json) -> Iterator[str]:
    name = field.get("custom_id")
    if field.get("disabled"):
        yield f"{name}: nothing in a modal can be disabled"
    if field["type"] == Kind.TEXT_INPUT:
        yield from _text_input(field)
        return
    if field.get("min_values") == 0 and field.get("required", True):
        yield f"{name}: it is required, and nothing need be chosen"
    if field["type"] in {Kind.FILE_UPLOAD, Kind.CHECKBOX_GROUP}:
        least, most = field.get("min_values"), field.get("max_values")
        if least is not None and most is not None and least > most:
            yield f"{name}: at least {least} and at most {most} are to be given"
    else:
        yield from _component(field)


def _text_input(field: Json) -> Iterator[str]:
    name, length = field["custom_id"], len(field.get("value") or "")
    least, most = field.get("min_length") or 0, field.get("max_length") or TEXT_LIMIT
    if field.get("label"):
        yield f"{name}: in a label, a text input has no label of its own"
    if least > most:
        yield f"{name}: from {least} to {most} characters"
    if length > most:
        yield f"{name}: {length} characters are filled in, and {most} are allowed"
