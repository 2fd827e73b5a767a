"""The whole bot over the wire, beside the smallest bot of discord.py: acknowledgement, whole orders, CPU, memory.

    python -m bench.wire            acknowledgement, orders a second, CPU per order, memory when idle
    python -m bench.wire memory     traced memory over 20,000 orders (takes half an hour)

Both bots are processes of their own and speak HTTP and gateway to a Discord on loopback; they take turns, so that a
busy machine is busy for both. The image service is a stand-in that answers at once.
Goals: acknowledged one by one in at most 5 times the echo's median; of 100 commands at once the p99 in at most 2.5
times the echo's; at most 12 ms of CPU an order; idle in at most 90 MB; at most 1 kB more traced memory an order.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.report import table
from sandbox.atlas import Latency, StandIn, serve
from tests.support.house import API_KEY, LINK, draw_at_once
from tests.support.wire_house import ROOT, TOKEN, BotProcess, a_process
from tests.wire import WireDiscord, serve_discord

ORDER = {"prompt": "A poster", "video": LINK, "start": "0:14-0:17"}
MEMBERS = 50
ONE_BY_ONE = 25  # commands in a turn
AT_ONCE = 100
TURNS = 3
ORDERS = 300
ORDERS_OF_MEMORY = 20_000
TICKS = os.sysconf("SC_CLK_TCK")
CALLBACK = re.compile(r"/interactions/(?P<id>\d+)/[^/]+/callback")
OPEN_LIMITS = {
    "STARTING_CREDITS": "1000000",
    "STARTING_CREDITS_ACCOUNT_DAYS": "0",
    "MEMBER_MAX_RUNNING": "1000",
    "MEMBER_MAX_WAITING": "1000",
    "SUPPLIER_MAX_RUNNING": "1000",
    "SUPPLIER_POLLS_PER_SECOND": "10000",
    "SUPPLIER_SUBMITS_PER_SECOND": "10000",
    "SUPPLIER_BALANCE_WARN_USD": "0",
    "LOG_LEVEL": "WARNING",
}
UNFORKED = {"PYTHONPATH": str(ROOT)}  # an interpreter of its own, so that its memory is its own


@dataclass
class Stage:
    """A Discord on loopback with a bot that is connected to it. `answered_at`: when it answered, by interaction."""

    wire: WireDiscord
    process: BotProcess
    answered_at: dict[int, float] = field(default_factory=dict)

    async def imagine(self, count: int) -> list[float]:
        """Send so many commands at once. Returns the seconds until each was acknowledged."""
        people = self.people
        sent: list[tuple[int, float]] = []
        for number in range(count):
            began = time.perf_counter()
            sent.append((await self.wire.imagine(ORDER, user_id=people[number % len(people)]), began))
        async with asyncio.timeout(60):
            while not all(order in self.answered_at for order, _ in sent):  # noqa: ASYNC110  # a judge tells it
                await asyncio.sleep(0.0005)
        return [self.answered_at[order] - began for order, began in sent]

    @property
    def people(self) -> list[int]:
        return [person.id for person in self.wire.world.people.values() if not person.bot]

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0]) / 1024


@asynccontextmanager
async def a_discord() -> AsyncIterator[tuple[WireDiscord, dict[int, float]]]:
    answered_at: dict[int, float] = {}

    def judge(_method: str, path: str, _body: object) -> list[str]:
        if found := CALLBACK.search(path):
            answered_at.setdefault(int(found["id"]), time.perf_counter())
        return []

    async with serve_discord(token=TOKEN, judge=judge) as wire:
        for number in range(MEMBERS):
            wire.world.join(f"member {number}")
        yield wire, answered_at


@asynccontextmanager
async def our_bot(standin: StandIn, folder: Path, **environment: str) -> AsyncIterator[Stage]:
    async with (
        a_discord() as (wire, answered_at),
        a_process(wire, standin, folder, "run", **{**OPEN_LIMITS, **environment, **UNFORKED}) as process,
    ):
        await asyncio.wait_for(wire.connected(), 60)
        yield Stage(wire, process, answered_at)


@asynccontextmanager
async def echo_bot() -> AsyncIterator[Stage]:
    async with a_discord() as (wire, answered_at):
        facts = {"WIRE_BASE": wire.base_url, "WIRE_GATEWAY": wire.gateway_url, "DISCORD_TOKEN": TOKEN}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.echo_bot", env={**os.environ, **facts, "PYTHONPATH": str(ROOT)}
        )
        try:
            await asyncio.wait_for(wire.connected(), 60)
            yield Stage(wire, process, answered_at)
        finally:
            process.kill()
            await process.wait()


async def orders_made(stage: Stage, count: int) -> None:
    """Wait until so many images are posted in all."""
    async with asyncio.timeout(600):
        while len(stage.wire.posts_of_images()) < count:  # noqa: ASYNC110  # the stand-in knows
            await asyncio.sleep(0.02)


@dataclass
class Figures:
    one_by_one: dict[str, list[float]] = field(default_factory=lambda: {"echo": [], "ours": []})
    at_once: dict[str, list[float]] = field(default_factory=lambda: {"echo": [], "ours": []})


async def acknowledge(stages: dict[str, Stage]) -> Figures:
    figures = Figures()
    for name, stage in stages.items():
        await stage.imagine(5)  # these warm the bot up
        if name == "ours":
            await orders_made(stage, 5)
    placed = 5
    for _ in range(TURNS):
        for name, stage in stages.items():
            for _ in range(ONE_BY_ONE):
                figures.one_by_one[name] += await stage.imagine(1)
                if name == "ours":  # the order before is done, so each is alone
                    placed += 1
                    await orders_made(stage, placed)
            figures.at_once[name] += await stage.imagine(AT_ONCE)
            if name == "ours":
                placed += AT_ONCE
                await orders_made(stage, placed)
    return figures


async def make_orders(stage: Stage) -> tuple[float, float]:
    """Return whole orders a second, and milliseconds of the bot's CPU for each."""
    before = len(stage.wire.posts_of_images())
    began, cpu = time.perf_counter(), stage.cpu_seconds()
    for start in range(0, ORDERS, 50):
        await stage.imagine(50)
        await orders_made(stage, before + start + 1)
    await orders_made(stage, before + ORDERS)
    return ORDERS / (time.perf_counter() - began), (stage.cpu_seconds() - cpu) / ORDERS * 1000


