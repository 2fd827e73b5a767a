"""A slash command as a client sends it: options by the types that the bot has synced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum

from tests.wire import payloads
from tests.wire.components import Json
from tests.wire.messages import File, Message
from tests.wire.world import World

Value = str | int | float | bool | tuple[str, bytes]  # a file is (its name, its bytes)


class Option(IntEnum):
    SUBCOMMAND = 1
    GROUP = 2
    PERSON = 6
    FILE = 11


class NoSuchCommand(Exception):
    """The bot has synced no command, or no option, of that name; a client could not send it."""


def command_data(
    world: World,
    synced: list[Json],
    words: str,
    options: Mapping[str, Value],
    keep: Callable[[str, bytes], File],
) -> Json:
    """`words` such as "imagine" or "bank grant"; `keep(name, data)` takes a file in.

    Raises `NoSuchCommand`.
    """
    name, *path = words.split()
    command = _named(synced, name)
    resolved: Json = {}
    return {
        "id": command["id"],
        "name": name,
        "type": 1,
        "options": _filled(world, command, path, options, resolved, keep),
        "resolved": resolved,
    }


def menu_data(world: World, synced: list[Json], words: str, message: Message) -> Json:
    """An entry in the menu of a message, such as "Tip the maker". Raises `NoSuchCommand`."""
    command = _named(synced, words)
    target = str(message.id)
    resolved = {"messages": {target: payloads.message(world, message)}}
    return {"id": command["id"], "name": words, "type": 3, "target_id": target, "resolved": resolved}


def _filled(
    world: World,
    command: Json,
    path: list[str],
    options: Mapping[str, Value],
    resolved: Json,
    keep: Callable[[str, bytes], File],
) -> list[Json]:
    if path:
        below = _named(command.get("options", []), path[0])
        inner = _filled(world, below, path[1:], options, resolved, keep)
        return [{"name": below["name"], "type": below["type"], "options": inner}]
    known: list[Json] = command.get("options", [])
    missing = {each["name"] for each in known if each.get("required")} - set(options)
    if missing:
        raise NoSuchCommand(f"{command['name']} can't be sent without {missing}")
    filled = []
    for name, value in options.items():
        kind = _named(known, name)["type"]
        filled.append({"name": name, "type": kind, "value": _resolve(world, kind, value, resolved, keep)})
    return filled


def _resolve(
    world: World, kind: int, value: Value, resolved: Json, keep: Callable[[str, bytes], File]
) -> str | int | float | bool:
    """Files and people are sent as an id; what it stands for is told beside the options."""
    if isinstance(value, tuple):
        file = keep(*value)
        resolved.setdefault("attachments", {})[str(file.id)] = payloads.file(file, ephemeral=True)
        return str(file.id)
    if kind == Option.PERSON:
        person = world.person(int(value))
        resolved.setdefault("users", {})[str(person.id)] = payloads.user(person)
        resolved.setdefault("members", {})[str(person.id)] = payloads.member(person, alone=False)
        return str(person.id)
    return value


def _named(listed: list[Json], name: str) -> Json:
    for each in listed:
        if each["name"] == name:
            return each
    raise NoSuchCommand(f"{name!r} is not one of {[each['name'] for each in listed]}")
