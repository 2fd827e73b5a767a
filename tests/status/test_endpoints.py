"""The three pages of a process, /healthz, /readyz and /metrics, while all is well and while something is broken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.job_steps import JobSteps
from bot.services.maintenance.ledger_audit import LedgerAudit
from bot.services.processes.lease import ProcessLease
from bot.status import endpoints
from bot.status.endpoints import StatusEndpoints
from bot.status.http_server import Response
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.engine.store import Script
from bot.storage.orders import placing
from bot.telemetry.metrics import Metrics
from tests.services.conftest import Clock, RecordingMessenger
from tests.status.test_http_server import HERE, asked
from tests.support.factories import MANY, NOW, an_order
from tests.support.scrape import Scrape, a_free_port

ALIVE = (200, "ok\n")


@dataclass
class GatewayStub:
    """The connection to Discord's gateway."""

    connected: bool = True
    latency: float = 0.05
    guilds: tuple[str, ...] = ("one", "two")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with open_sqlite(tmp_path / "a.db") as opened:
        yield opened


def a_process(
    store: Any, *, gateway: GatewayStub | None = None, breaker: CircuitBreaker | None = None, port: int | None = None
) -> StatusEndpoints:
    metrics, clock = Metrics(), Clock(NOW)
    lease = ProcessLease(store, kind="test", clock=clock)
    audit = LedgerAudit(store, JobSteps(store, RecordingMessenger(), lease, clock=clock), lease, metrics)
    return StatusEndpoints(
        store,
        breaker or CircuitBreaker(store),
        metrics,
        audit,
        gateway=gateway,
        clock=clock,
        host=HERE,
        port=port,
    )


def read(page: Response) -> tuple[int, str]:
    return page.status, page.body.decode()


async def scraped(process: StatusEndpoints) -> Scrape:
    return Scrape((await process.metrics()).body.decode())


# --- ready --------------------------------------------------------------------------------------------


async def test_a_process_that_has_what_it_needs_is_ready(store: SqliteStore) -> None:
    process = a_process(store, gateway=GatewayStub())
    assert read(await process.readyz()) == (200, "database: ok\ngateway: ok\nrunning: ok\n")


async def test_a_worker_has_no_gateway_and_is_ready_without(store: SqliteStore) -> None:
    process = a_process(store)
    assert read(await process.readyz()) == (200, "database: ok\nrunning: ok\n")
    found = await scraped(process)
    assert "gateway_latency_seconds" not in found
    assert "servers" not in found


async def test_without_discord_it_is_not_ready_but_alive(store: SqliteStore) -> None:
    async with a_process(
        store, gateway=GatewayStub(connected=False, latency=float("nan")), port=a_free_port()
    ) as process:
        status, words = read(await process.readyz())
        assert (status, words.splitlines()[1]) == (503, "gateway: not connected to Discord")
        assert read(await process.healthz()) == ALIVE
        found = await scraped(process)
    assert found["ready", "gateway"] == 0
    assert found["ready", "database"] == 1
    assert "gateway_latency_seconds" not in found


async def test_a_process_that_stops_is_not_ready_from_that_moment_on(store: SqliteStore) -> None:
    process = a_process(store, gateway=GatewayStub())
    await process.readyz()
    process.stop()
    status, words = read(await process.readyz())
    assert (status, words.splitlines()[2]) == (
        503,
        "running: stopping: what is begun is finished, nothing new is taken",
    )
    assert (await scraped(process))["ready", "running"] == 0


async def test_a_database_that_can_not_be_written_is_said_to_be_so(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "CACHED_SECONDS", 0)
    process = a_process(store, gateway=GatewayStub())
    await store._writer.execute("PRAGMA query_only = ON")
    status, words = read(await process.readyz())
    assert (status, words.splitlines()[0]) == (503, "database: can't be written; the log says why")
    assert (await scraped(process))["ready", "database"] == 0
    await store._writer.execute("PRAGMA query_only = OFF")
    assert read(await process.readyz())[0] == 200


