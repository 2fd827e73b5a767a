"""Processes that are forked from one that has imported the bot already, and so start a second sooner.

An interpreter of its own would import the bot for each process anew. Python's fork server imports it once
(`preloaded.py`) for all processes that a run of the tests starts.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.forkserver import ensure_running
from pathlib import Path

import pytest

from tests.support import bot_process


class ForkedProcess:
    """What the tests use of `asyncio.subprocess.Process`; `returncode` is -9 after SIGKILL. Made in an event loop."""

    def __init__(self, process: ForkServerProcess) -> None:
        process.start()
        assert process.pid is not None
        self.pid: int = process.pid
        self.returncode: int | None = None
        self._process = process
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(process.sentinel, self._note_end)

    def _note_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self.returncode = self._process.exitcode
        self._ended.set()

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Does nothing where the process has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def fork_bot(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> ForkedProcess:
    """`python -m tests.support.bot_process`, in this folder; what it prints is added to the log."""
    run = bot_process.run_in_fork
    return ForkedProcess(_fork_server().Process(target=run, args=(arguments, dict(environment), folder, log)))


@cache
def _fork_server() -> ForkServerContext:
    """Its processes are not traced for coverage: they are there to be killed, and what they run is traced elsewhere."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.preloaded"])
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        ensure_running()
    return context
