"""The Discord client: intents, commands, and what happens to an error. Of ours it holds `services`, nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import cards, replies
from bot.domain.errors import Refusal, StillframeError
from bot.domain.pricing import Pricing
from bot.services.credits import Credits
from bot.services.imagine import Imagine
from bot.services.results import Results
from bot.services.shop import Shop

log = logging.getLogger(__name__)

EXTENSIONS = ("cogs.imagine", "cogs.results", "cogs.credits", "cogs.bank")
CONNECT_PAUSES_SECONDS = (1, 2, 5, 10, 30, 60)
RATE_LIMIT_PATIENCE_SECONDS = 60.0  # longer waits raise RateLimited; webhooks know no limit, the courier has its own


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases that commands call. `sandbox`: a stand-in makes the images, and each must say so."""

    imagine: Imagine
    results: Results
    credits: Credits
    shop: Shop
    pricing: Pricing
    sandbox: bool


class StillframeBot(commands.Bot):
    def __init__(self, services: Services) -> None:
        intents = discord.Intents.none()
        intents.guilds = True  # channels and their rights; nothing privileged
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=RATE_LIMIT_PATIENCE_SECONDS,
        )
        self.services = services

    async def setup_hook(self) -> None:
        """Runs again when a log-in is repeated, so it loads only what is not there yet."""
        for extension in EXTENSIONS:
            if extension not in self.extensions:
                await self.load_extension(extension)
        await self.tree.sync()


class Tree(app_commands.CommandTree[StillframeBot]):
    async def interaction_check(self, interaction: discord.Interaction[StillframeBot]) -> bool:
        try:
            interaction.client.services.shop.check_running()
        except Refusal as refusal:
            await answer_error(interaction, refusal)
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[StillframeBot], error: app_commands.AppCommandError
    ) -> None:
        await answer_error(interaction, error.__cause__ or error)


async def answer_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person privately, whatever happened; log all that is not simply a refusal."""
    if isinstance(error, Refusal):
        log.info("refused: %s", error)
        words = replies.say(error)
    else:
        log.error("interaction %s failed", interaction.id, exc_info=error)
        words = replies.say(error if isinstance(error, StillframeError) else StillframeError())
    card = cards.note(words)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(view=card, ephemeral=True)
        else:
            await interaction.response.send_message(view=card, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as lost:
        log.warning("interaction %s: the answer could not be sent: %s", interaction.id, lost)


async def log_in(bot: discord.Client, token: str) -> None:
    """Patiently: also when Discord can't be reached yet. Raises `discord.LoginFailure` for a wrong token."""
    await _until_it_works(bot, lambda: _log_in(bot, token))


async def stay_connected(bot: discord.Client) -> None:
    """Until the bot is closed, also when Discord can't be reached yet.

    discord.py 2.7.1 gives up, with an AttributeError, when its very first connection fails (Rapptz/discord.py#10520);
    from the second on it reconnects by itself. Raises `discord.PrivilegedIntentsRequired` and
    `discord.ConnectionClosed` when Discord will not have us.
    """
    await _until_it_works(bot, bot.connect)


async def _log_in(bot: discord.Client, token: str) -> None:
    try:
        await bot.login(token)
    except BaseException:
        await bot.http.close()  # each log-in opens a session of its own
        bot.http.connector = discord.utils.MISSING
        raise


async def _until_it_works(bot: discord.Client, act: Callable[[], Awaitable[None]]) -> None:
    pauses = chain(CONNECT_PAUSES_SECONDS, repeat(CONNECT_PAUSES_SECONDS[-1]))
    while not bot.is_closed():
        try:
            await act()
        except (discord.LoginFailure, discord.PrivilegedIntentsRequired, discord.ConnectionClosed):
            raise
        except (OSError, aiohttp.ClientError, discord.DiscordException, AttributeError) as error:
            if isinstance(error, AttributeError) and bot.ws is not None:  # not the one of #10520
                raise
            pause_seconds = next(pauses)
            log.warning("Discord can't be reached (%s); the next try is in %d s", error, pause_seconds)
            await asyncio.sleep(pause_seconds)
        else:
            return