class Stuck:
    """A database that does not answer."""

    def __init__(self) -> None:
        self.written = 0

    def listen(self, _channel: str, _heard: Callable[[], object]) -> None: ...

    async def run(self, script: Script[Any]) -> Any:
        self.written += 1
        return await self.read(script)

    async def read(self, script: Script[Any]) -> Any:
        script.close()
        await asyncio.sleep(3_600)


async def test_a_database_that_does_not_answer_is_asked_once_however_many_ask_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(endpoints, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(endpoints, "CACHED_SECONDS", 0)
    stuck = Stuck()
    async with a_process(stuck, port=a_free_port()) as process:
        for _ in range(5):
            status, words = read(await process.readyz())
            assert (status, words.startswith("database: does not answer within")) == (503, True)
        assert read(await process.healthz()) == ALIVE
        found = await scraped(process)
    assert stuck.written == 1
    assert "credits_held" not in found
    assert found["ready", "database"] == 0
    assert found["sales_open"] == 1


async def test_many_scrapes_at_a_moment_are_one_look_at_the_books(store: SqliteStore) -> None:
    looks = 0

    class Counting:
        run, listen = store.run, store.listen

        async def read(self, script: Script[Any]) -> Any:
            nonlocal looks
            looks += 1
            return await store.read(script)

    process = a_process(Counting())
    await asyncio.gather(*(process.metrics() for _ in range(50)))
    assert looks == 1


# --- alive --------------------------------------------------------------------------------------------


async def test_a_loop_that_stood_still_is_told_and_forgiven_once_it_turns(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(endpoints, "STILL_SECONDS", 0.2)
    async with a_process(store, port=a_free_port()) as process:
        await asyncio.sleep(0.05)
        assert read(await process.healthz()) == ALIVE
        asyncio.get_running_loop().call_soon(_hold, 0.3)
        await asyncio.sleep(0)
        status, words = read(await process.healthz())
        assert (status, words.startswith("the event loop has stood still for ")) == (503, True)
        await asyncio.sleep(0.05)
        assert read(await process.healthz()) == ALIVE
        assert (await scraped(process))["loop_lag_seconds"] >= 0.25


def _hold(seconds: float) -> None:
    time.sleep(seconds)


# --- what there is to count ---------------------------------------------------------------------------


async def test_what_is_under_way_is_read_from_the_books(store: SqliteStore) -> None:
    await store.run(placing.place(an_order("1", cost=150), starting_credits=200, limits=MANY, now=NOW - 60_000))
    found = await scraped(a_process(store, gateway=GatewayStub()))
    assert (found["credits_held"], found["queue_depth"], found["oldest_open_job_seconds"]) == (150, 1, 60)
    assert (found["servers"], found["gateway_latency_seconds"]) == (2, 0.05)


async def test_sales_that_are_closed_are_told(store: SqliteStore) -> None:
    breaker = CircuitBreaker(store)
    process = a_process(store, breaker=breaker)
    assert (await scraped(process))["sales_open"] == 1
    breaker.trip("funds")
    assert (await scraped(process))["sales_open"] == 0


async def test_the_books_are_proved_while_the_pages_are_open(store: SqliteStore) -> None:
    async with a_process(store, port=a_free_port()) as process:
        async with asyncio.timeout(5):
            while "ledger_imbalance" not in (found := await scraped(process)):  # noqa: ASYNC110  # no event tells us
                await asyncio.sleep(0.01)
    assert found["ledger_imbalance"] == 0
    assert found["ledger_audited_timestamp_seconds"] == NOW / 1000


async def test_without_a_port_nothing_is_opened_and_nothing_goes_round(store: SqliteStore) -> None:
    before = asyncio.all_tasks()
    async with a_process(store):
        assert asyncio.all_tasks() == before


async def test_the_three_pages_are_there_and_no_others(store: SqliteStore) -> None:
    port = a_free_port()
    async with a_process(store, gateway=GatewayStub(), port=port):
        assert await asked(port, "GET", "/healthz") == ALIVE
        assert (await asked(port, "GET", "/readyz"))[0] == 200
        assert "stillframe_jobs_total" in (await asked(port, "GET", "/metrics"))[1]
        for path in ("/", "/debug", "/metrics/"):
            assert (await asked(port, "GET", path))[0] == 404
