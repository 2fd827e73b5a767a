"""The composition root: settings to resources to services to bot. The order of opening is the order of need."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import discord
from pydantic import SecretStr

from bot.discord.client import REST_ONLY, Services, StillframeBot, bot_of, log_in, stay_connected
from bot.discord.messenger import Courier
from bot.domain.job import LineLimits
from bot.media.fetch import Fetcher
from bot.media.fit import Fitter
from bot.media.title import Titles
from bot.providers.atlas import open_atlas
from bot.providers.base import ImageSupplier
from bot.services.credits.balance import Credits
from bot.services.credits.bank import Bank
from bot.services.credits.codes import Codes
from bot.services.credits.credit_requests import Requests
from bot.services.credits.exports import Exports
from bot.services.credits.gifts import Gifts
from bot.services.credits.purchases import Purchases
from bot.services.jobs.aftercare import Caretaker
from bot.services.jobs.card_repair import Mending
from bot.services.jobs.circuit_breaker import Shop
from bot.services.jobs.delays import Pace
from bot.services.jobs.delivery import Delivery
from bot.services.jobs.job_steps import Checkpoints
from bot.services.jobs.poll_schedule import REMEMBERED, Rhythm
from bot.services.jobs.rate_limits import Bucket, LocalBucket, SharedBucket
from bot.services.jobs.sales import Sales
from bot.services.jobs.submission import Buckets, Supply
from bot.services.jobs.supplier_probe import Watch
from bot.services.jobs.worker import Worker
from bot.services.maintenance.backups import Backups
from bot.services.maintenance.ledger_audit import Auditor
from bot.services.maintenance.retention import Retention
from bot.services.orders.gallery import Gallery
from bot.services.orders.history import History
from bot.services.orders.ordering import Imagine, VideoMeter
from bot.services.orders.preferences import Tastes
from bot.services.orders.proposals import Proposals
from bot.services.orders.recents import Recents
from bot.services.orders.references import References, Web
from bot.services.orders.result_actions import FollowUps
from bot.services.orders.templates import Templates
from bot.services.processes.lease import LEASE_SECONDS, Presence
from bot.services.processes.once import Once
from bot.services.server.member_data import MyData
from bot.services.server.policy import Rules
from bot.services.server.usage import Reports
from bot.settings import Settings
from bot.status.endpoints import Seeing
from bot.storage.database import open_database, whole
from bot.storage.engine import locks
from bot.storage.engine.store import Store
from bot.storage.files.open_files import open_files
from bot.storage.orders import jobs
from bot.storage.whole.backup import back_up
from bot.telemetry.discord_trace import Hearing
from bot.telemetry.metrics import Metrics
from bot.text.builtin_templates import builtin_templates

log = logging.getLogger(__name__)

PATIENT = Pace()
STOP_SECONDS = 20.0  # how long a stop waits for what is being done


class _Web(VideoMeter, Web, Protocol):
    """What members' links lead to."""


@dataclass(frozen=True, slots=True)
class Role:
    """What this process does, of all that a bot does: commands through a gateway, jobs, or both.

    `shards`: of the gateway, where several processes share it; `shard_count`: of all of them.
    """

    commands: bool = True
    jobs: bool = True
    shards: tuple[int, ...] | None = None
    shard_count: int | None = None

    @property
    def kind(self) -> str:
        """For people."""
        if not self.commands:
            return "worker"
        return "bot" if self.jobs else "gateway"


EVERYTHING = Role()


