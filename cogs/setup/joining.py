"""A server that adds the bot: where the operator has named the servers (`ALLOWED_SERVERS`), it leaves any other."""

from __future__ import annotations

import logging

import discord
from discord.ext import commands

from bot.discord import cards
from bot.discord.client import StillframeBot
from bot.text.i18n import speaking, tr
from cogs.shared.answers import DISCORD_TROUBLE

log = logging.getLogger(__name__)


class JoiningCog(commands.Cog):
    def __init__(self, bot: StillframeBot) -> None:
        self._allowed = bot.services.allowed_servers

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Leave a server that is not allowed. Discord tells of a server anew only when it has just added the bot.

        One from before is refused at each interaction, and left only by `stillframe server leave`.
        """
        if not self._allowed or guild.id in self._allowed:
            return
        log.warning("server %d (%s) has added the bot, and is not in ALLOWED_SERVERS: it is left", guild.id, guild.name)
        await _say_why(guild)
        try:
            await guild.leave()
        except DISCORD_TROUBLE as error:
            log.warning("server %d could not be left: %s", guild.id, error)


async def _say_why(guild: discord.Guild) -> None:
    """Post one message where the server reads of those who join, or else in the first channel that allows it."""
    with speaking(guild.preferred_locale.value):
        card = cards.note(
            tr(
                "Thank you for adding this bot. It works only in the servers that its operator names, and this is none "
                "of them, so it leaves now."
            )
        )
    for channel in filter(None, (guild.system_channel, *guild.text_channels)):
        rights = channel.permissions_for(guild.me)
        if not (rights.view_channel and rights.send_messages):
            continue
        try:
            await channel.send(view=card, allowed_mentions=discord.AllowedMentions.none())
        except DISCORD_TROUBLE as error:
            log.info("server %d could not be told in channel %d: %s", guild.id, channel.id, error)
        else:
            return


async def setup(bot: StillframeBot) -> None:
    await bot.add_cog(JoiningCog(bot))
