"""`stillframe`, the real command, but with a stand-in for Discord: `python -m tests.support.bot_process run`.

WIRE_BASE and WIRE_GATEWAY say where the stand-in listens. WIRE_HASTY, if set, shortens the waits between tries.
WIRE_LEASE_SECONDS says how soon a silent process is taken for dead. WIRE_GRACE_MS and WIRE_TELL_AGAIN_MS, if set,
shorten two waits of the database's scripts. KILL_AT ends the process by SIGKILL at an exact point
(`tests/chaos/kill_points.py`). PLANT_BUG, if set, is the text of an unexpected error that a step raises. TRACED_TO, if
set, is a file that gets the bytes of traced memory each second (PYTHONTRACEMALLOC has to be set too).
"""

from __future__ import annotations

import os
import sys
import threading
import time
import tracemalloc
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import discord
from yarl import URL

from bot.app import open_app
from bot.cli import main as cli
from bot.cli import process
from bot.domain.job import Job
from bot.services.jobs.poll_schedule import PollSchedule
from bot.services.jobs.submission import SubmissionSteps
from bot.services.processes.lease import LEASE_SECONDS
from bot.storage.orders import jobs, placing
from tests.chaos import kill_points
from tests.support.factories import HASTY, TYPICAL_SECONDS


def main() -> None:
    discord.http.Route.BASE = os.environ["WIRE_BASE"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["WIRE_GATEWAY"])
    if os.environ.get("WIRE_HASTY"):
        lease_seconds = float(os.environ.get("WIRE_LEASE_SECONDS", LEASE_SECONDS))
        hasty = partial(
            open_app,
            delays=HASTY,
            poll_schedule=PollSchedule(typical_seconds=TYPICAL_SECONDS),
            lease_seconds=lease_seconds,
        )
        process.open_app = hasty  # type: ignore[attr-defined]  # what `run` calls; it has no option for this
    if grace_ms := os.environ.get("WIRE_GRACE_MS"):
        placing.ANSWER_GRACE_MS = int(grace_ms)
    if tell_again_ms := os.environ.get("WIRE_TELL_AGAIN_MS"):
        jobs.TELL_AGAIN_MS = int(tell_again_ms)
    if point := os.environ.get("KILL_AT"):
        kill_points.arm(point)
    if words := os.environ.get("PLANT_BUG"):
        plant_bug(words)
    if path := os.environ.get("TRACED_TO"):
        threading.Thread(target=tell_traced_memory, args=(Path(path),), daemon=True).start()
    cli.main()


def run_in_fork(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> None:
    """As `main`, in a process that was forked from one that has imported all: that start takes a second less."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with log.open("ab") as written:
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)
    sys.argv[1:] = arguments
    main()


def tell_traced_memory(path: Path) -> None:
    while True:
        path.write_text(f"{tracemalloc.get_traced_memory()[0]}\n")
        time.sleep(1)


def plant_bug(words: str) -> None:
    async def held(_submission: SubmissionSteps, job: Job) -> None:
        raise RuntimeError(f"{words} {job.token}")

    SubmissionSteps.held = held  # type: ignore[method-assign, assignment]  # for this process alone


if __name__ == "__main__":
    main()
