"""`stillframe doctor` says what is missing or wrong, and what to do about each problem."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import aiohttp
import discord
from pydantic import SecretStr
from rich.console import Console

from bot.cli import models
from bot.cli.typos import typos
from bot.domain import errors as e
from bot.domain import rights
from bot.domain.operator_budget import MICROS, bounds_missing
from bot.media.fetch import Fetcher
from bot.providers.atlas import open_atlas
from bot.settings import NO_SETTINGS, Settings, problems
from bot.storage.database import open_database, read_once
from bot.storage.files.open_files import open_files
from bot.storage.processes import leases
from bot.storage.server import budgets

PERMISSIONS = discord.Permissions(**dict.fromkeys(rights.ALL, True))

FILES_ADVICE: Mapping[e.FilesBecause | None, str] = {
    "bucket": " Make the bucket, or correct FILES_URL.",
    "keys": " Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY. They must be allowed to list this bucket, and to read, "
    "write and erase in it.",
    "network": " Check S3_ENDPOINT_URL, and the way from this machine to it: name, port, certificate.",
    None: "",
}


class Mark(Enum):
    FINE = "[green]ok  [/green]"
    NOTE = "[yellow]note[/yellow]"
    WRONG = "[red]FIX [/red]"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    mark: Mark
    subject: str
    words: str


async def examine(console: Console) -> int:
    """Print each finding as soon as it is made. Returns the exit code: 0 only when nothing has to be mended."""
    wrong = 0
    async for finding in _findings():
        wrong += finding.mark is Mark.WRONG
        console.print(f"{finding.mark.value} [bold]{finding.subject}[/bold]", end="  ")
        console.print(finding.words, markup=False, highlight=False, soft_wrap=True)
    console.print(f"\n{wrong} to fix." if wrong else "\nReady: start it with `stillframe run`.", markup=False)
    return 1 if wrong else 0


async def _findings() -> AsyncIterator[Diagnosis]:
    try:
        for line in typos():
            name, _, words = line.partition(" ")
            yield Diagnosis(Mark.NOTE, name, words)
        settings = Settings()
    except NO_SETTINGS as error:
        for line in problems(error):
            name, _, words = line.partition(": ")
            yield Diagnosis(Mark.WRONG, name, words)
        return
    yield await _database(settings)
    yield await _bucket(settings) if settings.files_url else _data_dir(settings)
    supplier = await _supplier(settings)
    yield supplier
    if supplier.mark is not Mark.WRONG:
        async for about in _models(settings):
            yield about
    is_public = False
    async for finding in _discord(settings):
        if isinstance(finding, Diagnosis):
            yield finding
        else:
            is_public = finding.bot_public
    for finding in _bounds(settings, from_before=await _is_from_before(settings), is_public=is_public):
        yield finding
    yield Diagnosis(
        Mark.NOTE if settings.starting_credits else Mark.FINE,
        "STARTING_CREDITS",
        f"{settings.starting_credits} for each new member: US$ "
        f"{settings.starting_credits / settings.credits_per_usd:.2f} of your money, if they use them.",
    )


async def _database(settings: Settings) -> Diagnosis:
    file = settings.database_file
    return await (_postgres(settings) if file is None else _sqlite(settings, file))


async def _sqlite(settings: Settings, path: Path) -> Diagnosis:
    name = "DATABASE_URL"
    if not path.exists():  # noqa: ASYNC240  # nothing else runs in this loop
        return _to_be_made(name, path)
    try:
        async with open_database(settings.database, backups=settings.backups):
            return Diagnosis(Mark.FINE, name, f"{path} opens, and is whole.")
    except e.DatabaseInUse:
        return Diagnosis(Mark.NOTE, name, f"{path} is in use: the bot is running.")
    except e.DatabaseTooNew:
        return Diagnosis(Mark.WRONG, name, "The file was written by a newer version of Stillframe. Update this one.")
    except e.DatabaseUnavailable as error:
        return Diagnosis(Mark.WRONG, name, f"{error.detail}. Check the path, its rights and the free space.")


async def _postgres(settings: Settings) -> Diagnosis:
    name = "DATABASE_URL"
    try:
        alive = await read_once(settings.database, leases.living(now=0))  # PostgreSQL asks its own clock
    except e.DatabaseTooOld as error:
        made = "brought up to date" if error.found else "made"
        return Diagnosis(Mark.FINE, name, f"PostgreSQL answers; the tables are {made} at the next start.")
    except e.DatabaseTooNew:
        return Diagnosis(
            Mark.WRONG, name, "The database was written by a newer version of Stillframe. Update this one."
        )
    except e.DatabaseUnavailable as error:
        return Diagnosis(Mark.WRONG, name, f"{error.detail}. Check the address, the password and the rights.")
    return Diagnosis(Mark.FINE, name, f"PostgreSQL answers. At work: {', '.join(alive) or 'nobody'}.")


def _data_dir(settings: Settings) -> Diagnosis:
    name, folder = "DATA_DIR", settings.data_dir
    if not folder.exists():
        return _to_be_made(name, folder)
    for place in (folder, folder / "images", folder / "clips"):
        if place.exists() and not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
            words = f"No images can be kept in {folder}: {place} is no folder that this user may write to."
            return Diagnosis(Mark.WRONG, name, words)
    return Diagnosis(Mark.FINE, name, f"{folder} can be written.")


def _to_be_made(name: str, path: Path) -> Diagnosis:
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Diagnosis(Mark.FINE, name, f"{path} is made at the first start.")
    return Diagnosis(Mark.WRONG, name, f"{path} can't be made: {nearest} may not be written.")


async def _bucket(settings: Settings) -> Diagnosis:
    """Do all that the bot does in the bucket, with a small file: write, read, erase and look for it."""
    name, content = f"doctor{secrets.token_hex(8)}", secrets.token_bytes(1_000)
    try:
        files = open_files(settings, "images")
        await files.keep(name, content)
        whole = await files.read(name) == content
        await files.erase(name)
        gone = not await files.has(name)
    except e.FilesUnavailable as error:
        advice = FILES_ADVICE[error.because]
        return Diagnosis(Mark.WRONG, "FILES_URL", f"{settings.files_url}: {error.detail.rstrip('.')}.{advice}")
    if not whole or not gone:
        what = "read back as it was written" if not whole else "erased"
        return Diagnosis(Mark.WRONG, "FILES_URL", f"{settings.files_url}: a file that was tried is not {what}.")
    return Diagnosis(Mark.FINE, "FILES_URL", f"{settings.files_url}: a file was written, read back and erased.")


async def _supplier(settings: Settings) -> Diagnosis:
    name = "ATLASCLOUD_API_KEY"
    if settings.atlascloud_api_key is None:
        return Diagnosis(
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
        return Diagnosis(
            Mark.WRONG,
            name,
            f"{base_url} does not accept it ({error.because}). Check the key, its rights and the address.",
        )
    except e.SupplierError as error:
        return Diagnosis(Mark.WRONG, name, f"{base_url} did not answer as it should: {error.detail or 'no answer'}.")
    dollars = balance.available_micros / 1_000_000
    return Diagnosis(
        Mark.FINE if dollars >= 1 else Mark.WRONG,
        name,
        f"accepted; US$ {dollars:,.2f} left."
        + ("" if dollars >= 1 else " Top it up: an image costs US$ 0.15 or more."),
    )


async def _models(settings: Settings) -> AsyncIterator[Diagnosis]:
    """Say what the supplier has changed of the models that are on."""
    answer = await models.check(settings, [row.key for row in settings.models.offered])
    if answer.done:
        yield Diagnosis(Mark.FINE, "models", f"{len(settings.models.offered)} are on, and as their rows say.")
    for line in () if answer.done else answer.shown:
        yield Diagnosis(Mark.NOTE, "models", str(line))


async def _is_from_before(settings: Settings) -> bool:
    """Say whether an older version has placed orders, so that only those budgets hold that are set."""
    file = settings.database_file
    if file is not None and not file.exists():  # nothing else runs in this loop
        return False
    try:
        return await read_once(settings.database, budgets.is_from_before())
    except e.DatabaseTooOld as error:
        return bool(error.found)
    except e.StorageError:
        return False


def _bounds(settings: Settings, *, from_before: bool, is_public: bool) -> Iterator[Diagnosis]:
    """Say what bounds the operator's money, and what does not."""
    found, chosen = settings.budgets(from_before=from_before), bool(settings.allowed_servers)
    missing = bounds_missing(found, from_before=from_before, is_public=is_public, chosen=chosen)
    for words in missing:
        yield Diagnosis(Mark.NOTE, "Your money", words)
    named = {"a server a month": found.server_month, "all servers a day": found.day}
    bounds = [f"{whose} up to US$ {micros / MICROS:,.2f}" for whose, micros in named.items() if micros is not None]
    if bounds and not missing:
        yield Diagnosis(Mark.FINE, "Your money", f"{', '.join(bounds)}.")


async def _discord(settings: Settings) -> AsyncIterator[Diagnosis | discord.AppInfo]:
    """Yields the application too, where Discord tells it."""
    name = "DISCORD_TOKEN"
    if settings.discord_token is None:
        yield Diagnosis(
            Mark.WRONG,
            name,
            "is not set. In Discord's Developer Portal make an application, copy the token under Bot, "
            "and put it into .env.",
        )
        return
    try:
        application = await _application(settings.discord_token)
    except discord.LoginFailure:
        yield Diagnosis(
            Mark.WRONG, name, "Discord does not accept it. Copy it again: Developer Portal, Bot, Reset Token."
        )
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        yield Diagnosis(Mark.WRONG, name, f"Discord can't be reached: {error}.")
    else:
        yield Diagnosis(Mark.FINE, name, f"accepted: this is {application.name}.")
        link = discord.utils.oauth_url(application.id, permissions=PERMISSIONS, scopes=("bot", "applications.commands"))
        yield Diagnosis(Mark.NOTE, "Invite", f"the bot to a server with exactly the rights it needs: {link}")
        yield application


async def _application(token: SecretStr) -> discord.AppInfo:
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token.get_secret_value())
        return await client.application_info()
