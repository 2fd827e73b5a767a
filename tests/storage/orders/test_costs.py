"""The operator's budgets in the books: each order is counted once, at its price, and no budget is ever passed."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.budget_use import BudgetUse
from bot.domain.errors import OperatorBudgetUsedUp
from bot.domain.job import Job, NewJob, Placed, ReleaseReason, StoredImage
from bot.domain.operator_budget import OperatorBudgets
from bot.domain.wallet import WalletKey
from bot.storage.credits import ledger, purchases
from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.store import Script, Store
from bot.storage.orders import costs, jobs, placing
from bot.storage.orders.costs import BudgetInSight
from bot.storage.server import budgets as server_budgets
from tests.support import postgres
from tests.support.factories import MANY, NOW, an_order

PRICE = 150_000  # US$ 0.000001
DOLLAR = 1_000_000
DAY = 86_400_000


def new(number: int, *, guild_id: int = 1, micros: int = PRICE) -> NewJob:
    """An order of a member of its own, whose costs are counted in one of the day's rows by turns."""
    wallet = WalletKey(guild_id, (number << 22) + 1)
    return an_order(str(number), wallet=wallet, cost=150, list_micros=micros, message_id=7)


async def order(store: Store, order: NewJob, budgets: OperatorBudgets, *, now: int = NOW) -> Job:
    def placed(*, exact: bool) -> Script[Placed]:
        return placing.place(order, starting_credits=150, limits=MANY, budgets=budgets, exact=exact, now=now)

    try:
        return (await store.run(placed(exact=False))).job
    except BudgetInSight:
        return (await store.run(placed(exact=True))).job


async def used(store: Store, budgets: OperatorBudgets, guild_id: int = 1, *, now: int = NOW) -> dict[str, BudgetUse]:
    found, _ = await store.read(costs.uses(budgets, guild_id, now=now))
    return {use.kind: use for use in found}


ALL = OperatorBudgets(server_month=10 * DOLLAR, day=100 * DOLLAR, strangers_day=10 * DOLLAR)


def image(price_micros: int | None) -> StoredImage:
    return StoredImage(
        name="1.png", sha256="s", width=64, height=64, unsafe=None, output_url=None, price_micros=price_micros
    )


async def test_an_order_counts_with_its_list_price_and_then_with_its_real_cost(store: Store) -> None:
    job = await order(store, new(1), ALL)
    assert {kind: use.used for kind, use in (await used(store, ALL)).items()} == dict.fromkeys(
        ("server", "day", "strangers"), PRICE
    )
    job = await store.run(jobs.submitting(job, now=NOW))
    job = await store.run(jobs.running(job, "p1", now=NOW))
    await store.run(jobs.stored(job, image(42_000), refund=0, now=NOW))
    assert {use.used for use in (await used(store, ALL)).values()} == {42_000}


async def test_a_price_that_the_supplier_does_not_tell_stays_the_list_price(store: Store) -> None:
    job = await order(store, new(1), ALL)
    job = await store.run(jobs.submitting(job, now=NOW))
    job = await store.run(jobs.running(job, "p1", now=NOW))
    await store.run(jobs.stored(job, image(None), refund=0, now=NOW))
    assert {use.used for use in (await used(store, ALL)).values()} == {PRICE}


