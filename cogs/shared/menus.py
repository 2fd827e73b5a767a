"""The base of cogs with a command in the menu of a message: discord.py has no decorator for it inside a cog."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.discord.client import StillframeBot


class MenuCog(commands.Cog):
    """`menu` is in the command tree for as long as the cog is loaded."""

    def __init__(self, bot: StillframeBot, menu: app_commands.ContextMenu) -> None:
        self._bot = bot
        self._menu = menu

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)


IN_SERVERS = app_commands.AppCommandContext(guild=True)
BY_SERVERS = app_commands.AppInstallationType(guild=True)
