"""When to poll the supplier for an image, learned from how long past images took."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterator
from statistics import NormalDist

from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Models
from bot.domain.recipe import Recipe, Size, Thinking

Kind = tuple[str, Size, Thinking]  # the model's key

REMEMBERED = 100  # images of each kind; older ones say little about today
FIRST_QUANTILE, LAST_QUANTILE, QUANTILE_STEP = (
    0.10,
    0.95,
    0.05,
)  # a normal image is found within nine polls
WIDENING = 1.3  # after the usual time, each pause is so many times the one before
LONGEST_PAUSE = 2.0  # in usual times of an image

_SIZE_FACTOR = {Size.K1: 1.0, Size.K2: 1.4, Size.K4: 2.0}
_THINKING_FACTOR = {Thinking.MINIMAL: 0.7, Thinking.DEFAULT: 1.0, Thinking.HIGH: 1.7}
_SPREAD = 0.5  # standard deviation of the logarithm
_GUESSES = 10


class PollSchedule:
    """Polls are close together where most images of a kind finish, and farther apart before and after.

    `typical_seconds`: how long a 1K image is thought to take before any was seen; without it, each row says so.
    """

    def __init__(self, models: Models = BUILT_IN, *, typical_seconds: float | None = None) -> None:
        self._models = models
        self._typical_seconds = typical_seconds
        self._seen: defaultdict[Kind, deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def learn(self, recipe: Recipe, seconds: float) -> None:
        """An image of this recipe was ready about so many seconds after its submit."""
        self._samples(_kind(recipe)).append(seconds)

    def next_look(self, recipe: Recipe, age_seconds: float) -> float:
        """Returns the age in seconds at which to poll next, after a poll at `age_seconds` found nothing."""
        samples = sorted(self._samples(_kind(recipe)))
        shortest_pause = self._typical(recipe.model) / 40
        for age in _quantiles(samples):
            if age >= age_seconds + shortest_pause:
                return age
        usual = samples[len(samples) // 2]
        over = max(0.0, age_seconds - samples[-1])
        return age_seconds + min(max(usual / 10, over * (WIDENING - 1)), usual * LONGEST_PAUSE)

    def _samples(self, kind: Kind) -> deque[float]:
        samples = self._seen[kind]
        if not samples:
            model, size, thinking = kind
            typical = self._typical(model) * _SIZE_FACTOR[size] * _THINKING_FACTOR[thinking]
            logarithm = NormalDist(math.log(typical), _SPREAD)
            samples.extend(math.exp(logarithm.inv_cdf((n + 0.5) / _GUESSES)) for n in range(_GUESSES))
        return samples

    def _typical(self, model: str) -> float:
        return self._typical_seconds or self._models.get(model).typical_seconds


def _kind(recipe: Recipe) -> Kind:
    return recipe.model, recipe.size, recipe.thinking


def _quantiles(samples: list[float]) -> Iterator[float]:
    steps = round((LAST_QUANTILE - FIRST_QUANTILE) / QUANTILE_STEP)
    for step in range(steps + 1):
        position = (FIRST_QUANTILE + step * QUANTILE_STEP) * (len(samples) - 1)
        below = math.floor(position)
        above = min(below + 1, len(samples) - 1)
        yield samples[below] + (samples[above] - samples[below]) * (position - below)
