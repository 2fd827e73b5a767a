"""An image that waits for its member, in the database: its hold, its limits, and who may take it."""

from __future__ import annotations

import pytest

from bot.domain.errors import ConstraintBroken
from bot.domain.job import Job, JobState, ReleaseReason
from bot.domain.wallet import Balance
from bot.storage.credits import ledger
from bot.storage.credits.audit import check_books
from bot.storage.engine.store import Store
from bot.storage.orders import admission, awaiting, jobs, placing
from bot.storage.processes import leases, open_jobs
from bot.storage.server import policy
from tests.support.everything import an_image
from tests.support.factories import ANN, BOB, MANY, NOW, a_caller, an_order, sql

HOUR_MS = 3_600_000
AN_HOUR_LATER = NOW + HOUR_MS


async def sent(store: Store, job_id: str = "900") -> Job:
    await store.run(placing.place(an_order(job_id, message_id=77), starting_credits=3_000, limits=MANY, now=NOW))
    claimed = await store.run(jobs.claim("us", at_supplier=9, each=9, now=NOW + placing.ANSWER_GRACE_MS))
    (job,) = [each for each in claimed if each.id == job_id]
    return await store.run(jobs.submitting(job, now=NOW))


async def shown_nowhere(store: Store, job_id: str = "900", *, at: int = NOW) -> Job:
    job = await store.run(jobs.running(await sent(store, job_id), f"{job_id:0>32}", now=NOW))
    job = await store.run(jobs.stored(job, an_image(job), refund=0, now=NOW))
    job = await store.run(jobs.posting(job, now=NOW))
    return await store.run(jobs.awaiting(job, next_at=AN_HOUR_LATER, now=at))


async def claimed(store: Store, *, now: int) -> list[str]:
    return [job.id for job in await store.run(jobs.claim("another", at_supplier=9, each=9, now=now))]


async def test_its_hold_stays_and_nobody_takes_it_before_its_time(store: Store) -> None:
    job = await shown_nowhere(store)
    assert (job.state, job.awaiting_since) == (JobState.AWAITING, NOW)
    assert await store.read(ledger.balance(ANN)) == Balance(posted=3_000, held=150)
    assert await store.read(jobs.next_due("another", now=NOW)) == AN_HOUR_LATER
    assert await claimed(store, now=AN_HOUR_LATER - 1) == []
    assert await claimed(store, now=AN_HOUR_LATER) == ["900"]
    books = await store.read(check_books())
    assert (books.findings, books.open_jobs, books.awaiting) == ((), 1, 1)


async def test_it_is_tried_at_once_when_its_member_comes_and_by_no_others_wish(store: Store) -> None:
    await shown_nowhere(store)
    assert not await store.run(awaiting.try_again(BOB.member_id, now=NOW + 1))
    assert await store.run(awaiting.try_again(ANN.member_id, now=NOW + 1))
    assert await claimed(store, now=NOW + 1) == ["900"]


async def test_of_many_some_are_tried_at_a_time_the_one_not_tried_for_longest_first(store: Store) -> None:
    for number in range(awaiting.AT_ONCE + 2):
        await shown_nowhere(store, str(900 + number), at=NOW - number)
    assert await store.run(awaiting.try_again(ANN.member_id, now=NOW + 1)) == awaiting.AT_ONCE
    assert set(await claimed(store, now=NOW + 1)) == {str(902 + number) for number in range(awaiting.AT_ONCE)}


async def test_it_counts_in_no_line_and_in_no_alarm_but_for_the_day_and_the_budget(store: Store) -> None:
    for rule, value in (("budget", 1_000), ("limits", {"1": {"images_per_day": 5}})):
        await store.run(policy.change(1, rule, value, actor=3, now=NOW))
    await shown_nowhere(store)
    caller = a_caller(role_ids=frozenset({1}))
    standing = await store.read(admission.standing(caller, now=NOW))
    assert (standing.under_way, standing.ordered_today, standing.spent) == (0, 1, 150)
    assert await store.read(jobs.line()) == {}
    under_way = await store.read(open_jobs.under_way())
    assert (under_way.jobs, under_way.credits_held, under_way.oldest_at) == ({JobState.AWAITING: 1}, 150, None)


