"""The answer of a command of the operator, once for people and once for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich import box
from rich.table import Table
from rich.text import Text

from bot.domain.errors import StillframeError
from bot.text import refusals

MICROS_PER_USD = 1_000_000


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """`shown` is printed part by part. `done` is False where nothing was changed, or where something is wrong."""

    done: bool
    shown: Sequence[Table | Text] = field(repr=False)
    facts: Mapping[str, object]


def refused(error: StillframeError, words: str | None = None) -> CommandOutput:
    said = words or refusals.say(error)
    return CommandOutput(False, [Text(said)], {"ok": False, "error": type(error).__name__, "message": said})


def table(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    """A table for 80 columns. Columns named in `right` are never broken; the others fold, so that no id is cut."""
    made = Table(title=title, title_justify="left", caption_justify="left", box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1))
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", no_wrap=name in right, overflow="fold")
    return made


def plain(text: str) -> Text:
    """A member's text without markup, and without characters that would control the terminal."""
    return Text("".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text))


def when(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}"


def signed(amount: int) -> str:
    return f"{amount:+,}" if amount else ""


def dollars(micros: int) -> str:
    """US$ with two decimals, or up to six where the cents are not whole."""
    exact = f"{micros / MICROS_PER_USD:,.6f}"
    return exact[:-4] + exact[-4:].rstrip("0")
