"""What log lines say beside their words: which job they are about, which interaction. Kept by task, not handed around.

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
    """None says nothing, and so does the 0 of no server."""

    job: str
    guild: int | None
    prediction: str | None
    request: str | None
    interaction: int
    command: str | None


def bind_log_context(**fields: Unpack[Fields]) -> None:
    """From here on, each line of this task, and of the tasks that it starts, bears these."""
    bind_contextvars(**_told(fields))


@contextmanager
def stamping(**fields: Unpack[Fields]) -> Iterator[None]:
    """As `bind_log_context`, and back."""
    with bound_contextvars(**_told(fields)):
        yield


def stamped() -> dict[str, str]:
    """What a line would bear just now."""
    return get_contextvars()


def _told(fields: Fields) -> dict[str, str]:
    """As text: an id has more digits than the numbers of many a reader of JSON."""
    return {name: str(value) for name, value in fields.items() if value}
