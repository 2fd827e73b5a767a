"""The storm over several processes on one PostgreSQL: workers are killed and paused, and the server itself crashes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.storage.database import read_once
from bot.storage.processes import leases
from tests.chaos.aftermath import LOOK_SECONDS, quiet, read_books, without_image
from tests.chaos.storm import LAST_SECONDS, SETTINGS, STOP_SECONDS, Storm, members
from tests.support.postgres import Server
from tests.support.wire_house import START_SECONDS, BotProcess, a_process

WORKERS = 4
LEASE_SECONDS = 2.0
BETWEEN_SECONDS = (0.3, 1.7)  # two blows
PAUSED_SECONDS = (0.2, 2.5 * LEASE_SECONDS)
DOWN_SECONDS = (0.1, 1.5)  # PostgreSQL
# For cards that a paused process may have spoilt, see `bot/services/jobs/card_repair.py`.
MENDED_SECONDS = 5.0
MENDED_AT_LAST_SECONDS = 60.0  # where the machine has much else to do
CRASHES = 3  # of PostgreSQL, in each storm
GAVE_UP = 2  # a worker that starts just as PostgreSQL goes away says so and ends; the service manager starts it again
OURS = {
    "WIRE_LEASE_SECONDS": str(LEASE_SECONDS),
    "SUPPLIER_MAX_RUNNING": "20",
    "MEMBER_MAX_RUNNING": "6",
    "MEMBER_MAX_WAITING": "20",
}


@dataclass
class Fleet:
    """One gateway that lives on, and workers that are killed."""

    folder: Path
    url: str
    server: Server
    storm: Storm
    stack: AsyncExitStack
    workers: list[BotProcess] = field(default_factory=list)
    paused: set[int] = field(default_factory=set)
    resuming: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, *command: str) -> BotProcess:
        facts = {**SETTINGS, **OURS, "DATABASE_URL": self.url}
        process = a_process(self.storm.wire, self.storm.standin, self.folder, *command, **facts)
        return await self.stack.enter_async_context(process)

    async def blow(self, number: int, blows: int) -> None:
        if number % max(1, blows // (CRASHES + 1)) == 0 and 0 < number < blows:
            await self._crash()
            return
        await self._start_again()
        awake = [worker for worker in self.workers if worker.pid not in self.paused]
        if not awake:
            return
        worker = self.storm.chance.choice(awake)
        if self.storm.chance.random() < 0.5:
            worker.kill()
            await worker.wait()
            self.workers.remove(worker)
            self.workers.append(await self.start("worker"))
            self.storm.acts["workers killed"] += 1
        else:
            self.resuming.add(asyncio.create_task(self._pause(worker)))

    async def _start_again(self) -> None:
        """Start new workers for those that ended by themselves, as a service manager would."""
        for worker in [worker for worker in self.workers if worker.returncode is not None]:
            assert worker.returncode == GAVE_UP
            self.workers.remove(worker)
            self.workers.append(await self.start("worker"))
            self.storm.acts["workers that gave up"] += 1

    async def _crash(self) -> None:
        """PostgreSQL crashes and comes back: connections and open transactions are lost, what was committed stays."""
        chance = self.storm.chance
        await asyncio.to_thread(self.server.stop, chance.choice((signal.SIGQUIT, signal.SIGINT)))
        await asyncio.sleep(chance.uniform(*DOWN_SECONDS))
        await asyncio.to_thread(self.server.start)
        self.storm.acts["crashes of PostgreSQL"] += 1

    async def _pause(self, worker: BotProcess) -> None:
        self.paused.add(worker.pid)
        worker.send_signal(signal.SIGSTOP)
        self.storm.acts["workers paused"] += 1
        try:
            await asyncio.sleep(self.storm.chance.uniform(*PAUSED_SECONDS))
        finally:
            worker.send_signal(signal.SIGCONT)
            self.paused.discard(worker.pid)


async def in_the_storm(folder: Path, server: Server, storm: Storm, *, kills: int) -> str:
    """Strike so many blows, let all jobs end, and stop every process in order. Returns the database's address."""
    url = await server.create()
    async with _a_fleet(folder, url, server, storm) as fleet:
        async with members(storm):
            for number in range(kills):
                await asyncio.sleep(storm.chance.uniform(*BETWEEN_SECONDS))
                await fleet.blow(number, kills)
        await asyncio.gather(*fleet.resuming)
        await fleet._start_again()
        storm.wire.mend()
        with suppress(TimeoutError):  # then the figures say what has not ended
            await quiet(url, seconds=LAST_SECONDS)
        await asyncio.sleep(MENDED_SECONDS)
        with suppress(TimeoutError):  # the same
            async with asyncio.timeout(MENDED_AT_LAST_SECONDS):
                while without_image(await read_books(url), storm.wire):  # noqa: ASYNC110  # the workers mend it
                    await asyncio.sleep(LOOK_SECONDS)
    return url


@asynccontextmanager
async def _a_fleet(folder: Path, url: str, server: Server, storm: Storm) -> AsyncIterator[Fleet]:
    async with AsyncExitStack() as stack:
        fleet = Fleet(folder, url, server, storm, stack)
        gateway = await fleet.start("run", "--no-jobs")
        await asyncio.wait_for(storm.wire.connected(), START_SECONDS)
        fleet.workers = [await fleet.start("worker") for _ in range(WORKERS)]
        async with asyncio.timeout(START_SECONDS):
            while len(await read_once(url, leases.living(now=0))) <= WORKERS:  # noqa: ASYNC110  # as they start
                await asyncio.sleep(0.1)
        yield fleet
        for process in (gateway, *fleet.workers):
            process.terminate()
        for process in (gateway, *fleet.workers):
            assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0