@dataclass(frozen=True, slots=True)
class App:
    """`client` speaks to Discord: `bot` itself, or, where no commands are taken, one that only delivers.

    `rounds` go on beside the worker, each by its name.
    """

    role: Role
    bot: StillframeBot
    client: discord.Client
    store: Store
    presence: Presence
    sales: Sales
    courier: Courier
    checkpoints: Checkpoints
    worker: Worker
    rounds: Mapping[str, Callable[[], Coroutine[Any, Any, None]]]
    seeing: Seeing

    async def work(self) -> None:
        """What goes on beside the commands, until `rest`."""
        await self.presence.begin()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.presence.run(), name="presence")
            tasks.create_task(self.sales.follow(), name="sales")
            if self.role.jobs:
                tasks.create_task(self.worker.run(), name="worker")
                for name, run in self.rounds.items():
                    tasks.create_task(run(), name=name)

    async def rest(self) -> None:
        """No more orders; what is being done is done to its end, and the rest waits for the next run, or for others."""
        self.seeing.drain()
        self.bot.services.shop.stop()
        self.checkpoints.stop()
        self.sales.stop()
        await self.worker.stop()
        await self.presence.leave()


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    api_key: SecretStr,
    role: Role = EVERYTHING,
    sandbox: bool = False,
    pace: Pace = PATIENT,
    rhythm: Rhythm | None = None,
    lease_seconds: float = LEASE_SECONDS,
) -> AsyncIterator[App]:
    """Everything but the connection to Discord. `sandbox` marks every result as made by the stand-in.

    Raises `bot.domain.errors.StorageError` where the database can't be had, or the files as they are to be kept.
    """
    fetcher, metrics = Fetcher(trusted_origin=settings.atlascloud_base_url), Metrics()
    async with (
        open_database(settings.database, backups=settings.backups, patient=True) as store,
        open_atlas(
            base_url=settings.atlascloud_base_url, api_key=api_key, fetch=fetcher.download, figures=metrics
        ) as supplier,
    ):
        rhythm = await _learned(store, rhythm or Rhythm())
        titles = Titles(fetcher.download) if settings.video_titles else None
        yield assemble(
            settings, store, supplier, fetcher, titles, clock=unix_ms, role=role, sandbox=sandbox, pace=pace,
            rhythm=rhythm, stop_seconds=STOP_SECONDS, lease_seconds=lease_seconds, metrics=metrics,
        )  # fmt: skip


def assemble(
    settings: Settings,
    store: Store,
    supplier: ImageSupplier,
    web: _Web,
    titles: Titles | None,
    *,
    clock: Callable[[], int],
    role: Role = EVERYTHING,
    sandbox: bool,
    pace: Pace,
    rhythm: Rhythm,
    stop_seconds: float,
    lease_seconds: float = LEASE_SECONDS,
    metrics: Metrics | None = None,
) -> App:
    """Everything made of what is open. `titles`: None where YouTube is not asked. `clock` gives Unix milliseconds."""
    metrics = metrics or Metrics()
    clips, images = open_files(settings, "clips"), open_files(settings, "images")
    pricing, fitter, shop, work = settings.pricing, Fitter(), Shop(), asyncio.Event()
    store.listen(locks.WORK, work.set)
    presence = Presence(store, kind=role.kind, clock=clock, lease_seconds=lease_seconds)
    sales = Sales(store, shop)
    limits = LineLimits(running=settings.member_max_running, waiting=settings.member_max_waiting)
    credits = Credits(store, starting_credits=settings.starting_credits, clock=clock)
    rules = Rules(store, defaults=limits, starting_limit=settings.starting_credits, clock=clock)
    imagine = Imagine(
        store,
        clips,
        web,
        credits,
        shop,
        rules,
        pricing=pricing,
        default_span_seconds=settings.default_span_seconds,
        starting_credits=settings.starting_credits,
        clock=clock,
        wake=work.set,
        figures=metrics,
    )
    tastes = Tastes(store)
    follow_ups = FollowUps(
        store,
        imagine,
        tastes,
        images=images,
        clock=clock,
        tell_operator=lambda words: courier.tell_operator(words),  # noqa: PLW0108  # made below: it needs the bot
    )
    hearing = Hearing(metrics)
    bot = bot_of(
        Services(
            imagine=imagine,
            references=References(store, clips, fitter, web, clock=clock),
            follow_ups=follow_ups,
            history=History(store, images=images, fitter=fitter, clock=clock),
            gallery=Gallery(store, clock=clock),
            credits=credits,
            bank=Bank(store, rules, starting_credits=settings.starting_credits, clock=clock),
            exports=Exports(store, clock=clock),
            gifts=Gifts(store, rules, starting_credits=settings.starting_credits, clock=clock),
            codes=Codes(store, starting_credits=settings.starting_credits, clock=clock),
            requests=Requests(store, rules, starting_credits=settings.starting_credits, clock=clock),
            purchases=Purchases(
                store,
                sold=settings.credits_by_sku,
                starting_credits=settings.starting_credits,
                clock=clock,
                tell_operator=lambda words: courier.tell_operator(words),  # noqa: PLW0108  # as above
            ),
            rules=rules,
            tastes=tastes,
            recents=Recents(store),
            proposals=Proposals(store, tastes, titles, confirm_from_credits=settings.confirm_from_credits, clock=clock),
            templates=Templates(store, builtin=builtin_templates, clock=clock),
            usage=Reports(store, clock=clock),
            mydata=MyData(store, images=images, clips=clips, retention_days=settings.retention_days, clock=clock),
            shop=shop,
            pricing=pricing,
            once=Once(store, presence),
            sandbox=sandbox,
            direct_messages=settings.direct_messages,
        ),
        hearing,
        shards=role.shards,
        shard_count=role.shard_count,
    )
    client = bot if role.commands else discord.Client(**REST_ONLY, http_trace=hearing.trace)
    courier = Courier(
        client,
        clock=clock,
        pricing=pricing,
        sandbox=sandbox,
        operator_channel=settings.operator_channel_id,
        figures=metrics,
    )
    checkpoints = Checkpoints(store, courier, presence, clock=clock, figures=metrics)
    supply = Supply(
        checkpoints,
        supplier,
        courier,
        clips=clips,
        images=images,
        fitter=fitter,
        shop=shop,
        rhythm=rhythm,
        buckets=_buckets(settings, store, clock),
        pricing=pricing,
        pace=pace,
        figures=metrics,
    )
    delivery = Delivery(checkpoints, courier, images=images, fitter=fitter, pace=pace, figures=metrics)
    mending = Mending(store, checkpoints, courier, delivery, pace=pace)
    worker = Worker(
        store,
        checkpoints,
        supply,
        delivery,
        presence,
        mending,
        work=work,
        supplier_limit=settings.supplier_max_running,
        member_limit=limits.running,
        stop_seconds=stop_seconds,
    )
    caretaker = Caretaker(store, checkpoints, supplier, courier, supply, delivery, presence, mending, pace=pace)
    least_micros = int(settings.supplier_balance_warn_usd * 1_000_000)
    watch = Watch(
        store, checkpoints, supplier, courier, shop, sales, presence, least_micros=least_micros, pace=pace,
        figures=metrics,
    )  # fmt: skip
    retention = Retention(store, checkpoints, presence, images=images, clips=clips, days=settings.retention_days)
    seeing = Seeing(
        store,
        shop,
        metrics,
        Auditor(store, checkpoints, presence, metrics),
        gateway=bot if role.commands else None,
        clock=clock,
        host=settings.http_host,
        port=settings.http_port,
    )
    backups = Backups(
        checkpoints,
        courier,
        presence,
        lambda path: back_up(whole(settings.database, near=settings.data_dir), path),
        folder=settings.backups,
        every_hours=settings.backup_hours,
        keep=settings.backup_keep,
    )
    rounds = {
        "caretaker": caretaker.run,
        "watch": watch.run,
        "mending": mending.run,
        "retention": retention.run,
        "backups": backups.run,
    }
    return App(role, bot, client, store, presence, sales, courier, checkpoints, worker, rounds, seeing)


