"""A commit whose word is lost with the connection is told apart from one that certainly failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.domain.errors import DatabaseUnavailable
from bot.storage.engine.postgres_runner import transact
from bot.text import refusals
from tests.support.factories import sql


class Connection:
    """Its link breaks in a statement or in the commit."""

    def __init__(self, *, breaks_in: str) -> None:
        self._breaks_in = breaks_in

    @asynccontextmanager
    async def transaction(self, **_: object) -> AsyncIterator[None]:
        yield
        if self._breaks_in == "commit":
            raise ConnectionResetError

    async def fetch(self, *_: object) -> list[Any]:
        if self._breaks_in == "statement":
            raise ConnectionResetError
        return []


async def test_a_lost_commit_is_in_doubt_and_its_words_claim_nothing() -> None:
    with pytest.raises(DatabaseUnavailable) as lost:
        await transact(Connection(breaks_in="commit"), sql("SELECT 1"), readonly=False)
    assert lost.value.in_doubt
    assert "Nothing was charged" not in refusals.say(lost.value)
    assert "did not say whether this was done" in refusals.say(lost.value)


@pytest.mark.parametrize(("breaks_in", "readonly"), [("statement", False), ("commit", True)])
async def test_a_lost_statement_or_look_is_not_in_doubt(breaks_in: str, readonly: bool) -> None:
    with pytest.raises(ConnectionResetError):
        await transact(Connection(breaks_in=breaks_in), sql("SELECT 1"), readonly=readonly)
