"""The facts of an interaction as values: the member who asks, the server and channel, the roles and rights."""

from __future__ import annotations

from typing import Any

import discord
from discord.app_commands import AppCommandContext, AppInstallationType

from bot.discord.channels import is_age_restricted
from bot.discord.client import Services, StillframeBot
from bot.domain import rights
from bot.domain.allowance import Entitlement
from bot.domain.caller import Caller
from bot.domain.errors import CannotPostHere, NotAModerator, NotInAServer
from bot.domain.job import Job
from bot.domain.wallet import NO_SERVER, WalletKey
from cogs.shared.rights import missing_rights


def bot_of(interaction: discord.Interaction) -> StillframeBot:
    client = interaction.client
    if not isinstance(client, StillframeBot):
        raise TypeError(f"these commands belong to Stillframe, not to {type(client).__name__}")
    return client


def services_of(interaction: discord.Interaction) -> Services:
    return bot_of(interaction).services


def caller_of(interaction: discord.Interaction[Any]) -> Caller:
    """Describe the member who asks, the place, and the rights there, from what Discord sent with the interaction.

    It is made once for an interaction. Raises `NotInAServer` outside a server that has the bot, where the operator does
    not allow that.
    """
    caller = interaction.extras.get(Caller)
    if not isinstance(caller, Caller):
        caller = interaction.extras[Caller] = _read_caller(interaction)
    return caller


def _read_caller(interaction: discord.Interaction[Any]) -> Caller:
    in_server = is_installed(interaction)
    if not in_server and not services_of(interaction).direct_messages:
        raise NotInAServer
    return Caller(
        interaction_id=interaction.id,
        token=interaction.token,
        member_id=interaction.user.id,
        guild_id=interaction.guild_id or NO_SERVER if in_server else NO_SERVER,
        channel_id=interaction.channel_id or 0,
        channel_ids=_channels(interaction),
        parent_id=interaction.channel.parent_id if isinstance(interaction.channel, discord.Thread) else None,
        age_restricted=is_age_restricted(interaction.channel),
        role_ids=_roles(interaction),
        manages_server=in_server and interaction.permissions.manage_guild,
        missing_rights=_missing_rights(interaction) if in_server else (),
        locale=interaction.locale.value,
        file_limit_bytes=interaction.filesize_limit,
    )


def _roles(interaction: discord.Interaction[Any]) -> frozenset[int]:
    """Return the member's roles, as Discord sent them with the interaction. discord.py has no public name for them.

    `Member.roles` asks the cache, which has no roles between a start and Discord's GUILD_CREATE: a limit by role would
    not hold then.
    """
    member, guild_id = interaction.user, interaction.guild_id
    if not isinstance(member, discord.Member) or guild_id is None:
        return frozenset()
    return frozenset({guild_id, *member._roles})  # noqa: SLF001  # see above; the server's id is that of @everyone


def _channels(interaction: discord.Interaction[Any]) -> tuple[int, ...]:
    """Return the channel, the channel of a thread, and the category where the bot knows it.

    discord.py's thread asks the cache for its category, and raises `ClientException` where its channel is not there.
    """
    channel, lies_in = interaction.channel, interaction.channel
    found = [interaction.channel_id]
    if isinstance(channel, discord.Thread):
        found.append(channel.parent_id)
        lies_in = channel.parent
    found.append(getattr(lies_in, "category_id", None))
    return tuple(each for each in found if each is not None)


def _missing_rights(interaction: discord.Interaction[Any]) -> tuple[str, ...]:
    """Return the rights that the bot lacks here. Discord sent them with the interaction, so they are true just now."""
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = rights.TO_POST_IMAGES_IN_THREADS if in_thread else rights.TO_POST_IMAGES
    return missing_rights(needed, interaction.app_permissions)


def server_locale(interaction: discord.Interaction) -> str:
    """Return the language that the server has chosen in Discord. What more than one member reads is written in it."""
    return str(interaction.guild_locale or discord.Locale.american_english)


