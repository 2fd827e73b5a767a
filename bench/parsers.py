"""Measures what reading a link or a moment, and a quote among many models, costs: `python -m bench.parsers`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.domain.errors import Refusal
from bot.domain.model_rows import BUILT_IN
from bot.domain.models import Models
from bot.domain.order import OrderText, understand
from bot.domain.pricing import Pricing
from bot.domain.timecode import parse_time
from bot.domain.video import parse_link

DATA = Path(__file__).parents[1] / "tests" / "data"
ROUNDS = 15
MODELS = 20
REPEATS = 20  # calls with the whole sample, in one round


def microseconds_per_call(parse: Callable[[str], object], texts: list[str]) -> float:
    """Return the median of several runs. Refusals count like answers: they are what hostile input costs."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for text in texts * REPEATS:
            with suppress(Refusal):
                parse(text)
        rounds.append((time.perf_counter() - began) / (len(texts) * REPEATS))
    return statistics.median(rounds) * 1_000_000


def sample(name: str) -> list[str]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [line.split("\t")[0] for line in lines if not line.startswith("# ")]


def quote_among(count: int) -> float:
    """Return the microseconds of a quote: the words understood, checked against its row, and priced.

    The order names the last of so many rows, and the quote of a member with too few credits looks at all of them.
    """
    last = replace(BUILT_IN.get("nb2-text"), key="last")
    rows = (*(replace(last, key=f"row-{number}") for number in range(count - 1)), last)
    pricing = Pricing(models=Models(rows))

    def quote(prompt: str) -> None:
        recipe = understand(OrderText(prompt=prompt, model="last"), pricing.models, default_span_seconds=30)
        pricing.models.check(recipe)
        pricing.cheaper_than(pricing.credits(recipe), recipe)

    return microseconds_per_call(quote, ["A poster of the key scene"])


def run() -> list[tuple[str, str]]:
    links, times = sample("youtube_links_sample.tsv"), sample("timecodes_sample.tsv")
    link_cost = microseconds_per_call(parse_link, links)
    time_cost = microseconds_per_call(partial(parse_time, option="start"), times)
    return [
        (f"parse_link, {len(links)} links", f"{link_cost:.1f} µs"),
        (f"parse_time, {len(times)} texts", f"{time_cost:.1f} µs"),
        (f"a quote, {MODELS} models", f"{quote_among(MODELS):.1f} µs"),
    ]


if __name__ == "__main__":
    for what, figure in run():
        print(f"{what:<24}{figure:>10}")
