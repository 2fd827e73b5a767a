"""One life of the process: the whole house on a loop of its own, until it stops, is killed, or all is at rest."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.app import App, assemble
from bot.discord.client import log_in
from bot.domain.errors import DatabaseUnavailable, LinkUnreachable
from bot.domain.preferences import NEVER_ASK
from bot.media.fetch import Fetcher, VideoFacts
from bot.services.jobs.delays import Delays
from bot.services.jobs.poll_schedule import PollSchedule
from bot.settings import Settings
from bot.storage.engine.sqlite import open_sqlite
from tests.simulation.line import Line
from tests.simulation.loop import Clock, Killed, VirtualLoop
from tests.simulation.people import People
from tests.simulation.plan import OPERATOR_CHANNEL, Ending, Plan
from tests.simulation.simulated_discord import TOKEN, SimulatedDiscord
from tests.simulation.supplier import Door, Works
from tests.simulation.trace import Trace
from tests.support.factories import NO_BUDGET

STOP_SECONDS = 20.0
REST_LOOK_SECONDS = 60.0
LONGEST_SECONDS = 30 * 3600.0  # after the last event; endings are told for a day at most
INFINITY = 1e9  # seconds
# Aftercare is rarer than in life, and no less right: each time costs real time, and a simulation has thousands.
DELAYS = Delays(aftercare=20.0)


class EveryFileFine(Fetcher):
    """Stands where the internet would be: every linked video is fine, and no image can be had."""

    def __init__(self) -> None: ...

    async def measure_video(self, url: str, *, limit_bytes: int) -> VideoFacts:
        return VideoFacts(size_bytes=1_000, content_type="video/mp4")

    async def download_link(self, url: str, *, limit_bytes: int) -> bytes:
        raise LinkUnreachable(host="example.com", because="connect")


@asynccontextmanager
async def open_house(
    folder: Path, supplier: Door, clock: Callable[[], int], plan: Plan, *, operator_channel: int
) -> AsyncIterator[App]:
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        starting_credits=plan.starting_credits,
        starting_credits_account_days=0,
        supplier_max_running=plan.running_limit,
        supplier_polls_per_second=5,
        member_max_waiting=plan.waiting_limit,
        operator_channel_id=operator_channel,
        confirm_from_credits=NEVER_ASK,
        backup_every_hours=0,
        **NO_BUDGET,
    )
    async with open_sqlite(folder / "stillframe.db") as store:
        yield assemble(
            settings,
            store,
            supplier,
            EveryFileFine(),
            None,
            clock=clock,
            sandbox=False,
            delays=DELAYS,
            poll_schedule=PollSchedule(),
            stop_seconds=STOP_SECONDS,
        )


async def _log_in_offline(http: HTTPClient, line: Line, token: str) -> Any:
    """Replaces `static_login`: discord.py's own client, with our line where its session would be."""
    http._HTTPClient__session = line  # type: ignore[attr-defined]  # private, and mangled
    http._global_over = asyncio.Event()
    http._global_over.set()
    http.token = token
    return await http.request(Route("GET", "/users/@me"))


@dataclass(frozen=True, slots=True)
class Scene:
    """What outlives the processes of a simulated world."""

    plan: Plan
    clock: Clock
    trace: Trace
    server: SimulatedDiscord
    works: Works
    people: People


