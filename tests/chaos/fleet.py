"""Several processes on one PostgreSQL, between both stand-ins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.job import Job
from bot.storage.credits.audit import check_books
from bot.storage.engine.postgres import open_postgres
from bot.storage.engine.store import Store
from bot.storage.processes import leases
from sandbox.atlas import Latency, StandIn, serve
from tests.support.house import API_KEY, all_jobs, draw_at_once
from tests.support.wire_house import ORDER, TOKEN, BotProcess, a_process
from tests.wire import WireDiscord, serve_discord

PATIENCE_SECONDS = 60.0
LEASE_SECONDS = 3.0
AT_ONCE = 4
SETTINGS = {
    "WIRE_LEASE_SECONDS": str(LEASE_SECONDS),
    "STARTING_CREDITS": "900000",
    "STARTING_CREDITS_ACCOUNT_DAYS": "0",
    "MEMBER_MAX_WAITING": "100",
    "MEMBER_MAX_RUNNING": "100",
    "SUPPLIER_MAX_RUNNING": str(AT_ONCE),
    "SUPPLIER_SUBMITS_PER_SECOND": "100",
}


@dataclass
class Fleet:
    """The processes that `start` has started; each has a log of its own name in `folder`."""

    folder: Path
    url: str
    store: Store
    wire: WireDiscord
    standin: StandIn
    _stack: AsyncExitStack
    _names: list[str] = field(default_factory=list)

    async def start(self, *command: str, **environment: str) -> BotProcess:
        self._names.append(f"{len(self._names)}-{command[0]}.log")
        facts = {**SETTINGS, "DATABASE_URL": self.url, **environment}
        return await self._stack.enter_async_context(
            a_process(self.wire, self.standin, self.folder, *command, log=self._names[-1], **facts)
        )

    async def gateway(self, *, shard: int = 0, count: int = 1) -> BotProcess:
        sessions = len(self.wire.shards)
        started = await self.start("run", "--no-jobs", "--shards", str(shard), "--shard-count", str(count))
        await self.until(lambda: soon(len(self.wire.shards) > sessions))
        return started

    async def workers(self, count: int, **environment: str) -> list[BotProcess]:
        alive = len(await self.store.read(leases.living(now=0)))
        started = [await self.start("worker", **environment) for _ in range(count)]

        async def there() -> bool:
            return len(await self.store.read(leases.living(now=0))) >= alive + count

        await self.until(there)
        return started

    async def order(self, prompt: str = "A poster") -> int:
        return await self.wire.imagine({**ORDER, "prompt": prompt})

    async def jobs(self) -> list[Job]:
        return await self.store.read(all_jobs())

    async def ended(self, count: int) -> list[Job]:
        async def all_ended() -> bool:
            found = await self.jobs()
            return len(found) >= count and all(job.state.ended for job in found)

        await self.until(all_ended)
        return await self.jobs()

    async def until(self, true: Callable[[], Awaitable[bool]]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await true():  # noqa: ASYNC110  # what it waits for is in another process
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(self.logs()) from None

    def logs(self) -> str:
        return "\n".join(f"--- {name}\n{(self.folder / name).read_text()}" for name in self._names)


async def soon(value: bool) -> bool:
    """Wrap for `until` a value that needs no waiting."""
    return value


@asynccontextmanager
async def open_fleet(folder: Path, url: str, *, median_seconds: float = 0.05) -> AsyncIterator[Fleet]:
    async with (
        open_postgres(url) as store,
        serve_discord(token=TOKEN) as wire,
        serve(
            api_key=API_KEY,
            latency=Latency(median_seconds=median_seconds, spread=0.3, by_order=False),
            draw=draw_at_once,
        ) as standin,
        AsyncExitStack() as stack,
    ):
        yield Fleet(folder, url, store, wire, standin, stack)
        assert (await store.read(check_books())).findings == ()
    assert wire.violations == []
    assert standin.violations == []
