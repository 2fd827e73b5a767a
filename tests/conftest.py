"""What tests of every room may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests import postgres


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
