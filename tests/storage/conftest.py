from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.engine.store import Store
from tests.support.postgres import a_database


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of each engine in turn."""
    if request.param == "sqlite":
        async with open_sqlite(tmp_path / "stillframe.db") as store:
            yield store
    else:
        server = request.getfixturevalue("postgres_server")
        async with a_database(server) as url, open_postgres(url) as store:
            yield store
