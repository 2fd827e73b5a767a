"""`stillframe doctor`: what is missing or wrong, and what to do about each of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import aiohttp
import discord
from pydantic import SecretStr
from rich.console import Console

from bot.domain import errors as e
from bot.media.fetch import Fetcher
from bot.misspelt import misspelt
from bot.providers.atlas import open_atlas
from bot.settings import NO_SETTINGS, Settings, problems
from bot.storage.sqlite import open_sqlite

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    embed_links=True,
    read_message_history=True,  # after a crash, to look for an image before it is posted again
)


class Mark(Enum):
    FINE = "[green]ok  [/green]"
    NOTE = "[yellow]note[/yellow]"
    WRONG = "[red]FIX [/red]"


@dataclass(frozen=True, slots=True)
class Finding:
    mark: Mark
    subject: str
    words: str


async def examine(console: Console) -> int:
    """Prints what is found as it is found. Returns the exit code: 0 only when nothing has to be mended."""
    wrong = 0
    async for finding in _findings():
        wrong += finding.mark is Mark.WRONG
        console.print(f"{finding.mark.value} [bold]{finding.subject}[/bold]", end="  ")
        console.print(finding.words, markup=False, highlight=False, soft_wrap=True)
    console.print(f"\n{wrong} to fix." if wrong else "\nReady: start it with `stillframe run`.", markup=False)
    return 1 if wrong else 0


async def _findings() -> AsyncIterator[Finding]:
    try:
        for line in misspelt():
            name, _, words = line.partition(" ")
            yield Finding(Mark.NOTE, name, words)
        settings = Settings()
    except NO_SETTINGS as error:
        for line in problems(error):
            name, _, words = line.partition(": ")
            yield Finding(Mark.WRONG, name, words)
        return
    yield await _database(settings)
    yield _data_dir(settings)
    yield await _supplier(settings)
    async for finding in _discord(settings):
        yield finding
    yield Finding(
        Mark.NOTE if settings.starting_credits else Mark.FINE,
        "STARTING_CREDITS",
        f"{settings.starting_credits} for each new member: US$ "
        f"{settings.starting_credits / settings.credits_per_usd:.2f} of your money, if they use them.",
    )


async def _database(settings: Settings) -> Finding:
    name = "DATABASE_URL"
    path = settings.database_path
    if not path.exists():
        return _to_be_made(name, path)
    try:
        async with open_sqlite(path):
            return Finding(Mark.FINE, name, f"{path} opens, and is whole.")
    except e.DatabaseInUse:
        return Finding(Mark.NOTE, name, f"{path} is in use: the bot is running.")
    except e.DatabaseTooNew:
        return Finding(Mark.WRONG, name, "The file was written by a newer version of Stillframe. Update this one.")
    except e.DatabaseUnavailable as error:
        return Finding(Mark.WRONG, name, f"{error.detail}. Check the path, its rights and the free space.")


def _data_dir(settings: Settings) -> Finding:
    name, folder = "DATA_DIR", settings.data_dir
    if not folder.exists():
        return _to_be_made(name, folder)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Finding(Mark.FINE, name, f"{folder} can be written.")
    return Finding(Mark.WRONG, name, f"{folder} is no folder that this user may write to.")


def _to_be_made(name: str, path: Path) -> Finding:
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding(Mark.FINE, name, f"{path} is made at the first start.")
    return Finding(Mark.WRONG, name, f"{path} can't be made: {nearest} may not be written.")


async def _supplier(settings: Settings) -> Finding:
    name = "ATLASCLOUD_API_KEY"
    if settings.atlascloud_api_key is None:
        return Finding(
            Mark.WRONG, name, "is not set. Make a key at Atlas Cloud (console, API keys), and put it into .env."
        )
    base_url = settings.atlascloud_base_url
    fetcher = Fetcher(trusted_origin=base_url)
    try:
        async with open_atlas(
            base_url=base_url, api_key=settings.atlascloud_api_key, fetch=fetcher.download
        ) as supplier:
            balance = await supplier.balance()
    except e.SupplierClosed as error:
        return Finding(
            Mark.WRONG,
            name,
            f"{base_url} does not accept it ({error.because}). Check the key, its rights and the address.",
        )
    except e.SupplierError as error:
        return Finding(Mark.WRONG, name, f"{base_url} did not answer as it should: {error.detail or 'no answer'}.")
    dollars = balance.available_micros / 1_000_000
    return Finding(
        Mark.FINE if dollars >= 1 else Mark.WRONG,
        name,
        f"accepted; US$ {dollars:,.2f} left."
        + ("" if dollars >= 1 else " Top it up: an image costs US$ 0.15 or more."),
    )


async def _discord(settings: Settings) -> AsyncIterator[Finding]:
    name = "DISCORD_TOKEN"
    if settings.discord_token is None:
        yield Finding(
            Mark.WRONG,
            name,
            "is not set. In Discord's Developer Portal make an application, copy the token under Bot, "
            "and put it into .env.",
        )
        return
    try:
        application = await _application(settings.discord_token)
    except discord.LoginFailure:
        yield Finding(
            Mark.WRONG, name, "Discord does not accept it. Copy it again: Developer Portal, Bot, Reset Token."
        )
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        yield Finding(Mark.WRONG, name, f"Discord can't be reached: {error}.")
    else:
        yield Finding(Mark.FINE, name, f"accepted: this is {application.name}.")
        link = discord.utils.oauth_url(application.id, permissions=PERMISSIONS, scopes=("bot", "applications.commands"))
        yield Finding(Mark.NOTE, "Invite", f"the bot to a server with exactly the rights it needs: {link}")


async def _application(token: SecretStr) -> discord.AppInfo:
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token.get_secret_value())
        return await client.application_info()
