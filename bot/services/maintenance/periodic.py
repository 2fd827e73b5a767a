"""The rounds that one process goes for all that share the database, beside the commands."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.domain.errors import StorageError
from bot.services.jobs.job_steps import Checkpoints, Stopping
from bot.services.processes.lease import Presence

log = logging.getLogger(__name__)


async def go_rounds(
    act: Callable[[], Awaitable[object]],
    *,
    duty: str,
    pause_seconds: float,
    cut_short: str,
    checkpoints: Checkpoints,
    presence: Presence,
) -> None:
    """Until `Checkpoints.stop`: `act`, where this process has the duty, and a pause.

    `cut_short` is what the log says of a `StorageError`; the next round goes on.
    """
    with suppress(Stopping):
        while True:
            try:
                if await presence.has_duty(duty):
                    await act()
            except StorageError:
                log.exception(cut_short)
            await checkpoints.pause(pause_seconds)