def percentile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000


async def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            standin = await stack.enter_async_context(
                serve(api_key=API_KEY, latency=Latency.instant(), draw=draw_at_once)
            )
            ours = await stack.enter_async_context(our_bot(standin, Path(folder)))
            await asyncio.sleep(2)
            idle_mb = ours.memory_mb()
            echo = await stack.enter_async_context(echo_bot())
            figures = await acknowledge({"echo": echo, "ours": ours})
            per_second, cpu_ms = await make_orders(ours)
    rows = []
    for what, times, middle in (("one by one", figures.one_by_one, 0.5), ("100 at once", figures.at_once, 0.99)):
        mine, theirs = percentile(times["ours"], middle), percentile(times["echo"], middle)
        rows.append([what, f"p{middle * 100:.0f}", f"{theirs:.2f}", f"{mine:.2f}", f"{mine / theirs:.1f}x"])
    print(table(["acknowledged", "", "echo ms", "ours ms", "ratio"], rows))
    print(f"medians of 100 at once: echo {statistics.median(figures.at_once['echo']) * 1000:.1f} ms, "
          f"ours {statistics.median(figures.at_once['ours']) * 1000:.1f} ms")  # fmt: skip
    print(f"whole orders: {per_second:.0f} a second; the bot's CPU: {cpu_ms:.1f} ms an order; idle: {idle_mb:.0f} MB")


async def measure_memory() -> None:
    """Measure the traced memory after each thousand orders; the slope is taken from the second half."""
    with tempfile.TemporaryDirectory() as folder:
        traced = Path(folder) / "traced"
        environment = {"PYTHONTRACEMALLOC": "1", "TRACED_TO": str(traced)}
        async with (
            serve(
                api_key=API_KEY, latency=Latency.instant(), draw=draw_at_once, balance_usd=str(ORDERS_OF_MEMORY)
            ) as standin,
            our_bot(standin, Path(folder), **environment) as ours,
        ):
            points: list[tuple[int, int]] = []
            for made in range(0, ORDERS_OF_MEMORY, 50):
                await ours.imagine(50)
                await orders_made(ours, made + 50)
                if (made + 50) % 1_000 == 0:
                    await asyncio.sleep(2)
                    points.append((made + 50, int(traced.read_text())))
                    print(f"{points[-1][0]:>6} orders: {points[-1][1] / 1e6:.1f} MB traced, "
                          f"{ours.memory_mb():.0f} MB in all", flush=True)  # fmt: skip
    half = points[len(points) // 2 :]
    slope = statistics.linear_regression([x for x, _ in half], [y for _, y in half]).slope
    print(f"slope: {slope:.0f} bytes an order")


def main(what: str = "") -> None:
    asyncio.run(measure_memory() if what == "memory" else measure())


if __name__ == "__main__":
    main(*sys.argv[1:])
