"""The server's log channel: what people changed, for all who look after it."""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
import discord

from bot.discord import cards
from bot.domain.errors import StorageError
from bot.text.i18n import speaking
from cogs.shared.caller import services_of

log = logging.getLogger(__name__)


async def tell_log(interaction: discord.Interaction[Any], card: cards.Card) -> None:
    """Never fails what it tells of: that has happened. Silent where no log channel is set."""
    if interaction.guild_id is None:
        return
    try:
        policy = await services_of(interaction).rules.policy_of(interaction.guild_id)
        if policy.log_channel is not None:
            channel = interaction.client.get_partial_messageable(policy.log_channel, guild_id=interaction.guild_id)
            with speaking(str(interaction.guild_locale or "en-US")):
                await channel.send(view=card, allowed_mentions=discord.AllowedMentions.none())
    except (discord.HTTPException, aiohttp.ClientError, OSError, StorageError) as error:
        log.warning("server %s: the log channel could not be told: %s", interaction.guild_id, error)
