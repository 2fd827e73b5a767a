"""The ledger: what its scripts do, what the database itself refuses, and that any mix of acts keeps sound books."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import ConstraintBroken, NotEnoughCredits, RepeatDiffers, StillframeError
from bot.domain.job import Job, JobState, ReleaseReason, StoredImage
from bot.domain.wallet import Balance, WalletKey
from bot.storage.credits import ledger
from bot.storage.credits.audit import check_books
from bot.storage.engine.postgres import PostgresStore, open_postgres
from bot.storage.engine.postgres_runner import compiled
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.store import Script, Store
from bot.storage.orders import admission, jobs, placing
from tests.support import postgres
from tests.support.factories import ANN, BOB, MANY, NOW, an_order, sql


async def give(store: Store, amount: int, *, act_id: str = "a", to: WalletKey = ANN) -> Balance:
    moved = await store.run(
        ledger.grant(to, amount, act_id=act_id, actor="1", reason="Contest", starting_credits=0, now=NOW)
    )
    return moved.entry.after


async def test_a_new_member_starts_with_the_starting_credits_once(store: Store) -> None:
    first = await store.run(ledger.welcome(ANN, starting_credits=300, now=NOW))
    again = await store.run(ledger.welcome(ANN, starting_credits=300, now=NOW))
    assert Balance(posted=300, held=0) == first == again


async def test_a_hold_takes_from_what_is_available_and_a_capture_charges_it(store: Store) -> None:
    await give(store, 400)
    placed = await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
    assert Balance(posted=400, held=150) == placed.balance
    charged = await store.run(ledger.capture("1", reason="Delivered", now=NOW))
    assert charged.entry.after == Balance(posted=250, held=0)


async def test_a_release_gives_everything_back(store: Store) -> None:
    await give(store, 150)
    await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
    released = await store.run(ledger.release("1", reason="Failed", now=NOW))
    assert released.entry.after == Balance(posted=150, held=0)


async def test_too_few_credits_are_refused_with_the_facts_and_nothing_is_written(store: Store) -> None:
    await give(store, 200)
    await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
    with pytest.raises(NotEnoughCredits) as refusal:
        await store.run(placing.place(an_order("2", cost=150), starting_credits=0, limits=MANY, now=NOW))
    assert (refusal.value.needed, refusal.value.available, refusal.value.held) == (150, 50, 150)
    assert await store.read(jobs.get("2")) is None


async def test_the_same_grant_told_twice_is_one_grant(store: Store) -> None:
    assert await give(store, 50) == await give(store, 50) == Balance(posted=50, held=0)


async def test_the_same_act_with_another_amount_is_refused(store: Store) -> None:
    await give(store, 50)
    with pytest.raises(RepeatDiffers):
        await give(store, 60)
    assert await store.read(ledger.balance(ANN)) == Balance(posted=50, held=0)


async def test_the_same_order_twice_is_one_job_and_one_hold(store: Store) -> None:
    await give(store, 1_000)
    placed = await asyncio.gather(
        *(
            store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
            for _ in range(20)
        )
    )
    assert [each.created for each in placed].count(True) == 1
    assert await store.read(ledger.balance(ANN)) == Balance(posted=1_000, held=150)


async def test_500_concurrent_holds_on_a_wallet_that_can_pay_for_one_give_exactly_one(store: Store) -> None:
    await give(store, 150)
    outcomes = await asyncio.gather(
        *(
            store.run(placing.place(an_order(str(number), cost=150), starting_credits=0, limits=MANY, now=NOW))
            for number in range(500)
        ),
        return_exceptions=True,
    )
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Placed": 1, "NotEnoughCredits": 499}
    assert (await store.read(check_books())).findings == ()


async def test_a_job_ends_once_however_many_ends_are_tried_at_once(store: Store) -> None:
    await give(store, 150)
    job = (await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))).job
    outcomes = await asyncio.gather(
        *(store.run(jobs.released(job, ReleaseReason.FAILED, now=NOW)) for _ in range(20)),
        *(store.run(ledger.capture("1", reason="Delivered", now=NOW)) for _ in range(20)),
        return_exceptions=True,
    )
    assert sum(not isinstance(outcome, StillframeError) for outcome in outcomes) == 1
    assert await store.read(ledger.balance(ANN)) == Balance(posted=150, held=0)


async def test_a_statement_pages_from_the_newest_to_the_first_entry(store: Store) -> None:
    for number in range(25):
        await give(store, 1, act_id=str(number))
    pages = [await store.read(ledger.statement(ANN, before=None, limit=10))]
    while pages[-1] and pages[-1].older_before:
        pages.append(await store.read(ledger.statement(ANN, before=pages[-1].older_before, limit=10)))
    seqs = [[entry.seq for entry in page.entries] for page in pages if page]
    assert seqs == [list(range(25, 15, -1)), list(range(15, 5, -1)), list(range(5, 0, -1))]


async def test_somebody_who_was_never_here_has_no_balance_and_no_statement(store: Store) -> None:
    assert await store.read(ledger.balance(BOB)) is None
    assert await store.read(ledger.statement(BOB, before=None, limit=10)) is None


ENTRY = (
    "INSERT INTO entries (wallet_id, seq, kind, posted_delta, held_delta, posted_after, held_after, job_id, key,"
    " actor, reason, at) VALUES "
)

AN_IMAGE = StoredImage(
    name="1.png", sha256="a" * 64, width=1_408, height=768, unsafe=None, output_url=None, price_micros=None
)
OVERDRAFT = "(1, 3, 'hold', 0, 900, 200, 1050, 'x', 'x', '1', 'x', 0)"
A_JOB_LIKE_THE_FIRST = (
    "INSERT INTO jobs (id, wallet_id, guild_id, channel_id, member_id, private, recipe, cost, state, created_at,"
    " updated_at, token, token_until, file_limit, next_at)"
    " SELECT 'x', wallet_id, guild_id, channel_id, member_id, private, recipe, cost, state, created_at,"
    " updated_at, token, token_until, file_limit, next_at FROM jobs"
)
A_RICHER_ENTRY = (
    "INSERT OR REPLACE INTO entries (id, wallet_id, seq, kind, posted_delta, held_delta, posted_after, held_after,"
    " job_id, key, actor, reason, at) SELECT id, wallet_id, seq, kind, 5000, held_delta, 5000, held_after, job_id,"
    " key, actor, reason, at FROM entries WHERE seq = 1"
)

ATTACKS = {
    "set a balance": ("UPDATE wallets SET posted = 9999", "wallets move only by entries"),
    "set a balance and the seq": ("UPDATE wallets SET posted = 9999, seq = seq + 1", "wallets move only by entries"),
    "overdraw by hand": ("UPDATE wallets SET held = 9999, seq = seq + 1", "wallet"),
    "delete a wallet": ("DELETE FROM wallets", "wallets are never deleted"),
    "a wallet born rich": (
        "INSERT INTO wallets (guild_id, member_id, posted) VALUES (9, 9, 100)",
        "wallets start empty",
    ),
    "replace a wallet": (
        "INSERT OR REPLACE INTO wallets (id, guild_id, member_id) VALUES (1, 1, 10)",
        "wallets are never deleted",
    ),
    "edit an entry": ("UPDATE entries SET posted_delta = 1", "entries are append-only"),
    "delete an entry": ("DELETE FROM entries", "entries are append-only"),
    "replace an entry": (
        A_RICHER_ENTRY,
        "append-only|out of sequence",
    ),
    "ignore an overdraft": (
        ENTRY.replace("INSERT", "INSERT OR IGNORE") + OVERDRAFT,
        "",
    ),
    "skip a seq": (ENTRY + "(1, 9, 'grant', 1, 0, 201, 150, NULL, 'x', '1', 'x', 0)", "entry out of sequence"),
    "lie about the balance after": (
        ENTRY + "(1, 3, 'grant', 1, 0, 900, 150, NULL, 'x', '1', 'x', 0)",
        "entry out of sequence",
    ),
    "grant a negative amount": (
        ENTRY + "(1, 3, 'grant', -1, 0, 199, 150, NULL, 'x', '1', 'x', 0)",
        "entry_kind_moves_what_it_says",
    ),
    "hold more than there is": (
        ENTRY + OVERDRAFT,
        "available_is_never_negative",
    ),
    "capture without a hold": (
        ENTRY + "(1, 3, 'capture', -10, -10, 190, 140, 'no-such-job', 'x', '1', 'x', 0)",
        "no such hold",
    ),
    "capture another amount": (ENTRY + "(1, 3, 'capture', -10, -10, 190, 140, '1', 'x', '1', 'x', 0)", "no such hold"),
    "refund what was not captured": (
        ENTRY + "(1, 3, 'refund', 150, 0, 350, 150, '1', 'x', '1', 'x', 0)",
        "refund without capture",
    ),
    "an entry without an actor": (
        ENTRY + "(1, 3, 'grant', 1, 0, 201, 150, NULL, 'x', ' ', 'x', 0)",
        "entry_has_an_actor",
    ),
    "an entry without a reason": (
        ENTRY + "(1, 3, 'grant', 1, 0, 201, 150, NULL, 'x', '1', '', 0)",
        "entry_has_a_reason",
    ),
    "reuse a key": (ENTRY + "(1, 3, 'grant', 1, 0, 201, 150, NULL, 'grant:a', '1', 'x', 0)", r"entries[._]key"),
    "a second hold for a job": (
        ENTRY + "(1, 3, 'hold', 0, 10, 200, 160, '1', 'x', '1', 'x', 0)",
        r"entries\.job_id|entries_one_hold_per_job",
    ),
    "a job without a hold": (
        A_JOB_LIKE_THE_FIRST,
        "job without hold",
    ),
    "jump over a step": ("UPDATE jobs SET state = 'delivered'", "no such job transition"),
    "release without giving back": ("UPDATE jobs SET state = 'released'", "released without release"),
    "change the price afterwards": ("UPDATE jobs SET cost = 1", "the terms of a job never change"),
    "delete a job": ("DELETE FROM jobs", "jobs are never deleted"),
}


@pytest.mark.parametrize(("attack", "rule"), ATTACKS.values(), ids=ATTACKS.keys())
async def test_the_database_itself_refuses_to(store: Store, attack: str, rule: str) -> None:
    if "INSERT OR" in attack and not isinstance(store, SqliteStore):
        pytest.skip("a word of SQLite's own")
    await give(store, 200)
    await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
    if rule:
        with pytest.raises(ConstraintBroken, match=rule):
            await store.run(sql(attack))
    else:  # OR IGNORE raises nothing: the row's own CHECK must have kept it out
        await store.run(sql(attack))
    assert (await store.read(check_books())).findings == ()
    assert await store.read(ledger.balance(ANN)) == Balance(posted=200, held=150)


async def test_a_job_can_not_be_called_delivered_without_a_charge(store: Store) -> None:
    await give(store, 200)
    await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
    for state in ("submitting", "running", "stored", "posting"):
        await store.run(sql("UPDATE jobs SET state = :state", state=state))
    with pytest.raises(ConstraintBroken, match="delivered without capture"):
        await store.run(sql("UPDATE jobs SET state = 'delivered'"))


async def test_all_refunds_together_are_never_more_than_the_charge(store: Store) -> None:
    await give(store, 200)
    await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
    with pytest.raises(ConstraintBroken, match="refund without capture"):
        await store.run(sql(ENTRY + "(1, 3, 'refund', 40, 0, 240, 150, '1', 'x', '1', 'x', 0)"))
    await store.run(ledger.capture("1", reason="Delivered", now=NOW))
    with pytest.raises(ConstraintBroken, match="refund without capture"):
        await store.run(sql(ENTRY + "(1, 4, 'refund', 151, 0, 201, 0, '1', 'x', '1', 'x', 0)"))
    await store.run(sql(ENTRY + "(1, 4, 'refund', 40, 0, 90, 0, '1', 'x', '1', 'x', 0)"))
    with pytest.raises(ConstraintBroken, match="refund without capture"):
        await store.run(sql(ENTRY + "(1, 5, 'refund', 111, 0, 201, 0, '1', 'y', '1', 'x', 0)"))
    await store.run(sql(ENTRY + "(1, 5, 'refund', 110, 0, 200, 0, '1', 'y', '1', 'x', 0)"))


async def delivering(store: Store, *, refund: int) -> Job:
    """A job whose image is about to be shown. `refund` of its 150 credits will be given back."""
    await give(store, 200)
    await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
    for state in ("submitting", "running"):
        await store.run(sql("UPDATE jobs SET state = :state", state=state))
    job = await store.read(jobs.get("1"))
    assert job
    return await store.run(jobs.posting(await store.run(jobs.stored(job, AN_IMAGE, refund=refund, now=NOW)), now=NOW))


async def test_a_smaller_image_is_charged_in_full_and_refunded_in_part_at_once(store: Store) -> None:
    job = await delivering(store, refund=40)
    delivered = await store.run(jobs.delivered(job, channel_id=5, message_id=6, now=NOW))
    assert (delivered.cost, delivered.refund, delivered.charge) == (150, 40, 110)
    assert Balance(posted=90, held=0) == await store.read(ledger.balance(ANN))
    page = await store.read(ledger.statement(ANN, before=None, limit=2))
    assert page
    assert [(entry.kind, entry.posted_delta) for entry in page.entries] == [("refund", 40), ("capture", -150)]
    assert page.entries[0].reason == "Image smaller than paid for"
    assert (await store.read(check_books())).findings == ()


async def test_a_job_that_owes_credits_can_not_be_called_delivered_without_them(store: Store) -> None:
    await delivering(store, refund=40)
    await store.run(ledger.capture("1", reason="Delivered", now=NOW))
    with pytest.raises(ConstraintBroken, match="delivered without refund"):
        await store.run(sql("UPDATE jobs SET state = 'delivered'"))
    await store.run(ledger.refund("1", 40, reason="Smaller", now=NOW))
    await store.run(sql("UPDATE jobs SET state = 'delivered'"))
    assert (await store.read(check_books())).findings == ()


@pytest.mark.parametrize("refund", [-1, 150])
async def test_what_comes_back_of_a_smaller_image_is_less_than_its_price(store: Store, refund: int) -> None:
    with pytest.raises(ConstraintBroken, match="refund_is_less_than_the_cost"):
        await delivering(store, refund=refund)


async def test_what_comes_back_is_not_changed_once_the_card_may_have_said_it(store: Store) -> None:
    await delivering(store, refund=40)
    with pytest.raises(ConstraintBroken, match="settled when the image is stored"):
        await store.run(sql("UPDATE jobs SET refund = 41"))


async def test_a_release_gives_all_back_also_of_an_image_that_was_too_small(store: Store) -> None:
    job = await delivering(store, refund=40)
    await store.run(jobs.released(job, ReleaseReason.UNDELIVERABLE, now=NOW))
    assert Balance(posted=200, held=0) == await store.read(ledger.balance(ANN))
    assert (await store.read(check_books())).findings == ()


TAMPERING = {
    "a wallet is the sum of its entries": "UPDATE wallets SET posted = posted + 1",
    "entries follow each other without a gap": "UPDATE entries SET posted_after = posted_after + 1 WHERE seq = 1",
    "no balance was ever below zero": "UPDATE entries SET held_after = 9999 WHERE seq = 2",
    "what a wallet has spent of allowances and paid of its funds is what its entries say": (
        "UPDATE wallets SET week_spent = week_spent + 1"
    ),
    "held credits are those of the open jobs": "UPDATE jobs SET cost = cost + 1",
    "each job has one hold, and an ending only when it has ended": "UPDATE jobs SET state = 'delivered'",
    "an image that waits for its member is there, and nobody has seen it": "UPDATE jobs SET state = 'awaiting'",
    "a refund is for a charge, never more than it, and never less than the job owes": (
        ENTRY + "(1, 3, 'refund', 1, 0, 201, 150, '1', 'x', '1', 'x', 0)"
    ),
    "each hold belongs to a job": "UPDATE entries SET job_id = 'lost' WHERE kind = 'hold'",
    "what a month has spent is what its jobs have bought": "UPDATE spending SET held = held + 1",
    "what a channel has spent in a month is what its jobs have bought": "DELETE FROM channel_spending",
    "what a server has cost in a month is what its jobs have cost": "UPDATE server_costs SET micros = micros - 1",
    "what a day has cost is what its jobs have cost": "UPDATE day_costs SET stranger_micros = 1",
}


@pytest.mark.parametrize(("rule", "tampering"), TAMPERING.items())
async def test_the_check_of_the_books_finds_what_got_past_the_database(store: Store, rule: str, tampering: str) -> None:
    await give(store, 200)
    await store.run(placing.place(an_order("1", cost=150), starting_credits=0, limits=MANY, now=NOW))
    await disarm(store)
    await store.run(sql(tampering))
    assert rule in {finding.rule for finding in (await store.read(check_books())).findings}


OF_OPEN_JOBS = ("jobs_open", "jobs_waiting", "jobs_in_hand", "jobs_at_supplier", "jobs_aftercare")


async def disarm(store: Store) -> None:
    """Remove the rules of the database."""
    if isinstance(store, SqliteStore):
        for trigger in await store.read(sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
            await store.run(sql(f"DROP TRIGGER {trigger['name']}"))
        await store._writer.execute("PRAGMA ignore_check_constraints = ON")
        return
    for table in ("wallets", "entries", "jobs"):
        await store.run(sql(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    checks = await store.read(
        sql(
            """
            SELECT conname, conrelid::regclass::text AS relation FROM pg_constraint
            WHERE contype = 'c' AND conrelid <> 0"""
        )
    )
    for check in checks:
        await store.run(sql(f"ALTER TABLE {check['relation']} DROP CONSTRAINT {check['conname']}"))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_no_hot_statement_scans_a_table(store: Store) -> None:
    """Cost per command stays flat as the ledger grows: each plan is a search by index, or over the open jobs alone."""
    statements = [
        ledger._SELECT_WALLET,
        ledger.SELECT_BY_ID,
        ledger.SELECT_BY_KEY,
        ledger._LOCK_HOLD,
        ledger._SELECT_PAGE,
        jobs._CLAIM_STARTED,
        jobs._CLAIM_WAITING,
        admission._COUNT_UNDER_WAY,
        admission._COUNT_SINCE,
        jobs._AFTERCARE,
        jobs._NEXT_DUE,
        jobs._AT_SUPPLIER,
        jobs._LINE,
        "SELECT 1 FROM entries WHERE job_id = '1' AND kind IN ('capture', 'release') AND kind = 'capture'",
    ]
    for statement in statements:
        plan = await store.read(sql(f"EXPLAIN QUERY PLAN {statement}", **dict.fromkeys(compiled(statement)[1], 1)))
        details = [row["detail"] for row in plan]
        scans = [each for each in details if each.startswith("SCAN") and "USING" not in each and "subquery" not in each]
        assert set(scans) <= {"SCAN turns", "SCAN line", "SCAN busy LEFT-JOIN"}, (
            statement,
            details,
        )  # these scan the rows of a subquery
        whole = [each for each in details if each.startswith("SCAN jobs") and not each.endswith(OF_OPEN_JOBS)]
        assert whole == [], statement  # a scan of an index over all jobs is a scan of all jobs


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["grant", "place", "capture", "release", "repeat", "cancelled", "burst"]),
        st.integers(0, 7),
        st.integers(1, 400),
    ),
    max_size=30,
)


@given(acts=ACTS)
@settings(max_examples=60, deadline=None)
def test_any_mix_of_grants_holds_captures_releases_repeats_and_cancellations_keeps_the_books(
    acts: list[tuple[str, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_live_through(acts, open_sqlite(Path(folder) / "a.db")))


@given(acts=ACTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_so_does_postgres(postgres_server: postgres.Server, acts: list[tuple[str, int, int]]) -> None:
    async def live() -> None:
        async with postgres.a_database(postgres_server) as url:
            await _live_through(acts, open_postgres(url))

    asyncio.run(live())


class Model:
    """What the books must say, computed by plain arithmetic."""

    def __init__(self) -> None:
        self.posted = 0
        self.open: dict[str, int] = {}
        self.ended: set[str] = set()

    @property
    def available(self) -> int:
        return self.posted - sum(self.open.values())

    def place(self, job_id: str, cost: int) -> bool:
        if job_id not in self.open and job_id not in self.ended and cost <= self.available:
            self.open[job_id] = cost
            return True
        return False

    def end(self, job_id: str, *, charge: bool) -> bool:
        if job_id not in self.open:
            return False
        cost = self.open.pop(job_id)
        self.posted -= cost if charge else 0
        self.ended.add(job_id)
        return True


async def _live_through(acts: list[tuple[str, int, int]], opening: AbstractAsyncContextManager[Store]) -> None:
    model = Model()
    async with opening as store:
        for number, (act, job, amount) in enumerate(acts):
            await _act(store, model, act, str(job), amount, str(number))
            balance = await store.read(ledger.balance(ANN))
            expected = Balance(posted=model.posted, held=sum(model.open.values()))
            assert expected == (balance or Balance(posted=0, held=0))
        assert (await store.read(check_books())).findings == ()


async def _act(store: Store, model: Model, act: str, job_id: str, amount: int, act_id: str) -> None:
    order = an_order(job_id, cost=amount)
    if act in {"grant", "repeat"}:
        await asyncio.gather(*(give(store, amount, act_id=act_id) for _ in range(1 if act == "grant" else 3)))
        model.posted += amount
    elif act == "cancelled":
        call = asyncio.create_task(store.run(placing.place(order, starting_credits=0, limits=MANY, now=NOW)))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await _quiet(store)
        model.place(job_id, amount)
    elif act in {"place", "burst"}:
        orders = [order] if act == "place" else [an_order(f"{act_id}-{n}", cost=amount) for n in range(5)]
        outcomes = await asyncio.gather(
            *(store.run(placing.place(each, starting_credits=0, limits=MANY, now=NOW)) for each in orders),
            return_exceptions=True,
        )
        created = [not isinstance(outcome, BaseException) and outcome.created for outcome in outcomes]
        for each, won in sorted(zip(orders, created, strict=True), key=lambda pair: not pair[1]):  # placed ones first
            assert model.place(each.id, amount) == won
    else:
        await _end(store, model, job_id, charge=act == "capture")


async def _quiet(store: Store) -> None:
    """Wait until the script of a cancelled caller is done."""
    if isinstance(store, PostgresStore):
        await asyncio.gather(*store._tasks, return_exceptions=True)
    else:
        await store.run(sql("SELECT 1"))


async def _end(store: Store, model: Model, job_id: str, *, charge: bool) -> None:
    """End a job twice at one moment: exactly one of them may succeed."""
    job = await store.read(jobs.get(job_id))
    if job is None:
        return
    if charge and job.state is JobState.HELD:
        for state in ("submitting", "running", "stored", "posting"):
            await store.run(sql("UPDATE jobs SET state = :state WHERE id = :id", state=state, id=job_id))
        job = await store.read(jobs.get(job_id)) or job

    def script() -> Script[Job]:
        if charge:
            return jobs.delivered(job, channel_id=5, message_id=6, now=NOW)
        return jobs.released(job, ReleaseReason.FAILED, now=NOW)

    outcomes = await asyncio.gather(store.run(script()), store.run(script()), return_exceptions=True)
    won = sum(not isinstance(outcome, BaseException) for outcome in outcomes)
    if charge and model.end(job_id, charge=True):
        assert won == len(outcomes)  # the second delivery changes nothing: the answer to a commit may be lost
    elif not charge:
        assert won == int(model.end(job_id, charge=False))
