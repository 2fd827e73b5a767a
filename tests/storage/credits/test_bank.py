"""Funds and allowance: people move credits exactly once, and an undo gives them back to where they came from."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.allowance import Entitlement
from bot.domain.errors import (
    AlreadyUndone,
    ConstraintBroken,
    NoSuchEntry,
    NotEnoughToTake,
    NotUndoable,
    RepeatDiffers,
)
from bot.domain.wallet import Balance, EntryKind, WalletKey
from bot.storage.credits import bank, ledger
from bot.storage.engine.store import Store
from bot.storage.orders import placing
from bot.storage.privacy import member_data
from bot.storage.server import policy
from tests.support.factories import ANN, BOB, MANY, NOW, an_order, daily, sql

DAY = 86_400_000
MO = "3000"


async def give(store: Store, amount: int, *, act_id: str = "1", wallet: WalletKey = ANN) -> Balance:
    moved = await store.run(
        ledger.grant(wallet, amount, act_id=act_id, actor=MO, reason="Won", starting_credits=0, now=NOW)
    )
    return moved.entry.after


async def take(store: Store, amount: int, *, act_id: str = "2") -> Balance:
    moved = await store.run(
        bank.take(ANN, amount, act_id=act_id, actor=MO, reason="Mistake", starting_credits=0, now=NOW)
    )
    return moved.entry.after


async def meet(store: Store, owed: Entitlement) -> Balance:
    """The member comes to the server, which has these allowances from now on."""
    rules = {str(role): {"amount": rule.amount, "every": rule.every} for role, rule in owed.rules.items()}
    await store.run(policy.change(ANN.guild_id, "allowances", rules, actor=int(MO), now=NOW))
    return await store.run(ledger.welcome(ANN, starting_credits=0, now=owed.now, owed=owed))


async def order(store: Store, cost: int, *, job_id: str = "900", day: int = 0) -> None:
    new = an_order(job_id, cost=cost, role_ids=frozenset({1}))
    await store.run(placing.place(new, starting_credits=0, limits=MANY, now=NOW + day * DAY))


async def deliver(store: Store, job_id: str = "900") -> None:
    await store.run(ledger.capture(job_id, reason="Delivered", now=NOW))
    for state in ("submitting", "running", "stored", "posting", "delivered"):
        await store.run(sql("UPDATE jobs SET state = :state WHERE id = :id", state=state, id=job_id))


async def release(store: Store, job_id: str = "900") -> None:
    await store.run(ledger.release(job_id, reason="Failed", now=NOW))
    await store.run(sql("UPDATE jobs SET state = 'released' WHERE id = :id", id=job_id))


async def last(store: Store, kind: EntryKind) -> int:
    rows = await store.read(sql("SELECT max(id) AS id FROM entries WHERE kind = :kind", kind=kind))
    entry_id: int = rows[0]["id"]
    return entry_id


async def undo(store: Store, entry_id: int) -> dict[WalletKey, Balance]:
    moves = await store.run(bank.undo(entry_id, guild_id=ANN.guild_id, actor=MO, reason="Wrong member", now=NOW))
    return {moved.wallet: moved.entry.after for moved in moves}


# --- allowances -------------------------------------------------------------------------------------------


async def test_an_allowance_is_filled_up_once_in_a_period_and_never_added_up(store: Store) -> None:
    assert await meet(store, daily(100)) == Balance(posted=100, held=0, allowance=100)
    assert await meet(store, daily(100)) == Balance(posted=100, held=0, allowance=100)
    await order(store, 60)
    await deliver(store)
    assert await meet(store, daily(100)) == Balance(posted=40, held=0, allowance=40)
    assert await meet(store, daily(100, day=1)) == Balance(posted=100, held=0, allowance=100)
    assert await meet(store, daily(100, day=2)) == Balance(posted=100, held=0, allowance=100)


async def test_a_period_that_found_the_allowance_full_is_over_all_the_same(store: Store) -> None:
    await meet(store, daily(100))
    await meet(store, daily(100, day=1))
    await order(store, 100, day=1)
    assert (await meet(store, daily(100, day=1))).available == 0


async def test_a_clock_that_is_set_back_brings_no_second_allowance(store: Store) -> None:
    await meet(store, daily(100, day=5))
    await order(store, 100, day=5)
    assert (await meet(store, daily(100, day=4))).available == 0
    assert (await meet(store, daily(100, day=6))).available == 100


async def test_a_hundred_acts_at_once_fill_it_once(store: Store) -> None:
    await asyncio.gather(*(meet(store, daily(100)) for _ in range(100)))
    assert len(await store.read(sql("SELECT id FROM entries WHERE kind = 'refill'"))) == 1


async def test_a_hold_takes_the_allowance_first_and_goes_back_to_where_it_came_from(store: Store) -> None:
    await meet(store, daily(100))
    await give(store, 200)
    await order(store, 150)
    held = Balance(posted=300, held=150, allowance=100, allowance_held=100)
    assert await store.read(ledger.balance(ANN)) == held
    assert (held.allowance_available, held.funds_available) == (0, 150)
    await release(store)
    assert await store.read(ledger.balance(ANN)) == Balance(posted=300, held=0, allowance=100)


async def test_a_charge_that_is_undone_goes_back_to_funds_and_allowance(store: Store) -> None:
    await meet(store, daily(100))
    await give(store, 200)
    await order(store, 150)
    await deliver(store)
    assert await store.read(ledger.balance(ANN)) == Balance(posted=150, held=0)
    await undo(store, await last(store, EntryKind.CAPTURE))
    assert await store.read(ledger.balance(ANN)) == Balance(posted=300, held=0, allowance=100)
    with pytest.raises(AlreadyUndone):
        await undo(store, await last(store, EntryKind.CAPTURE))


async def test_a_charge_that_was_refunded_in_part_is_undone_for_the_rest(store: Store) -> None:
    await give(store, 200)
    await order(store, 150)
    await deliver(store)
    await store.run(ledger.refund("900", 40, reason="Smaller", now=NOW))
    await undo(store, await last(store, EntryKind.CAPTURE))
    assert await store.read(ledger.balance(ANN)) == Balance(posted=200, held=0)


# --- by a person's hand -----------------------------------------------------------------------------------


async def test_credits_are_taken_of_the_funds_first_and_once(store: Store) -> None:
    await meet(store, daily(100))
    await give(store, 50)
    assert await take(store, 70) == Balance(posted=80, held=0, allowance=80)
    assert await take(store, 70) == Balance(posted=80, held=0, allowance=80)
    with pytest.raises(RepeatDiffers):
        await take(store, 71)


async def test_what_is_on_hold_can_not_be_taken(store: Store) -> None:
    await give(store, 200)
    await order(store, 150)
    with pytest.raises(NotEnoughToTake) as refusal:
        await take(store, 51)
    assert (refusal.value.available, refusal.value.held) == (50, 150)


@pytest.mark.parametrize(("wanted", "moved"), [(500, 300), (20, -180), (200, 0)])
async def test_a_balance_is_set_by_a_grant_or_a_take_once(store: Store, wanted: int, moved: int) -> None:
    await give(store, 200)
    for _ in range(2):
        move = await store.run(
            bank.set_available(ANN, wanted, act_id="9", actor=MO, reason="Reset", starting_credits=0, now=NOW)
        )
        assert (move.entry.posted_delta if move else 0) == moved
        assert await store.read(ledger.balance(ANN)) == Balance(posted=wanted, held=0)


async def test_a_gift_moves_funds_only_once_and_is_undone_on_both_sides(store: Store) -> None:
    await meet(store, daily(100))
    await give(store, 80)
    gift = {"act_id": "5", "reason": "Thanks", "starting_credits": 0, "now": NOW}
    with pytest.raises(NotEnoughToTake):
        await store.run(bank.give(ANN, BOB, 81, **gift))  # type: ignore[arg-type]  # facts by name
    for _ in range(2):
        left, got = await store.run(bank.give(ANN, BOB, 80, **gift))  # type: ignore[arg-type]  # facts by name
        assert left.entry.after == Balance(posted=100, held=0, allowance=100)
        assert got.entry.after == Balance(posted=80, held=0)
    after = await undo(store, await last(store, EntryKind.GIFT_SENT))
    assert after == {ANN: Balance(posted=180, held=0, allowance=100), BOB: Balance(posted=0, held=0)}
    with pytest.raises(AlreadyUndone):
        await undo(store, await last(store, EntryKind.GIFT_RECEIVED))


async def test_a_grant_is_undone_once_and_only_while_it_is_there(store: Store) -> None:
    await give(store, 200)
    await order(store, 150)
    with pytest.raises(NotEnoughToTake):
        await undo(store, 1)
    await release(store)
    assert await undo(store, 1) == {ANN: Balance(posted=0, held=0)}
    with pytest.raises(AlreadyUndone):
        await undo(store, 1)


async def test_an_entry_of_another_server_is_not_there_and_a_hold_is_not_undone(store: Store) -> None:
    await give(store, 200)
    await order(store, 150)
    with pytest.raises(NoSuchEntry):
        await store.run(bank.undo(1, guild_id=2, actor=MO, reason="x", now=NOW))
    with pytest.raises(NotUndoable):
        await undo(store, await last(store, EntryKind.HOLD))


@pytest.mark.parametrize("text", [
    "(1, 2, 'undo', -100, 0, 100, 0, NULL, 1, 'x', '1', 'x', 0)",  # another amount
    "(1, 2, 'undo', 200, 0, 400, 0, NULL, 1, 'x', '1', 'x', 0)",  # the wrong way
    "(1, 2, 'undo', -200, 0, 0, 0, NULL, NULL, 'x', '1', 'x', 0)",  # of nothing
    "(1, 2, 'take', 200, 0, 400, 0, NULL, NULL, 'x', '1', 'x', 0)",
    "(1, 2, 'refill', 200, 0, 400, 0, NULL, NULL, 'x', '1', 'x', 0)",  # not into the allowance
    "(1, 2, 'gift_sent', -201, 0, -1, 0, NULL, NULL, 'x', '1', 'x', 0)",
])  # fmt: skip
async def test_the_database_itself_refuses_credits_that_move_the_wrong_way(store: Store, text: str) -> None:
    await give(store, 200)
    columns = (
        "wallet_id, seq, kind, posted_delta, held_delta, posted_after, held_after, job_id, undoes, key, actor, reason,"
        " at"
    )
    with pytest.raises(ConstraintBroken):
        await store.run(sql(f"INSERT INTO entries ({columns}) VALUES {text}"))  # noqa: S608  # our own attacks


# --- words that are erased ---------------------------------------------------------------------------------


async def test_of_an_entry_only_the_words_of_its_reason_can_be_erased_and_only_for_good(store: Store) -> None:
    await give(store, 200)
    for change in (
        "reason = 'Never happened'", "reason = '(erased)', posted_delta = 300", "reason = '(erased)', actor = '9'",
        "reason = '(erased)', undoes = 1", "posted_after = 300",
    ):  # fmt: skip
        with pytest.raises(ConstraintBroken, match="append-only"):
            await store.run(sql(f"UPDATE entries SET {change}"))  # noqa: S608  # our own attacks
    await store.run(sql("UPDATE entries SET reason = '(erased)'"))
    with pytest.raises(ConstraintBroken, match="append-only"):
        await store.run(sql("UPDATE entries SET reason = 'Won'"))


async def test_a_member_who_is_forgotten_leaves_numbers_and_takes_the_words_also_out_of_gifts(
    store: Store,
) -> None:
    await give(store, 200)
    await store.run(bank.give(ANN, BOB, 80, act_id="5", reason="For my birthday", starting_credits=0, now=NOW))
    await store.run(bank.give(BOB, ANN, 30, act_id="6", reason="Back to you", starting_credits=0, now=NOW))
    before = await store.read(sql("SELECT posted_after FROM entries ORDER BY id"))
    for wallet_id, seq in await store.read(member_data.entry_counts(ANN.member_id)):
        for after in range(seq):
            await store.run(member_data.forget_reasons(wallet_id, after, limit=1))
    rows = await store.read(sql("SELECT reason FROM entries ORDER BY id"))
    assert [row["reason"] for row in rows] == ["(erased)", "(erased)", "(erased)", "Back to you", "(erased)"]
    after_it = await store.read(sql("SELECT posted_after FROM entries ORDER BY id"))
    assert [dict(row) for row in after_it] == [dict(row) for row in before]