async def _learned(store: Store, rhythm: Rhythm) -> Rhythm:
    """What was learned before the restart is in the database."""
    for recipe, seconds in reversed(await store.read(jobs.past(limit=REMEMBERED))):
        rhythm.learn(recipe, seconds)
    return rhythm


def _buckets(settings: Settings, store: Store, clock: Callable[[], int]) -> Buckets:
    def bucket(name: str, per_second: float, burst: int) -> Bucket:
        if store.shared:
            return SharedBucket(store, name, per_second=per_second, burst=burst, clock=clock)
        return LocalBucket(per_second=per_second, burst=burst)

    return Buckets(
        polls=bucket("polls", settings.supplier_polls_per_second, 5),
        submits=bucket("submits", settings.supplier_submits_per_second, 2),
    )


def settle_memory() -> None:
    """Keep the garbage collector from walking what is loaded by now and stays, and make full rounds rare.

    A full round over 10,000 waiting images holds the event loop for 0.3 s, and in a burst of orders they came one
    after another: an order's p99 was 400 ms, and is 70 ms with this (`bench/waiting.py`). Without cycles, which hardly
    any of our objects make, memory is freed at once in any case.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)


async def serve(app: App, token: str) -> None:
    """Run until a signal to stop, or until something ends it (then raise what that was).

    A second signal quits at once. Raises `bot.status.http_server.PortUnusable`.
    """
    settle_memory()
    stopping = asyncio.Event()

    def on_signal(number: int) -> None:
        if stopping.is_set():
            os._exit(128 + number)  # what is committed is safe, and nothing else is worth waiting for
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
    async with app.seeing, app.client:  # the pages close last: /readyz says 503 for as long as jobs are being finished
        signalled = asyncio.create_task(stopping.wait(), name="signal")
        serving = asyncio.create_task(_serve(app, token), name="serving")
        await asyncio.wait({signalled, serving}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping: each job finishes the step it is in")
        await app.rest()
        await app.client.close()
        signalled.cancel()
        if not serving.done():
            serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def _serve(app: App, token: str) -> None:
    """The work begins only when we are logged in: delivering needs the application's id."""
    await log_in(app.client, token)
    tasks = {asyncio.create_task(app.work(), name="work")}
    if app.role.commands:
        tasks.add(asyncio.create_task(stay_connected(app.client), name="gateway"))
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
