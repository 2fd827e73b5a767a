"""The fields that log lines bear beside their text: which job or interaction they are about. Each task has its own.

job          its number, which is the id of the interaction that ordered it
guild        the server's id
prediction   the supplier's number of the image
request      the supplier's X-Request-ID of the submit, for its support
interaction  what is being answered
command      by which command, button or form
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict, Unpack

from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars


class Fields(TypedDict, total=False):
    """A field that is None, or the 0 of no server, is left out."""

    job: str
    guild: int | None
    prediction: str | None
    request: str | None
    interaction: int
    command: str | None


def bind_log_context(**fields: Unpack[Fields]) -> None:
    """From now on each log line of this task, and of the tasks that it starts, bears these fields."""
    bind_contextvars(**_told(fields))


@contextmanager
def bound_log_context(**fields: Unpack[Fields]) -> Iterator[None]:
    """As `bind_log_context`, until the block ends."""
    with bound_contextvars(**_told(fields)):
        yield


def current_log_context() -> dict[str, str]:
    """The fields that a log line of this task bears now."""
    return get_contextvars()


def _told(fields: Fields) -> dict[str, str]:
    """The fields as text, because many readers of JSON round numbers as long as an id."""
    return {name: str(value) for name, value in fields.items() if value}
