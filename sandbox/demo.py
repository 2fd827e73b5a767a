"""`stillframe demo` plays the real bot in a simulated Discord, with the stand-in as its supplier, and prints each step.

All between the two is what `stillframe run` runs: commands, ledger, worker, HTTP, files, cards.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from rich.color import Color
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.style import Style
from rich.text import Text
from simcord.actors import MemberActor

from bot.storage.credits.audit import check_books
from sandbox.clip import make_clip
from sandbox.stage import Stage, changes_of, set_up, words_of

WIDTH = 100
THUMBNAIL = (72, 44)  # characters wide, half-characters high


@dataclass(frozen=True, slots=True)
class Telling:
    """Prints what a member would see in Discord."""

    console: Console
    output: Path
    stage: Stage

    async def act(self, actor: MemberActor, command: str, **options: Any) -> Any:
        typed = "  ".join(f"[cyan]{name}:[/cyan] {escape(_typed(value))}" for name, value in options.items())
        self._does(actor, f"[bold blue]/{command}[/bold blue]  {typed}")
        return self._shown(await actor.slash(self.stage.channel, command, **options))

    async def press(self, actor: MemberActor, message: Any, label: str) -> Any:
        self._does(actor, f"presses [bold blue]{escape(label)}[/bold blue]")
        return self._shown(await actor.click(message, label=label))

    async def fill_in(self, actor: MemberActor, form: Any, **fields: str) -> Any:
        """Fill in some fields of a form, leave the others as they were, and submit it."""
        typed = "  ".join(f"[cyan]{name}:[/cyan] {escape(value)}" for name, value in fields.items())
        self._does(actor, f"fills in [bold blue]{escape(form.modal['title'])}[/bold blue]  {typed}")
        return self._shown(await actor.submit_modal(form, {**_as_opened(form.modal), **fields}))

    async def pick(self, actor: MemberActor, message: Any, entry: str) -> Any:
        """Choose an entry in a message's menu."""
        self._does(actor, f"Apps, [bold blue]{escape(entry)}[/bold blue]")
        return self._shown(await actor.context_menu(self.stage.channel, entry, message))

    def show(self, message: Any) -> None:
        title = "Stillframe, only you see this" if message.flags.ephemeral else "Stillframe"
        body = self._for_terminal(words_of(message.components))
        self.console.print(Panel(body, title=title, title_align="left", border_style="dim", width=WIDTH))

    async def until_delivered(self, answer: Any) -> None:
        """Show each change of the card, then keep the image that it ends with."""
        async for message in changes_of(answer):
            self.show(message)
        attachment = answer.response.attachments[0]
        path = self.output / attachment.filename
        path.write_bytes(await attachment.read())
        if self.console.is_terminal:
            self.console.print(thumbnail(path))
        self.console.print(f"  [green]image[/green] [bold]{escape(str(path))}[/bold] ({attachment.size:,} bytes)")

    def _does(self, actor: MemberActor, what: str) -> None:
        self.console.print(f"\n[bold]{actor.name}[/bold]  {what}")

    def _shown(self, answer: Any) -> Any:
        if not answer.modal:
            self.show(answer.response or answer.followups[-1])
        return answer

    def _for_terminal(self, words: str) -> str:
        """The text as Discord's app would show its markup."""
        for each, name in self.stage.names.items():
            words = words.replace(f"<@{each}>", f"@{name}")
        words = re.sub(r"<t:(\d+):R>", lambda match: _ago(int(match[1])), words)
        words = re.sub(r"<t:\d+:d>", "today", words)
        words = re.sub(r"(?m)^(#+|-#) |^```\n?|\*\*", "", words)
        words = re.sub(r"\[([^\]]+)\]\((\S+)\)", r"\1 (\2)", words)
        return escape(words.strip())


async def play(output: Path, console: Console) -> int:
    """Play the whole demo. Returns the exit code: 0 only when every image came and the books are sound."""
    began = time.monotonic()
    await asyncio.to_thread(_clear, output)
    async with set_up(output, starting_credits=300) as stage:
        await _story(Telling(console, output, stage))
        books = await stage.app.store.read(check_books())
        charged, violations = len(stage.standin.charges), stage.standin.violations
    console.print(
        f"\nThe books: {books.entries} entries in {books.wallets} wallets, {books.posted} credits, {books.held} on "
        f"hold; {charged} requests at the supplier, {len(books.findings)} broken rules. "
        f"{time.monotonic() - began:.0f} s."
    )
    sound = not books.findings and not books.held and not violations
    console.print("[green]All sound.[/green]" if sound else f"[red]{books.findings}[/red]")
    console.print(f"The images are in [bold]{escape(str(output))}[/bold].")
    console.print("Try it yourself, in a browser: [bold]make play[/bold]")
    return 0 if sound else 1


async def _story(tell: Telling) -> None:
    ann, mo = tell.stage.ann, tell.stage.mo
    await tell.act(ann, "credits balance")
    first = await tell.act(
        ann,
        "imagine",
        prompt="Travel poster: one balloon over the valley at dawn, warm paper grain",
        clip=("balloon.mp4", await asyncio.to_thread(make_clip, seconds=6)),
        start="0:01",
        end="+2s",
        shape="9:16",
        frames=2.0,
    )
    await tell.until_delivered(first)
    form = await tell.press(ann, first.response.message, "Trim (150)")
    trimmed = await tell.fill_in(ann, form, start="0:04", end="0:06")
    await tell.until_delivered(trimmed)
    for image in (first, trimmed):
        await tell.pick(ann, image.response.message, "Use image as reference")
    asked = await tell.act(
        ann,
        "imagine",
        prompt="Cinematic poster of the key scene, in the style of these, bold title lettering at the top",
        video="https://youtu.be/dQw4w9WgXcQ",
        start="0:14-0:17",
        shape="16:9",
        size="4k",
    )
    await tell.act(mo, "bank grant", member=ann, amount=400, reason="Won the poster contest")
    await tell.until_delivered(await tell.press(ann, asked.response.message, "Create (230)"))
    asked = await tell.fill_in(
        ann,
        await tell.act(ann, "imagine", prompt="A lighthouse at dusk, in two colours"),
        prompt="A lighthouse at dusk, in two colours",
    )
    await tell.until_delivered(await tell.press(ann, asked.response.message, "From words alone (80)"))
    await tell.pick(ann, first.response.message, "Use image as reference")
    edited = await tell.act(ann, "imagine", model="nb2-edit", prompt="The same poster at night")
    await tell.until_delivered(edited)
    await tell.act(ann, "history")
    await tell.act(ann, "credits statement")


def thumbnail(path: Path) -> Text:
    """The image as characters of a terminal; each character shows two pixels, one above the other."""
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
    """Erase the database of an earlier demo; its images stay."""
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob("demo.db*"):
        old.unlink()


def _typed(value: object) -> str:
    """The value of an option as Discord shows it: the name of a file or of a member."""
    return str(value[0]) if isinstance(value, tuple) else str(getattr(value, "name", value))


def _as_opened(form: dict[str, Any]) -> dict[str, Any]:
    """The values that Discord sends for a form in which nothing was changed."""
    fields = [each["component"] for each in form["components"] if "component" in each]
    typed = {each["custom_id"]: each["value"] for each in fields if each.get("value")}
    chosen = {
        each["custom_id"]: [option["value"] for option in each["options"] if option.get("default")]
        for each in fields
        if each.get("options")
    }
    return typed | chosen


def _ago(unix_seconds: int) -> str:
    return f"{max(0, int(time.time()) - unix_seconds)} s ago"
