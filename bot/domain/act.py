"""An act with credits, as the database remembers it until Discord has confirmed its answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

ANSWER_MS = 3_000  # Discord's, for the first answer: until then it shows the member that the bot is thinking
REPEAT_MS = 10 * 60_000  # after so long, the same act once more is a new one, and nothing is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ActMark:
    """One act of a member or moderator. `id` is the interaction's.

    `what` is the SHA-256 of all that makes it the same act as another one: its kind, the member, the amount, the words.
    `numbered`: what the number of the act counts, which people can look up.
    `once_more`: the id of an unconfirmed act of the same kind that the actor was asked about, and answered "once more".
    """

    id: str
    guild_id: int
    actor_id: int
    what: str
    numbered: Literal["entry", "code"] = "entry"
    once_more: str | None = None


def digest_of(kind: str, *facts: object) -> str:
    """The words that people typed are not kept twice, so only their hash is."""
    return sha256("\0".join([kind, *map(str, facts)]).encode()).hexdigest()
