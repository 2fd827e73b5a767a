"""The PostgreSQL store: the SQL that both engines share, locks, wake-ups, and lost connections."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from types import ModuleType

import asyncpg
import pytest

from bot import storage
from bot.domain.bank import LedgerMove
from bot.domain.code import NewCode
from bot.domain.errors import (
    CodeUsedUp,
    ConstraintBroken,
    DatabaseTooNew,
    DatabaseTooOld,
    DatabaseUnavailable,
    LineFull,
)
from bot.domain.job import LineLimits
from bot.domain.wallet import Balance, WalletKey
from bot.storage.credits import bank, codes, ledger
from bot.storage.credits.audit import check_books
from bot.storage.engine import locks
from bot.storage.engine.migrations import migrations_of
from bot.storage.engine.postgres import PostgresStore, open_postgres, read_once
from bot.storage.engine.postgres_runner import compiled
from bot.storage.engine.store import Script
from bot.storage.orders import jobs, placing
from bot.storage.processes import leases, shared_state
from bot.storage.server import policy
from tests.support import postgres
from tests.support.factories import ANN, BOB, MANY, NOW, an_order, sql

PATIENCE_SECONDS = 10.0


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[PostgresStore]:
    async with open_postgres(postgres_url) as store:
        yield store


@pytest.fixture
async def other(postgres_url: str) -> AsyncIterator[PostgresStore]:
    """The store of another process on the same database."""
    async with open_postgres(postgres_url) as store:
        yield store


# --- one text -----------------------------------------------------------------------------------------------


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(storage.__path__, "bot.storage."):
        yield importlib.import_module(found.name)


def statements() -> list[str]:
    """Every complete statement that is a constant of a module. Templates are not complete, and are left out."""
    found: set[str] = set()
    for module in modules():
        for value in vars(module).values():
            texts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
            found |= {text for text in texts if isinstance(text, str) and STATEMENT.match(text) and "{" not in text}
    return sorted(found)


STATEMENT = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM) .*", re.DOTALL)


async def test_postgres_understands_every_statement_that_sqlite_does(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        for statement in statements():
            text, _ = compiled(statement)
            await connection.prepare(text)
    finally:
        await connection.close()
    assert len(statements()) > 100


def test_a_parameter_is_numbered_once_and_a_colon_in_words_or_a_cast_is_none() -> None:
    text, names = compiled("SELECT 'a:b', :x::text, 'it''s :y', :x /*postgres FOR UPDATE */")
    assert (text, names) == ("SELECT 'a:b', $1::text, 'it''s :y', $1 FOR UPDATE ", ("x",))


# --- transactions -------------------------------------------------------------------------------------------


def grant(amount: int, act_id: str, key: WalletKey = ANN) -> Script[LedgerMove]:
    return ledger.grant(key, amount, act_id=act_id, actor="1", reason="Contest", starting_credits=0, now=NOW)


async def test_a_cancelled_call_never_leaves_half_a_transaction(store: PostgresStore) -> None:
    calls = [asyncio.create_task(store.run(grant(1, str(number)))) for number in range(40)]
    await asyncio.sleep(0.01)
    for call in calls[::2]:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await asyncio.gather(*store._tasks, return_exceptions=True)
    assert (await store.read(check_books())).findings == ()
    assert await store.read(ledger.balance(ANN)) == Balance(posted=40, held=0)  # a cancelled wait is not an undo


async def test_a_reader_sees_one_moment_however_long_it_looks(store: PostgresStore, other: PostgresStore) -> None:
    def look_twice() -> Script[tuple[int, int]]:
        first = len((yield "SELECT 1 AS found FROM entries", {}))
        yield "SELECT pg_sleep(0.3)", {}
        return first, len((yield "SELECT 1 AS found FROM entries", {}))

    looking = asyncio.create_task(store.read(look_twice()))
    await asyncio.sleep(0.1)
    await other.run(grant(1, "a"))
    assert await looking == (0, 0)


async def test_a_read_can_not_write(store: PostgresStore) -> None:
    with pytest.raises(DatabaseUnavailable, match="read-only"):
        await store.read(sql("INSERT INTO wallets (guild_id, member_id) VALUES (1, 1)"))


async def test_a_broken_rule_is_a_domain_error_with_the_rule_in_it(store: PostgresStore) -> None:
    await store.run(grant(10, "a"))
    for statement in ("DELETE FROM wallets", "TRUNCATE wallets CASCADE"):
        with pytest.raises(ConstraintBroken, match=r"never deleted|append-only"):
            await store.run(sql(statement))


async def test_after_closing_scripts_are_refused_not_lost(postgres_url: str) -> None:
    async with open_postgres(postgres_url) as store:
        pending = asyncio.create_task(store.run(grant(10, "a")))
        await asyncio.sleep(0)
    assert (await pending).entry.after == Balance(posted=10, held=0)
    with pytest.raises(DatabaseUnavailable, match="closed"):
        await store.run(grant(10, "b"))


async def test_a_nul_in_what_somebody_wrote_is_left_out(store: PostgresStore) -> None:
    script = ledger.grant(ANN, 1, act_id="a", actor="1", reason="Con\0test", starting_credits=0, now=NOW)
    await store.run(script)
    (entry,) = await store.read(sql("SELECT reason FROM entries"))
    assert entry["reason"] == "Contest"


# --- at the same moment -------------------------------------------------------------------------------------


async def test_first_meetings_in_several_processes_are_one_wallet_with_one_welcome(
    store: PostgresStore, other: PostgresStore
) -> None:
    found = await asyncio.gather(
        *(each.run(ledger.welcome(ANN, starting_credits=300, now=NOW)) for each in (store, other) * 10)
    )
    assert set(found) == {Balance(posted=300, held=0)}


async def test_gifts_in_both_directions_do_not_wait_in_a_circle(store: PostgresStore, other: PostgresStore) -> None:
    for key in (ANN, BOB):
        await store.run(grant(100, f"{key}", key))
    await asyncio.gather(
        *(
            each.run(bank.give(giver, taker, 1, act_id=f"{name}{n}", reason="-", starting_credits=0, now=NOW))
            for n in range(20)
            for name, each, giver, taker in (("a", store, ANN, BOB), ("b", other, BOB, ANN))
        )
    )
    assert [await store.read(ledger.balance(key)) for key in (ANN, BOB)] == [Balance(posted=100, held=0)] * 2


async def test_one_member_is_never_let_into_the_line_beyond_the_limit(
    store: PostgresStore, other: PostgresStore
) -> None:
    elsewhere = WalletKey(guild_id=2, member_id=ANN.member_id)
    limits = LineLimits(running=1, waiting=2)
    outcomes = await asyncio.gather(
        *(
            each.run(
                placing.place(an_order(f"{n}{name}", wallet=key, cost=1), starting_credits=100, limits=limits, now=NOW)
            )
            for n in range(5)
            for name, each, key in (("a", store, ANN), ("b", other, elsewhere))
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == limits.under_way
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} == {LineFull}


async def test_a_code_for_one_is_used_once(store: PostgresStore, other: PostgresStore) -> None:
    new = NewCode(amount=10, uses=1, expires_at=None, reason="Contest")
    await store.run(codes.create(1, new, sha256="s", hint="h", actor=1, now=NOW))
    outcomes = await asyncio.gather(
        *(
            each.run(codes.redeem(WalletKey(1, 10 + n), "s", starting_credits=0, now=NOW))
            for n, each in enumerate((store, other) * 5)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} == {CodeUsedUp}


async def test_of_two_moderators_at_one_moment_neither_undoes_the_other(
    store: PostgresStore, other: PostgresStore
) -> None:
    changes = {"private_by_default": True, "starting_credits": 50}
    scripts = (policy.change(1, rule, value, actor=1, now=NOW) for rule, value in changes.items())
    await asyncio.gather(*(each.run(script) for each, script in zip((store, other), scripts, strict=True)))
    after = (await store.read(policy.get(1))).model_dump()
    assert changes == {rule: after[rule] for rule in changes}


async def test_jobs_are_shared_out_and_none_is_claimed_twice(store: PostgresStore, other: PostgresStore) -> None:
    for number in range(20):
        key = WalletKey(1, number)
        await store.run(
            placing.place(an_order(f"{number}", wallet=key, cost=1), starting_credits=9, limits=MANY, now=NOW)
        )
        await store.run(jobs.answered(f"{number}", 77, now=NOW))
    for process_id in ("one", "two"):
        await store.run(leases.renew(process_id, about=process_id, lease_ms=60_000, now=NOW))
    claimed = await asyncio.gather(
        *(
            each.run(jobs.claim(owner, at_supplier=12, each=1, now=NOW))
            for owner, each in (("one", store), ("two", other)) * 5
        )
    )
    ids = [job.id for found in claimed for job in found]
    assert len(ids) == len(set(ids)) == 12


async def test_the_jobs_of_a_process_that_left_or_died_are_free_and_those_of_a_silent_one_wait_for_its_grace(
    store: PostgresStore,
) -> None:
    await store.run(placing.place(an_order("1", cost=1), starting_credits=9, limits=MANY, now=NOW))
    await store.run(jobs.answered("1", 77, now=NOW))
    await store.run(leases.renew("one", about="one", lease_ms=60_000, now=NOW))
    assert len(await store.run(jobs.claim("one", at_supplier=9, each=9, now=NOW))) == 1
    assert await store.run(jobs.claim("two", at_supplier=9, each=9, now=NOW)) == []
    await store.run(leases.renew("one", about="one", lease_ms=10, now=NOW))
    await asyncio.sleep(0.1)
    assert await store.run(jobs.claim("two", at_supplier=9, each=9, grace_ms=60_000, now=NOW)) == []
    (taken,) = await store.run(jobs.claim("two", at_supplier=9, each=9, now=NOW))
    assert taken.lease_epoch == 2
    await store.run(leases.leave("two"))
    assert len(await store.run(jobs.claim("three", at_supplier=9, each=9, grace_ms=60_000, now=NOW))) == 1


async def test_what_a_lost_claim_took_is_let_go(store: PostgresStore) -> None:
    for number in range(2):
        await store.run(placing.place(an_order(f"{number}", cost=1), starting_credits=9, limits=MANY, now=NOW))
        await store.run(jobs.answered(f"{number}", 77, now=NOW))
    await store.run(leases.renew("one", about="one", lease_ms=60_000, now=NOW))
    await store.run(jobs.claim("one", at_supplier=9, each=9, now=NOW))
    assert await store.run(jobs.claim("one", at_supplier=9, each=9, now=NOW)) == []
    assert await store.run(jobs.let_go("one", but={"0"})) == 1
    assert [job.id for job in await store.run(jobs.claim("one", at_supplier=9, each=9, now=NOW))] == ["1"]


async def test_tokens_of_all_processes_come_out_of_one_bucket(store: PostgresStore, other: PostgresStore) -> None:
    waits = await asyncio.gather(
        *(each.run(shared_state.reserve("polls", 2, interval=100_000, slack=0, now=NOW)) for each in (store, other) * 5)
    )
    assert sorted(round(wait / 200_000) for wait in waits) == list(range(10))


async def test_a_fact_is_news_to_one_of_those_who_find_it_out(store: PostgresStore, other: PostgresStore) -> None:
    told = await asyncio.gather(*(each.run(shared_state.put("sales", "key")) for each in (store, other) * 5))
    assert told.count(True) == 1


# --- wake-ups, and what is lost -----------------------------------------------------------------------------


async def test_a_call_wakes_other_processes_and_one_that_was_taken_back_does_not(
    store: PostgresStore, other: PostgresStore
) -> None:
    woken: asyncio.Queue[None] = asyncio.Queue()
    other.listen(locks.WORK, lambda: woken.put_nowait(None))
    await heard(store, woken)

    def take_back() -> Script[None]:
        yield from locks.notify(locks.WORK)
        raise LineFull(limit=1)

    with pytest.raises(LineFull):
        await store.run(take_back())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(woken.get(), 0.2)


async def heard(store: PostgresStore, woken: asyncio.Queue[None]) -> None:
    """Notify until the listener hears it, since it may still be connecting."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while woken.empty():
            await store.run(locks.notify(locks.WORK))
            await asyncio.sleep(0.02)
    while not woken.empty():
        woken.get_nowait()
    await asyncio.sleep(0.1)
    while not woken.empty():
        woken.get_nowait()


