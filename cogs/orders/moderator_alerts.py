"""The alerts about an order that moderators asked for: a flagged prompt, a budget that is nearly used up."""

from __future__ import annotations

import logging
from typing import Any

import discord

from bot.domain.errors import StorageError
from bot.domain.job import Placed
from bot.domain.wordlist import first_found
from cogs.shared.caller import services_of
from cogs.shared.server_log import tell_budget, tell_flag

log = logging.getLogger(__name__)


async def alert_moderators(interaction: discord.Interaction[Any], placed: Placed) -> None:
    """Tell the moderators after the answer. An error is only logged, because the order is placed already."""
    job, policy = placed.job, placed.policy
    guild_id = job.wallet.guild_id
    await services_of(interaction).operator_alerts.check(placed.uses)
    if guild_id != interaction.guild_id:
        return
    try:
        found = first_found(job.recipe.prompt, policy.words)
        if found:
            await tell_flag(interaction, job, found)
        if policy.budget:
            await _tell_of_budget(interaction, guild_id)
    except StorageError as error:
        log.warning("job %s: the moderators could not be told: %s", job.id, error)


async def alert_used_up(interaction: discord.Interaction[Any]) -> None:
    """Tell the moderators that an order did not fit into the month's budget any more."""
    try:
        if interaction.guild_id:
            await _tell_of_budget(interaction, interaction.guild_id, used_up=True)
    except StorageError as error:
        log.warning("server %s: the moderators could not be told: %s", interaction.guild_id, error)


async def _tell_of_budget(interaction: discord.Interaction[Any], guild_id: int, *, used_up: bool = False) -> None:
    """Tell the moderators once for each percentage, and write down where that reached no person."""
    rules = services_of(interaction).rules
    alert = await rules.budget_alert(guild_id, used_up=used_up)
    if alert:
        told = await tell_budget(interaction, alert.percent, alert.spent, alert.budget)
        await rules.mark_untold(guild_id, untold=not told)
