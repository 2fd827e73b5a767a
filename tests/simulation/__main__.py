"""`python -m tests.simulation --seeds 5000`: many worlds, each from its seed; non-zero when a rule is broken."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from multiprocessing import get_context

from tests.simulation.simulation import Report, try_seed

WHOLE_FAILURES = 3  # shown with their traces; then one line each
SHOWN_FAILURES = 30


@dataclass
class Totals:
    worlds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    released: Counter[str] = field(default_factory=Counter)
    virtual_hours: float = 0.0

    def add(self, report: Report) -> None:
        self.worlds += 1
        self.released.update(report.released)
        self.virtual_hours += report.virtual_hours
        for name in ("orders", "jobs", "delivered", "gifts", "crashes", "stops", "orphans", "twice"):
            self.counts[name] += getattr(report, name)

    def lines(self) -> Iterable[str]:
        counts = self.counts
        yield f"{self.worlds:,} worlds, {self.virtual_hours:,.0f} virtual hours"
        yield f"{counts['crashes']:,} crashes, {counts['stops']:,} stops"
        yield f"{counts['orders']:,} orders, {counts['jobs']:,} jobs, {counts['delivered']:,} delivered and charged"
        yield f"released: {', '.join(f'{reason} {times:,}' for reason, times in self.released.most_common())}"
        yield f"images that came too late, and were given: {counts['gifts']:,}"
        yield f"images that the supplier charged, and nobody was shown: {counts['orphans']:,}"
        yield f"images shown twice, where Discord did not let us look: {counts['twice']:,}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=60, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    options = parser.parse_args()
    began, totals, failures = time.monotonic(), Totals(), []
    with get_context("spawn").Pool() as pool:
        for outcome in pool.imap(try_seed, range(options.first, options.first + options.seeds), chunksize=4):
            if isinstance(outcome, Report):
                totals.add(outcome)
            else:
                failures.append(outcome)
                print(*_shown(outcome, len(failures)), sep="\n", flush=True)  # noqa: T201  # a command answers in words
    print(*totals.lines(), sep="\n")  # noqa: T201  # a command answers in words
    print(f"{len(failures)} broken, in {time.monotonic() - began:.0f} s")  # noqa: T201  # a command answers in words
    return 1 if failures else 0


def _shown(failure: str, number: int) -> list[str]:
    if number <= WHOLE_FAILURES:
        return [failure]
    return [failure.partition("\n")[0]] if number <= SHOWN_FAILURES else []


if __name__ == "__main__":
    sys.exit(main())