async def test_a_connection_that_is_cut_is_one_error_and_the_next_script_works(store: PostgresStore) -> None:
    woken: asyncio.Queue[None] = asyncio.Queue()
    store.listen(locks.WORK, lambda: woken.put_nowait(None))
    await heard(store, woken)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    await store.run(sql(f"{cut} AND pid <> pg_backend_pid()"))
    with pytest.raises(DatabaseUnavailable):
        await store.run(sql(cut))
    assert (await store.run(grant(10, "a"))).entry.after == Balance(posted=10, held=0)
    await asyncio.wait_for(woken.get(), PATIENCE_SECONDS)  # something may have been missed


async def test_a_newer_version_that_changes_a_table_fails_no_script_of_an_older_one(
    postgres_server: postgres.Server,
) -> None:
    async with postgres.a_database(postgres_server, migrated=False) as url, open_postgres(url) as older:
        new = [an_order(f"{n}", cost=1) for n in range(3)]
        await older.run(placing.place(new[0], starting_credits=9, limits=MANY, now=NOW))
        assert await older.read(jobs.get("0"))
        for column in ("mood", "weather"):
            newer = await asyncpg.connect(url)
            await newer.execute(f"ALTER TABLE jobs ADD COLUMN {column} TEXT NOT NULL DEFAULT 'fine'")
            await newer.execute(f"ALTER TABLE wallets ADD COLUMN {column} TEXT NOT NULL DEFAULT 'fine'")
            await newer.close()
            order = new.pop()
            assert (await older.run(placing.place(order, starting_credits=9, limits=MANY, now=NOW))).created
            assert await older.read(jobs.get(order.id))
        assert (await older.read(check_books())).findings == ()


