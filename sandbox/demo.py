"""`stillframe demo`: the real bot in a simulated Discord, with the stand-in as its supplier, told as it happens.

Everything between the two stand-ins is what `stillframe run` runs: commands, ledger, worker, HTTP, files, cards.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import simcord
from PIL import Image
from pydantic import SecretStr
from rich.color import Color
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.style import Style
from rich.text import Text
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.env import Env

from bot.app import App, open_app
from bot.settings import Settings
from bot.storage.audit import check_books
from sandbox.atlas import StandIn, serve
from sandbox.clip import make_clip

KEY = "apikey-demo"
PATIENCE_SECONDS = 50.0
LOOK_SECONDS = 0.1
WIDTH = 100
THUMBNAIL = (72, 44)  # characters wide, half-characters high


@dataclass(frozen=True, slots=True)
class Stage:
    """A server with one channel, a member and a moderator; and what the audience sees."""

    console: Console
    output: Path
    app: App
    env: Env
    standin: StandIn
    channel: ChannelHandle
    ann: MemberActor
    mo: MemberActor

    async def act(self, actor: MemberActor, command: str, **options: Any) -> Any:
        typed = "  ".join(f"[cyan]{name}:[/cyan] {escape(_typed(value))}" for name, value in options.items())
        self.console.print(f"\n[bold]{actor.name}[/bold]  [bold blue]/{command}[/bold blue]  {typed}")
        answer = await actor.slash(self.channel, command, **options)
        self.show(answer.response or answer.followups[-1])
        return answer

    def show(self, message: Any) -> None:
        title = "Stillframe, only you see this" if message.flags.ephemeral else "Stillframe"
        body = self._for_terminal(_words(message.components))
        self.console.print(Panel(body, title=title, title_align="left", border_style="dim", width=WIDTH))

    async def until_delivered(self, answer: Any) -> None:
        """Show each change of the card, then keep the image that it ends with."""
        shown = _words(answer.response.components)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not answer.response.attachments:
                await asyncio.sleep(LOOK_SECONDS)
                words = _words(answer.response.components)
                if words != shown:
                    shown = words
                    self.show(answer.response)
                if "No image this time" in words:
                    raise RuntimeError("the demo's image was not made")
        attachment = answer.response.attachments[0]
        path = self.output / attachment.filename
        path.write_bytes(await attachment.read())
        if self.console.is_terminal:
            self.console.print(thumbnail(path))
        self.console.print(f"  [green]image[/green] [bold]{escape(str(path))}[/bold] ({attachment.size:,} bytes)")

    def _for_terminal(self, words: str) -> str:
        """What Discord's app would make of its own notation."""
        for actor in (self.ann, self.mo):
            words = words.replace(f"<@{actor.id}>", f"@{actor.name}")
        words = re.sub(r"<t:(\d+):R>", lambda match: _ago(int(match[1])), words)
        words = re.sub(r"<t:\d+:d>", "today", words)
        words = re.sub(r"(?m)^(#+|-#) |^```\n?|\*\*", "", words)
        words = re.sub(r"\[([^\]]+)\]\((\S+)\)", r"\1 (\2)", words)
        return escape(words.strip())


async def play(output: Path, console: Console) -> int:
    """The whole story. Returns the exit code: 0 only when every image came and the books are sound."""
    began = time.monotonic()
    await asyncio.to_thread(_clear, output)
    async with _stage(output, console) as stage:
        await _story(stage)
        books = await stage.app.store.read(check_books())
        charged = len(stage.standin.charges)
    console.print(
        f"\nThe books: {books.entries} entries in {books.wallets} wallets, {books.posted} credits, {books.held} on "
        f"hold; {charged} requests at the supplier, {len(books.findings)} broken rules. "
        f"{time.monotonic() - began:.0f} s."
    )
    sound = not books.findings and not books.held and not stage.standin.violations
    console.print("[green]All sound.[/green]" if sound else f"[red]{books.findings}[/red]")
    console.print(f"The images are in [bold]{escape(str(output))}[/bold].")
    return 0 if sound else 1