class Life:
    """`number` counts from 1. `at_rest` says whether a life without an ending may end."""

    def __init__(
        self, number: int, folder: Path, ending: Ending | None, scene: Scene, *, at_rest: Callable[[], bool]
    ) -> None:
        self.folder = folder
        self._number = number
        self._ending = ending
        self._scene = scene
        self._trace = scene.trace
        self._clock = scene.clock
        self._at_rest = at_rest
        self._edges_left: int | None = None
        self._loop = VirtualLoop(
            scene.clock, on_edge=self._count_edge, disk_full=lambda: scene.server.under("disk_full") is not None
        )
        self._buried = False

    def run(self, legacy: Path) -> bool:
        """Live to the end, and copy the files to `legacy` for the next life. True where it was a crash."""
        self._trace.note(f"life {self._number} begins")
        killed = False
        try:
            self._loop.run_until_complete(self._live())
        except Killed:
            killed = True
        finally:
            _copy_disk(self.folder, legacy)
            self._bury()
        self._trace.note(f"life {self._number} {'is killed' if killed else 'has ended'}")
        return killed

    async def _live(self) -> None:
        async_context.set(AsyncWebhookAdapter())  # type: ignore[no-untyped-call]  # discord.py's
        seed = f"{self._scene.plan.seed} {self._number}"
        line = Line(self._scene.server, self._trace, self._edge, seed=f"line {seed}", rate=self._scene.plan.fault_rate)
        door = Door(self._scene.works, self._scene.server, self._clock, self._trace, self._edge, seed=f"door {seed}")
        operators = self._scene.server.channel(OPERATOR_CHANNEL).id
        latest = self._scene.plan.last_event + LONGEST_SECONDS
        async with (
            asyncio.timeout_at(latest),
            open_house(self.folder, door, self._clock.unix_ms, self._scene.plan, operator_channel=operators) as house,
        ):
            bot = house.bot
            if self._number == 1 and self._scene.plan.allowance:
                await self._promise_allowance(house)
            bot.http.static_login = partial(_log_in_offline, bot.http, line)  # type: ignore[method-assign]  # our only seam
            if self._ending and self._ending.crash:
                self._loop.call_at(max(self._ending.at, self._clock.seconds), self._arm)
            async with bot:
                await log_in(bot, TOKEN)
                work = asyncio.create_task(house.work(), name="work")
                people = asyncio.create_task(self._scene.people.meet(bot), name="people")
                until = asyncio.create_task(self._until_the_end(people), name="until the end")
                await asyncio.wait({work, until}, return_when=asyncio.FIRST_COMPLETED)
                await house.stop()
                await work
                people.cancel()
                await until

    async def _until_the_end(self, people: asyncio.Task[None]) -> None:
        """A crash comes from outside; a stop at its time; and the last life ends when all is at rest."""
        if self._ending:
            await asyncio.sleep(INFINITY if self._ending.crash else max(0.0, self._ending.at - self._clock.seconds))
        else:
            await people
            await asyncio.sleep(REST_LOOK_SECONDS)
            while not self._at_rest():  # noqa: ASYNC110  # it is what is waited for
                await asyncio.sleep(REST_LOOK_SECONDS)

    async def _promise_allowance(self, house: App) -> None:
        """The server gives all members an allowance. Where the disk is full from the start, it gives none."""
        guild_id = self._scene.server.state.world.guild_id
        rule = {str(guild_id): {"amount": self._scene.plan.allowance, "every": "day"}}
        with suppress(DatabaseUnavailable):
            await house.bot.services.rules.change(guild_id, "allowances", rule, actor=1)

    # --- death --------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        assert self._ending
        self._edges_left = self._ending.edges
        self._count_edge()

    def _count_edge(self) -> None:
        if self._edges_left is None:
            return
        self._edges_left -= 1
        if self._edges_left < 0:
            self._trace.heard = False
            self._loop.kill()

    async def _edge(self) -> None:
        """Called around what happens outside. A process that is killed there does nothing more."""
        if self._buried:
            raise asyncio.CancelledError
        self._count_edge()
        if self._loop.killed:
            await self._loop.create_future()

    def _bury(self) -> None:
        self._buried = True
        self._trace.heard = False
        self._loop.bury()
        self._trace.heard = True


def _copy_disk(folder: Path, legacy: Path) -> None:
    """A dead process leaves its files as the kernel has them. The lock dies with it, and SQLite rebuilds -shm."""
    for name in ("clips", "images"):
        if (folder / name).exists():
            shutil.copytree(folder / name, legacy / name)
    legacy.mkdir(parents=True, exist_ok=True)
    for name in ("stillframe.db", "stillframe.db-wal"):
        if (folder / name).exists():
            shutil.copyfile(folder / name, legacy / name)
