"""`stillframe server`: what each server costs, a budget for one of them, and the way out of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp
import discord
from pydantic import SecretStr
from rich.table import Table
from rich.text import Text

from bot.cli.output import CommandOutput, dollars, plain, refused, table
from bot.domain.errors import DatabaseInUse
from bot.domain.operator_budget import MICROS, ServerCosts
from bot.domain.wallet import NO_SERVER
from bot.settings import USD_LIMIT, Settings
from bot.storage.database import open_database, read_once
from bot.storage.server import budgets

NO_BUDGET, AS_ALL = "none", "default"
IN_USE = (
    "The bot is running on {path}, and only one process may write there. Stop the bot, run this again and start it. "
    "Nothing was changed."
)
NOT_THERE = "The bot is not in server {guild}, or Discord does not know it. Nothing was changed."
UNREACHABLE = "Discord can't be asked: {error}. Nothing was changed."
NAMES_UNKNOWN = "Discord could not be asked for the servers that the bot is in, so only those of the books are shown."
DIRECT = "direct messages"

DISCORD_TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError)


def read_usd(text: str) -> int | None:
    """Read an amount of dollars as US$ 0.000001; None for `none`. Raises `ValueError` with words for the operator."""
    if text.lower() == NO_BUDGET:
        return None
    try:
        usd = float(text)
    except ValueError:
        usd = -1.0
    if not 0 <= usd <= USD_LIMIT:
        raise ValueError(f"{text} is no amount: a number such as 20 or 7.50, up to {USD_LIMIT}, or none, or default.")
    return round(usd * MICROS)


async def list_servers(settings: Settings) -> CommandOutput:
    """Show spending, images and refusals of the present month (UTC) by server. The bot may be running."""
    now = datetime.now(UTC)
    since = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = await read_once(settings.database, budgets.servers(f"{now:%Y-%m}", since=int(since.timestamp() * 1000)))
    names = await _names(settings.discord_token)
    known = {each.guild_id for each in counted}
    idle = [
        ServerCosts(guild_id=guild, micros=0, bought=0, has_own=False, own=None, images=0, refusals=0)
        for guild in sorted(names or {})
        if guild not in known
    ]
    shown = _Servers(settings, [*counted, *idle], names)
    notes = [] if names is not None else [Text(NAMES_UNKNOWN)]
    facts = {"ok": True, "month": f"{now:%Y-%m}", "servers": [shown.facts(each) for each in shown.servers]}
    return CommandOutput(True, [shown.table(f"Servers in {now:%Y-%m} (UTC)"), *notes], facts)


async def leave(settings: Settings, guild_id: int) -> CommandOutput:
    """Let the bot leave a server. The members' credits and images stay in the books. The bot may be running."""
    if settings.discord_token is None:
        return _no("NoToken", "DISCORD_TOKEN is not set, so Discord can't be asked. Nothing was changed.")
    async with discord.Client(intents=discord.Intents.none()) as client:
        try:
            await client.login(settings.discord_token.get_secret_value())
            guild = await client.fetch_guild(guild_id, with_counts=False)
            await guild.leave()
        except (discord.NotFound, discord.Forbidden):
            return _no("NoSuchServer", NOT_THERE.format(guild=guild_id))
        except DISCORD_TROUBLE as error:
            return _no("DiscordUnreachable", UNREACHABLE.format(error=error))
    words = f"The bot has left server {guild_id}: "
    return CommandOutput(
        True, [Text.assemble(words, plain(guild.name), ".")], {"ok": True, "left": str(guild_id), "name": guild.name}
    )


async def set_budget(settings: Settings, guild_id: int, usd: str) -> CommandOutput:
    """Set a server's own budget for a month. On SQLite no other process may have the file open.

    Raises `ValueError` as `read_usd`.
    """
    as_all = usd.lower() == AS_ALL
    micros = None if as_all else read_usd(usd)
    script = budgets.forget_own(guild_id) if as_all else budgets.set_own(guild_id, micros)
    try:
        async with open_database(settings.database, backups=settings.backups) as store:
            await store.run(script)
    except DatabaseInUse as error:
        return refused(error, IN_USE.format(path=error.path))
    now_has = "the budget of all servers" if as_all else _budget(micros)
    facts = {"ok": True, "guild": str(guild_id), "own": not as_all, "usd_per_month": _usd(micros)}
    return CommandOutput(True, [Text(f"Server {guild_id} has from now on: {now_has}.")], facts)


class _Servers:
    """`names`: of the servers that the bot is in, by id; None where Discord could not be asked."""

    def __init__(self, settings: Settings, servers: list[ServerCosts], names: Mapping[int, str] | None) -> None:
        self.servers = servers
        self._allowed = settings.allowed_server_ids
        self._names = names

    def facts(self, each: ServerCosts) -> dict[str, object]:
        return {
            "guild": str(each.guild_id),
            "name": (self._names or {}).get(each.guild_id),
            "here": None if self._names is None or each.guild_id == NO_SERVER else each.guild_id in self._names,
            "allowed": self._is_allowed(each),
            "usd": each.micros / MICROS,
            "own_budget": each.has_own,
            "usd_per_month": _usd(each.own),
            "images": each.images,
            "refusals": each.refusals,
            "credits_bought": each.bought,
        }

    def table(self, title: str) -> Table:
        columns = ("server", "name", "US$", "own budget", "images", "refusals", "note")
        shown = table(title, *columns, right=("server", "US$", "own budget", "images", "refusals"))
        for each in self.servers:
            shown.add_row(
                str(each.guild_id),
                DIRECT if each.guild_id == NO_SERVER else plain((self._names or {}).get(each.guild_id, "")),
                dollars(each.micros),
                (_budget(each.own) if each.has_own else ""),
                f"{each.images:,}",
                f"{each.refusals:,}",
                self._note(each),
            )
        shown.caption = "refusals: by the content filter of the image service"
        return shown

    def _is_allowed(self, each: ServerCosts) -> bool:
        return not self._allowed or each.guild_id in {*self._allowed, NO_SERVER}

    def _note(self, each: ServerCosts) -> str:
        gone = self._names is not None and each.guild_id not in {*self._names, NO_SERVER}
        return ", ".join(
            words for words, holds in (("not allowed", not self._is_allowed(each)), ("left", gone)) if holds
        )


async def _names(token: SecretStr | None) -> dict[int, str] | None:
    """Ask Discord for the servers that the bot is in, by id; None where it can't be asked."""
    if token is None:
        return None
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(token.get_secret_value())
            return {guild.id: guild.name async for guild in client.fetch_guilds(limit=None, with_counts=False)}
    except (discord.LoginFailure, *DISCORD_TROUBLE):
        return None


def _budget(micros: int | None) -> str:
    return NO_BUDGET if micros is None else f"{dollars(micros)} a month"


def _usd(micros: int | None) -> float | None:
    return None if micros is None else micros / MICROS


def _no(error: str, words: str) -> CommandOutput:
    return CommandOutput(False, [Text(words)], {"ok": False, "error": error, "message": words})
