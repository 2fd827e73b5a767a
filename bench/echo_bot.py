"""The smallest bot that discord.py can be: one command with `/imagine`'s options, answered at once, for comparison.

WIRE_BASE=... WIRE_GATEWAY=... python -m bench.echo_bot
"""

from __future__ import annotations

import os

import discord
from discord import app_commands
from yarl import URL


class EchoBot(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        @self.tree.command(name="imagine", description="Says the prompt.")
        async def imagine(
            interaction: discord.Interaction, prompt: str, video: str | None = None, start: str | None = None
        ) -> None:
            await interaction.response.send_message(f"{prompt} {video} {start}")

        await self.tree.sync()


def main() -> None:
    discord.http.Route.BASE = os.environ["WIRE_BASE"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["WIRE_GATEWAY"])
    EchoBot().run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
