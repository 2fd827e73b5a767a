"""Who is asking, where, and what may be done there: facts of an interaction, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import discord
from discord.app_commands import AppCommandContext, AppInstallationType

from bot.discord.channels import is_age_restricted
from bot.discord.client import Services, StillframeBot
from bot.domain.allowance import Refill
from bot.domain.errors import CannotPostHere, NotAModerator, NotInAServer
from bot.domain.policy import Asker
from bot.domain.preferences import Preferences
from bot.domain.wallet import NO_SERVER, WalletKey

NEEDED_TO_POST = ("view_channel", "send_messages", "attach_files", "embed_links")
NEEDED_IN_THREADS = ("view_channel", "send_messages_in_threads", "attach_files", "embed_links")


def bot_of(interaction: discord.Interaction) -> StillframeBot:
    client = interaction.client
    if not isinstance(client, StillframeBot):
        raise TypeError(f"these commands belong to Stillframe, not to {type(client).__name__}")
    return client


def services_of(interaction: discord.Interaction) -> Services:
    return bot_of(interaction).services


def wallet_of(interaction: discord.Interaction) -> WalletKey:
    """That of the server; outside one that has the bot, the member's own wallet of no server, where that is allowed.

    Raises `NotInAServer`.
    """
    if interaction.guild_id is not None and not _is_visitor(interaction):
        return WalletKey(interaction.guild_id, interaction.user.id)
    if not services_of(interaction).direct_messages:
        raise NotInAServer
    return WalletKey(NO_SERVER, interaction.user.id)


def server_wallet_of(interaction: discord.Interaction) -> WalletKey:
    """For what only a server has. Raises `NotInAServer`."""
    wallet = wallet_of(interaction)
    if wallet.guild_id == NO_SERVER:
        raise NotInAServer
    return wallet


def where_offered(services: Services) -> tuple[AppCommandContext, AppInstallationType]:
    """Where a command is shown that works with a wallet of no server too."""
    beyond = services.direct_messages
    return (
        AppCommandContext(guild=True, dm_channel=beyond, private_channel=beyond),
        AppInstallationType(guild=True, user=beyond),
    )


def _is_visitor(interaction: discord.Interaction) -> bool:
    """In a server that does not have the bot: the member took it along."""
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def check_may_post(interaction: discord.Interaction) -> None:
    """May the bot show an image in this channel or thread? Raises `CannotPostHere` with what is missing.

    The rights are those that Discord sent with the interaction, so they are of this very moment. Where the bot is no
    member of anything, there are none to miss: it only answers, as the person who asks may.
    """
    if interaction.guild_id is None or _is_visitor(interaction):
        return
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = NEEDED_IN_THREADS if in_thread else NEEDED_TO_POST
    missing = missing_of(needed, interaction.app_permissions)
    if missing:
        raise CannotPostHere(missing=missing)


def missing_of(needed: Iterable[str], granted: discord.Permissions) -> tuple[str, ...]:
    """As Discord's own apps name rights."""
    return tuple(name.replace("_", " ").title() for name in needed if not getattr(granted, name))


def missing_in(channel: discord.abc.GuildChannel, needed: Iterable[str]) -> tuple[str, ...]:
    """Of the bot's own rights in a channel."""
    return missing_of(needed, channel.permissions_for(channel.guild.me))


def check_moderator(interaction: discord.Interaction) -> None:
    """Checked here too, since a server's owner can change who sees a command. Raises `NotAModerator`."""
    if not interaction.permissions.manage_guild:
        raise NotAModerator


async def check_manager(interaction: discord.Interaction) -> None:
    """A moderator, or somebody with the role that they named for credits. Raises `NotAModerator`."""
    if interaction.permissions.manage_guild:
        return
    managers = (await services_of(interaction).rules.policy_of(interaction.guild_id or NO_SERVER)).managers
    if managers is None or managers not in roles_of(interaction):
        raise NotAModerator


def roles_of(interaction: discord.Interaction) -> frozenset[int]:
    """Of whoever asks, as Discord sent them with the interaction, with everyone's role. None outside a server."""
    member = interaction.user
    return frozenset(role.id for role in member.roles) if isinstance(member, discord.Member) else frozenset()


async def owed_to(interaction: discord.Interaction) -> Refill | None:
    """The allowance of whoever asks, in this period; their wallet may have it already."""
    return await services_of(interaction).rules.owed_to(wallet_of(interaction).guild_id, roles_of(interaction))


async def taste_of(interaction: discord.Interaction) -> Preferences:
    """What the member prefers; what the server makes private, or covers, by default, is so too."""
    services = services_of(interaction)
    own = await services.preferences.of_member(interaction.user.id)
    policy = await services.rules.policy_of(interaction.guild_id or NO_SERVER)
    return replace(
        own,
        private=own.private or policy.private_by_default,
        spoiler=own.spoiler or policy.spoiler_by_default,
    )


def asker_of(interaction: discord.Interaction) -> Asker:
    channel = interaction.channel
    above = (getattr(channel, "parent_id", None), getattr(channel, "category_id", None))
    return Asker(
        member_id=interaction.user.id,
        role_ids=roles_of(interaction),
        channel_ids=tuple(each for each in (interaction.channel_id, *above) if each is not None),
        age_restricted=is_age_restricted(channel),
    )
