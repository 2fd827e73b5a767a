"""Tests start some hundred bots: what takes long and is the same for each is done once in a process."""

from __future__ import annotations

import json
import sqlite3
import ssl
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands
from discord.ext import commands

from bot.storage.engine import sqlite, sqlite_file
from bot.storage.engine.migrations import Migration

Payload = Callable[[Any, Any, Any], Awaitable[dict[str, Any]]]


def make_starts_light(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))  # 30 ms, for each HTTP client
    patch.setattr(sqlite, "migrate", _copy_or_migrate)
    patch.setattr(commands.Bot, "load_extension", _load_extension)
    patch.setattr(commands.Bot, "unload_extension", _keep_extension)
    for kind in (app_commands.Command, app_commands.Group, app_commands.ContextMenu):
        patch.setattr(kind, "get_translated_payload", _remembered(kind.get_translated_payload))


def _copy_or_migrate(db: sqlite3.Connection) -> None:
    """Fill an empty file from one that was migrated before: 4 ms, not 30."""
    steps = sqlite_file.pending(db)
    if steps and not sqlite_file.applied(db):
        _migrated(tuple(steps)).backup(db)
    else:
        sqlite_file.migrate(db)


@cache
def _migrated(_steps: tuple[Migration, ...]) -> sqlite3.Connection:
    template = sqlite_file.connect(Path(":memory:"))
    sqlite_file.migrate(template)
    return template


async def _load_extension(bot: Any, name: str) -> None:
    """As discord.py's own, which executes the module anew for each bot: 50 ms for all of ours."""
    module = import_module(name)
    await module.setup(bot)
    bot._BotBase__extensions[name] = module


async def _keep_extension(_bot: Any, _name: str) -> None:
    """discord.py's own forgets the modules, and the next bot would compile them again. The bot removes the cogs."""


def _remembered(payload: Payload) -> Payload:
    """Translate each of our commands into all languages of Discord once: 25 ms for all of them, twice for each bot."""
    known: dict[tuple[type, str], dict[str, Any]] = {}

    async def translated(command: Any, tree: Any, translator: Any) -> dict[str, Any]:
        key = type(translator), json.dumps(command.to_dict(tree))
        if key not in known:
            known[key] = await payload(command, tree, translator)
        return known[key]

    return translated
