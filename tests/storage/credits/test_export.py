"""An export of the books is complete, of one server alone, harmless in a spreadsheet, and needs little memory."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from bot.domain.errors import NotADate, PeriodEmpty, PeriodTooLong
from bot.domain.wallet import WalletKey
from bot.services.credits import exports
from bot.services.credits.exports import ExportPeriod, Exports
from bot.storage.credits import ledger
from bot.storage.credits.export import ENTRY_COLUMNS, JOB_COLUMNS
from bot.storage.engine.store import Store
from bot.storage.orders import placing
from tests.support.factories import ANN, BOB, MANY, NOW, an_order, sql

GUILD = ANN.guild_id
DAY = 86_400_000
ROOMY = 20 * 1024 * 1024
WHOLE = ExportPeriod(NOW - DAY, NOW + DAY)
MANY_ENTRIES = 20_000  # 20 pages; all of them at once would take 20 MB
PEAK_LIMIT_BYTES = 3 * 1024 * 1024


@pytest.fixture
def export(store: Store) -> Exports:
    return Exports(store, clock=lambda: NOW)


async def grant(
    store: Store, act_id: str, *, wallet: WalletKey = ANN, reason: str = "Won", at: int = NOW, amount: int = 500
) -> None:
    await store.run(ledger.grant(wallet, amount, act_id=act_id, actor="30", reason=reason, starting_credits=0, now=at))


async def rows_of(
    export: Exports, period: ExportPeriod = WHOLE, *, limit: int = ROOMY
) -> list[tuple[str, dict[str, list[dict[str, str]]]]]:
    """The names of the parts, and the rows of their files by the beginning of the file's name."""
    async with export.write(GUILD, period, limit_bytes=limit) as parts:
        return [
            (part.period.name, {name.split("-")[0]: parse(data) for name, data in contents(part.files)})
            async for part in parts
        ]


def contents(files: tuple[Path, ...]) -> list[tuple[str, bytes]]:
    if files and files[0].suffix == ".zip":
        with zipfile.ZipFile(files[0]) as packed:
            return [(name, packed.read(name)) for name in packed.namelist()]
    return [(file.name, file.read_bytes()) for file in files]