@pytest.mark.parametrize(
    ("reached", "reason", "counts"),
    [
        ("held", ReleaseReason.CANCELLED, False),
        ("held", ReleaseReason.CLIP_GONE, False),
        ("submitting", ReleaseReason.REJECTED, False),
        ("submitting", ReleaseReason.CLOSED, False),
        ("submitting", ReleaseReason.CONTENT_REFUSED, False),
        ("submitting", ReleaseReason.UNKNOWN, True),
        ("running", ReleaseReason.CONTENT_REFUSED, True),
        ("running", ReleaseReason.FAILED, True),
        ("running", ReleaseReason.CLOSED, True),
        ("running", ReleaseReason.TIMED_OUT, True),
        ("running", ReleaseReason.NO_IMAGE, True),
    ],
)
async def test_it_is_given_back_only_where_certainly_nothing_was_bought(
    store: Store, reached: str, reason: ReleaseReason, counts: bool
) -> None:
    job = await order(store, new(1), ALL)
    if reached != "held":
        job = await store.run(jobs.submitting(job, now=NOW))
    if reached == "running":
        job = await store.run(jobs.running(job, "p1", now=NOW))
    await store.run(jobs.released(job, reason, now=NOW + DAY))
    expected = PRICE if counts else 0
    assert {use.used for use in (await used(store, ALL)).values()} == {expected}


async def test_a_busy_supplier_moves_nothing_in_the_operators_money(store: Store) -> None:
    job = await order(store, new(1), ALL)
    job = await store.run(jobs.submitting(job, now=NOW))
    await store.run(jobs.back_to_held(job, next_at=NOW, now=NOW))
    assert {use.used for use in (await used(store, ALL)).values()} == {PRICE}


