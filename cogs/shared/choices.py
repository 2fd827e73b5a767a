"""What was chosen in a select, in a message or in a form, as values of the kind that the bot asked for."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from discord import ui
from pydantic import Field, TypeAdapter, ValidationError

from bot.domain.errors import PressUnknown
from bot.domain.typed import sound

T = TypeVar("T")

ROW_LIMIT = 2**63 - 1  # of a whole number in both databases


def reader_of(kind: Any) -> TypeAdapter[Any]:
    """Read a text as a value of this kind. No number is larger than the databases take."""
    return TypeAdapter(Annotated[int, Field(le=ROW_LIMIT)] if kind is int else kind)


def chosen(select: ui.Select[Any], kind: type[T]) -> list[T]:
    """Return what was chosen. Raises `PressUnknown` for what can't be chosen, or where too little or too much was."""
    if not select.min_values <= len(select.values) <= select.max_values:
        raise PressUnknown
    try:
        return [reader_of(kind).validate_python(sound(value)) for value in select.values]
    except ValidationError as error:
        raise PressUnknown from error


def one_of(select: ui.Select[Any], kind: type[T]) -> T:
    """Return the one value that was chosen. Raises as `chosen`."""
    values = chosen(select, kind)
    if len(values) != 1:
        raise PressUnknown
    return values[0]
