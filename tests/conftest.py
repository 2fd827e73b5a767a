"""What tests of every room may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage

from tests.support import postgres
from tests.support.light_start import make_starts_light
from tests.support.places import Places

if TYPE_CHECKING:
    from tests.support.buckets import Buckets

# What they run of ours is counted elsewhere, and the simulated worlds take twice as long where lines are counted.
ROOMS_WITHOUT_COVERAGE = {"chaos", "deploy", "meta", "sandbox", "simulation", "tools"}


@pytest.fixture(scope="module", autouse=True)
def uncounted(request: pytest.FixtureRequest) -> Iterator[None]:
    room = request.path.relative_to(Path(__file__).parent).parts[0]
    counting = Coverage.current() if room in ROOMS_WITHOUT_COVERAGE else None
    if counting:
        counting.stop()
    yield
    if counting:
        counting.start()


@pytest.fixture(scope="session", autouse=True)
def light_start() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        make_starts_light(patch)
        yield


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
