"""The figures of a server's orders are right, day by day, and no orders of other servers are read for them."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import UTC, date, datetime

import pytest

from bot.domain.job import ReleaseReason
from bot.domain.usage import Ending, OrderGroup, UsagePeriod
from bot.domain.wallet import WalletKey
from bot.services.server.usage import COLUMNS, Reports
from bot.storage.credits import bank, ledger
from bot.storage.engine.store import Store
from bot.storage.orders import jobs, placing
from bot.storage.server import policy, usage
from tests.support.factories import ANN, BOB, MANY, an_order, sql

DAY = date(2026, 11, 22)
MIDNIGHT = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000
DAY_MS = 24 * HOUR
RICH = 1_000_000
ELSEWHERE = WalletKey(guild_id=2, member_id=ANN.member_id)
TOOK_BACK = {"actor": "3000", "reason": "Wrong video"}


async def ordered(
    store: Store, job_id: str, *, at: int = MIDNIGHT, wallet: WalletKey = ANN, channel_id: int = 5
) -> None:
    new = an_order(job_id, wallet=wallet, channel_id=channel_id)
    await store.run(placing.place(new, starting_credits=RICH, limits=MANY, now=at))


async def delivered(store: Store, job_id: str, *, price_micros: int | None = 150_000) -> None:
    await store.run(ledger.capture(job_id, reason="Delivered", now=MIDNIGHT))
    for state in ("submitting", "running", "stored", "posting", "delivered"):
        await store.run(sql("UPDATE jobs SET state = :state WHERE id = :id", state=state, id=job_id))
    await store.run(sql("UPDATE jobs SET price_micros = :micros WHERE id = :id", micros=price_micros, id=job_id))


async def parts(store: Store, *, since: int = MIDNIGHT, until: int = MIDNIGHT + DAY_MS) -> list[OrderGroup]:
    return await store.read(usage.parts(ANN.guild_id, DAY, since=since, until=until))


def reports(store: Store, *, now: int = MIDNIGHT + 12 * HOUR) -> Reports:
    return Reports(store, clock=lambda: now)


async def test_orders_are_summed_up_by_member_channel_and_ending_with_what_came_back(store: Store) -> None:
    for job_id in ("1", "2", "3"):
        await ordered(store, job_id)
        await delivered(store, job_id, price_micros=None if job_id == "3" else 150_000)
    charge = (await store.read(sql("SELECT id FROM entries WHERE job_id = '2' AND kind = 'capture'")))[0]["id"]
    await store.run(bank.undo(charge, guild_id=ANN.guild_id, now=MIDNIGHT, **TOOK_BACK))
    await ordered(store, "4", wallet=BOB, channel_id=6)
    await store.run(jobs.withdraw("4", ReleaseReason.CONTENT_REFUSED, now=MIDNIGHT))
    await store.run(sql("UPDATE jobs SET price_micros = 80000 WHERE id = '4'"))  # it may charge for refusals too
    await ordered(store, "5", wallet=ELSEWHERE)
    await ordered(store, "6", wallet=BOB, channel_id=6)
    shown, refused, waiting = sorted(await parts(store), key=lambda part: (part.member_id, part.ending))
    assert shown == OrderGroup(
        day=DAY, member_id=10, channel_id=5, model="nb2-dev", ending=Ending.DELIVERED, orders=3, charged=450,
        refunded=150, priced=2, cost_micros=300_000,
    )  # fmt: skip
    assert refused == OrderGroup(
        day=DAY, member_id=11, channel_id=6, model="nb2-dev", ending=Ending.CONTENT, orders=1, charged=0, refunded=0,
        priced=1, cost_micros=80_000,
    )  # fmt: skip
    assert (waiting.ending, waiting.orders, waiting.charged) == (Ending.UNDER_WAY, 1, 0)


async def test_a_day_begins_and_ends_by_the_servers_own_clock(store: Store) -> None:
    await store.run(policy.change(ANN.guild_id, "time_zone", "Pacific/Auckland", actor=1, now=MIDNIGHT))
    noon = MIDNIGHT + 11 * HOUR  # midnight in Auckland, 13 hours ahead
    for job_id, at in (("1", noon - 1), ("2", noon), ("3", noon + DAY_MS - 1), ("4", noon + DAY_MS)):
        await ordered(store, job_id, at=at)
    found = reports(store, now=noon + 2 * DAY_MS)
    days = await found.days(ANN.guild_id, UsagePeriod.WEEK)
    assert (days[0], days[-1]) == (date(2026, 11, 19), date(2026, 11, 25))
    by_day = (await found.usage(ANN.guild_id, days)).by_day
    orders = {day.day: totals.orders for day, totals in by_day.items()}
    assert orders == {19: 0, 20: 0, 21: 0, 22: 1, 23: 2, 24: 1, 25: 0}


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_the_orders_of_others_are_not_walked_through(store: Store) -> None:
    statement, parameters = next(usage.parts(1, DAY, since=0, until=1))
    rows = await store.read(sql(f"EXPLAIN QUERY PLAN {statement}", **parameters))
    plan = "\n".join(row["detail"] for row in rows)
    assert "jobs_by_server (guild_id=? AND created_at>? AND created_at<?)" in plan
    assert "entries_refunds_of_a_job (job_id=?)" in plan
    assert "SCAN" not in plan


async def test_a_sheet_has_a_line_for_each_part_and_no_formula_that_somebody_typed(store: Store) -> None:
    await ordered(store, "1")
    await delivered(store, "1")
    await ordered(store, "2", wallet=BOB)
    found = reports(store)
    days = await found.days(ANN.guild_id, UsagePeriod.WEEK)
    lines = await found.parts(ANN.guild_id, days)
    names = {"members": {ANN.member_id: '=HYPERLINK("http://evil")'}, "channels": {5: "#images"}}
    sheet = await found.sheet(lines, days, **names, limit_bytes=10_000)
    assert sheet.name == "usage_2026-11-16_2026-11-22.csv"
    head, first, second = csv.reader(io.StringIO(sheet.data.decode("utf-8-sig")))
    assert tuple(head) == COLUMNS
    assert dict(zip(COLUMNS, first, strict=True)) == {
        "day": "2026-11-22", "member_id": "10", "member": "'=HYPERLINK(\"http://evil\")", "channel_id": "5",
        "channel": "#images", "model": "nb2-dev", "ending": "delivered", "orders": "1", "credits_charged": "150",
        "credits_refunded": "0", "priced_orders": "1", "supplier_usd": "0.150000",
    }  # fmt: skip
    assert (second[1], second[2], second[6]) == ("11", "", "under way")
    small = await found.sheet(lines, days, **names, limit_bytes=10)
    assert small.name == f"{sheet.name}.gz"
    assert gzip.decompress(small.data) == sheet.data