async def _story(stage: Stage) -> None:
    await stage.act(stage.ann, "credits balance")
    first = await stage.act(
        stage.ann,
        "imagine",
        prompt="Cinematic poster of the key scene, bold title lettering at the top",
        video="https://youtu.be/dQw4w9WgXcQ",
        start="0:14-0:17",
        shape="16:9",
        size="2k",
    )
    await stage.until_delivered(first)
    clip = ("balloon.mp4", await asyncio.to_thread(make_clip, seconds=6))
    order = {
        "prompt": "Travel poster: one balloon over the valley at dawn, warm paper grain",
        "clip": clip,
        "start": "0:01",
        "end": "+4s",
        "shape": "9:16",
        "frames": 2.0,
    }
    await stage.act(stage.ann, "imagine", **order)
    await stage.act(stage.mo, "bank grant", member=stage.ann, amount=200, reason="Won the poster contest")
    second = await stage.act(stage.ann, "imagine", **order)
    await stage.until_delivered(second)
    await stage.act(stage.ann, "credits statement")


@asynccontextmanager
async def _stage(output: Path, console: Console) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        standin = await stack.enter_async_context(serve(api_key=KEY))
        settings = Settings(
            _env_file=None,
            atlascloud_base_url=standin.base_url,
            database_url=f"sqlite:///{output / 'demo.db'}",
            data_dir=output / "data",
            starting_credits=300,
        )
        app = await stack.enter_async_context(open_app(settings, api_key=SecretStr(KEY), sandbox=True))
        env = await stack.enter_async_context(
            simcord.run(app.bot, check_errors=False)
        )  # a refusal is an answer, not an error
        guild = env.create_guild("The Community")
        staff = guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
        stage = Stage(
            console, output, app, env, standin, guild.create_text_channel("images"),
            ann=guild.add_member(env.create_user("ann")), mo=guild.add_member(env.create_user("mo"), roles=[staff]),
        )  # fmt: skip
        # Beside the bot and after its start: what the bot itself starts, simcord waits for, and a worker never ends.
        work = asyncio.create_task(app.work())
        try:
            yield stage
        finally:
            await app.rest()
            await work


def thumbnail(path: Path) -> Text:
    """The image in a terminal's characters: each shows two pixels, one above the other."""
    with Image.open(path) as image:
        image.thumbnail(THUMBNAIL)
        pixels = image.convert("RGB")
    drawn = Text()
    for y in range(0, pixels.height - 1, 2):
        drawn.append("  ")
        for x in range(pixels.width):
            upper, lower = _rgb(pixels, x, y), _rgb(pixels, x, y + 1)
            drawn.append("▀", Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower)))
        drawn.append("\n")
    return drawn


def _rgb(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    pixel = image.getpixel((x, y))
    if not isinstance(pixel, tuple):
        raise TypeError("an RGB image has three values a pixel")
    red, green, blue = pixel[:3]
    return int(red), int(green), int(blue)


def _clear(output: Path) -> None:
    """A demo begins with an empty database; the images of earlier ones stay."""
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob("demo.db*"):
        old.unlink()


def _typed(value: object) -> str:
    """An option as a person sees it: a file's or a member's name."""
    return str(value[0]) if isinstance(value, tuple) else str(getattr(value, "name", value))


def _words(components: list[dict[str, Any]]) -> str:
    found = []
    for component in components:
        if "content" in component:
            found.append(component["content"])
        elif "label" in component:
            found.append(f"( {component['label']} )")
        found.append(_words(component.get("components", [])))
    return "\n".join(filter(None, found))


def _ago(unix_seconds: int) -> str:
    return f"{max(0, int(time.time()) - unix_seconds)} s ago"
