"""Facts of channels that discord.py has no name for."""

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
    """Whether the channel is what Discord calls NSFW. A direct message never is."""
    return isinstance(channel, _RESTRICTABLE) and channel.is_nsfw()
