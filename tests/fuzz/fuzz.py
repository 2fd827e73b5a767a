"""One run of the fuzz: a house of its own, a seed, and so many passes or so much time."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.walk import Errors, Fuzz
from tests.support.wire_house import open_wire_house

RICH = 1_000_000


@dataclass(frozen=True, slots=True)
class Report:
    steps: int
    visited: frozenset[str]
    problems: tuple[str, ...]


async def run(folder: Path, *, seed: int, passes: int = 1, seconds: float = 0, **settings: Any) -> Report:
    """Go to each target `passes` times, and on until `seconds` are over. `settings`: of the bot."""
    began = time.monotonic()
    with _listening() as errors:
        async with open_wire_house(
            folder,
            starting_credits=RICH,
            member_max_running=50,
            member_max_waiting=50,
            confirm_from_credits=10**6,
            **settings,
        ) as house:
            fuzz = Fuzz(house, Random(seed))  # noqa: S311  # the same walk every time; nothing is secret
            await fuzz.furnish()
            await fuzz.open_forms()
            while passes > 0 or time.monotonic() - began < seconds:
                passes -= 1
                for name, step in fuzz.targets():
                    fuzz.visited.add(name)
                    await step()
                    for complaints in (errors.lines, house.wire.violations, house.standin.violations):
                        fuzz.problems += [f"{name}: {complaint}" for complaint in complaints]
                        complaints.clear()
            await fuzz.settle()
    return Report(fuzz.steps, frozenset(fuzz.visited), tuple(fuzz.problems))


@contextmanager
def _listening() -> Iterator[Errors]:
    errors = Errors()
    logging.getLogger().addHandler(errors)
    try:
        yield errors
    finally:
        logging.getLogger().removeHandler(errors)
