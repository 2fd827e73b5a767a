"""Polls are close together where most images finish, farther apart after it, and never more often than allowed."""

from __future__ import annotations

import random
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.recipe import Size, Thinking
from bot.services.jobs.poll_schedule import REMEMBERED, PollSchedule
from bot.services.jobs.rate_limits import TokenBucket
from tests.support.factories import a_recipe


def looks(poll_schedule: PollSchedule, seconds: float, **options: Any) -> list[float]:
    """The ages at which an image that takes so long is polled for; the last poll finds it."""
    recipe = a_recipe(**options)
    ages = [poll_schedule.next_look(recipe, 0.0)]
    while ages[-1] < seconds:
        ages.append(poll_schedule.next_look(recipe, ages[-1]))
    return ages


def learned(mean: float, spread: float = 0.3) -> PollSchedule:
    poll_schedule, chance = PollSchedule(), random.Random(1)  # noqa: S311  # the same test each time
    for _ in range(REMEMBERED):
        poll_schedule.learn(a_recipe(), chance.lognormvariate(0, spread) * mean)
    return poll_schedule


def test_before_anything_is_learned_larger_images_and_longer_thinking_are_looked_for_later() -> None:
    firsts = [looks(PollSchedule(), 1, size=size)[0] for size in Size]
    assert firsts == sorted(firsts)
    minimal, high = (looks(PollSchedule(), 1, thinking=each)[0] for each in (Thinking.MINIMAL, Thinking.HIGH))
    assert minimal < high


@pytest.mark.parametrize("mean", [5.0, 12.0, 25.0])
def test_an_image_is_found_soon_after_it_is_ready_within_ten_looks(mean: float) -> None:
    poll_schedule, chance = learned(mean), random.Random(2)  # noqa: S311  # the same test each time
    times = [chance.lognormvariate(0, 0.3) * mean for _ in range(400)]
    found = [looks(poll_schedule, each) for each in times]
    assert median(len(each) for each in found) <= 10
    assert median(each[-1] - seconds for each, seconds in zip(found, times, strict=True)) <= mean / 20


def test_the_first_look_comes_when_about_one_in_ten_would_be_done() -> None:
    assert looks(learned(10.0), 1)[0] == pytest.approx(10 * 0.68, rel=0.15)  # the tenth percentile of that spread


def test_what_is_learned_of_one_kind_says_nothing_about_another() -> None:
    untouched = looks(PollSchedule(), 1, size=Size.K4)
    assert looks(learned(2.0), 1, size=Size.K4) == untouched


def test_a_supplier_that_became_faster_is_soon_looked_at_sooner() -> None:
    poll_schedule = learned(20.0)
    for _ in range(REMEMBERED):
        poll_schedule.learn(a_recipe(), 4.0)
    assert looks(poll_schedule, 3.9)[-1] < 5


def test_an_image_that_takes_ten_minutes_is_not_looked_for_hundreds_of_times() -> None:
    ages = looks(learned(10.0), 600)
    assert len(ages) < 70
    assert ages[-1] - ages[-2] <= 21


@given(st.lists(st.floats(0.05, 600), max_size=50), st.floats(0, 700))
def test_the_next_look_is_always_later_and_never_at_once(past: list[float], age: float) -> None:
    poll_schedule = PollSchedule()
    for seconds in past:
        poll_schedule.learn(a_recipe(), seconds)
    assert poll_schedule.next_look(a_recipe(), age) > age


def test_a_bucket_lets_a_burst_through_and_then_so_many_a_second() -> None:
    bucket = TokenBucket(per_second=10, burst=3)
    assert [bucket.reserve(0.0) for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])
    assert bucket.reserve(100.0) == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200), st.floats(0.5, 50), st.integers(1, 5))
def test_whatever_comes_no_more_is_let_through_than_allowed(gaps: list[float], per_second: float, burst: int) -> None:
    bucket, now = TokenBucket(per_second=per_second, burst=burst), 0.0
    served = []
    for gap in gaps:
        now += gap
        served.append(now + bucket.reserve(now))
    for first in range(len(served)):
        for last in range(first, len(served)):
            span = served[last] - served[first]
            assert last - first + 1 <= burst + span * per_second + 1e-6