def wallet_of(interaction: discord.Interaction[Any]) -> WalletKey:
    """Return the member's wallet in this server, or the wallet of no server where the bot is no member of a server.

    Raises `NotInAServer` where the operator does not allow the wallet of no server.
    """
    return caller_of(interaction).wallet


def server_wallet_of(interaction: discord.Interaction) -> WalletKey:
    """Return the same as `wallet_of`, for commands that exist only in servers. Raises `NotInAServer`."""
    wallet = wallet_of(interaction)
    if wallet.guild_id == NO_SERVER:
        raise NotInAServer
    return wallet


def where_offered(services: Services) -> tuple[AppCommandContext, AppInstallationType]:
    """Return where Discord shows a command that also works with a wallet of no server."""
    beyond = services.direct_messages
    return (
        AppCommandContext(guild=True, dm_channel=beyond, private_channel=beyond),
        AppInstallationType(guild=True, user=beyond),
    )


def is_installed(interaction: discord.Interaction[Any]) -> bool:
    """Say whether the interaction comes from a server that has installed the bot.

    A member who has installed the bot as a user may use it in any server. The rights there say nothing of our data.
    The cache is asked only where Discord names no installation.
    """
    if interaction.guild_id is None:
        return False
    if interaction.is_guild_integration() or interaction.is_user_integration():
        return interaction.is_guild_integration()
    return interaction.client.get_guild(interaction.guild_id) is not None


def is_moderator(interaction: discord.Interaction[Any]) -> bool:
    """Say whether the member manages this server, and the server has installed the bot."""
    return is_installed(interaction) and interaction.permissions.manage_guild


def is_here(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Say whether the job belongs to the server of the interaction. A job without a server is its member's alone."""
    return is_installed(interaction) and job.wallet.guild_id == interaction.guild_id


def check_may_post(caller: Caller) -> None:
    """Check that the bot may show an image in this channel or thread. Raises `CannotPostHere` with the missing rights.

    Where the bot is no member of a server, it needs no rights: it only answers, with the rights of the member who asks.
    """
    if caller.missing_rights:
        raise CannotPostHere(missing=caller.missing_rights)


def check_moderator(interaction: discord.Interaction) -> None:
    """Check the right: Discord hides the commands of moderators, but a server can show them to all.

    Raises `NotAModerator`.
    """
    if not is_moderator(interaction):
        raise NotAModerator


async def check_manager(interaction: discord.Interaction) -> bool:
    """Let moderators pass, and members with the role that the policy names for credits. Raises `NotAModerator`.

    Returns whether the right comes from that role alone, so that the limits of managers apply.
    """
    if is_moderator(interaction):
        return False
    if not is_installed(interaction):
        raise NotAModerator
    managers = (await services_of(interaction).rules.policy_of(interaction.guild_id or NO_SERVER)).managers
    everyone = interaction.guild_id  # was allowed once as the managers' role, and may stand in an old policy
    if managers is None or managers == everyone or managers not in caller_of(interaction).role_ids:
        raise NotAModerator
    return True


async def check_ages(interaction: discord.Interaction[Any]) -> None:
    """Check that the member may give and redeem here, by the ages that the server asks for. Raises `TooNewHere`."""
    joined = interaction.user.joined_at if isinstance(interaction.user, discord.Member) else None
    joined_at = int(joined.timestamp() * 1000) if joined else None
    guild_id = server_wallet_of(interaction).guild_id
    await services_of(interaction).rules.check_ages(guild_id, interaction.user.id, joined_at=joined_at)


async def owed_to(interaction: discord.Interaction[Any]) -> Entitlement | None:
    """Return what the allowances of the server give to the member; None outside a server."""
    caller, rules = caller_of(interaction), services_of(interaction).rules
    return rules.owed(await rules.policy_of(caller.guild_id), caller.role_ids) if caller.guild_id else None
