"""Each event counts in its metric, and no label names a member, a server, or one of endlessly many values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.job import Job, JobState, ReleaseReason, UnderWay
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.orders import jobs, placing
from bot.telemetry.metrics import Metrics, Now
from tests.support.factories import MANY, NOW, an_order
from tests.support.scrape import Scrape


def page(metrics: Metrics, **found: Any) -> Scrape:
    return Scrape(metrics.page(Now(at=NOW, **{"ready": {}, **found})).decode())


@pytest.fixture
async def job(tmp_path: Any) -> Job:
    async with open_sqlite(tmp_path / "a.db") as store:
        return await _placed(store)


async def _placed(store: SqliteStore) -> Job:
    await store.run(placing.place(an_order("1", cost=150), starting_credits=200, limits=MANY, now=NOW))
    found = await store.read(jobs.get("1"))
    assert found
    return found


def test_every_ending_is_there_from_the_start_so_that_its_first_is_seen_as_a_rise() -> None:
    found = page(Metrics())
    for outcome in ("delivered", *ReleaseReason):
        assert found["jobs_total", outcome] == 0
    for rung in ("answer", "channel", "direct"):
        assert found["deliveries_total", rung] == 0
    assert found["provider_unknown_total"] == 0


def test_a_delivered_image_counts_its_time_and_what_it_cost(job: Job) -> None:
    metrics = Metrics()
    delivered = replace(job, state=JobState.DELIVERED, refund=40)
    metrics.ended(delivered, now=job.created_at + 25_000)
    found = page(metrics)
    assert found["jobs_total", "delivered"] == 1
    assert (found["job_seconds_count"], found["job_seconds_sum"]) == (1, 25)
    assert found["credits_charged_total"] == 110


@pytest.mark.parametrize("reason", ReleaseReason)
def test_a_release_counts_its_reason_and_no_time(job: Job, reason: ReleaseReason) -> None:
    metrics = Metrics()
    metrics.ended(replace(job, state=JobState.RELEASED, release_reason=reason), now=job.created_at)
    found = page(metrics)
    assert found["jobs_total", reason] == 1
    assert found["jobs_total", "delivered"] == found["job_seconds_count"] == found["credits_charged_total"] == 0
    assert found["provider_unknown_total"] == (reason is ReleaseReason.UNKNOWN)


def test_what_happens_beside_is_counted() -> None:
    metrics = Metrics()
    metrics.bought(230_000, seconds=40)
    metrics.shown("direct")
    metrics.reencoded()
    metrics.supplier_has(12_500_000)
    metrics.acknowledged(0.03)
    metrics.audited(2, now=NOW)
    found = page(metrics)
    assert found["provider_spent_usd_total"] == pytest.approx(0.23)
    assert found["provider_seconds_sum"] == 40
    assert found["deliveries_total", "direct"] == found["image_reencoded_total"] == 1
    assert found["provider_balance_usd"] == 12.5
    assert found["acknowledgement_seconds_count"] == 1
    assert (found["ledger_imbalance"], found["ledger_audited_timestamp_seconds"]) == (2, NOW / 1000)


def test_codes_that_nobody_has_heard_of_share_one_label() -> None:
    metrics = Metrics()
    for code in (200, 429, 522, *range(600, 700)):
        metrics.supplier_said(code)
        metrics.discord_refused(code)
    metrics.supplier_said("unsent")
    found = page(metrics)
    assert found["provider_requests_total", "other"] == found["discord_errors_total", "other"] == 100
    assert found.labels["code"] == {"200", "429", "522", "other", "unsent"}


def test_what_is_found_at_the_moment_is_told() -> None:
    under_way = UnderWay(jobs={JobState.HELD: 3, JobState.RUNNING: 2}, credits_held=750, oldest_at=NOW - 90_000)
    found = page(
        Metrics(), ready={"database": True, "running": False}, sales_open=False, under_way=under_way, servers=4,
        gateway_latency_seconds=0.05, loop_lag_seconds=0.01,
    )  # fmt: skip
    assert (found["ready", "database"], found["ready", "running"], found["sales_open"]) == (1, 0, 0)
    assert (found["jobs_open", "held"], found["jobs_open", "running"], found["jobs_open", "posting"]) == (3, 2, 0)
    assert (found["queue_depth"], found["credits_held"], found["oldest_open_job_seconds"]) == (3, 750, 90)
    assert (found["servers"], found["gateway_latency_seconds"], found["loop_lag_seconds"]) == (4, 0.05, 0.01)


def test_with_nothing_under_way_the_oldest_job_has_no_age() -> None:
    found = page(Metrics(), under_way=UnderWay(jobs={}, credits_held=0, oldest_at=None))
    assert found["oldest_open_job_seconds"] == found["credits_held"] == 0


@pytest.mark.parametrize(
    "name",
    ["ledger_imbalance", "provider_balance_usd", "credits_held", "oldest_open_job_seconds", "gateway_latency_seconds"],
)
def test_what_nobody_knows_is_left_out_and_is_not_a_nought(name: str) -> None:
    assert name not in page(Metrics())


def test_labels_are_few_and_name_no_person_and_no_server() -> None:
    found = page(Metrics(), ready={"database": True}, under_way=UnderWay(jobs={}, credits_held=0, oldest_at=None))
    assert set(found.labels) == {"check", "generation", "le", "outcome", "rung", "state", "version"}


def test_two_processes_in_one_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.reencoded()
    assert page(other)["image_reencoded_total"] == 0
