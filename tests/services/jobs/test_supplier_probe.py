"""The circuit breaker trips before members' orders fail at a closed supplier, and is reset without an operator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.domain.errors import (
    Restarting,
    SalesPaused,
    SubmitUnknown,
    SupplierClosed,
    SupplierRejected,
    SupplierUnreachable,
)
from bot.domain.job import ReleaseReason
from bot.services.jobs.circuit_breaker import TROUBLES, CircuitBreaker
from tests.services.conftest import JobHarness
from tests.support.house import PATIENCE_SECONDS


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110  # what it waits for happens elsewhere
            await asyncio.sleep(0.01)


@pytest.fixture
async def breaker(harness: JobHarness) -> CircuitBreaker:
    return CircuitBreaker(harness.store)


def test_a_circuit_breaker_lets_orders_through_until_something_trips_it(breaker: CircuitBreaker) -> None:
    breaker.check()


@pytest.mark.parametrize("because", ["key", "funds", "region", "forbidden"])
def test_a_supplier_that_is_closed_to_us_trips_it_at_once(breaker: CircuitBreaker, because: str) -> None:
    breaker.failed(SupplierClosed(because=because))  # type: ignore[arg-type]  # each of the reasons there are
    with pytest.raises(SalesPaused):
        breaker.check()


@pytest.mark.parametrize("error", [SubmitUnknown(), SupplierUnreachable()])
def test_troubles_in_a_row_close_it_and_one_good_answer_begins_the_count_anew(
    breaker: CircuitBreaker, error: SubmitUnknown
) -> None:
    for _ in range(2):
        for _ in range(TROUBLES - 1):
            breaker.failed(error)
        breaker.answered()
    breaker.check()
    for _ in range(TROUBLES):
        breaker.failed(error)
    assert breaker.tripped_for == "down"


def test_an_order_that_the_supplier_does_not_like_closes_nothing(breaker: CircuitBreaker) -> None:
    for _ in range(20):
        breaker.failed(SupplierRejected())
    breaker.check()


def test_a_process_that_is_about_to_stop_takes_no_orders_and_no_buttons(breaker: CircuitBreaker) -> None:
    breaker.stop()
    with pytest.raises(Restarting):
        breaker.check()
    with pytest.raises(Restarting):
        breaker.check_running()


@pytest.mark.parametrize(("scenario", "words"), [("submit_401", "does not accept the key"), ("submit_402", "(402)")])
async def test_a_closed_supplier_is_told_to_the_operator_once_sends_the_line_home_and_opens_by_itself(
    harness: JobHarness, scenario: str, words: str
) -> None:
    harness.standin.use(scenario, times=1)
    async with harness.at_work() as workers:
        for number in range(6):
            await harness.order(f"{number}", cost=1)
        await until(lambda: len(harness.messenger.operator) >= 2)
        for number in range(6):
            await harness.until(f"{number}")
        workers.breaker.check()
    assert len(harness.messenger.operator) == 2
    assert words in harness.messenger.operator[0]
    assert harness.messenger.operator[1] == "New images are made again."
    assert set(harness.messenger.released.values()) <= {ReleaseReason.CLOSED}
    assert (await harness.balance()).held == 0
    assert await harness.findings() == ()


async def test_a_balance_that_runs_low_closes_the_shop_before_anybody_meets_a_402(harness: JobHarness) -> None:
    async with harness.at_work() as workers:
        harness.standin.account.available_micros = 500_000
        await workers.supplier_probe._look()  # which comes every five minutes
        await until(lambda: workers.breaker.tripped_for == "balance")
        with pytest.raises(SalesPaused):
            workers.breaker.check()
        await until(lambda: bool(harness.messenger.operator))
        assert "SUPPLIER_BALANCE_STOP_USD" in harness.messenger.operator[0]
        harness.standin.account.available_micros = 100_000_000
        await until(lambda: workers.breaker.tripped_for is None)


async def test_a_balance_under_the_warning_is_told_once_and_stops_nothing(harness: JobHarness) -> None:
    async with harness.at_work() as workers:
        for micros in (3_000_000, 2_000_000, 6_000_000, 4_999_999):
            harness.standin.account.available_micros = micros
            await workers.supplier_probe._look()
        workers.breaker.check()
    assert [words.partition(",")[0] for words in harness.messenger.operator] == [
        "The balance at the image service is US$ 3.00",
        "The balance at the image service is US$ 5.00",
    ]


async def test_a_supplier_that_stays_down_is_asked_less_and_less_often(harness: JobHarness) -> None:
    harness.standin.account.available_micros = 0
    async with harness.at_work() as workers:
        workers.breaker.trip("balance")
        await asyncio.sleep(1.0)
        looks = [request for request in harness.standin.requests if request.path.endswith("/balance")]
    assert 2 <= len(looks) <= 6  # 0.05, 0.1, 0.2, 0.4 s apart, and not twenty times
    assert len(harness.messenger.operator) == 1


async def test_a_shop_that_opens_too_early_opens_later_the_next_time(harness: JobHarness) -> None:
    """The balance looks fine, but the supplier still takes nothing: the operator must not be told every few seconds."""
    harness.standin.use("submit_402")
    async with harness.at_work() as workers:
        for number in range(60):
            if workers.breaker.tripped_for is None:
                await harness.order(f"{number}", cost=1)
            await asyncio.sleep(0.02)
    assert 3 <= len(harness.messenger.operator) <= 11  # 0.05, 0.1, 0.2, 0.4 s apart, and not every 0.05 s
    assert harness.accepted == 0
