"""Tests start some hundred bots: what takes long and is the same for each is done once in a process."""

from __future__ import annotations

import ssl
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from discord.ext import commands


def make_starts_light(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))  # 30 ms, for each HTTP client
    patch.setattr(commands.Bot, "load_extension", _load_extension)


async def _load_extension(bot: Any, name: str) -> None:
    """As discord.py's own, which executes the module anew for each bot: 50 ms for all of ours."""
    module = import_module(name)
    await module.setup(bot)
    bot._BotBase__extensions[name] = module
