"""`python -m tests.fuzz --seconds 600`: hostile input for all that the bot takes; non-zero where one gets no answer."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.fuzz.fuzz import Report, run
from tests.support.postgres import a_database, a_server
from tests.support.wire_house import hurried_discord_py


async def _run(folder: Path, options: argparse.Namespace) -> Report:
    if options.engine == "sqlite":
        return await run(folder, seed=options.seed, seconds=options.seconds)
    with a_server() as server:
        async with a_database(server) as url:
            return await run(folder, seed=options.seed, seconds=options.seconds, database_url=url)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for how long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, hurried_discord_py():
        report = asyncio.run(_run(Path(folder), options))
    problems = list(dict.fromkeys(report.problems))
    print(*problems, sep="\n")  # noqa: T201  # a command answers in words
    print(f"{report.steps:,} steps, {len(report.visited)} places, {len(problems)} problems")  # noqa: T201  # as above
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
