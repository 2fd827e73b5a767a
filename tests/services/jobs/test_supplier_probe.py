"""Open and closed: the shop closes before members meet a closed supplier, and opens by itself."""

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
from bot.services.jobs.circuit_breaker import TROUBLES, Shop
from tests.services.conftest import Workshop
from tests.support.house import PATIENCE_SECONDS


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110  # what it waits for happens elsewhere
            await asyncio.sleep(0.01)


def test_a_shop_is_open_until_something_closes_it() -> None:
    Shop().check()


@pytest.mark.parametrize("because", ["key", "funds", "region", "forbidden"])
def test_a_supplier_that_is_closed_to_us_closes_the_shop_at_once(because: str) -> None:
    shop = Shop()
    shop.went_wrong(SupplierClosed(because=because))  # type: ignore[arg-type]  # each of the reasons there are
    with pytest.raises(SalesPaused):
        shop.check()


@pytest.mark.parametrize("error", [SubmitUnknown(), SupplierUnreachable()])
def test_troubles_in_a_row_close_it_and_one_good_answer_begins_the_count_anew(error: SubmitUnknown) -> None:
    shop = Shop()
    for _ in range(2):
        for _ in range(TROUBLES - 1):
            shop.went_wrong(error)
        shop.answered()
    shop.check()
    for _ in range(TROUBLES):
        shop.went_wrong(error)
    assert shop.closed_for == "down"


def test_an_order_that_the_supplier_does_not_like_closes_nothing() -> None:
    shop = Shop()
    for _ in range(20):
        shop.went_wrong(SupplierRejected())
    shop.check()


def test_a_process_that_is_about_to_stop_takes_no_orders_and_no_buttons() -> None:
    shop = Shop()
    shop.stop()
    with pytest.raises(Restarting):
        shop.check()
    with pytest.raises(Restarting):
        shop.check_running()


@pytest.mark.parametrize(("scenario", "words"), [("submit_401", "does not accept the key"), ("submit_402", "(402)")])
async def test_a_closed_supplier_is_told_to_the_operator_once_sends_the_line_home_and_opens_by_itself(
    workshop: Workshop, scenario: str, words: str
) -> None:
    workshop.standin.use(scenario, times=1)
    async with workshop.at_work() as crew:
        for number in range(6):
            await workshop.order(f"{number}", cost=1)
        await until(lambda: len(workshop.courier.operator) >= 2)
        for number in range(6):
            await workshop.until(f"{number}")
        crew.shop.check()
    assert len(workshop.courier.operator) == 2
    assert words in workshop.courier.operator[0]
    assert workshop.courier.operator[1] == "New images are made again."
    assert set(workshop.courier.released.values()) <= {ReleaseReason.CLOSED}
    assert (await workshop.balance()).held == 0
    assert await workshop.findings() == ()


async def test_a_balance_that_runs_low_closes_the_shop_before_anybody_meets_a_402(workshop: Workshop) -> None:
    async with workshop.at_work() as crew:
        workshop.standin.account.available_micros = 500_000
        await crew.watch._look()  # which comes every five minutes
        await until(lambda: crew.shop.closed_for == "balance")
        with pytest.raises(SalesPaused):
            crew.shop.check()
        await until(lambda: bool(workshop.courier.operator))
        assert "SUPPLIER_BALANCE_WARN_USD" in workshop.courier.operator[0]
        workshop.standin.account.available_micros = 100_000_000
        await until(lambda: crew.shop.closed_for is None)


async def test_a_supplier_that_stays_down_is_asked_less_and_less_often(workshop: Workshop) -> None:
    workshop.standin.account.available_micros = 0
    async with workshop.at_work() as crew:
        crew.shop.close("balance")
        await asyncio.sleep(1.0)
        looks = [request for request in workshop.standin.requests if request.path.endswith("/balance")]
    assert 2 <= len(looks) <= 6  # 0.05, 0.1, 0.2, 0.4 s apart, and not twenty times
    assert len(workshop.courier.operator) == 1


async def test_a_shop_that_opens_too_early_opens_later_the_next_time(workshop: Workshop) -> None:
    """The balance looks fine, but the supplier still takes nothing: the operator must not be told every few seconds."""
    workshop.standin.use("submit_402")
    async with workshop.at_work() as crew:
        for number in range(60):
            if crew.shop.closed_for is None:
                await workshop.order(f"{number}", cost=1)
            await asyncio.sleep(0.02)
    assert 3 <= len(workshop.courier.operator) <= 11  # 0.05, 0.1, 0.2, 0.4 s apart, and not every 0.05 s
    assert workshop.accepted == 0
