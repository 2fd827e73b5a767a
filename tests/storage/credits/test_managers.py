"""On both engines a manager's acts at one moment stay within the day, and an act that is told twice counts once."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.bank import LedgerMove, Manager
from bot.domain.errors import ManagersDayOver
from bot.domain.wallet import WalletKey
from bot.storage.credits import ledger, managers
from bot.storage.engine.store import Script, Store
from tests.support.factories import NOW, sql

TOM = Manager(guild_id=1, member_id=7, highest=None, per_day=100, day_since=NOW)


def give(number: int, *, amount: int = 10, guild_id: int = 1, at: int = NOW) -> Script[LedgerMove]:
    wallet, act_id = WalletKey(guild_id, 1_000 + number), f"{guild_id}-{number}"
    grant = ledger.grant(wallet, amount, act_id=act_id, actor="7", reason="Won", starting_credits=50, now=at)
    return managers.within(TOM, grant, lambda moved: [moved])


async def test_of_forty_grants_at_once_exactly_as_many_pass_as_the_day_allows(store: Store) -> None:
    made = await asyncio.gather(*(store.run(give(number)) for number in range(40)), return_exceptions=True)
    assert sum(isinstance(each, LedgerMove) for each in made) == 10
    assert {type(each) for each in made} == {LedgerMove, ManagersDayOver}
    (books,) = await store.read(sql("SELECT sum(posted_delta) AS given FROM entries WHERE actor = '7'"))
    assert books["given"] == 100


async def test_the_same_act_twice_counts_once_and_other_days_and_servers_not_at_all(store: Store) -> None:
    first = await store.run(give(1, amount=100))
    assert await store.run(give(1, amount=100)) == first
    with pytest.raises(ManagersDayOver) as refusal:
        await store.run(give(2, amount=1))
    assert (refusal.value.left, refusal.value.amount) == (0, 1)
    await store.run(sql("UPDATE wallets SET guild_id = 2 WHERE guild_id = 1"))  # as if it had been elsewhere
    await store.run(give(3, amount=100, at=NOW))
