"""What an interaction has done so far, and the questions whether to do an act once more."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from bot.domain.act import REPEAT_MS
from bot.text.i18n import tr

Act = Callable[[discord.Interaction[Any], str | None], Awaitable[None]]
"""Does an act and answers the interaction. The text is the id of the act that the actor was asked about, if any."""

Say = Callable[[], str]

_DONE = "what was done"


def note_done(interaction: discord.Interaction[Any], say: Say) -> None:
    """Call this at once after a commit. `say` tells what was done, where an error comes before the real answer."""
    interaction.extras[_DONE] = say


def done_so_far(interaction: discord.Interaction[Any]) -> str | None:
    """Say what the interaction has done already; None where it has done nothing."""
    say: Say | None = interaction.extras.get(_DONE)
    return say() if say else None


def it_is_done() -> str:
    return tr("It is done.")


@dataclass(frozen=True, slots=True)
class _Question:
    actor_id: int
    act: Act
    until: float  # seconds of the monotonic clock


class OpenQuestions:
    """The acts that wait for "once more", by the id of the act that was done before. A restart forgets them."""

    def __init__(self) -> None:
        self._open: dict[str, _Question] = {}

    def ask(self, act_id: str, actor_id: int, act: Act) -> None:
        now = time.monotonic()
        self._open = {each: question for each, question in self._open.items() if question.until > now}
        self._open[act_id] = _Question(actor_id, act, now + REPEAT_MS / 1000)

    def take(self, act_id: str, actor_id: int) -> Act | None:
        """Return the act, once, to the actor who was asked."""
        found = self._open.get(act_id)
        if found is None or found.actor_id != actor_id or found.until <= time.monotonic():
            return None
        del self._open[act_id]
        return found.act
