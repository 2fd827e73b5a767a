"""`stillframe play` runs the real bot in a simulated Discord, with a page to use it as a member would."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import webbrowser
from pathlib import Path

from rich.console import Console

from sandbox.latency import Latency
from sandbox.play.page import PORT, open_page
from sandbox.play.scene import set_scene
from sandbox.stage import set_up

__all__ = ["PORT", "play_until_stopped"]

SHORT = Latency(median_seconds=2.0, spread=0.25)  # who tries it out should wait for the bot, not for the supplier
ABOUT = """\
Stillframe in a simulated Discord, for your browser on this machine, until Ctrl-C ends it.
The address holds a secret: who has it may use the page.

  {address}
"""
CREDITS = 1_000  # enough to try all sizes and shapes


def play_until_stopped(console: Console, port: int, *, browser: bool) -> None:
    """Serve the page until Ctrl-C or SIGTERM. Nothing is kept."""
    asyncio.run(_play(console, port, browser=browser))
    console.print("Ended. Nothing is kept.")


async def _play(console: Console, port: int, *, browser: bool) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with tempfile.TemporaryDirectory(prefix="stillframe-play-") as folder:
        async with (
            set_up(Path(folder), latency=SHORT, starting_credits=CREDITS) as stage,
            open_page(await set_scene(stage), port) as address,
        ):
            console.print(ABOUT.format(address=address), soft_wrap=True, highlight=False)
            if browser and _has_screen():
                await asyncio.to_thread(webbrowser.open, address)
            await stopped.wait()


def _has_screen() -> bool:
    """A browser in the terminal would take the terminal away."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
