"""Rules that are changed together change all or none, and of changes at the same moment none is lost."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.errors import BadRule, PolicyRefused, StartingTooHigh
from bot.domain.policy import Policy, Words
from bot.domain.revision import set_to, with_item, with_words
from bot.services.server.policy import Rules
from bot.storage.engine.store import Script, Store
from bot.storage.server import policy as scripts
from tests.support.factories import ANN, NOW, a_caller, sql

GUILD = ANN.guild_id
MO, EVE = 3_000, 3_001


@pytest.fixture
def rules(store: Store) -> Rules:
    return Rules(store, starting_limit=300, clock=lambda: NOW)


async def test_of_many_changes_at_one_moment_none_is_lost(rules: Rules) -> None:
    words = [Words(pattern=f"word{number}") for number in range(20)]
    await asyncio.gather(*(rules.revise(GUILD, {"words": with_words(each)}, actor=MO) for each in words))
    assert {each.pattern for each in (await rules.policy_of(GUILD)).words} == {each.pattern for each in words}


async def test_rules_are_changed_together_or_not_at_all(rules: Rules) -> None:
    with pytest.raises(BadRule) as refused:
        await rules.revise(GUILD, {"allowed_channels": with_item(5), "time_zone": set_to("Mars")}, actor=MO)
    assert refused.value.rule == "time_zone"
    with pytest.raises(StartingTooHigh):
        await rules.revise(GUILD, {"allowed_channels": with_item(5), "starting_credits": set_to(301)}, actor=MO)
    assert (await rules.policy_of(GUILD), await rules.history(GUILD)) == (Policy(), ([], None))
    both = {"allowed_channels": with_item(5), "denied_channels": set_to([]), "starting_credits": set_to(300)}
    changes = await rules.revise(GUILD, both, actor=MO)
    assert [change.rule for change in changes] == ["allowed_channels", "starting_credits"]


async def test_who_set_each_rule_last_is_known_and_defaults_have_nobody(rules: Rules) -> None:
    await rules.change(GUILD, "budget", 100, actor=MO)
    await rules.change(GUILD, "budget", 200, actor=EVE)
    await rules.change(GUILD, "paused", "Moving", actor=MO)
    await rules.change(GUILD + 1, "time_zone", "Europe/Berlin", actor=MO)
    found = await rules.latest_of_all(GUILD)
    assert {rule: (change.after, change.actor) for rule, change in found.items()} == {
        "budget": (200, EVE),
        "paused": ("Moving", MO),
    }


async def test_a_member_stands_well_until_a_rule_stops_every_order(rules: Rules) -> None:
    ann = a_caller()
    await rules.check_standing(ann)
    await rules.change(GUILD, "budget", 0, actor=MO)
    with pytest.raises(PolicyRefused) as refused:
        await rules.check_standing(ann)
    assert refused.value.rule == "budget"
    await rules.block(GUILD, ANN.member_id, blocked=True, reason="Spam", actor=MO)
    with pytest.raises(PolicyRefused) as refused:
        await rules.check_standing(ann)
    assert (refused.value.rule, refused.value.value) == ("block", "Spam")


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("script", [scripts.latest(GUILD, "budget"), scripts.log(GUILD, limit=10)])
async def test_the_log_of_changes_is_read_by_an_index_and_never_sorted(store: Store, script: Script[object]) -> None:
    query, parameters = next(script)
    plan = await store.read(sql(f"EXPLAIN QUERY PLAN {query}", **parameters))
    (detail,) = [row["detail"] for row in plan]
    assert "USING INDEX policy_log_" in detail
