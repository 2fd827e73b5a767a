"""The line: members take turns, cards show the place, a full line refuses orders, a waiting job can be cancelled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import LineFull, NotYours, TooLateToCancel
from bot.domain.job import JobState, LineLimits, ReleaseReason
from bot.domain.wallet import Balance, WalletKey
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.orders import jobs, placing
from sandbox.atlas import Latency
from tests.services.conftest import JobHarness, an_ordering, open_harness
from tests.support.factories import ANN, MANY, NOW, an_order

CID = WalletKey(guild_id=1, member_id=12)


async def test_members_take_turns_however_many_one_of_them_has_ordered(harness: JobHarness) -> None:
    for number in range(5):
        await harness.order(f"{number}", cost=1)
    for number, wallet in enumerate((WalletKey(1, 20), CID), start=100):
        await harness.order(f"{number}", wallet=wallet, cost=1)
    line = await harness.store.read(jobs.line())
    assert list(line) == ["0", "100", "101", "1", "2", "3", "4"]
    assert list(line.values()) == [1, 2, 3, 4, 5, 6, 7]


async def test_what_a_member_has_at_the_supplier_counts_as_turns_taken(harness: JobHarness) -> None:
    for number in range(3):
        await harness.order(f"{number}", cost=1)
    await harness.store.run(jobs.claim("me", at_supplier=1, each=5, now=harness.clock()))
    await harness.order("100", wallet=CID, cost=1)
    claimed = await harness.store.run(jobs.claim("me", at_supplier=3, each=5, now=harness.clock()))
    assert {job.id for job in claimed} == {"100", "1"}


async def test_nobody_has_more_at_the_supplier_than_one_member_may(harness: JobHarness) -> None:
    for number in range(5):
        await harness.order(f"{number}", cost=1)
    await harness.order("100", wallet=CID, cost=1)
    claimed = await harness.store.run(jobs.claim("me", at_supplier=10, each=2, now=harness.clock()))
    assert {job.id for job in claimed} == {"0", "1", "100"}


@given(orders=st.lists(st.integers(1, 4), min_size=1, max_size=25), each=st.integers(1, 3), free=st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_the_line_is_always_whole_and_nobody_is_served_twice_before_somebody_else_once(
    tmp_path_factory: pytest.TempPathFactory, orders: list[int], each: int, free: int
) -> None:
    asyncio.run(_stand_in_line(tmp_path_factory.mktemp("line"), orders, each, free))


async def _stand_in_line(folder: Path, orders: list[int], each: int, free: int) -> None:
    async with open_sqlite(folder / "a.db") as store:
        for number, member in enumerate(orders):
            new = an_order(f"{number:03}", wallet=WalletKey(1, member), cost=1)
            await store.run(placing.place(new, starting_credits=100, limits=MANY, now=NOW + number))
            await store.run(jobs.answered(new.id, 77, now=NOW + number))
        line = await store.read(jobs.line())
        assert sorted(line) == [f"{number:03}" for number in range(len(orders))]
        assert sorted(line.values()) == list(range(1, len(orders) + 1))
        claimed = await store.run(jobs.claim("me", at_supplier=free, each=each, now=NOW + 1_000))
    served = [job.wallet.member_id for job in claimed]
    assert len(claimed) == min(free, sum(min(each, orders.count(member)) for member in set(orders)))
    for member in set(orders):
        for other in set(orders):
            fewer = min(orders.count(other), each, served.count(member))
            assert served.count(other) >= fewer - 1


async def test_a_member_with_a_full_line_is_refused_and_nothing_is_held(harness: JobHarness) -> None:
    limits = LineLimits(running=2, waiting=1)
    for number in range(3):
        new = an_order(f"{number}", cost=1)
        await harness.store.run(placing.place(new, starting_credits=100, limits=limits, now=NOW))
    with pytest.raises(LineFull) as refusal:
        await harness.store.run(placing.place(an_order("9", cost=1), starting_credits=100, limits=limits, now=NOW))
    assert refusal.value.limit == 3
    assert await harness.balance() == Balance(posted=100, held=3)


async def test_an_order_that_was_placed_before_is_found_even_when_the_line_is_full(harness: JobHarness) -> None:
    limits = LineLimits(running=1, waiting=0)
    for _ in range(2):
        placed = await harness.store.run(
            placing.place(an_order("1", cost=1), starting_credits=100, limits=limits, now=NOW)
        )
    assert not placed.created


async def test_the_places_of_those_who_wait_are_said_as_they_move(tmp_path: Path) -> None:
    async with open_harness(tmp_path, latency=Latency.fixed(0.5)) as harness, harness.at_work():
        for number in range(5):
            await harness.order(f"{number}", cost=1, wallet=WalletKey(1, 50 + number))
        for number in range(5):
            await harness.until(f"{number}")
        last = [place for job_id, place in harness.messenger.places if job_id == "4"]
        assert last
        assert last == sorted(last, reverse=True)
        assert last[-1] == 1


# --- leaving the line -------------------------------------------------------------------------------------


async def test_a_waiting_job_is_cancelled_at_once_with_its_credits_back(harness: JobHarness) -> None:
    await harness.order()
    job = await an_ordering(harness).cancel("900", member_id=ANN.member_id, moderator=False)
    assert (job.state, job.release_reason) == (JobState.RELEASED, ReleaseReason.CANCELLED)
    assert await harness.balance() == Balance(posted=1_000, held=0)
    async with harness.at_work():
        await asyncio.sleep(0.1)
    assert harness.accepted == 0


async def test_somebody_else_may_not_cancel_it_but_a_moderator_may(harness: JobHarness) -> None:
    await harness.order()
    with pytest.raises(NotYours):
        await an_ordering(harness).cancel("900", member_id=CID.member_id, moderator=False)
    await an_ordering(harness).cancel("900", member_id=CID.member_id, moderator=True)
    assert (await harness.job()).release_reason is ReleaseReason.CANCELLED


async def test_a_job_at_the_supplier_can_not_be_stopped_and_the_answer_says_so(harness: JobHarness) -> None:
    harness.standin.use("never")
    async with harness.at_work():
        await harness.order()
        await harness.until(state=JobState.RUNNING)
        with pytest.raises(TooLateToCancel) as refusal:
            await an_ordering(harness).cancel("900", member_id=ANN.member_id, moderator=False)
        assert (refusal.value.cost, refusal.value.ended) == (150, False)
        assert (await harness.job()).state is JobState.RUNNING


async def test_a_job_that_has_ended_or_never_was_has_nothing_to_cancel(harness: JobHarness) -> None:
    async with harness.at_work():
        await harness.order()
        await harness.until()
    for job_id in ("900", "404"):
        with pytest.raises(TooLateToCancel) as refusal:
            await an_ordering(harness).cancel(job_id, member_id=ANN.member_id, moderator=False)
        assert refusal.value.ended


async def test_a_cancel_while_the_job_is_being_prepared_wins_and_nothing_is_sent(harness: JobHarness) -> None:
    """The worker has claimed the job and may be uploading its clip; the release takes the job from it."""
    await harness.order()
    job = await harness.claim()
    await an_ordering(harness).cancel("900", member_id=ANN.member_id, moderator=False)
    with pytest.raises(Exception, match="LeaseLost"):
        await harness.store.run(jobs.submitting(job, now=harness.clock()))
    assert await harness.findings() == ()


async def test_cancelling_as_often_as_one_likes_gives_the_credits_back_once(harness: JobHarness) -> None:
    await harness.order()
    ordering = an_ordering(harness)
    outcomes = await asyncio.gather(
        *(ordering.cancel("900", member_id=ANN.member_id, moderator=False) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(outcome, TooLateToCancel) for outcome in outcomes) == 19
    assert await harness.balance() == Balance(posted=1_000, held=0)


async def test_an_ending_that_came_first_is_found_before_any_credits_move(harness: JobHarness) -> None:
    """The command withdraws its order at the moment when the worker gives up looking for its answer."""
    await harness.order(answered=False)
    job = await harness.claim()
    await an_ordering(harness).withdraw("900")
    for step in (jobs.released(job, ReleaseReason.UNANSWERED, now=NOW), jobs.found_answer(job, 77, now=NOW)):
        with pytest.raises(Exception, match="LeaseLost"):
            await harness.store.run(step)
    assert await harness.findings() == ()


async def test_a_card_that_is_heard_of_only_after_the_release_is_told_of_it(harness: JobHarness) -> None:
    """The circuit breaker trips while Discord confirms our answer."""
    await harness.order(answered=False)
    released = await harness.store.run(jobs.withdraw("900", ReleaseReason.CLOSED, now=harness.clock()))
    assert released
    await harness.store.run(jobs.care(released, told=True, late_looks=0, next_at=NOW, now=NOW))
    await an_ordering(harness).answered("900", 78)
    assert ((await harness.job()).message_id, (await harness.job()).told) == (78, False)
    async with harness.at_work():
        for _ in range(500):
            if (await harness.job()).told:
                break
            await asyncio.sleep(0.01)
    assert harness.messenger.released == {"900": ReleaseReason.CLOSED}


async def test_a_card_that_is_heard_of_while_its_release_is_told_is_told_again(harness: JobHarness) -> None:
    """The process that told the release looked for the card in Discord a moment too early."""
    await harness.order(answered=False)
    released = await harness.store.run(jobs.withdraw("900", ReleaseReason.CLOSED, now=harness.clock()))
    assert released
    await an_ordering(harness).answered("900", 78)
    await harness.store.run(jobs.care(released, told=True, late_looks=0, next_at=NOW, now=NOW))
    assert not (await harness.job()).told
