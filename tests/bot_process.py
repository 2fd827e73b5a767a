"""`stillframe`, the real command, but with a stand-in for Discord: `python -m tests.bot_process run`.

WIRE_BASE and WIRE_GATEWAY say where the stand-in listens. WIRE_HASTY, if set, shortens the waits between tries.
"""

from __future__ import annotations

import os
from functools import partial

import discord
from yarl import URL

from bot import cli
from bot.app import open_app
from bot.services.pace import Pace
from bot.services.rhythm import Rhythm

HASTY = Pace(download=0.02, discord=0.02, busy=0.1, round=0.1, balance=60, probe=0.05)
TYPICAL_SECONDS = 0.1  # of an image


def main() -> None:
    discord.http.Route.BASE = os.environ["WIRE_BASE"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["WIRE_GATEWAY"])
    if os.environ.get("WIRE_HASTY"):
        hasty = partial(open_app, pace=HASTY, rhythm=Rhythm(typical_seconds=TYPICAL_SECONDS))
        cli.open_app = hasty  # type: ignore[attr-defined]  # what `run` calls; it has no option for this
    cli.main()


if __name__ == "__main__":
    main()
