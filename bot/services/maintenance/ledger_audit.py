"""Checks all books once an hour, in small steps, so that the operator learns of a fault before a member complains."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from bot.services.jobs.job_steps import JobSteps
from bot.services.maintenance.periodic import run_periodically
from bot.services.processes.lease import ProcessLease
from bot.storage.credits import audit_pages
from bot.storage.engine.store import Script, Store
from bot.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

PAUSE_SECONDS = 3_600.0
PAUSE_FACTOR = 9  # times what a step took: commands read through the same connection, and get nine tenths of it


class LedgerAudit:
    """`run` goes on until `JobSteps.stop`."""

    def __init__(self, store: Store, steps: JobSteps, lease: ProcessLease, metrics: Metrics) -> None:
        self._store = store
        self._steps = steps
        self._lease = lease
        self._metrics = metrics

    async def run(self) -> None:
        await run_periodically(
            self.check,
            leader_lock="audit",
            pause_seconds=PAUSE_SECONDS,
            cut_short="a round of proving the books was cut short",
            steps=self._steps,
            lease=self._lease,
        )

    async def check(self) -> Counter[str]:
        """Returns how many wallets, jobs and months break each rule; empty for sound books. Raises `StorageError`."""
        broken: Counter[str] = Counter()
        after: int | None = 0
        while after is not None:
            after = await self._step(audit_pages.check_wallets(after), broken)
        server = await self._step(audit_pages.check_months(None), broken)
        while server is not None:
            server = await self._step(audit_pages.check_months(server), broken)
        self._metrics.audited(broken.total(), now=self._steps.now())
        if broken.total():
            log.error("the books are not sound, `stillframe ledger check` says where: %s", dict(+broken))
        return +broken

    async def _step(self, script: Script[audit_pages.Step], broken: Counter[str]) -> int | None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        step = await self._store.read(script)
        broken.update(step.broken)
        if step.until is not None:
            await self._steps.pause((loop.time() - began) * PAUSE_FACTOR)
        return step.until
