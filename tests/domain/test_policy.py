"""An order judged by a server's rules: the first that it breaks, or none."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.domain.caller import Caller
from bot.domain.policy import Hours, Limits, Policy, is_quiet, judge, limits_for, month_of
from bot.domain.recipe import Clip, Recipe, Size, Span, YouTubeVideo
from tests.support.factories import a_caller, a_recipe

BERLIN = ZoneInfo("Europe/Berlin")
NOON = int(datetime(2026, 11, 22, 12, 0, tzinfo=BERLIN).timestamp() * 1000)
EVERYONE, PATRON = 1, 2


def caller(*channels: int, roles: tuple[int, ...] = (EVERYONE,), age_restricted: bool = False) -> Caller:
    return a_caller(role_ids=frozenset(roles), channel_ids=channels or (5,), age_restricted=age_restricted)


def broken(
    policy: dict[str, Any], who: Caller | None = None, recipe: Recipe | None = None
) -> tuple[str, str | None] | None:
    found = judge(Policy.model_validate(policy), who or caller(), recipe or a_recipe(), price=150, now=NOON)
    return (found.rule, found.limit) if found else None


def test_a_server_without_rules_allows_everything() -> None:
    assert broken({}) is None
    assert Policy.model_validate_json(Policy().model_dump_json()) == Policy()


@pytest.mark.parametrize(("policy", "who", "rule"), [
    ({"allowed_channels": [6]}, caller(5), "allowed_channels"),
    ({"allowed_channels": [6]}, caller(7, 6), None),  # a thread of an allowed channel
    ({"denied_channels": [5]}, caller(5), "denied_channels"),
    ({"denied_channels": [5]}, caller(8, 5), "denied_channels"),
    ({"allowed_channels": [5], "denied_channels": [8]}, caller(8, 5), "denied_channels"),
    ({"age_restricted_only": True}, caller(5), "age_restricted_only"),
    ({"age_restricted_only": True}, caller(5, age_restricted=True), None),
    ({"paused": "We move house today"}, caller(5), "paused"),
    ({"quiet_hours": {"since": 660, "until": 780}, "time_zone": "Europe/Berlin"}, caller(5), "quiet_hours"),
    ({"quiet_hours": {"since": 660, "until": 780}, "time_zone": "Asia/Tokyo"}, caller(5), None),
])  # fmt: skip
def test_where_and_when_an_order_may_be_placed(policy: dict[str, Any], who: Caller, rule: str | None) -> None:
    found = broken(policy, who)
    assert (found and found[0]) == rule


WHOLE = Recipe(prompt="x", clip=Clip(video=YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=0), frame_rate=1))


@pytest.mark.parametrize(("limits", "recipe", "limit"), [
    ({"size": "2k"}, a_recipe(size=Size.K4), "size"),
    ({"size": "2k"}, a_recipe(size=Size.K2), None),
    ({"search": False}, a_recipe(search=True), "search"),
    ({"search": True}, a_recipe(search=True), None),
    ({"highest_price": 149}, a_recipe(), "highest_price"),
    ({"highest_price": 150}, a_recipe(), None),
    ({"frames": 2}, a_recipe(), "frames"),
    ({"frames": 3}, a_recipe(), None),
    ({"frames": 450}, WHOLE, "frames"),  # the frames of a whole video can't be counted
])  # fmt: skip
def test_how_much_an_order_may_be(limits: dict[str, Any], recipe: Recipe, limit: str | None) -> None:
    found = broken({"limits": {EVERYONE: limits}}, recipe=recipe)
    assert (found and found[1]) == limit


def test_of_each_limit_the_most_generous_role_counts() -> None:
    policy = Policy(
        limits={
            EVERYONE: Limits(images_per_day=3, size=Size.K1, search=False, running=1),
            PATRON: Limits(images_per_day=1, size=Size.K4, search=True),
        }
    )
    assert limits_for(policy, {EVERYONE, PATRON}) == Limits(images_per_day=3, size=Size.K4, search=True, running=1)
    assert limits_for(policy, {EVERYONE}).size == Size.K1
    assert limits_for(policy, {99}) == Limits()


@pytest.mark.parametrize(("hours", "clock", "quiet"), [
    ((22, 6), 23, True), ((22, 6), 5, True), ((22, 6), 6, False), ((22, 6), 21, False),
    ((9, 17), 9, True), ((9, 17), 17, False), ((8, 8), 8, False),
])  # fmt: skip
def test_quiet_hours_may_go_over_midnight(hours: tuple[int, int], clock: int, quiet: bool) -> None:
    at = int(datetime(2026, 11, 22, clock, 0, tzinfo=BERLIN).timestamp() * 1000)
    assert is_quiet(Hours(since=hours[0] * 60, until=hours[1] * 60), zone=BERLIN, now=at) is quiet


def test_a_month_is_the_servers_own() -> None:
    new_year = int(datetime(2027, 1, 1, 0, 30, tzinfo=BERLIN).timestamp() * 1000)
    assert month_of(BERLIN, now=new_year) == "2027-01"
    assert month_of(ZoneInfo("UTC"), now=new_year) == "2026-12"


@pytest.mark.parametrize("rules", [
    {"time_zone": "Mars/Olympus"}, {"budget": -1}, {"paused": ""}, {"quiet_hours": {"since": 0, "until": 1440}},
    {"request_amounts": []}, {"limits": {"1": {"size": "8k"}}}, {"words": [{"pattern": ""}]}, {"unknown": 1},
    {"cool_down": {"refusals": 0, "minutes": 5}}, {"gifts": {"highest": -5}},
])  # fmt: skip
def test_a_rule_that_can_not_be_is_not_taken(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate(rules)
