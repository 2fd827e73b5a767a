"""The audit is as strict as the whole check of the books, and works in steps that delay no command."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.domain.wallet import WalletKey
from bot.services.jobs.job_steps import JobSteps
from bot.services.maintenance.ledger_audit import LedgerAudit
from bot.services.processes.lease import ProcessLease
from bot.storage.credits import audit_pages, ledger
from bot.storage.credits.audit import OF_DAYS, OF_SERVERS, OF_WALLETS, check_books
from bot.storage.credits.audit_pages import check_wallets
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.orders import placing
from bot.telemetry.metrics import Metrics
from tests.services.conftest import Clock, RecordingMessenger
from tests.storage.credits.test_ledger import TAMPERING
from tests.support.factories import ANN, BOB, MANY, an_order, sql


class Counted(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self.audits: list[tuple[int, int]] = []

    def audited(self, findings: int, *, now: int) -> None:
        self.audits.append((findings, now))


def an_ledger_audit(store: SqliteStore, clock: Clock, metrics: Counted | None = None) -> LedgerAudit:
    lease = ProcessLease(store, kind="test", clock=clock)
    steps = JobSteps(store, RecordingMessenger(), lease, clock=clock)
    return LedgerAudit(store, steps, lease, metrics or Counted())


async def some_books(store: SqliteStore, *, members: int = 1) -> None:
    for number in range(members):
        order = an_order(f"{number + 1}", wallet=WalletKey(ANN.guild_id, ANN.member_id + number))
        await store.run(placing.place(order, starting_credits=200, limits=MANY, now=0))


async def tamper(store: SqliteStore, tampering: str) -> None:
    for trigger in await store.read(sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
        await store.run(sql(f"DROP TRIGGER {trigger['name']}"))
    await store._writer.execute("PRAGMA ignore_check_constraints = ON")
    await store.run(sql(tampering))


async def test_sound_books_are_counted_as_such_with_the_moment(store: SqliteStore, clock: Clock) -> None:
    metrics = Counted()
    await some_books(store, members=3)
    assert await an_ledger_audit(store, clock, metrics).check() == {}
    assert metrics.audits == [(0, clock())]


@pytest.mark.parametrize(
    ("rule", "tampering"), [(rule, tampering) for rule, tampering in TAMPERING.items() if rule not in OF_DAYS]
)
async def test_whatever_the_whole_check_finds_is_found_in_steps_too(
    tmp_path: Path,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    rule: str,
    tampering: str,
) -> None:
    monkeypatch.setattr(audit_pages, "WALLETS", 1)
    metrics = Counted()
    async with open_sqlite(tmp_path / "unsound.db") as store:
        await some_books(store)
        await store.run(ledger.welcome(BOB, starting_credits=200, now=0))
        await tamper(store, tampering)
        whole = {finding.rule for finding in (await store.read(check_books())).findings}
        found = await an_ledger_audit(store, clock, metrics).check()
    assert rule in whole
    assert set(found) == whole
    assert metrics.audits == [(found.total(), clock())]
    assert "the books are not sound" in caplog.text


async def test_a_step_reads_no_more_than_its_share(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_pages, "ENTRIES", 5)
    await some_books(store, members=5)  # of two entries each
    reached, after = [], 0
    while (step := await store.read(check_wallets(after))).until is not None:
        reached.append(step.until)
        after = step.until
    assert reached == [2, 4, 5]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_a_step_walks_through_no_table(store: SqliteStore) -> None:
    statements = [audit_pages._over(audit_pages._SOME_WALLETS, rule) for rule in OF_WALLETS.values()]
    statements += [audit_pages._over(audit_pages._OF_A_SERVER, rule) for rule in OF_SERVERS.values()]
    for statement in statements:
        plan = await store.read(sql(f"EXPLAIN QUERY PLAN {statement}", after=0, until=9, guild_id=1))
        tables = ("wallets", "entries", "jobs", "spending", "channel_spending", "server_costs")
        assert [
            row["detail"] for row in plan if row["detail"].startswith(tuple(f"SCAN {name}" for name in tables))
        ] == []


async def test_an_audit_that_the_database_cuts_short_says_nothing_of_the_books(
    store: SqliteStore, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.ERROR)
    metrics = Counted()
    ledger_audit = an_ledger_audit(store, clock, metrics)
    monkeypatch.setattr(audit_pages, "_NEXT_SERVER", "SELECT nonsense")
    ledger_audit._steps.stop()  # one round, and no second
    await ledger_audit.run()
    assert metrics.audits == []
    assert "cut short" in caplog.text
