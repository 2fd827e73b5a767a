"""What an interaction brings is looked at before anything reads it: its texts, its numbers and the ids it names.

Discord checks most of this. An app that is out of date, and a forger, may send something else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import discord
from discord import AppCommandOptionType as Kind
from discord import app_commands

from bot.domain.discord_limits import INTEGER_LIMIT, TEXT_LIMIT
from bot.domain.errors import BadLength, BadOption, OptionUnknown
from bot.domain.typed import sound

_RESOLVED: Mapping[Kind, tuple[str, ...]] = {
    Kind.user: ("users",),
    Kind.channel: ("channels",),
    Kind.role: ("roles",),
    Kind.mentionable: ("users", "roles"),
    Kind.attachment: ("attachments",),
}


def clean(data: Any) -> Any:
    """Make every text in the interaction's data sound, in place. Returns the data."""
    if isinstance(data, str):
        return sound(data)
    if isinstance(data, dict):
        data.update({key: clean(value) for key, value in data.items()})
    elif isinstance(data, list):
        data[:] = map(clean, data)
    return data


def check_options(interaction: discord.Interaction[Any]) -> None:
    """Check the options of a command by what is registered. Raises `BadOption`, `BadLength`, `OptionUnknown`."""
    command = interaction.command
    data: dict[str, Any] = dict(interaction.data or {})
    if not isinstance(command, app_commands.Command):
        return
    parameters = {str(each.display_name): each for each in command.parameters}
    for option in _leaves(data.get("options", ())):
        parameter = parameters.get(str(option.get("name")))
        if parameter is not None and option.get("type") == parameter.type.value:  # else it is an old command
            _check(parameter, option.get("value"), data.get("resolved") or {})


def _leaves(options: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for option in options:
        if option.get("type") in {Kind.subcommand.value, Kind.subcommand_group.value}:
            yield from _leaves(option.get("options", ()))
        else:
            yield option


def _check(parameter: app_commands.Parameter, value: Any, resolved: Mapping[str, Any]) -> None:
    name = str(parameter.display_name)
    if parameter.type in _RESOLVED:
        if not any(str(value) in (resolved.get(each) or {}) for each in _RESOLVED[parameter.type]):
            raise OptionUnknown(option=name)
    elif parameter.choices:
        allowed = [str(each.value) for each in parameter.choices]
        if str(value) not in allowed:
            raise BadOption(option=name, value=str(value), allowed=", ".join(allowed))
    elif parameter.type in {Kind.integer, Kind.number}:
        least, most = parameter.min_value, parameter.max_value
        least, most = -INTEGER_LIMIT if least is None else least, INTEGER_LIMIT if most is None else most
        if not math.isfinite(value) or not least <= value <= most:
            raise BadOption(option=name, value=str(value), allowed=f"{least:,} - {most:,}")
    elif isinstance(value, str):
        least, most = int(parameter.min_value or 0), int(parameter.max_value or TEXT_LIMIT)
        if not least <= len(value) <= most:
            raise BadLength(option=name, length=len(value), least=least, limit=most)
