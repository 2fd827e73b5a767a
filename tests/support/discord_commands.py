"""Judges the commands of an application by the rules that Discord's schemas do not say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

Json = dict[str, Any]

LIMITS = {1: 100, 2: 15, 3: 15}  # commands of each type: slash, user, message
LENGTH_LIMIT = 8_000  # characters: names, descriptions and values of a command, its options and their choices
CHOICE_VALUE_LIMIT = 100
NAME = re.compile(r"[-_'\w]{1,32}")
LOCALES = frozenset(
    {
        "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR",
        "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko",
    }
)  # fmt: skip
MOST_LEVELS = 2  # a group, and its command


class Kind(IntEnum):
    """The kinds of a command."""

    SLASH = 1
    USER = 2
    MESSAGE = 3


class Option(IntEnum):
    """The types of an option that has options."""

    COMMAND = 1
    GROUP = 2


def broken_commands(commands: list[Json]) -> Iterator[str]:
    for kind, number in Counter(_kind(command) for command in commands).items():
        if number > LIMITS[kind]:
            yield f"{number} commands of type {kind}, and {LIMITS[kind]} are allowed"
    for (_, name), times in Counter((_kind(command), command["name"]) for command in commands).items():
        if times > 1:
            yield f"{name}: two commands of this name"
    for command in commands:
        yield from _command(command)


def _kind(command: Json) -> int:
    kind: int = command.get("type") or Kind.SLASH
    return kind


def _command(command: Json) -> Iterator[str]:
    where = command["name"]
    if _kind(command) == Kind.SLASH:
        if not command.get("description"):
            yield f"{where}: a slash command needs a description"
        yield from _names(command, where)
        yield from _options(command.get("options") or [], where, level=0)
    elif command.get("description") or command.get("options"):
        yield f"{where}: a command of a menu has neither description nor options"
    yield from _locales(command, where)
    if _length(command) > LENGTH_LIMIT:
        yield f"{where}: {_length(command)} characters in all, and {LENGTH_LIMIT} are allowed"


def _options(options: list[Json], where: str, *, level: int) -> Iterator[str]:
    nests = [option["type"] in set(Option) for option in options]
    if any(nests) and not all(nests):
        yield f"{where}: commands beside options"
    if any(nests) and level >= MOST_LEVELS:
        yield f"{where}: too deep"
    for which in ("name", *LOCALES):
        names = [_name(option, which) for option in options]
        if len(set(names)) != len(names):
            yield f"{where}: two options of one name ({which})"
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        yield f"{where}: an option that is required behind one that is not"
    for option in options:
        inside = f"{where} {option['name']}"
        yield from _names(option, inside)
        yield from _locales(option, inside)
        yield from _choices(option, inside)
        yield from _bounds(option, inside)
        yield from _options(option.get("options") or [], inside, level=level + 1)


def _name(option: Json, locale: str) -> str:
    names: dict[str, str] = option.get("name_localizations") or {}
    name: str = option["name"]
    return names.get(locale, name)


def _names(thing: Json, where: str) -> Iterator[str]:
    for name in (thing["name"], *(thing.get("name_localizations") or {}).values()):
        if not NAME.fullmatch(name) or name != name.lower():
            yield f"{where}: {name!r} is no name"


def _locales(thing: Json, where: str) -> Iterator[str]:
    for field in ("name_localizations", "description_localizations"):
        strange = set(thing.get(field) or ()) - LOCALES
        yield from (f"{where}: Discord knows no locale {locale}" for locale in sorted(strange))


def _choices(option: Json, where: str) -> Iterator[str]:
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        yield f"{where}: choices beside autocomplete"
    for field in ("name", "value"):
        if len({choice[field] for choice in choices}) != len(choices):
            yield f"{where}: two choices of one {field}"
    for choice in choices:
        yield from _locales(choice, where)
        if isinstance(choice["value"], str) and not 1 <= len(choice["value"]) <= CHOICE_VALUE_LIMIT:
            yield f"{where}: the value of a choice has from 1 to {CHOICE_VALUE_LIMIT} characters"


def _bounds(option: Json, where: str) -> Iterator[str]:
    for what in ("value", "length"):
        least, most = option.get(f"min_{what}"), option.get(f"max_{what}")
        if least is not None and most is not None and least > most:
            yield f"{where}: from {least} to {most}"


def _length(thing: Json) -> int:
    """The length in characters; of a text in several languages the longest one counts."""
    own = sum(
        max(map(len, [thing.get(field) or "", *(thing.get(f"{field}_localizations") or {}).values()]))
        for field in ("name", "description")
    )
    value = len(thing["value"]) if isinstance(thing.get("value"), str) else 0
    inside = [*(thing.get("options") or ()), *(thing.get("choices") or ())]
    return own + value + sum(map(_length, inside))
