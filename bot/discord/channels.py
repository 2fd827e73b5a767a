"""What kinds of channels mean to us."""

from __future__ import annotations

import discord

_RESTRICTABLE = (
    discord.TextChannel,
    discord.Thread,
    discord.VoiceChannel,
    discord.StageChannel,
    discord.ForumChannel,
)


def is_age_restricted(channel: object) -> bool:
    """What Discord calls NSFW. A direct message never is."""
    return isinstance(channel, _RESTRICTABLE) and channel.is_nsfw()
