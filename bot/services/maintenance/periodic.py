"""A loop for the work that one process does again and again for all that share the database."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.domain.errors import StorageError
from bot.services.jobs.job_steps import JobSteps, StopRequested
from bot.services.processes.lease import ProcessLease

log = logging.getLogger(__name__)


async def run_periodically(
    act: Callable[[], Awaitable[object]],
    *,
    leader_lock: str,
    pause_seconds: float,
    cut_short: str,
    steps: JobSteps,
    lease: ProcessLease,
) -> None:
    """Call `act`, if this process has the leader lock, then pause; again until `JobSteps.stop`.

    `cut_short` is what the log says of a `StorageError`; the loop goes on after it.
    """
    with suppress(StopRequested):
        while True:
            try:
                if await lease.is_leader(leader_lock):
                    await act()
            except StorageError:
                log.exception(cut_short)
            await steps.pause(pause_seconds)
