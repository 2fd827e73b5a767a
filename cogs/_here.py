"""Who is asking, where, and what may be done there: facts of an interaction, as values."""

from __future__ import annotations

import discord

from bot.client import Services, StillframeBot
from bot.domain.errors import CannotPostHere, NotAModerator, NotInAServer
from bot.domain.wallet import WalletKey

NEEDED_TO_POST = ("view_channel", "send_messages", "attach_files", "embed_links")
NEEDED_IN_THREADS = ("view_channel", "send_messages_in_threads", "attach_files", "embed_links")


def services_of(interaction: discord.Interaction) -> Services:
    client = interaction.client
    if not isinstance(client, StillframeBot):
        raise TypeError(f"these commands belong to Stillframe, not to {type(client).__name__}")
    return client.services


def wallet_of(interaction: discord.Interaction) -> WalletKey:
    """Raises `NotInAServer`."""
    if interaction.guild_id is None:
        raise NotInAServer
    return WalletKey(interaction.guild_id, interaction.user.id)


def check_may_post(interaction: discord.Interaction) -> None:
    """May the bot show an image in this channel or thread? Raises `CannotPostHere` with what is missing.

    The rights are those that Discord sent with the interaction, so they are of this very moment.
    """
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = NEEDED_IN_THREADS if in_thread else NEEDED_TO_POST
    missing = tuple(name.replace("_", " ").title() for name in needed if not getattr(interaction.app_permissions, name))
    if missing:
        raise CannotPostHere(missing=missing)


def check_moderator(interaction: discord.Interaction) -> None:
    """Checked here too, since a server's owner can change who sees a command. Raises `NotAModerator`."""
    if not interaction.permissions.manage_guild:
        raise NotAModerator
