"""`stillframe reconcile`: our jobs against the stand-in's bill, over HTTP."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.cli import bill_comparison
from bot.cli.reconcile import compare_with_bill
from bot.domain.job import Job, ReleaseReason, StoredImage
from bot.domain.recipe import Size
from bot.settings import Settings
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.orders import jobs, placing
from sandbox.atlas import MODEL, StandIn, serve
from tests.support.command_line import DATABASE, in_words, leave_for, stillframe
from tests.support.factories import MANY, a_recipe, an_order

KEY = "apikey-test"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9)
SEPTEMBER = ("reconcile", "--from", "2026-09-01", "--to", "2026-09-30")

Fill = Callable[[SqliteStore], Awaitable[Any]]
Charge = Callable[[StandIn], Any]


@pytest.fixture(autouse=True)
def an_empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_for(tmp_path, monkeypatch)
    monkeypatch.setenv("ATLASCLOUD_API_KEY", KEY)


def at(day: date, hour: int = 12, minute: int = 0) -> int:
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC).timestamp()) * 1_000


async def sent(store: SqliteStore, number: int, when: int, *, taken: bool = True, **changes: Any) -> Job:
    order = an_order(str(number), recipe=a_recipe(**changes))
    placed = await store.run(placing.place(order, starting_credits=100_000, limits=MANY, now=when))
    job = await store.run(jobs.submitting(placed.job, now=when))
    return await store.run(jobs.running(job, f"prediction{number}", now=when)) if taken else job


async def made(
    store: SqliteStore, number: int, when: int, *, done: int | None = None, price: int | None = 150_000, **changes: Any
) -> None:
    """An image that came after ten seconds, or at `done`."""
    done = done or when + 10_000
    job = await sent(store, number, when, **changes)
    image = StoredImage(
        name=f"{number}.png", sha256="0" * 64, width=1, height=1, unsafe=None, output_url=None, price_micros=price
    )
    job = await store.run(jobs.stored(job, image, refund=0, now=done))
    job = await store.run(jobs.posting(job, now=done))
    await store.run(jobs.delivered(job, channel_id=5, message_id=6, now=done))


async def lost(store: SqliteStore, number: int, when: int, reason: ReleaseReason, *, taken: bool = True) -> None:
    job = await sent(store, number, when, taken=taken)
    await store.run(jobs.released(job, reason, now=when + 10_000))


def run(fill: Fill, charge: Charge, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    async def beside_the_supplier() -> Any:
        async with open_sqlite(DATABASE) as store:
            await fill(store)
            async with serve(api_key=KEY) as standin:
                charge(standin)
                monkeypatch.setenv("ATLASCLOUD_BASE_URL", standin.base_url)
                result = await asyncio.to_thread(stillframe, *arguments)
                assert standin.violations == []
        return result

    return asyncio.run(beside_the_supplier())


def charges(*lines: tuple[date, int]) -> Charge:
    def charge(standin: StandIn) -> None:
        for day, micros in lines:
            standin.account.book(day, MODEL, micros)

    return charge


async def two_days(store: SqliteStore) -> None:
    await made(store, 1, at(MONDAY))
    await made(store, 2, at(MONDAY), size=Size.K2, price=None)
    await made(store, 3, at(TUESDAY), price=120_000)
    await lost(store, 4, at(TUESDAY), ReleaseReason.UNKNOWN, taken=False)
    await lost(store, 5, at(TUESDAY), ReleaseReason.FAILED)


def test_a_bill_that_fits_is_shown_by_day_with_what_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    def charge(standin: StandIn) -> None:
        charges((MONDAY, 340_000), (TUESDAY, 270_000))(standin)
        standin.account.book(TUESDAY, "other/[red]model", 14_000)

    result = run(two_days, charge, *SEPTEMBER, monkeypatch=monkeypatch)
    assert result.exit_code == 0
    words = in_words(result)
    for part in (
        "nb2-dev, US$",
        "2026-09-07 2 0.34 0.34 fits",
        "2026-09-08 1 0.12 0.27 0.27 fits",
        "2026-09-08 other/[red]model 0.014",
        "4 2026-09-08 12:00 unknown 0.15",
        "3 2026-09-08 12:00 0.12 0.15",
        "Images: 3, made for US$ 0.46. Billed: US$ 0.61.",
        "Counted at the list price, since the supplier did not tell theirs: 1.",
        "The bill fits the books, from 2026-09-01 to 2026-09-30.",
    ):
        assert part in words
    assert "Reading" not in result.stderr  # the progress bar is for terminals


def test_a_bill_that_does_not_fit_names_the_day_and_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    charge = charges((MONDAY, 640_000), (TUESDAY, 120_000), (WEDNESDAY, 5_000))
    result = run(two_days, charge, *SEPTEMBER, monkeypatch=monkeypatch)
    assert result.exit_code == 1
    words = in_words(result)
    assert "2026-09-07 2 0.34 0.64 0.30 differs" in words
    assert "2026-09-08 1 0.12 0.27 0.12 fits" in words
    assert "2026-09-09 0 0.00 0.005 0.005 fits" in words
    assert "The bill does not fit the books on 2026-09-07." in words


def test_scripts_get_the_whole_comparison_in_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(two_days, charges((MONDAY, 40_000)), *SEPTEMBER, "--json", monkeypatch=monkeypatch)
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert {name: answer[name] for name in ("ok", "from", "to", "images", "made_micros", "billed_micros")} == {
        "ok": False, "from": "2026-09-01", "to": "2026-09-30", "images": 3, "made_micros": 460_000,
        "billed_micros": 40_000,
    }  # fmt: skip
    assert answer["days"][0] == {
        "day": "2026-09-07", "model": "nb2-dev", "images": 2, "least_micros": 340_000, "most_micros": 340_000,
        "billed_micros": 40_000, "unexplained_micros": -300_000, "open": False, "fits": False,
    }  # fmt: skip
    assert answer["days"][1]["unexplained_micros"] == -120_000
    assert answer["possibly_paid"] == [
        {"job": "4", "guild": "1", "member": "10", "model": "nb2-dev", "sent_ms": at(TUESDAY), "why": "unknown",
         "micros": 150_000, "list_micros": 150_000}
    ]  # fmt: skip
    assert [(each["job"], each["micros"]) for each in answer["unusual_prices"]] == [("3", 120_000)]


def test_each_model_is_held_against_its_own_bill_also_under_a_name_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fill(store: SqliteStore) -> None:
        await made(store, 1, at(MONDAY), price=None)
        await made(store, 2, at(MONDAY), price=None, model="nb2-text", size=Size.K2)

    def charge(standin: StandIn) -> None:
        charges((MONDAY, 150_000))(standin)
        standin.account.book(MONDAY, "google/nano-banana-2/text-to-image", 190_000)

    Path("models.toml").write_text('[[model]]\nkey = "nb2-dev"\nwire_id = "google/moved"\n')
    monkeypatch.setenv("MODELS_FILE", "models.toml")
    answer = json.loads(run(fill, charge, *SEPTEMBER, "--json", monkeypatch=monkeypatch).stdout)
    assert answer["other_models"] == []
    assert [(day["model"], day["most_micros"], day["billed_micros"], day["fits"]) for day in answer["days"]] == [
        ("nb2-dev", 150_000, 150_000, True),
        ("nb2-text", 120_000, 190_000, False),
    ]


@pytest.mark.parametrize(
    ("reason", "taken", "in_doubt"),
    [
        (ReleaseReason.UNKNOWN, False, True),
        (ReleaseReason.TIMED_OUT, True, True),
        (ReleaseReason.NO_IMAGE, True, True),
        (ReleaseReason.CLOSED, True, True),
        (ReleaseReason.CLOSED, False, False),
        (ReleaseReason.REJECTED, False, False),
        (ReleaseReason.FAILED, True, False),
        (ReleaseReason.CONTENT_REFUSED, True, False),
    ],
)
def test_what_may_have_been_paid_without_an_image_is_listed(
    reason: ReleaseReason, taken: bool, in_doubt: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fill(store: SqliteStore) -> None:
        await lost(store, 1, at(MONDAY), reason, taken=taken)

    result = run(fill, charges((MONDAY, 150_000)), *SEPTEMBER, "--json", monkeypatch=monkeypatch)
    answer = json.loads(result.stdout)
    assert ([each["job"] for each in answer["possibly_paid"]], result.exit_code) == (
        (["1"], 0) if in_doubt else ([], 1)
    )


def test_an_image_at_midnight_or_still_under_way_may_be_on_either_day(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fill(store: SqliteStore) -> None:
        await made(store, 1, at(MONDAY, 23, 59), done=at(TUESDAY, 0, 1))
        await made(store, 2, at(date(2026, 8, 31), 23, 59), done=at(date(2026, 9, 1), 0, 1))
        await made(store, 3, at(date(2026, 8, 31), 12))
        await sent(store, 4, at(WEDNESDAY))

    def days(*lines: tuple[date, int]) -> dict[str, bool]:
        DATABASE.unlink(missing_ok=True)
        result = run(fill, charges(*lines), *SEPTEMBER, "--json", monkeypatch=monkeypatch)
        return {day["day"]: day["fits"] for day in json.loads(result.stdout)["days"]}

    assert all(days((MONDAY, 150_000)).values())
    assert all(days((TUESDAY, 150_000), (date(2026, 9, 1), 150_000), (date(2026, 9, 20), 150_000)).values())
    assert days((MONDAY, 300_000))["2026-09-07"] is False


def test_a_day_that_is_not_over_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    today = datetime.now(UTC).date()
    period = ("reconcile", "--from", f"{today - timedelta(days=1)}", "--to", f"{today}")

    async def nothing(store: SqliteStore) -> None:
        pass

    result = run(nothing, charges((today, 900_000)), *period, monkeypatch=monkeypatch)
    assert result.exit_code == 0
    assert "not over" in in_words(result)


def test_long_lists_are_cut_for_people_and_whole_for_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fill(store: SqliteStore) -> None:
        for number in range(23):
            await lost(store, number, at(MONDAY), ReleaseReason.UNKNOWN, taken=False)

    assert "and 3 more: see --json" in in_words(run(fill, charges(), *SEPTEMBER, monkeypatch=monkeypatch))


def test_people_see_how_far_the_reading_is(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=80)

    async def read() -> None:
        async with open_sqlite(DATABASE), serve(api_key=KEY) as standin:
            charges((MONDAY, 150_000))(standin)
            monkeypatch.setenv("ATLASCLOUD_BASE_URL", standin.base_url)
            now = datetime(2026, 10, 1, tzinfo=UTC)
            answer = await compare_with_bill(Settings(), SecretStr(KEY), MONDAY, MONDAY, progress=screen, now=now)
            assert not answer.done

    asyncio.run(read())
    assert "Reading the supplier's bill" in screen.file.getvalue()  # type: ignore[attr-defined]  # a StringIO, above


def test_jobs_of_a_period_are_found_by_their_index() -> None:
    async def plan() -> str:
        async with open_sqlite(DATABASE) as store:
            sql = (
                "EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE submitted_at >= :since AND submitted_at < :until "
                "ORDER BY submitted_at, id"
            )

            def ask() -> Any:
                return (yield sql, {"since": 0, "until": 1})

            return " ".join(row["detail"] for row in await store.read(ask()))

    assert "USING INDEX jobs_sent (submitted_at>? AND submitted_at<?)" in asyncio.run(plan())


# --- what can't be compared ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last"), [("2026-09-30", "2026-09-01"), ("2026-01-01", "2026-06-30"), ("yesterday", "2026-09-01")]
)
def test_a_period_that_no_bill_has_is_refused(first: str, last: str) -> None:
    assert stillframe("reconcile", "--from", first, "--to", last).exit_code == 2


def test_without_a_database_or_a_key_nothing_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    without_books = stillframe(*SEPTEMBER)
    assert (without_books.exit_code, "There is no database" in without_books.stderr) == (2, True)
    DATABASE.parent.mkdir()
    DATABASE.touch()
    monkeypatch.delenv("ATLASCLOUD_API_KEY")
    without_key = stillframe(*SEPTEMBER)
    assert (without_key.exit_code, "ATLASCLOUD_API_KEY is not set" in without_key.stderr) == (2, True)


@pytest.mark.parametrize(
    ("key", "words"),
    [("apikey-wrong", "does not let this key in (key)"), (KEY, "did not answer as it should")],
    ids=["wrong_key", "unreachable"],
)
def test_a_supplier_that_gives_no_bill_is_named_and_not_taken_for_a_difference(
    key: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.providers.atlas.TRANSFER_PAUSES_SECONDS", ())

    def charge(standin: StandIn) -> None:
        monkeypatch.setenv("ATLASCLOUD_API_KEY", key)
        if key == KEY:
            standin.base_url = "http://127.0.0.1:1"

    result = run(two_days, charge, *SEPTEMBER, monkeypatch=monkeypatch)
    assert (result.exit_code, words in result.stderr, KEY in result.stderr) == (2, True, False)


def test_the_tolerance_is_less_than_the_cheapest_thing_that_can_be_bought() -> None:
    pricing = Settings().pricing
    tables = [row.prices for row in pricing.models.rows if row.prices]
    prices = {
        price for each in tables for price in (*each.image.values(), each.clip, each.web_search, each.image_search)
    }
    assert min(prices - {0}) > bill_comparison.TOLERANCE_MICROS
