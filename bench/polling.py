"""From "ready at the supplier" to "found": learned polls beside a poll every 3 seconds, on the same images.

    python -m bench.polling

No clock runs: an image of T seconds is found at the first look after T. Goal (DESIGN section 10): a median of at most
0.5 s with at most 10 looks, against 1.5 s for every 3 s. Downloading and posting come on top for both alike.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator

from bench.report import table
from bot.domain.recipe import Clip, Recipe, Size, Span, Thinking, YouTubeVideo
from bot.services.jobs.poll_schedule import PollSchedule

IMAGES = 20_000
FIXED_SECONDS = 3.0
SPREAD = 0.25  # standard deviation of the logarithm of an image's time, within its kind

# What members order, how often, and the median time of the kind: between 4 and 30 s, as recorded in the facts.
KINDS = [
    (Size.K1, Thinking.MINIMAL, 3, 5.0),
    (Size.K1, Thinking.DEFAULT, 10, 8.0),
    (Size.K2, Thinking.DEFAULT, 4, 12.0),
    (Size.K4, Thinking.DEFAULT, 2, 18.0),
    (Size.K4, Thinking.HIGH, 1, 24.0),
]


def images() -> Iterator[tuple[Recipe, float]]:
    chance = random.Random(1)  # noqa: S311  # the same images each time
    for size, thinking, _, median in chance.choices(KINDS, weights=[kind[2] for kind in KINDS], k=IMAGES):
        seconds = min(30.0, max(4.0, chance.lognormvariate(0, SPREAD) * median))
        clip = Clip(video=YouTubeVideo(id="dQw4w9WgXcQ"), span=Span(start=0, end=3), frame_rate=1)
        yield Recipe(prompt="x", clip=clip, size=size, thinking=thinking), seconds


def fixed(_recipe: Recipe, age: float) -> float:
    return age + FIXED_SECONDS


def find(next_look: Callable[[Recipe, float], float], recipe: Recipe, seconds: float) -> tuple[float, float, int]:
    """Returns the age when it was found, the age at the poll before, and how many polls it took."""
    before, age, looks = 0.0, next_look(recipe, 0.0), 1
    while age < seconds:
        before, age, looks = age, next_look(recipe, age), looks + 1
    return age, before, looks


def measure(next_look: Callable[[Recipe, float], float], learn: Callable[[Recipe, float], None]) -> list[str]:
    waits, counts = [], []
    for recipe, seconds in images():
        age, before, looks = find(next_look, recipe, seconds)
        learn(recipe, (before + age) / 2)  # a worker knows no more of when it was ready
        waits.append(age - seconds)
        counts.append(looks)
    wait_ranks, count_ranks = statistics.quantiles(waits, n=100), statistics.quantiles(counts, n=100)
    return [
        f"{wait_ranks[49]:.2f} s",
        f"{wait_ranks[98]:.2f} s",
        f"{statistics.mean(counts):.1f}",
        f"{count_ranks[49]:.0f}",
        f"{count_ranks[98]:.0f}",
    ]


def run() -> list[list[str]]:
    poll_schedule = PollSchedule()
    return [
        ["learned", *measure(poll_schedule.next_look, poll_schedule.learn)],
        [f"every {FIXED_SECONDS:g} s", *measure(fixed, lambda _recipe, _seconds: None)],
    ]


def main() -> None:
    print(table(["looks", "wait, median", "wait, p99", "looks, mean", "median", "p99"], run()))


if __name__ == "__main__":
    main()
