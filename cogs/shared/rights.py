"""What the bot lacks of the rights that it needs in a channel."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from bot.domain.errors import CannotPostThere


def missing_rights(needed: Iterable[str], granted: discord.Permissions) -> tuple[str, ...]:
    """In the words of Discord's own apps, such as "Attach Files"."""
    return tuple(name.replace("_", " ").title() for name in needed if not getattr(granted, name))


def missing_in(channel: discord.abc.GuildChannel, needed: Iterable[str]) -> tuple[str, ...]:
    """The rights that the bot itself lacks in the channel."""
    return missing_rights(needed, channel.permissions_for(channel.guild.me))


def check_rights_in(channel: discord.abc.GuildChannel, needed: Iterable[str]) -> None:
    """Raises `CannotPostThere` with the rights that the bot lacks in the channel."""
    missing = missing_in(channel, needed)
    if missing:
        raise CannotPostThere(channel_id=channel.id, missing=missing)
