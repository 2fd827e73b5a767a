"""Message components as Discord checks and publishes them: limits, custom ids, and files that are really there."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import count
from typing import Any

from tests.wire.errors import Code, Refused

Json = dict[str, Any]

COMPONENTS_LIMIT = 40  # in one message, nested ones counted
TEXT_LIMIT = 4_000  # characters in all text displays together
ATTACHMENT = "attachment://"


class ComponentKind(IntEnum):
    ROW = 1
    BUTTON = 2
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Each component, the outer before those inside it."""
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        if "accessory" in component:
            yield from walk([component["accessory"]])


def check(components: list[Json], *, v2: bool, file_names: Iterable[str]) -> None:
    """Raises `Refused` for what Discord would not take."""
    found = list(walk(components))
    names = set(file_names)
    custom_ids = [component["custom_id"] for component in found if "custom_id" in component]
    texts = [component["content"] for component in found if component["type"] == ComponentKind.TEXT]
    wanted = [media["url"].removeprefix(ATTACHMENT) for media in _media(found) if media["url"].startswith(ATTACHMENT)]
    problems = {
        "more than 40 components": len(found) > COMPONENTS_LIMIT,
        "a custom_id twice": len(custom_ids) != len(set(custom_ids)),
        "a component that needs the flag IS_COMPONENTS_V2": not v2
        and any(component["type"] >= ComponentKind.TEXT for component in found),
        "an empty text": not all(texts),
        "more than 4000 characters": sum(map(len, texts)) > TEXT_LIMIT,
        "a file that was not sent": not names.issuperset(wanted),
    }
    wrong = [problem for problem, present in problems.items() if present]
    if wrong:
        raise Refused(Code.INVALID_FORM, detail=", ".join(wrong))


def publish(components: list[Json], files: Mapping[str, tuple[int, str]]) -> list[Json]:
    """The components as they are read back: numbered, and each file with its id and its address on the CDN."""
    published = copy.deepcopy(components)
    numbers = count(1)
    for component in walk(published):
        component.setdefault("id", next(numbers))
    for media in _media(walk(published)):
        name = media["url"].removeprefix(ATTACHMENT)
        if name in files:
            file_id, url = files[name]
            media.update(url=url, proxy_url=url, attachment_id=str(file_id), loading_state=2)
    return published


def shown_files(components: list[Json]) -> set[str]:
    """The ids of the files that components show. Discord leaves these out of the message's `attachments`."""
    return {media["attachment_id"] for media in _media(walk(components)) if "attachment_id" in media}


def words(components: list[Json], content: str = "") -> str:
    """All text that a person reads, and in which a person could be mentioned."""
    return "\n".join([content, *(component.get("content", "") for component in walk(components))])


def button(components: list[Json], custom_id: str) -> Json:
    """The button with this id. Raises `ValueError` where there is none that can be pressed."""
    for component in walk(components):
        if component.get("custom_id") == custom_id and not component.get("disabled"):
            return component
    there = [component["custom_id"] for component in walk(components) if "custom_id" in component]
    raise ValueError(f"no button {custom_id!r} to press; there are {there}")


def _media(components: Iterable[Json]) -> Iterator[Json]:
    for component in components:
        match component["type"]:
            case ComponentKind.THUMBNAIL:
                yield component["media"]
            case ComponentKind.GALLERY:
                yield from (item["media"] for item in component["items"])
            case ComponentKind.FILE:
                yield component["file"]


def filled_in(components: list[Json], values: Mapping[str, str]) -> list[Json]:
    """The text fields of a modal as a client sends them: each with what was typed, or with what it had before."""
    fields = [each["component"] for each in components if "component" in each]
    return [
        {
            "type": 18,
            "id": number,
            "component": {
                "type": field["type"],
                "id": 100 + number,
                "custom_id": field["custom_id"],
                "value": values.get(field["custom_id"], field.get("value", "")),
            },
        }
        for number, field in enumerate(fields, start=1)
    ]