async def test_each_server_has_its_month_and_each_day_is_new(store: Store) -> None:
    month = OperatorBudgets(server_month=2 * PRICE, day=3 * PRICE)
    for number in (1, 2):
        await order(store, new(number), month)
    with pytest.raises(OperatorBudgetUsedUp) as server:
        await order(store, new(3), month)
    assert server.value.use.kind == "server"
    await order(store, new(4, guild_id=2), month)
    with pytest.raises(OperatorBudgetUsedUp) as day:
        await order(store, new(5, guild_id=3), month)
    assert (day.value.use.kind, day.value.use.until) == ("day", (NOW // DAY + 1) * DAY)
    await order(store, new(6, guild_id=3), month, now=NOW + DAY)
    with pytest.raises(OperatorBudgetUsedUp):
        await order(store, new(7), month, now=NOW + DAY)
    await order(store, new(8), month, now=NOW + 31 * DAY)


async def test_servers_without_a_budget_of_their_own_share_the_strangers_budget(store: Store) -> None:
    shared = OperatorBudgets(strangers_day=PRICE)
    await store.run(server_budgets.set_own(2, 5 * DOLLAR))
    await order(store, new(1), shared)
    with pytest.raises(OperatorBudgetUsedUp) as refusal:
        await order(store, new(2, guild_id=3), shared)
    assert refusal.value.use.kind == "strangers"
    await order(store, new(3, guild_id=2), shared)


async def test_one_servers_own_budget_stands_before_that_of_all(store: Store) -> None:
    little = OperatorBudgets(server_month=PRICE)
    await store.run(server_budgets.set_own(1, 2 * PRICE))
    await store.run(server_budgets.set_own(2, None))
    await store.run(server_budgets.set_own(3, 0))
    for number in (1, 2):
        await order(store, new(number), little)
    with pytest.raises(OperatorBudgetUsedUp):
        await order(store, new(3), little)
    for number in (4, 5, 6):
        await order(store, new(number, guild_id=2), little)
    with pytest.raises(OperatorBudgetUsedUp):
        await order(store, new(7, guild_id=3), little)
    await store.run(server_budgets.forget_own(1))
    assert (await used(store, little))["server"].limit == PRICE


async def test_what_members_have_bought_is_added_until_it_is_spent(store: Store) -> None:
    little, buyer = OperatorBudgets(server_month=PRICE), WalletKey(1, 77)
    await store.run(purchases.give(1, buyer, 300, starting_credits=0, now=NOW))
    assert (await used(store, little))["server"].limit == 3 * PRICE
    for number in (1, 2):
        await order(store, new(number), little)
    following = NOW + 31 * DAY
    assert (await used(store, little, now=following))["server"].limit == 2 * PRICE
    await store.run(purchases.take_back(1, now=following))
    assert (await used(store, little, now=following))["server"].limit == PRICE


async def test_an_order_that_is_told_twice_is_counted_once(store: Store) -> None:
    await order(store, new(1), ALL)
    await order(store, new(1), ALL)
    assert (await used(store, ALL))["day"].used == PRICE


# --- at the same moment --------------------------------------------------------------------------------------


async def race(stores: list[Store], orders: list[NewJob], budgets: OperatorBudgets) -> int:
    """Place all orders at once, by turns in each store. Returns how many fitted."""
    outcomes = await asyncio.gather(
        *(order(stores[number % len(stores)], each, budgets) for number, each in enumerate(orders)),
        return_exceptions=True,
    )
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {type(outcome) for outcome in failed} <= {OperatorBudgetUsedUp}
    return len(outcomes) - len(failed)


BUDGETS_OF_TEN = {
    "a server's month": OperatorBudgets(server_month=10 * PRICE),
    "the day": OperatorBudgets(day=10 * PRICE + 1),
    "the strangers' day": OperatorBudgets(strangers_day=11 * PRICE - 1),
}


@pytest.mark.parametrize("budgets", BUDGETS_OF_TEN.values(), ids=BUDGETS_OF_TEN)
async def test_of_forty_orders_at_once_only_those_that_fit_are_taken(store: Store, budgets: OperatorBudgets) -> None:
    one_server = budgets.server_month is not None
    orders = [new(number, guild_id=1 if one_server else number % 7) for number in range(1, 41)]
    assert await race([store], orders, budgets) == 10


@pytest.mark.parametrize("budgets", BUDGETS_OF_TEN.values(), ids=BUDGETS_OF_TEN)
async def test_two_processes_take_no_more_together(postgres_server: postgres.Server, budgets: OperatorBudgets) -> None:
    one_server = budgets.server_month is not None
    orders = [new(number, guild_id=1 if one_server else number % 7) for number in range(1, 41)]
    async with (
        postgres.a_database(postgres_server) as url,
        open_postgres(url) as one,
        open_postgres(url) as two,
    ):
        assert await race([one, two], orders, budgets) == 10


async def test_a_large_budget_is_filled_to_the_last_order_while_others_end(postgres_server: postgres.Server) -> None:
    """Orders that need no lock and orders that lock the day meet, and jobs are given back meanwhile."""
    budgets = OperatorBudgets(day=9 * DOLLAR, server_month=100 * DOLLAR)
    async with (
        postgres.a_database(postgres_server) as url,
        open_postgres(url) as one,
        open_postgres(url) as two,
    ):
        first = [await order(one, new(number), budgets) for number in range(1, 9)]
        withdrawn = (
            each.run(jobs.withdraw(job.id, ReleaseReason.CANCELLED, now=NOW))
            for each, job in zip((one, two) * 4, first, strict=True)
        )
        orders = [new(number, guild_id=number % 3) for number in range(20, 60)]
        taken, *_ = await asyncio.gather(race([one, two], orders, budgets), *withdrawn)
        assert taken == 40
        assert await race([one, two], [new(number, guild_id=number % 5) for number in range(60, 100)], budgets) == 20
        assert (await used(one, budgets))["day"].used == budgets.day


async def test_an_order_writes_one_of_the_days_rows(store: Store) -> None:
    for number in range(1, 9):
        await order(store, new(number), OperatorBudgets(day=1_000 * DOLLAR))
    rows = await store.read(_rows())
    assert rows == [PRICE] * costs.SHARDS


def _rows() -> Script[list[int]]:
    rows = yield "SELECT micros FROM day_costs ORDER BY shard", {}
    return [row["micros"] for row in rows]


async def test_the_books_stay_sound(store: Store) -> None:
    await order(store, new(1), ALL)
    balance = await store.read(ledger.balance(WalletKey(1, (1 << 22) + 1)))
    assert balance is not None
    assert balance.available == 0
