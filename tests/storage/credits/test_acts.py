"""An act is marked by its own transaction; the same act is asked about only where its answer is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.act import ANSWER_MS, REPEAT_MS, ActMark, digest_of
from bot.domain.bank import LedgerMove
from bot.domain.errors import DoneBefore, NotEnoughToTake
from bot.storage.credits import acts, bank, ledger
from bot.storage.engine.store import Store
from bot.storage.privacy import member_data, retention
from tests.support.factories import ANN, NOW, sql

MO = 3_000
FIRST = ActMark(id="1", guild_id=1, actor_id=MO, what=digest_of("grant", ANN.member_id, 50, "Won"))
SECOND = replace(FIRST, id="2")


async def grant(store: Store, mark: ActMark, *, now: int = NOW, amount: int = 50) -> LedgerMove:
    script = ledger.grant(
        ANN, amount, act_id=mark.id, actor=str(mark.actor_id), reason="Won", starting_credits=0, now=now
    )
    return await store.run(acts.once(mark, script, number_of=lambda moved: moved.entry.id, now=now))


async def has(store: Store) -> int:
    balance = await store.read(ledger.balance(ANN))
    return balance.available if balance else 0


async def marks(store: Store) -> int:
    return len(await store.read(sql("SELECT id FROM unconfirmed_acts")))


async def test_the_same_act_is_asked_about_where_its_answer_is_lost(store: Store) -> None:
    first = await grant(store, FIRST)
    await store.run(acts.lose("1", code=None))
    with pytest.raises(DoneBefore) as asked:
        await grant(store, SECOND, now=NOW + 5 * 60_000)
    assert (asked.value.act_id, asked.value.number, asked.value.minutes) == ("1", first.entry.id, 5)
    assert await has(store) == 50
    await grant(store, replace(SECOND, once_more="1"))
    assert await has(store) == 100
    await store.run(acts.confirm("2"))
    assert await marks(store) == 0


async def test_an_act_whose_process_died_before_the_answer_is_asked_about(store: Store) -> None:
    await grant(store, FIRST)
    with pytest.raises(DoneBefore):
        await grant(store, SECOND, now=NOW + ANSWER_MS)


@pytest.mark.parametrize("other", [
    replace(SECOND, what=digest_of("grant", ANN.member_id, 51, "Won")),
    replace(SECOND, what=digest_of("grant", ANN.member_id, 50, "Won it")),
    replace(SECOND, what=digest_of("take", ANN.member_id, 50, "Won")),
    replace(SECOND, actor_id=MO + 1),
    replace(SECOND, guild_id=2),
])  # fmt: skip
async def test_another_act_is_never_asked_about(store: Store, other: ActMark) -> None:
    await grant(store, FIRST)
    await store.run(acts.lose("1", code=None))
    await grant(store, other)
    assert await has(store) == 100


async def test_nothing_is_asked_while_an_answer_is_on_its_way_or_after_ten_minutes(store: Store) -> None:
    await grant(store, FIRST)
    await grant(store, SECOND, now=NOW + ANSWER_MS - 1)
    await store.run(acts.lose("1", code=None))
    await store.run(acts.lose("2", code=None))
    await grant(store, replace(FIRST, id="3"), now=NOW + ANSWER_MS + REPEAT_MS)
    assert await has(store) == 150


async def test_an_act_that_discord_delivers_twice_is_one_and_asks_nothing(store: Store) -> None:
    await grant(store, FIRST)
    await store.run(acts.lose("1", code=None))
    await grant(store, FIRST)
    assert (await has(store), await marks(store)) == (50, 1)


async def test_an_act_that_is_refused_leaves_no_mark(store: Store) -> None:
    taking = bank.take(ANN, 50, act_id="1", actor=str(MO), reason="Won", starting_credits=0, now=NOW)
    with pytest.raises(NotEnoughToTake):
        await store.run(acts.once(FIRST, taking, number_of=lambda moved: moved.entry.id, now=NOW))
    assert await marks(store) == 0


async def test_a_mark_is_forgotten_by_retention_and_with_its_actor(store: Store) -> None:
    await grant(store, FIRST)
    await store.run(retention.forget_old(trays_before=0, now=NOW + REPEAT_MS - 1))
    assert await marks(store) == 1
    sections = [section for section, _ in await store.read(member_data.beside_images(MO))]
    assert "unconfirmed_acts" in sections
    await store.run(member_data.forget_beside(MO))
    assert await marks(store) == 0
    await grant(store, SECOND)
    await store.run(retention.forget_old(trays_before=0, now=NOW + REPEAT_MS))
    assert await marks(store) == 0
