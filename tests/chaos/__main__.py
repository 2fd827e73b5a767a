"""`python -m tests.chaos --kills 200 [--seed 7] [--engine postgresql]`: prints the results.

It exits with 1 where a rule was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.domain.job import JobState
from bot.storage.engine.migrations import Engine
from tests.chaos.soak import Soaked, soak

SUBJECTS_SHOWN = 5
ENGINES: dict[str, Engine] = {"sqlite": "sqlite", "postgresql": "postgres"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    logging.getLogger("aiohttp.server").disabled = True  # a client that dies in the middle of its upload, each time
    folder = Path(tempfile.mkdtemp(prefix="stillframe-chaos-"))
    print(f"seed {given.seed}, files in {folder}", flush=True)  # noqa: T201  # a command answers in words
    soaked = asyncio.run(soak(folder, kills=given.kills, seed=given.seed, engine=ENGINES[given.engine]))
    print("\n".join(table(soaked)))  # noqa: T201  # see above
    return 0 if soaked.sound else 1


def table(soaked: Soaked) -> Iterator[str]:
    for name, figure in _figures(soaked):
        yield f"{figure:>8,}  {name}"
    for rule, subjects in soaked.aftermath.broken.items():
        shown = f"   <-- {', '.join(subjects[:SUBJECTS_SHOWN])}" if subjects else ""
        yield f"{len(subjects):>8,}  {rule}{shown}"
    yield f"{soaked.unforeseen:>8,}  errors that nobody foresaw"
    verdict = "sound" if soaked.sound else "BROKEN"
    yield f"{verdict}: seed {soaked.seed}, {soaked.seconds:.0f} s"


def _figures(soaked: Soaked) -> Iterator[tuple[str, int]]:
    jobs = soaked.aftermath.books.jobs
    yield f"blows, {soaked.exact} of them kills at a point of the crash table", soaked.kills
    yield "orders sent", soaked.orders
    yield "orders that became jobs", len(jobs)
    yield "delivered", sum(job.state is JobState.DELIVERED for job in jobs)
    yield "waiting for their member", sum(job.state is JobState.AWAITING for job in jobs)
    reasons = Counter(str(job.release_reason) for job in jobs if job.release_reason)
    for reason, count in reasons.most_common():
        yield f"released: {reason}", count
    yield "accepted POSTs", soaked.posts
    for act, count in sorted(soaked.counts.items()):
        yield act, count
    yield (
        "private answers out of reach with a dead token (shown again directly, or left as they were)",
        len(soaked.aftermath.unreachable),
    )
    yield 'cards that say "looking at the video" after a crash, with nothing held', len(soaked.looking)


if __name__ == "__main__":
    sys.exit(main())
