"""A server's rules on a real file: they admit or refuse an order, and are changed, logged and undone."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.errors import (
    AlreadyUndone,
    BadPattern,
    BadRule,
    ChangedSince,
    LineFull,
    NoSuchChange,
    PolicyRefused,
    ReasonMissing,
)
from bot.domain.job import LineLimits, NewJob, ReleaseReason
from bot.services.server.policy import BudgetAlert, Rules
from bot.storage.engine.store import Store
from bot.storage.orders import jobs, placing
from tests.services.conftest import Clock
from tests.support.factories import ANN, MANY, NOW, a_recipe, an_order

GUILD = ANN.guild_id
MO = 3_000
HOUR = 3_600_000


@pytest.fixture
def rules(store: Store, clock: Clock) -> Rules:
    return Rules(store, starting_limit=300, clock=clock)


async def order(
    store: Store, rules: Rules, job_id: str, *, limits: LineLimits = MANY, role: int = 1, **changes: Any
) -> NewJob:
    new = an_order(job_id, role_ids=frozenset({role}), **changes)
    await store.run(placing.place(new, starting_credits=5_000, limits=limits, now=rules.now()))
    return new


async def refused(store: Store, rules: Rules, job_id: str = "9", **changes: Any) -> PolicyRefused:
    with pytest.raises(PolicyRefused) as refusal:
        await order(store, rules, job_id, **changes)
    return refusal.value


async def test_a_days_images_are_counted_over_what_was_not_given_back(store: Store, rules: Rules, clock: Clock) -> None:
    await rules.change(GUILD, "limits", {"1": {"images_per_day": 2}}, actor=MO)
    await order(store, rules, "1")
    await order(store, rules, "2")
    assert (await refused(store, rules)).limit == "images_per_day"
    await store.run(jobs.withdraw("2", ReleaseReason.CANCELLED, now=NOW))
    await order(store, rules, "3")
    clock.now += 24 * HOUR
    await order(store, rules, "4")


async def test_a_roles_running_and_waiting_limits_stand_before_the_operators(store: Store, rules: Rules) -> None:
    await rules.change(GUILD, "limits", {"1": {"running": 1, "waiting": 0}}, actor=MO)
    operators = LineLimits(running=2, waiting=1)
    await order(store, rules, "1", limits=operators)
    with pytest.raises(LineFull) as full:
        await order(store, rules, "2", limits=operators)
    assert full.value.limit == 1
    for number in (3, 4):
        await order(store, rules, str(number), role=7, limits=operators)
    with pytest.raises(LineFull) as full:
        await order(store, rules, "5", role=7, limits=operators)
    assert full.value.limit == 3


async def test_a_months_budget_stops_hard_and_is_told_of_once_at_each_step(store: Store, rules: Rules) -> None:
    await rules.change(GUILD, "budget", 400, actor=MO)
    told = []
    for number in range(2):
        await order(store, rules, str(number))
        told += [await rules.budget_alert(GUILD), await rules.budget_alert(GUILD)]
    assert told == [None, None, BudgetAlert(percent=50, spent=300, budget=400), None]
    assert (await refused(store, rules)).rule == "budget"
    assert await rules.budget_alert(GUILD, used_up=True) == BudgetAlert(percent=100, spent=300, budget=400)
    assert await rules.budget_alert(GUILD, used_up=True) is None
    await rules.change(GUILD, "budget", 410, actor=MO)
    assert await rules.budget_alert(GUILD) == BudgetAlert(percent=50, spent=300, budget=410)
    await store.run(jobs.withdraw("1", ReleaseReason.CANCELLED, now=NOW))
    assert (await rules.spent(GUILD))[1:] == (0, 150)
    await order(store, rules, "2", cost=260)
    assert await rules.budget_alert(GUILD) == BudgetAlert(percent=100, spent=410, budget=410)
    await rules.change(GUILD, "budget", None, actor=MO)
    assert await rules.budget_alert(GUILD) is None


async def test_a_blocked_word_refuses_and_a_flagged_one_does_not(store: Store, rules: Rules) -> None:
    await rules.change(GUILD, "words", [{"pattern": "gore"}, {"pattern": "blood", "action": "flag"}], actor=MO)
    refusal = await refused(store, rules, recipe=a_recipe(prompt="a scene of gore"))
    assert (refusal.rule, refusal.value) == ("words", "gore")
    await order(store, rules, "1", recipe=a_recipe(prompt="blood moon"))


async def test_a_blocked_member_waits_until_the_date_and_the_history_stays(
    store: Store, rules: Rules, clock: Clock
) -> None:
    await rules.block(GUILD, ANN.member_id, blocked=True, reason="Spam", actor=MO, until=NOW + HOUR)
    refusal = await refused(store, rules)
    assert (refusal.rule, refusal.value, refusal.until) == ("block", "Spam", NOW + HOUR)
    clock.now += HOUR
    await order(store, rules, "1")
    await rules.block(GUILD, ANN.member_id, blocked=True, reason="Again", actor=MO)
    assert (await refused(store, rules)).until is None
    await rules.block(GUILD, ANN.member_id, blocked=False, reason="Talked about it", actor=MO)
    await order(store, rules, "2")
    assert [block.reason for block in await rules.blocks(GUILD, ANN.member_id)] == ["Talked about it", "Again", "Spam"]
    with pytest.raises(ReasonMissing):
        await rules.block(GUILD, ANN.member_id, blocked=True, reason="  ", actor=MO)


async def test_after_repeated_refusals_by_the_content_filter_there_is_a_pause(
    store: Store, rules: Rules, clock: Clock
) -> None:
    await rules.change(GUILD, "cool_down", {"refusals": 2, "minutes": 30}, actor=MO)
    for number in range(2):
        await order(store, rules, str(number))
        await store.run(jobs.withdraw(str(number), ReleaseReason.CONTENT_REFUSED, now=NOW))
    refusal = await refused(store, rules)
    assert (refusal.rule, refusal.until) == ("cool_down", NOW + HOUR // 2)
    clock.now += HOUR // 2
    await order(store, rules, "5")


async def test_each_change_is_written_down_and_undone_once(rules: Rules) -> None:
    first = await rules.change(GUILD, "budget", 400, actor=MO)
    assert first
    assert (first.before, first.after, first.actor) == (None, 400, MO)
    assert await rules.change(GUILD, "budget", 400, actor=MO) is None
    back = await rules.undo(GUILD, first.id, actor=MO + 1)
    assert ((await rules.policy_of(GUILD)).budget, back.undoes) == (None, first.id)
    with pytest.raises(AlreadyUndone):
        await rules.undo(GUILD, first.id, actor=MO)
    with pytest.raises(NoSuchChange):
        await rules.undo(GUILD + 1, first.id, actor=MO)
    latest = await rules.latest(GUILD, "budget")
    assert latest == back
    assert [change.id for change in (await rules.history(GUILD))[0]] == [back.id, first.id]


async def test_a_change_that_was_changed_since_is_not_undone(rules: Rules) -> None:
    first = await rules.change(GUILD, "budget", 400, actor=MO)
    await rules.change(GUILD, "budget", 500, actor=MO)
    assert first
    with pytest.raises(ChangedSince):
        await rules.undo(GUILD, first.id, actor=MO)
    assert (await rules.policy_of(GUILD)).budget == 500


async def test_a_rule_that_can_not_be_changes_nothing(rules: Rules) -> None:
    for rule, value in (("budget", -1), ("time_zone", "Mars"), ("nothing", 1)):
        with pytest.raises(BadRule):
            await rules.change(GUILD, rule, value, actor=MO)
    with pytest.raises(BadPattern):
        await rules.change(GUILD, "words", [{"pattern": "(", "is_pattern": True}], actor=MO)
    assert await rules.history(GUILD) == ([], None)
