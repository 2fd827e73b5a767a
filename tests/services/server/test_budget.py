"""A server's budget counts what was bought, in credits; a channel may have a share of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bot.domain.errors import PolicyRefused
from bot.domain.job import Job, NewJob, ReleaseReason, StoredImage
from bot.domain.wallet import WalletKey
from bot.services.server.policy import Rules
from bot.storage.credits import bank
from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.store import Script, Store
from bot.storage.orders import jobs, placing
from bot.storage.server import policy
from tests.services.conftest import Clock
from tests.support import postgres
from tests.support.factories import ANN, MANY, NOW, an_order

GUILD = ANN.guild_id
MO = 3_000
ART, THREAD = 50, 51


@pytest.fixture
def rules(store: Store, clock: Clock) -> Rules:
    return Rules(store, starting_limit=300, clock=clock)


async def order(store: Store, number: int = 1, **changes: object) -> Job:
    new: NewJob = an_order(str(number), message_id=7, **changes)  # type: ignore[arg-type]  # facts of the caller
    return (await store.run(placing.place(new, starting_credits=5_000, limits=MANY, now=NOW))).job


async def sent(store: Store, job: Job) -> Job:
    return await store.run(jobs.submitting(job, now=NOW))


async def running(store: Store, job: Job) -> Job:
    return await store.run(jobs.running(await sent(store, job), f"p{job.id}", now=NOW))


async def delivered(store: Store, job: Job, *, refund: int = 0) -> Job:
    image = StoredImage(name="1.png", sha256="s", width=64, height=64, unsafe=None, output_url=None, price_micros=None)
    job = await store.run(jobs.stored(await running(store, job), image, refund=refund, now=NOW))
    job = await store.run(jobs.posting(job, now=NOW))
    return await store.run(jobs.delivered(job, channel_id=5, message_id=7, now=NOW))


async def spent_and_held(rules: Rules) -> tuple[int, int]:
    _, spent, held = await rules.spent(GUILD)
    return spent, held


async def test_the_price_is_on_hold_until_the_post_goes_out_and_then_spent(store: Store, rules: Rules) -> None:
    job = await order(store)
    assert await spent_and_held(rules) == (0, 150)
    job = await sent(store, job)
    assert await spent_and_held(rules) == (150, 0)
    await store.run(jobs.back_to_held(job, next_at=NOW, now=NOW))
    assert await spent_and_held(rules) == (0, 150)


@pytest.mark.parametrize(
    ("reason", "counts"),
    [
        (ReleaseReason.REJECTED, False),
        (ReleaseReason.CLOSED, False),
        (ReleaseReason.CONTENT_REFUSED, False),
        (ReleaseReason.TOO_MUCH_VIDEO, False),
        (ReleaseReason.OVERLOADED, False),
        (ReleaseReason.UNKNOWN, True),
    ],
)
async def test_what_the_supplier_surely_refused_is_given_back_and_a_doubt_is_not(
    store: Store, rules: Rules, reason: ReleaseReason, counts: bool
) -> None:
    await store.run(jobs.released(await sent(store, await order(store)), reason, now=NOW))
    assert await spent_and_held(rules) == (150 if counts else 0, 0)


@pytest.mark.parametrize("reason", [ReleaseReason.FAILED, ReleaseReason.UNSAFE, ReleaseReason.TIMED_OUT])
async def test_what_the_supplier_has_taken_counts_however_it_ended(
    store: Store, rules: Rules, reason: ReleaseReason
) -> None:
    await store.run(jobs.released(await running(store, await order(store)), reason, now=NOW))
    assert await spent_and_held(rules) == (150, 0)


async def test_undoing_a_charge_gives_the_member_credits_and_not_the_budget(store: Store, rules: Rules) -> None:
    await rules.change(GUILD, "budget", 300, actor=MO)
    for number in (1, 2):
        await delivered(store, await order(store, number))
        (row,) = await store.read(_charge(str(number)))
        await store.run(bank.undo(row, guild_id=GUILD, actor=str(MO), reason="Sorry", now=NOW))
    assert await spent_and_held(rules) == (300, 0)
    with pytest.raises(PolicyRefused) as refusal:
        await order(store, 3)
    assert refusal.value.rule == "budget"


async def test_a_smaller_image_counts_at_the_orders_price(store: Store, rules: Rules) -> None:
    await delivered(store, await order(store), refund=40)
    assert await spent_and_held(rules) == (150, 0)


async def test_a_channel_with_its_threads_spends_only_its_share(store: Store, rules: Rules) -> None:
    await order(store, 1, channel_id=THREAD, channel_ids=(THREAD, ART), parent_id=ART)
    await rules.change(GUILD, "budget", 1_000, actor=MO)
    await rules.change(GUILD, "channel_shares", {str(ART): 30}, actor=MO)
    second = await order(store, 2, channel_id=ART)
    for place in ({"channel_id": ART}, {"channel_id": THREAD, "parent_id": ART}):
        with pytest.raises(PolicyRefused) as refusal:
            await order(store, 3, **place)
        assert (refusal.value.rule, refusal.value.value) == ("channel_shares", "300")
    await order(store, 4, channel_id=60)
    await store.run(jobs.withdraw(second.id, ReleaseReason.CANCELLED, now=NOW))
    await order(store, 5, channel_id=ART)


RULES_FOR_TEN = {
    "the budget": {"budget": 1_500},
    "a channel's share": {"budget": 3_000, "channel_shares": {str(ART): 50}},
}


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("changes", RULES_FOR_TEN.values(), ids=RULES_FOR_TEN)
async def test_of_forty_orders_at_once_only_those_that_fit_are_taken(
    postgres_server: postgres.Server, changes: dict[str, Any], processes: int
) -> None:
    async with postgres.a_database(postgres_server) as url, AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(open_postgres(url)) for _ in range(processes)]
        for rule, value in changes.items():
            await stores[0].run(policy.change(GUILD, rule, value, actor=MO, now=NOW))
        outcomes = await asyncio.gather(
            *(
                order(stores[number % processes], number, wallet=WalletKey(GUILD, number), channel_id=ART)
                for number in range(1, 41)
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(outcome, Job) for outcome in outcomes) == 10
        assert {type(outcome) for outcome in outcomes} == {Job, PolicyRefused}


async def test_an_image_that_waits_for_its_member_counts_also_when_it_is_given_up(store: Store, rules: Rules) -> None:
    image = StoredImage(name="1.png", sha256="s", width=64, height=64, unsafe=None, output_url=None, price_micros=None)
    job = await store.run(jobs.stored(await running(store, await order(store)), image, refund=0, now=NOW))
    job = await store.run(jobs.awaiting(job, next_at=NOW, now=NOW))
    assert await spent_and_held(rules) == (150, 0)
    await store.run(jobs.released(job, ReleaseReason.UNDELIVERABLE, now=NOW))
    assert await spent_and_held(rules) == (150, 0)


def _charge(job_id: str) -> Script[list[int]]:
    rows = yield "SELECT id FROM entries WHERE job_id = :job_id AND kind = 'capture'", {"job_id": job_id}
    return [row["id"] for row in rows]
