"""What tests of every room may ask for."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from discord.ext import commands

from tests.support import postgres
from tests.support.places import Places

if TYPE_CHECKING:
    from tests.support.buckets import Buckets


@pytest.fixture(scope="session", autouse=True)
def light_start() -> Iterator[None]:
    """Some hundred bots are started in this process; what takes long and is the same for each is done once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))  # 30 ms, for each HTTP client
        patch.setattr(commands.Bot, "load_extension", _load_extension)
        yield


async def _load_extension(bot: Any, name: str) -> None:
    """As discord.py's own, which executes the module anew for each bot: 50 ms for all of ours."""
    module = import_module(name)
    await module.setup(bot)
    bot._BotBase__extensions[name] = module


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One for each process of the tests."""
    if postgres.binaries() is None:
        pytest.skip(postgres.MISSING)
    with postgres.a_server() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres_server: postgres.Server) -> AsyncIterator[str]:
    """A database of its own, with our tables."""
    async with postgres.a_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def buckets() -> Iterator[Buckets]:
    """An S3-compatible store on loopback; one for all tests of this process."""
    from tests.support.buckets import serve_buckets  # noqa: PLC0415  # half a second, for those who ask for one

    with serve_buckets() as served:
        yield served


@pytest.fixture
async def places(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Places]:
    """PostgreSQL is started when one of its is asked for."""
    places = Places(tmp_path, lambda: request.getfixturevalue("postgres_server"))
    yield places
    await places.drop()