# --- opening ------------------------------------------------------------------------------------------------


async def test_many_who_open_an_empty_database_at_once_make_the_tables_once(
    postgres_server: postgres.Server,
) -> None:
    async with postgres.a_database(postgres_server, migrated=False) as url, AsyncExitStack() as stack:
        stores = await asyncio.gather(*(stack.enter_async_context(open_postgres(url)) for _ in range(5)))
        made = await stores[0].read(sql("SELECT number FROM migrations ORDER BY number"))
        assert [row["number"] for row in made] == [each.number for each in migrations_of("postgres")]


async def test_a_reader_is_told_of_a_database_without_tables(postgres_server: postgres.Server) -> None:
    async with postgres.a_database(postgres_server, migrated=False) as url:
        with pytest.raises(DatabaseTooOld) as refusal:
            await read_once(url, check_books())
        assert refusal.value.found == 0


@pytest.mark.parametrize(("oldest_code", "refused"), [(9999, True), (4, False)])
async def test_a_newer_database_is_refused_unless_it_says_that_older_code_may_stay(
    postgres_server: postgres.Server, oldest_code: int, refused: bool
) -> None:
    async with postgres.a_database(postgres_server, migrated=False) as url:
        async with open_postgres(url) as store:
            facts_of_it = {"number": 9999, "name": "9999_from_the_future.sql", "at": 0, "code": oldest_code}
            await store.run(sql("INSERT INTO migrations VALUES (:number, :name, :at, :code)", **facts_of_it))
        if refused:
            with pytest.raises(DatabaseTooNew):
                async with open_postgres(url):
                    pass
        else:
            async with open_postgres(url) as store:
                assert await store.run(grant(1, "a"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/x", "Connect call failed"),
        ("postgresql://postgres@127.0.0.1:{port}/no_such_database", "does not exist"),
        ("postgresql://nobody:secret@127.0.0.1:{port}/postgres", "nobody"),
    ],
)
async def test_a_database_that_can_not_be_had_is_one_line_without_the_password(
    postgres_server: postgres.Server, url: str, words: str
) -> None:
    with pytest.raises(DatabaseUnavailable, match=words) as error:
        async with open_postgres(url.format(port=postgres_server.port)):
            pass
    assert "secret" not in error.value.detail
    assert "\n" not in error.value.detail
