"""A message that shows the image of a job. Each is written down, so that a delete finds them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ShowingKind(StrEnum):
    RESULT = "result"  # the job's own message
    COPY = "copy"  # its owner posted the image in a channel: a private one, or one more time
    GALLERY = "gallery"
    LOOK = "look"  # a private answer to one member


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A message that shows the image, or is about to. Times are Unix milliseconds; ids are Discord's.

    `guild_id`: 0 in direct messages. `message_id`: None until Discord has said it; that of a copy is known before it
    shows the image.
    `ephemeral`: one member alone sees it, and only `token`, until `token_until`, lets us change it.
    `since_id`: that of the interaction that asked for it; the message's is higher. `tries`: how often it could not be
    deleted.
    """

    id: int
    job_id: str
    kind: ShowingKind
    guild_id: int
    channel_id: int
    message_id: int | None
    ephemeral: bool = False
    token: str = field(default="", repr=False)
    token_until: int = 0
    at: int
    since_id: int
    tries: int = 0

    @property
    def link(self) -> str:
        """Return a link to the message. Outside of servers Discord writes `@me` into it."""
        return f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}/{self.message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an image is to be shown, at the wish of one interaction. `token`: where our message answers it."""

    interaction_id: int
    guild_id: int
    channel_id: int
    ephemeral: bool = False
    token: str = field(default="", repr=False)
