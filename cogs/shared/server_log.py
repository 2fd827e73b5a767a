"""The server's log channel: changed rules, moved credits, flagged prompts, and how far the budget is used."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import discord

from bot.discord.cards import moderating, policy
from bot.discord.cards.base import Card
from bot.domain.errors import StorageError
from bot.domain.job import Job
from bot.domain.policy import Change, Words
from bot.text.i18n import speaking
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.caller import server_locale, services_of

log = logging.getLogger(__name__)


async def tell_log(interaction: discord.Interaction[Any], make_card: Callable[[], Card]) -> bool:
    """Make the card in the server's language, and post it. Returns whether it was posted.

    Without a log channel, nothing happens. What the card tells of has happened already: an error is only logged.
    """
    if interaction.guild_id is None:
        return False
    try:
        log_channel = (await services_of(interaction).rules.policy_of(interaction.guild_id)).log_channel
        if log_channel is None:
            return False
        with speaking(server_locale(interaction)):
            card = make_card()
        channel = interaction.client.get_partial_messageable(log_channel, guild_id=interaction.guild_id)
        await channel.send(view=card, allowed_mentions=discord.AllowedMentions.none())
    except (*DISCORD_TROUBLE, StorageError) as error:
        log.warning("server %s: the log channel could not be told: %s", interaction.guild_id, error)
        return False
    return True


async def _tell_owner(interaction: discord.Interaction[Any], make_card: Callable[[str], Card]) -> bool:
    """Send the card to the server's owner, in the server's language. Returns whether Discord took it.

    `make_card` gets the server's name.
    """
    try:
        guild = await interaction.client.fetch_guild(interaction.guild_id or 0, with_counts=False)
        with speaking(server_locale(interaction)):
            card = make_card(guild.name)
        direct = await interaction.client.create_dm(discord.Object(guild.owner_id or 0))
        await direct.send(view=card, allowed_mentions=discord.AllowedMentions.none())
    except DISCORD_TROUBLE as error:
        log.warning("server %s: its owner could not be told: %s", interaction.guild_id, error)
        return False
    return True


async def tell_changes(interaction: discord.Interaction[Any], changes: Sequence[Change]) -> None:
    guild_id = interaction.guild_id
    if changes and guild_id is not None:
        await tell_log(interaction, lambda: policy.logged(changes, guild_id=guild_id))


async def tell_flag(interaction: discord.Interaction[Any], job: Job, words: Words) -> None:
    """An order was placed whose prompt has flagged words. The job is read once more: by now its card has a link."""
    newest = job
    with suppress(StorageError):  # the order stands, whether the job can be read just now or not
        newest = await services_of(interaction).ordering.job(job.id) or job
    await tell_log(interaction, lambda: moderating.flagged(newest, words))


async def tell_budget(interaction: discord.Interaction[Any], percent: int, spent: int, budget: int) -> bool:
    """Tell the log channel, or else the server's owner. `spent` counts the credits on hold too.

    Returns whether the alert reached one of them.
    """
    make_card = partial(moderating.budget_reached, percent, spent, budget)
    return await tell_log(interaction, make_card) or await _tell_owner(interaction, lambda name: make_card(server=name))
