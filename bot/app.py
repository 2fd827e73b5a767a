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

from bot.discord.client import REST_ONLY, Services, StillframeBot, build_bot, log_in, stay_connected
from bot.discord.messenger import Messenger
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
from bot.services.jobs.aftercare import Aftercare
from bot.services.jobs.card_repair import CardRepair
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.delays import Delays
from bot.services.jobs.delivery import DeliverySteps
from bot.services.jobs.job_steps import JobSteps
from bot.services.jobs.poll_schedule import REMEMBERED, PollSchedule
from bot.services.jobs.rate_limits import LocalRateLimiter, RateLimiter, SharedRateLimiter
from bot.services.jobs.submission import RateLimiters, SubmissionSteps
from bot.services.jobs.supplier_probe import SupplierProbe
from bot.services.jobs.worker import Worker
from bot.services.maintenance.backups import Backups
from bot.services.maintenance.ledger_audit import LedgerAudit
from bot.services.maintenance.retention import Retention
from bot.services.orders.gallery import Gallery
from bot.services.orders.history import History
from bot.services.orders.ordering import Ordering, VideoMeter
from bot.services.orders.preferences import MemberPreferences
from bot.services.orders.proposals import Proposals
from bot.services.orders.references import References, Web
from bot.services.orders.result_actions import ResultActions
from bot.services.orders.templates import Templates
from bot.services.processes.lease import LEASE_SECONDS, ProcessLease
from bot.services.processes.once import Once
from bot.services.server.member_data import MemberData
from bot.services.server.policy import Rules
from bot.services.server.usage import Reports
from bot.settings import Settings
from bot.status.endpoints import StatusEndpoints
from bot.storage.database import open_database, whole
from bot.storage.engine import locks
from bot.storage.engine.store import Store
from bot.storage.files.open_files import open_files
from bot.storage.orders import jobs
from bot.storage.whole.backup import back_up
from bot.telemetry.discord_trace import DiscordTrace
from bot.telemetry.metrics import Metrics
from bot.text.builtin_templates import builtin_templates

log = logging.getLogger(__name__)

