"""The rounds that one process goes for all that share the database, beside the commands."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.domain.errors import StorageError
from bot.services.jobs.job_steps import JobSteps, Stopping
from bot.services.processes.lease import ProcessLease

log = logging.getLogger(__name__)


async def run_periodically(
    act: Callable[[], Awaitable[object]],
    *,
    duty: str,
    pause_seconds: float,
    cut_short: str,
    steps: JobSteps,
    lease: ProcessLease,
) -> None:
    """Until `JobSteps.stop`: `act`, where this process has the duty, and a pause.

    `cut_short` is what the log says of a `StorageError`; the next round goes on.
    """
    with suppress(Stopping):
        while True:
            try:
                if await lease.is_leader(duty):
                    await act()
            except StorageError:
                log.exception(cut_short)
            await steps.pause(pause_seconds)