def parse(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


async def test_entries_and_jobs_of_this_server_and_period_are_all_there_in_order(store: Store, export: Exports) -> None:
    await grant(store, "0", at=NOW - 2 * DAY)
    await grant(store, "1")
    await grant(store, "2", wallet=WalletKey(GUILD + 1, 10))
    await grant(store, "3", wallet=BOB)
    await store.run(placing.place(an_order(), starting_credits=0, limits=MANY, now=NOW))
    await store.run(
        placing.place(an_order("901", wallet=BOB, private=True), starting_credits=0, limits=MANY, now=NOW + DAY)
    )
    ((name, files),) = await rows_of(export)
    assert name == "2026-09-20-to-2026-09-22"
    assert [(row["member_id"], row["kind"], row["amount"]) for row in files["entries"]] == [
        ("10", "grant", "500"), ("11", "grant", "500"), ("10", "hold", "0"),
    ]  # fmt: skip
    assert tuple(files["entries"][0]) == ENTRY_COLUMNS
    assert files["entries"][2] == {
        "entry": "5", "time_utc": "2026-09-21 14:13:20", "member_id": "10", "kind": "hold", "amount": "0",
        "on_hold_change": "150", "available_before": "1000", "available_after": "850", "on_hold_after": "150",
        "allowance_after": "0", "job": "900", "undoes_entry": "", "actor_id": "10", "reason": "Image ordered",
    }  # fmt: skip
    (job,) = files["jobs"]
    assert tuple(job) == JOB_COLUMNS
    assert job["model"] == "nb2-dev"
    assert (job["job"], job["price"], job["state"], job["web_search"], job["size"]) == (
        "900",
        "150",
        "held",
        "no",
        "1k",
    )


@pytest.mark.parametrize("reason", ["=HYPERLINK(1)", "+1", "-1", "@sum", "＝1"])
async def test_what_people_wrote_is_no_formula_and_keeps_its_quotes_and_commas(
    store: Store, export: Exports, reason: str
) -> None:
    await grant(store, "1", reason=reason)
    await grant(store, "2", reason='a, "b"; ñ 漢')
    ((_, files),) = await rows_of(export)
    assert [row["reason"] for row in files["entries"]] == [f"'{reason}", 'a, "b"; ñ 漢']


async def test_pages_meet_without_a_gap_also_where_all_happened_at_once(
    store: Store, export: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE_ROWS", 3)
    for number in range(10):
        wallet = ANN if number % 3 else WalletKey(GUILD + 1, 10)
        await grant(store, str(number), wallet=wallet, at=NOW + number // 5)
        if number % 3:
            await store.run(
                placing.place(an_order(f"9{number}"), starting_credits=0, limits=MANY, now=NOW + number // 5)
            )
    ((_, files),) = await rows_of(export)
    grants = [row for row in files["entries"] if row["kind"] == "grant"]
    assert (len(grants), len(files["entries"]), len(files["jobs"])) == (6, 12, 6)
    assert len({row["entry"] for row in files["entries"]}) == 12


async def test_what_is_too_large_for_one_file_comes_by_months_and_a_month_that_is_says_so(
    store: Store, export: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "LARGE_BYTES", 2_000)
    october = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp() * 1000)
    for number in range(60):
        await grant(store, f"a{number}", at=NOW + number, reason=sha256(bytes([number])).hexdigest())
    await grant(store, "b", at=october)
    period = ExportPeriod(NOW, october + DAY)
    ((_, whole),) = await rows_of(export, period)
    assert len(whole["entries"]) == 61
    parts = await rows_of(export, period, limit=1_500)
    assert [(name, len(files.get("entries", ()))) for name, files in parts] == [
        ("2026-09-21-to-2026-09-30", 0), ("2026-10-01-to-2026-10-01", 1),
    ]  # fmt: skip
    assert await rows_of(export, ExportPeriod(NOW, NOW + DAY), limit=100) == [("2026-09-21-to-2026-09-22", {})]


async def test_a_period_is_read_as_in_the_history_and_has_a_beginning_and_a_measure(export: Exports) -> None:
    assert export.period(None, None) == ExportPeriod(NOW - 30 * DAY, NOW)
    midnight = NOW - NOW % DAY
    assert export.period("yesterday", "yesterday") == ExportPeriod(midnight - DAY, midnight)
    assert export.period("today", "today") == ExportPeriod(midnight, NOW)
    with pytest.raises(PeriodEmpty):
        export.period("2026-09-20", "2026-09-01")
    with pytest.raises(PeriodEmpty):
        export.period("2027-01-01", None)
    with pytest.raises(NotADate):
        export.period("soon", None)
    with pytest.raises(PeriodTooLong):
        export.period("2020-01-01", None)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_twenty_thousand_entries_take_no_more_memory_than_a_few_pages(store: Store, export: Exports) -> None:
    await grant(store, "1", amount=1)
    await store.run(
        sql(
            """
            WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)
            INSERT INTO entries (wallet_id, seq, kind, posted_delta, held_delta, posted_after, held_after, key, actor,
                                 reason, at)
            SELECT 1, n, 'grant', 1, 0, n, 0, 'grant:many:' || n, '30',
                'One of very many, with a reason of its own', :at + n
            FROM numbers""",
            many=MANY_ENTRIES, at=NOW,
        )
    )  # fmt: skip
    tracemalloc.start()
    try:
        async with export.write(GUILD, ExportPeriod(NOW, NOW + DAY), limit_bytes=ROOMY) as parts:
            (part,) = [part async for part in parts]
            peak_bytes = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            ((_, data), _) = contents(part.files)
    finally:
        tracemalloc.stop()
    assert data.count(b"\r\n") == MANY_ENTRIES + 1
    assert peak_bytes < PEAK_LIMIT_BYTES