PATIENT = Delays()
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
    lease: ProcessLease
    messenger: Messenger
    steps: JobSteps
    worker: Worker
    rounds: Mapping[str, Callable[[], Coroutine[Any, Any, None]]]
    seeing: StatusEndpoints

    async def work(self) -> None:
        """What goes on beside the commands, until `rest`."""
        await self.lease.begin()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.lease.run(), name="presence")
            tasks.create_task(self.bot.services.breaker.follow(), name="breaker")
            if self.role.jobs:
                tasks.create_task(self.worker.run(), name="worker")
                for name, run in self.rounds.items():
                    tasks.create_task(run(), name=name)

    async def rest(self) -> None:
        """No more orders; what is being done is done to its end, and the rest waits for the next run, or for others."""
        self.seeing.drain()
        self.bot.services.breaker.stop()
        self.steps.stop()
        await self.worker.stop()
        await self.lease.leave()


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    api_key: SecretStr,
    role: Role = EVERYTHING,
    sandbox: bool = False,
    delays: Delays = PATIENT,
    poll_schedule: PollSchedule | None = None,
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
        poll_schedule = await _learned(store, poll_schedule or PollSchedule())
        titles = Titles(fetcher.download) if settings.video_titles else None
        yield assemble(
            settings,
            store,
            supplier,
            fetcher,
            titles,
            clock=unix_ms,
            role=role,
            sandbox=sandbox,
            delays=delays,
            poll_schedule=poll_schedule,
            stop_seconds=STOP_SECONDS,
            lease_seconds=lease_seconds,
            metrics=metrics,
        )


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
    delays: Delays,
    poll_schedule: PollSchedule,
    stop_seconds: float,
    lease_seconds: float = LEASE_SECONDS,
    metrics: Metrics | None = None,
) -> App:
    """Everything made of what is open. `titles`: None where YouTube is not asked. `clock` gives Unix milliseconds."""
    metrics = metrics or Metrics()
    clips, images = open_files(settings, "clips"), open_files(settings, "images")
    pricing, fitter, breaker, work = settings.pricing, Fitter(), CircuitBreaker(store), asyncio.Event()
    store.listen(locks.WORK, work.set)
    lease = ProcessLease(store, kind=role.kind, clock=clock, lease_seconds=lease_seconds)
    limits = LineLimits(running=settings.member_max_running, waiting=settings.member_max_waiting)
    credits = Credits(store, starting_credits=settings.starting_credits, clock=clock)
    rules = Rules(store, defaults=limits, starting_limit=settings.starting_credits, clock=clock)
    ordering = Ordering(
        store,
        clips,
        web,
        credits,
        breaker,
        rules,
        pricing=pricing,
        default_span_seconds=settings.default_span_seconds,
        starting_credits=settings.starting_credits,
        clock=clock,
        wake=work.set,
        figures=metrics,
    )
    preferences = MemberPreferences(store)
    result_actions = ResultActions(
        store,
        ordering,
        preferences,
        images=images,
        clock=clock,
        tell_operator=lambda words: messenger.tell_operator(words),  # noqa: PLW0108  # made below: it needs the bot
    )
    discord_trace = DiscordTrace(metrics)
    bot = build_bot(
        Services(
            ordering=ordering,
            references=References(store, clips, fitter, web, clock=clock),
            result_actions=result_actions,
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
                tell_operator=lambda words: messenger.tell_operator(words),  # noqa: PLW0108  # as above
            ),
            rules=rules,
            preferences=preferences,
            proposals=Proposals(
                store, preferences, titles, confirm_from_credits=settings.confirm_from_credits, clock=clock
            ),
            templates=Templates(store, builtin=builtin_templates, clock=clock),
            usage=Reports(store, clock=clock),
            member_data=MemberData(
                store, images=images, clips=clips, retention_days=settings.retention_days, clock=clock
            ),
            breaker=breaker,
            pricing=pricing,
            once=Once(store, lease),
            sandbox=sandbox,
            direct_messages=settings.direct_messages,
        ),
        discord_trace,
        shards=role.shards,
        shard_count=role.shard_count,
    )
    client = bot if role.commands else discord.Client(**REST_ONLY, http_trace=discord_trace.trace)
    messenger = Messenger(
        client,
        clock=clock,
        pricing=pricing,
        sandbox=sandbox,
        operator_channel=settings.operator_channel_id,
        figures=metrics,
    )
    steps = JobSteps(store, messenger, lease, clock=clock, figures=metrics)
    submission = SubmissionSteps(
        steps,
        supplier,
        messenger,
        clips=clips,
        images=images,
        fitter=fitter,
        breaker=breaker,
        poll_schedule=poll_schedule,
        buckets=_buckets(settings, store, clock),
        pricing=pricing,
        delays=delays,
        figures=metrics,
    )
    delivery = DeliverySteps(steps, messenger, images=images, fitter=fitter, delays=delays, figures=metrics)
    card_repair = CardRepair(store, steps, messenger, delivery, delays=delays)
    worker = Worker(
        store,
        steps,
        submission,
        delivery,
        lease,
        card_repair,
        work=work,
        supplier_limit=settings.supplier_max_running,
        member_limit=limits.running,
        stop_seconds=stop_seconds,
    )
    aftercare = Aftercare(store, steps, supplier, messenger, submission, delivery, lease, card_repair, delays=delays)
    least_micros = int(settings.supplier_balance_warn_usd * 1_000_000)
    supplier_probe = SupplierProbe(
        store,
        steps,
        supplier,
        messenger,
        breaker,
        lease,
        least_micros=least_micros,
        delays=delays,
        figures=metrics,
    )
    retention = Retention(store, steps, lease, images=images, clips=clips, days=settings.retention_days)
    seeing = StatusEndpoints(
        store,
        breaker,
        metrics,
        LedgerAudit(store, steps, lease, metrics),
        gateway=bot if role.commands else None,
        clock=clock,
        host=settings.http_host,
        port=settings.http_port,
    )
    backups = Backups(
        steps,
        messenger,
        lease,
        lambda path: back_up(whole(settings.database, near=settings.data_dir), path),
        folder=settings.backups,
        every_hours=settings.backup_hours,
        keep=settings.backup_keep,
    )
    rounds = {
        "caretaker": aftercare.run,
        "watch": supplier_probe.run,
        "mending": card_repair.run,
        "retention": retention.run,
        "backups": backups.run,
    }
    return App(role, bot, client, store, lease, messenger, steps, worker, rounds, seeing)


async def _learned(store: Store, poll_schedule: PollSchedule) -> PollSchedule:
    """What was learned before the restart is in the database."""
    for recipe, seconds in reversed(await store.read(jobs.past(limit=REMEMBERED))):
        poll_schedule.learn(recipe, seconds)
    return poll_schedule


def _buckets(settings: Settings, store: Store, clock: Callable[[], int]) -> RateLimiters:
    def bucket(name: str, per_second: float, burst: int) -> RateLimiter:
        if store.shared:
            return SharedRateLimiter(store, name, per_second=per_second, burst=burst, clock=clock)
        return LocalRateLimiter(per_second=per_second, burst=burst)

    return RateLimiters(
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
