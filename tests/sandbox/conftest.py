"""A stand-in with plain images, and a client that has its key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.atlas import StandIn
from sandbox.clip import make_clip
from tests.sandbox.standin_seams import opened


@pytest.fixture
async def pair() -> AsyncIterator[tuple[StandIn, httpx.AsyncClient]]:
    async with opened() as both:
        yield both


@pytest.fixture
def standin(pair: tuple[StandIn, httpx.AsyncClient]) -> StandIn:
    return pair[0]


@pytest.fixture
def client(pair: tuple[StandIn, httpx.AsyncClient]) -> httpx.AsyncClient:
    return pair[1]


@pytest.fixture(scope="session")
def clip() -> bytes:
    return make_clip(seconds=2, width=320, height=180)
