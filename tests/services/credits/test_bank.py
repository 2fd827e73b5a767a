"""Moderators give, take and undo credits on a real file: each act once, with a reason, and for many at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.bank import BATCH_LIMIT, Act, Batch, Tally
from bot.domain.errors import (
    AlreadyUndone,
    BadAmount,
    BatchGone,
    NobodyToGive,
    NoSuchEntry,
    NotEnoughToTake,
    ReasonMissing,
    TooManyToGive,
)
from bot.domain.wallet import GRANT_LIMIT, EntryKind, StartingCredits, WalletKey
from bot.services.credits.bank import STEP_MEMBERS, Bank
from bot.services.server.policy import Rules
from bot.storage.credits import bank as scripts
from bot.storage.credits import ledger
from bot.storage.credits.batches import ASKED_LIFE_MS
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.engine.store import Row, Script, Store
from bot.storage.orders import placing
from tests.services.conftest import Clock
from tests.support.factories import ANN, BOB, MANY, NOW, an_order, sql

GUILD = ANN.guild_id
MO = 3_000
STARTING = 300


@pytest.fixture
def rules(store: Store, clock: Clock) -> Rules:
    return Rules(store, starting_limit=STARTING, clock=clock)


@pytest.fixture
def bank(store: Store, rules: Rules, clock: Clock) -> Bank:
    return Bank(store, rules, starting_credits=StartingCredits(amount=STARTING), clock=clock)


def act(
    act_id: str = "1", *, wallet: WalletKey = ANN, reason: str = "Contest", roles: frozenset[int] = frozenset()
) -> Act:
    return Act(id=act_id, wallet=wallet, actor_id=MO, reason=reason, roles=roles)


def a_batch(batch_id: str = "77", *, amount: int = 50) -> Batch:
    return Batch(id=batch_id, guild_id=GUILD, amount=amount, reason="Event", actor=MO, count=0)


async def available(store: Store, member_id: int) -> int:
    found = await store.read(ledger.balance(WalletKey(GUILD, member_id)))
    return found.available if found else 0


async def run_through(steps: AsyncIterator[tuple[Batch, Tally]]) -> Tally:
    return [tally async for _, tally in steps][-1]


# --- one member -------------------------------------------------------------------------------------------


async def test_an_act_says_its_entry_and_told_twice_happens_once(bank: Bank) -> None:
    first = await bank.grant(act(reason="  Won   the\ncontest "), 50)
    assert (first.wallet, first.entry.kind, first.entry.posted_delta) == (ANN, EntryKind.GRANT, 50)
    assert (first.entry.available_before, first.entry.after.available) == (300, 350)
    assert (first.entry.actor, first.entry.reason) == (str(MO), "Won the contest")
    assert await bank.grant(act(reason="Won the contest"), 50) == first
    taken = await bank.take(act("2"), 350)
    assert (taken.entry.available_before, taken.entry.after.available) == (350, 0)
    with pytest.raises(NotEnoughToTake):
        await bank.take(act("3"), 1)


async def test_an_act_on_a_wallet_that_exists_takes_four_statements_at_most(
    bank: Bank, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bank.grant(act("1"), 50)
    statements: list[str] = []

    def counting(script: Script[object]) -> Script[object]:
        rows: list[Row] = []
        try:
            statement = next(script)
            while True:
                statements.append(statement[0])
                rows = yield statement
                statement = script.send(rows)
        except StopIteration as stop:
            return stop.value

    run = store.run
    monkeypatch.setattr(store, "run", lambda script: run(counting(script)))
    for number, work in enumerate((bank.grant, bank.take, bank.set_available), start=2):
        statements.clear()
        await work(act(f"{number}"), 30)
        assert 1 < len(statements) <= 4, work
    (last,) = await store.read(sql("SELECT max(id) AS id FROM entries"))
    statements.clear()
    await bank.undo(GUILD, last["id"], actor_id=MO, reason="Wrong member")
    assert 1 < len(statements) <= 4


async def test_set_brings_it_up_and_down_and_says_nothing_where_it_was_so(bank: Bank) -> None:
    moves = [await bank.set_available(act(str(number)), amount) for number, amount in enumerate((500, 40, 40, 0))]
    assert [moved.entry.posted_delta if moved else None for moved in moves] == [200, -460, None, -40]


async def test_a_due_allowance_comes_before_what_is_set_so_that_nothing_comes_on_top_later(
    bank: Bank, rules: Rules, store: Store
) -> None:
    await rules.change(GUILD, "starting_credits", 0, actor=MO)
    await rules.change(GUILD, "allowances", {"7": {"amount": 100, "every": "day"}}, actor=MO)
    moved = await bank.set_available(act(roles=frozenset({7})), 30)
    assert moved
    assert (moved.entry.available_before, moved.entry.after.available) == (100, 30)
    owed = rules.owed(await rules.policy_of(GUILD), frozenset({7}))
    assert (await store.run(ledger.welcome(ANN, starting_credits=0, now=NOW, owed=owed))).available == 30


async def test_a_server_gives_its_own_starting_credits(bank: Bank, rules: Rules) -> None:
    await rules.change(GUILD, "starting_credits", 10, actor=MO)
    assert (await bank.grant(act(), 5)).entry.after.available == 15


async def test_what_no_form_would_let_through_is_refused_all_the_same(bank: Bank) -> None:
    for wrong in (0, -5, GRANT_LIMIT + 1):
        with pytest.raises(BadAmount):
            await bank.grant(act(), wrong)
        with pytest.raises(BadAmount):
            await bank.take(act(), wrong)
    with pytest.raises(BadAmount):
        await bank.set_available(act(), -1)
    with pytest.raises(ReasonMissing):
        await bank.grant(act(reason=" \n "), 5)


# --- undoing ----------------------------------------------------------------------------------------------


async def test_an_undo_is_foretold_and_moves_just_that(bank: Bank) -> None:
    granted = await bank.grant(act(), 200)
    (foretold,) = await bank.would_undo(GUILD, granted.entry.id)
    assert (foretold.moves, foretold.balance.available, foretold.of) == (-200, 500, granted)
    (undone,) = await bank.undo(GUILD, granted.entry.id, actor_id=MO, reason="Wrong member")
    assert (undone.entry.kind, undone.entry.undoes, undone.entry.posted_delta) == (
        EntryKind.UNDO,
        granted.entry.id,
        -200,
    )
    for again in (
        bank.would_undo(GUILD, granted.entry.id),
        bank.undo(GUILD, granted.entry.id, actor_id=MO, reason="x"),
    ):
        with pytest.raises(AlreadyUndone):
            await again
    with pytest.raises(NoSuchEntry):
        await bank.would_undo(GUILD + 1, granted.entry.id)
    with pytest.raises(ReasonMissing):
        await bank.undo(GUILD, granted.entry.id, actor_id=MO, reason=" ")


async def test_what_is_there_is_counted_without_the_allowance_where_funds_are_to_be_taken(
    bank: Bank, rules: Rules, store: Store
) -> None:
    await rules.change(GUILD, "starting_credits", 0, actor=MO)
    await rules.change(GUILD, "allowances", {"7": {"amount": 500, "every": "day"}}, actor=MO)
    granted = await bank.grant(act(roles=frozenset({7})), 200)
    await bank.take(act("2"), 150)
    with pytest.raises(NotEnoughToTake) as refusal:
        await bank.undo(GUILD, granted.entry.id, actor_id=MO, reason="x")
    assert (refusal.value.amount, refusal.value.available) == (200, 50)


async def test_an_undone_gift_touches_both_sides_and_an_undone_charge_gives_it_back(bank: Bank, store: Store) -> None:
    await store.run(scripts.give(ANN, BOB, 80, act_id="5", reason="Thanks", starting_credits=STARTING, now=NOW))
    (sent,) = await store.read(sql("SELECT id FROM entries WHERE kind = 'gift_sent'"))
    assert [(each.of.wallet, each.moves) for each in await bank.would_undo(GUILD, sent["id"])] == [
        (ANN, 80),
        (BOB, -80),
    ]
    made = await bank.undo(GUILD, sent["id"], actor_id=MO, reason="Not wanted")
    assert [(each.wallet, each.entry.posted_delta) for each in made] == [(ANN, 80), (BOB, -80)]

    await store.run(placing.place(an_order(), starting_credits=0, limits=MANY, now=NOW))
    await store.run(ledger.capture("900", reason="Delivered", now=NOW))
    for state in ("submitting", "running", "stored", "posting", "delivered"):
        await store.run(sql("UPDATE jobs SET state = :state WHERE id = '900'", state=state))
    (charge,) = await store.read(sql("SELECT id FROM entries WHERE kind = 'capture'"))
    assert [each.moves for each in await bank.would_undo(GUILD, charge["id"])] == [150]
    (back,) = await bank.undo(GUILD, charge["id"], actor_id=MO, reason="It shows the wrong logo")
    assert (back.entry.kind, back.entry.job_id, back.entry.posted_delta) == (EntryKind.REFUND, "900", 150)
    with pytest.raises(AlreadyUndone):
        await bank.would_undo(GUILD, charge["id"])


# --- a list of members ------------------------------------------------------------------------------------


async def test_a_list_is_given_to_once_however_often_and_from_wherever_it_is_taken_up(bank: Bank, store: Store) -> None:
    members = list(range(1_000, 1_000 + 2 * STEP_MEMBERS + 10))
    asked = await bank.ask(a_batch(), [*members, members[0]])
    assert asked.count == len(members)
    steps = bank.give_all(GUILD, "77", actor_id=1)
    assert (await anext(steps))[1] == Tally(done=STEP_MEMBERS)
    await steps.aclose()  # as if the process had died here
    assert await available(store, members[-1]) == 0
    assert await run_through(bank.give_all(GUILD, "77", actor_id=1)) == Tally(
        done=STEP_MEMBERS + 10, skipped=STEP_MEMBERS
    )
    assert await run_through(bank.give_all(GUILD, "77", actor_id=1)) == Tally(skipped=len(members))
    assert {await available(store, member) for member in members} == {STARTING + 50}


async def test_a_list_is_taken_back_from_all_who_still_have_it(bank: Bank, store: Store) -> None:
    await bank.ask(a_batch(), [10, 11, 12])
    assert await run_through(bank.undo_all(GUILD, "77", actor_id=MO, reason="Too early")) == Tally(skipped=3)
    await run_through(bank.give_all(GUILD, "77", actor_id=1))
    await bank.take(act("2", wallet=BOB), STARTING + 20)
    for expected in (Tally(done=2, skipped=1), Tally(skipped=3)):
        assert await run_through(bank.undo_all(GUILD, "77", actor_id=MO, reason="Wrong amount")) == expected
    assert [await available(store, member) for member in (10, 11, 12)] == [STARTING, 30, STARTING]


async def test_a_list_that_nobody_agreed_to_is_forgotten_and_one_that_was_begun_is_kept(
    bank: Bank, clock: Clock
) -> None:
    await bank.ask(a_batch("1"), [10])
    await bank.ask(a_batch("2"), [10])
    await run_through(bank.give_all(GUILD, "2", actor_id=1))
    clock.now += ASKED_LIFE_MS + 1
    await bank.ask(a_batch("3"), [10])
    with pytest.raises(BatchGone):
        await run_through(bank.give_all(GUILD, "1", actor_id=1))
    assert await bank.leave(GUILD, "2") is False
    assert await bank.leave(GUILD, "3") is True
    with pytest.raises(BatchGone):
        await bank.leave(GUILD, "3")
    with pytest.raises(BatchGone):
        await bank.batch(GUILD + 1, "2")


async def test_a_list_has_somebody_on_it_and_not_too_many(bank: Bank) -> None:
    with pytest.raises(NobodyToGive):
        await bank.ask(a_batch(), [])
    with pytest.raises(TooManyToGive):
        await bank.ask(a_batch(), range(1, BATCH_LIMIT + 2))
    with pytest.raises(BadAmount):
        await bank.ask(a_batch(amount=0), [10])


# --- the books --------------------------------------------------------------------------------------------


async def test_a_statement_turns_both_ways_and_is_empty_of_somebody_who_was_never_here(bank: Bank) -> None:
    for number in range(19):
        await bank.grant(act(str(number)), 1)
    first = (await bank.statement(ANN)).statement
    assert [entry.seq for entry in first.entries] == list(range(20, 12, -1))
    assert (first.newer_before, first.older_before) == (None, 13)
    second = (await bank.statement(ANN, before=first.older_before)).statement
    assert (second.entries[0].seq, second.newer_before, second.older_before) == (12, 21, 5)
    last = (await bank.statement(ANN, before=second.older_before)).statement
    assert (last.entries[-1].seq, last.newer_before, last.older_before) == (1, 13, None)
    assert (await bank.statement(ANN, before=second.newer_before)).statement == first
    assert (await bank.statement(BOB)).statement.entries == ()


async def test_an_audit_counts_this_server_alone_and_finds_what_does_not_fit(
    bank: Bank, store: Store, tmp_path: Path
) -> None:
    elsewhere = WalletKey(GUILD + 1, 10)
    await bank.grant(act(), 50)
    await bank.grant(act("2", wallet=elsewhere), 1_000)
    await store.run(placing.place(an_order(), starting_credits=0, limits=MANY, now=NOW))
    books = await bank.audit(GUILD)
    assert (books.wallets, books.posted, books.held, books.entries) == (1, 350, 150, 3)
    assert [(hold.job_id, hold.member_id, hold.cost, hold.since) for hold in books.oldest] == [
        ("900", ANN.member_id, 150, NOW)
    ]
    assert (books.open_holds, books.findings) == (1, 0)


async def test_an_audit_reads_every_rule_of_the_books_over_one_server(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path / "b.db") as store:
        rules = Rules(store, starting_limit=STARTING, clock=Clock())
        bank = Bank(store, rules, starting_credits=StartingCredits(amount=STARTING), clock=Clock())
        await bank.grant(act(), 50)
        await bank.grant(act("2", wallet=WalletKey(GUILD + 1, 10)), 50)
        await store.run(sql("DROP TRIGGER wallets_move_only_by_entries"))
        await store.run(sql("UPDATE wallets SET posted = 7 WHERE guild_id = :guild", guild=GUILD))
        assert ((await bank.audit(GUILD)).findings, (await bank.audit(GUILD + 1)).findings) == (1, 0)