@pytest.mark.parametrize("reason", [ReleaseReason.FAILED, ReleaseReason.CONTENT_REFUSED, ReleaseReason.UNKNOWN])
async def test_an_order_that_reached_the_supplier_counts_for_the_day_however_it_ended(
    store: Store, reason: ReleaseReason
) -> None:
    await store.run(policy.change(1, "limits", {"1": {"images_per_day": 5}}, actor=3, now=NOW))
    await store.run(jobs.released(await sent(store, "900"), reason, now=NOW))
    back = await store.run(jobs.back_to_held(await sent(store, "901"), next_at=NOW, now=NOW))
    await store.run(jobs.withdraw(back.id, ReleaseReason.CANCELLED, now=NOW))
    standing = await store.read(admission.standing(a_caller(role_ids=frozenset({1})), now=NOW))
    assert standing.ordered_today == 1


async def test_while_a_living_process_tries_it_nobody_else_has_it(store: Store) -> None:
    await shown_nowhere(store)
    await store.run(leases.renew("worker", about="a worker", lease_ms=10**13, now=AN_HOUR_LATER))
    await store.run(jobs.claim("worker", at_supplier=9, each=9, now=AN_HOUR_LATER))
    asked = {"grace_ms": 0, "now": AN_HOUR_LATER}
    assert await store.run(awaiting.take("900", "us", **asked)) is None
    assert await store.run(awaiting.show_here("900", a_caller(), 80, owner="us", **asked)) is None
    await store.run(leases.leave("worker"))
    assert await store.run(awaiting.take("900", "us", **asked))


async def test_given_up_its_credits_are_back_and_its_file_is_said_to_be_erased(store: Store) -> None:
    job = await shown_nowhere(store)
    taken = await store.run(awaiting.take(job.id, "us", grace_ms=0, now=NOW))
    assert taken
    await store.run(jobs.released(taken, ReleaseReason.GIVEN_UP, now=NOW + 5))
    (row,) = await store.read(sql("SELECT state, release_reason, erased_at FROM jobs"))
    assert dict(row) == {"state": "released", "release_reason": "given_up", "erased_at": NOW + 5}
    assert await store.read(ledger.balance(ANN)) == Balance(posted=3_000, held=0)
    assert (await store.read(check_books())).findings == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE jobs SET state = 'awaiting' WHERE id = '901'",  # nothing is made yet
        "UPDATE jobs SET state = 'delivered' WHERE id = '900'",
        "UPDATE jobs SET state = 'released' WHERE id = '900'",
        "UPDATE jobs SET state = 'held' WHERE id = '900'",
        "UPDATE jobs SET image_name = NULL WHERE id = '900'",
        "UPDATE jobs SET result_id = 5 WHERE id = '900'",
        "UPDATE jobs SET awaiting_since = NULL WHERE id = '900'",
    ],
)
async def test_the_database_lets_no_other_step_pass(store: Store, wrong: str) -> None:
    await shown_nowhere(store)
    await store.run(placing.place(an_order("901"), starting_credits=0, limits=MANY, now=NOW))
    with pytest.raises(ConstraintBroken):
        await store.run(sql(wrong))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "index"),
    [(awaiting._TRY_AGAIN, "jobs_awaiting (member_id=?)"), (awaiting._IDS, "jobs_awaiting (member_id=?)")],
)
async def test_the_images_of_a_member_are_found_by_an_index(store: Store, statement: str, index: str) -> None:
    plan = await store.read(sql(f"EXPLAIN QUERY PLAN {statement}", member_id=1, now=1, limit=1))
    assert index in "\n".join(row["detail"] for row in plan)
