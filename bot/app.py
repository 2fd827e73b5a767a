"""The composition root: it opens the resources, builds the services and the bot from them, and runs and stops them."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import discord
from pydantic import SecretStr

from bot.discord.client import REST_ONLY, Services, StillframeBot, build_bot, log_in, stay_connected
from bot.discord.messenger import Messenger
from bot.domain.awaiting import longest_ms
from bot.domain.job import Job, LineLimits
from bot.domain.operator_budget import MICROS, OperatorBudgets, bounds_missing
from bot.domain.pricing import Pricing
from bot.media.fetch import Fetcher
from bot.media.fit import Fitter
from bot.media.title import OEMBED, Titles
from bot.providers.atlas import open_atlas
from bot.providers.base import ImageSupplier
from bot.services.credits.acts import Acts
from bot.services.credits.balance import Credits
from bot.services.credits.bank import Bank
from bot.services.credits.codes import Codes
from bot.services.credits.credit_requests import CreditRequests
from bot.services.credits.exports import Exports
from bot.services.credits.gifts import Gifts
from bot.services.credits.purchases import Purchases
from bot.services.jobs.awaiting_images import AwaitingImages
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.jobs.closed_models import ClosedModels
from bot.services.jobs.delays import Delays
from bot.services.jobs.pipeline import Pipeline, PipelineLimits
from bot.services.jobs.poll_schedule import REMEMBERED, PollSchedule
from bot.services.jobs.showings import Showings
from bot.services.maintenance.backups import Backups
from bot.services.maintenance.ledger_audit import LedgerAudit
from bot.services.maintenance.model_check import ModelCheck
from bot.services.maintenance.retention import Retention
from bot.services.orders.favourites import Favourites
from bot.services.orders.history import History
from bot.services.orders.ordering import Ordering
from bot.services.orders.preferences import MemberPreferences
from bot.services.orders.proposals import Proposals
from bot.services.orders.references import References
from bot.services.orders.result_actions import ResultActions
from bot.services.orders.takedowns import Takedowns
from bot.services.orders.templates import Templates
from bot.services.processes.lease import LEASE_SECONDS, ProcessLease
from bot.services.processes.once import Once
from bot.services.server.member_data import MemberData
from bot.services.server.operator_alerts import OperatorAlerts
from bot.services.server.policy import Rules
from bot.services.server.usage import Reports
from bot.settings import Settings
from bot.status.endpoints import Gateway, StatusEndpoints
from bot.storage.database import open_database, whole
from bot.storage.engine import locks
from bot.storage.engine.store import Store
from bot.storage.files.base import Files
from bot.storage.files.open_files import open_files
from bot.storage.orders import jobs
from bot.storage.server import budgets
from bot.storage.whole.backup import back_up
from bot.telemetry.discord_trace import DiscordTrace
from bot.telemetry.metrics import Metrics
from bot.text.builtin_templates import builtin_templates

log = logging.getLogger(__name__)

PATIENT = Delays()
STOP_SECONDS = 20.0  # a stop waits so long for what is being done

Run = Callable[[], Coroutine[Any, Any, None]]
TellOperator = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Role:
    """The work of this process: commands through a gateway, jobs, or both.

    `shards`: those of this process, where several processes share the gateway; `shard_count`: of all processes.
    """

    commands: bool = True
    jobs: bool = True
    shards: tuple[int, ...] | None = None
    shard_count: int | None = None

    @property
    def kind(self) -> str:
        """Return the role's name as the operator reads it."""
        if not self.commands:
            return "worker"
        return "bot" if self.jobs else "gateway"


EVERYTHING = Role()


@dataclass(frozen=True, slots=True)
class App:
    """The parts of a running process.

    `client` speaks to Discord: it is `bot` itself, or, where no commands are taken, a client that only delivers.
    `maintenance` runs beside the pipeline, each part by its name. `from_before`: as in `Settings.budgets`.
    """

    role: Role
    bot: StillframeBot
    client: discord.Client
    store: Store
    lease: ProcessLease
    messenger: Messenger
    pipeline: Pipeline
    maintenance: Mapping[str, Run]
    endpoints: StatusEndpoints
    settings: Settings
    from_before: bool

    async def work(self) -> None:
        """Run everything that goes on beside the commands, until `stop`."""
        await self.lease.begin()
        runs = {
            "lease": self.lease.run,
            "circuit breaker": self.pipeline.breaker.follow,
            "closed models": self.pipeline.closed_models.follow,
        }
        if self.role.jobs:
            runs |= {**self.pipeline.runs, **self.maintenance}
        async with asyncio.TaskGroup() as tasks:
            for name, run in runs.items():
                tasks.create_task(run(), name=name)

    async def stop(self) -> None:
        """Take no more orders, finish the steps that have begun, and leave the rest to the next run or to others."""
        self.endpoints.stop()
        await self.pipeline.stop()
        await self.lease.stop()


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
    oembed: str = OEMBED,
) -> AsyncIterator[App]:
    """Open everything but the connection to Discord. `sandbox` marks every result as made by the stand-in.

    `oembed`: where YouTube, or what stands in for it, says what it knows of a video.
    Raises `bot.domain.errors.StorageError` where the database or the storage of the files can't be opened.
    """
    base_url, days = settings.atlascloud_base_url, settings.retention_days
    fetcher, metrics = Fetcher(trusted_origin=base_url), Metrics()
    async with (
        open_database(settings.database, backups=settings.backups, patient=True) as store,
        open_atlas(
            base_url=base_url, api_key=api_key, fetch=fetcher.download, metrics=metrics, retention_days=days
        ) as supplier,
    ):
        yield assemble(
            settings,
            store,
            supplier,
            fetcher,
            Titles(fetcher.download, address=oembed) if settings.video_titles else None,
            clock=unix_ms,
            from_before=await store.read(budgets.is_from_before()),
            role=role,
            sandbox=sandbox,
            delays=delays,
            poll_schedule=await _learn_from_past(store, poll_schedule or PollSchedule(settings.models)),
            stop_seconds=STOP_SECONDS,
            lease_seconds=lease_seconds,
            metrics=metrics,
        )


def assemble(
    settings: Settings,
    store: Store,
    supplier: ImageSupplier,
    fetcher: Fetcher,
    titles: Titles | None,
    *,
    clock: Callable[[], int],
    from_before: bool = False,
    role: Role = EVERYTHING,
    sandbox: bool,
    delays: Delays,
    poll_schedule: PollSchedule,
    stop_seconds: float,
    lease_seconds: float = LEASE_SECONDS,
    metrics: Metrics | None = None,
) -> App:
    """Build the app from what is open. `titles`: None where YouTube is not asked. `clock` gives Unix milliseconds."""
    base = _Base(
        settings=settings,
        from_before=from_before,
        store=store,
        fetcher=fetcher,
        titles=titles,
        lease=ProcessLease(store, kind=role.kind, clock=clock, lease_seconds=lease_seconds),
        breaker=CircuitBreaker(store),
        closed_models=ClosedModels(store, lambda words: messenger.tell_operator(words), clock=clock),  # noqa: PLW0108  # made below
        clock=clock,
        metrics=metrics or Metrics(),
    )
    discord_trace = DiscordTrace(base.metrics)
    # The messenger and the pipeline need the bot, so they are made below.
    awaiting = _awaiting(base, lambda job: pipeline.delivery.give_up(job))  # noqa: PLW0108  # above
    services = _services(base, awaiting, lambda: messenger, sandbox=sandbox)
    bot = build_bot(services, discord_trace, shards=role.shards, shard_count=role.shard_count)
    client = bot if role.commands else discord.Client(**REST_ONLY, http_trace=discord_trace.trace)
    messenger = _messenger(base, client, sandbox=sandbox)
    pipeline = _pipeline(base, supplier, messenger, delays, poll_schedule, stop_seconds)
    return _app(base, role, bot, client, messenger, pipeline)


@dataclass(frozen=True, kw_only=True)
class _Base:
    """The parts that several of the functions below need. `work` is set when there may be a job to take up."""

    settings: Settings
    from_before: bool
    store: Store
    fetcher: Fetcher
    titles: Titles | None
    lease: ProcessLease
    breaker: CircuitBreaker
    closed_models: ClosedModels
    fitter: Fitter = field(default_factory=Fitter)
    work: asyncio.Event = field(default_factory=asyncio.Event)
    clock: Callable[[], int]
    metrics: Metrics

    @cached_property
    def clips(self) -> Files:
        return open_files(self.settings, "clips")

    @cached_property
    def images(self) -> Files:
        return open_files(self.settings, "images")

    @property
    def pricing(self) -> Pricing:
        """Return the prices, with the models that are closed now."""
        pricing = self.settings.pricing
        return replace(pricing, models=replace(pricing.models, closed=self.closed_models.closed))

    @property
    def budgets(self) -> OperatorBudgets:
        return self.settings.budgets(from_before=self.from_before)

    @property
    def limits(self) -> LineLimits:
        return LineLimits(running=self.settings.member_max_running, waiting=self.settings.member_max_waiting)


def _app(
    base: _Base, role: Role, bot: StillframeBot, client: discord.Client, messenger: Messenger, pipeline: Pipeline
) -> App:
    return App(
        role,
        bot,
        client,
        base.store,
        base.lease,
        messenger,
        pipeline,
        _maintenance(base, pipeline),
        _endpoints(base, pipeline, bot if role.commands else None),
        base.settings,
        base.from_before,
    )


def _services(base: _Base, awaiting: AwaitingImages, messenger: Callable[[], Messenger], *, sandbox: bool) -> Services:
    settings, store, clock = base.settings, base.store, base.clock
    starting, preferences = settings.starting, MemberPreferences(store)
    rules = Rules(store, starting_limit=starting.amount, budgets=base.budgets, clock=clock)
    showings = Showings(store, messenger, clock=clock)

    async def tell_operator(words: str) -> None:
        await messenger().tell_operator(words)

    return Services(
        ordering=_ordering(base),
        references=References(store, base.clips, base.fitter, base.fetcher, clock=clock),
        result_actions=ResultActions(store, preferences, images=base.images, clock=clock, tell_operator=tell_operator),
        awaiting=awaiting,
        history=History(store, images=base.images, fitter=base.fitter, clock=clock),
        favourites=Favourites(store, clock=clock),
        showings=showings,
        takedowns=Takedowns(store, showings, images=base.images, clock=clock),
        credits=Credits(store, starting_credits=starting, clock=clock),
        bank=Bank(store, rules, starting_credits=starting, clock=clock),
        exports=Exports(store, clock=clock),
        acts=Acts(store),
        gifts=Gifts(store, rules, starting_credits=starting, clock=clock),
        codes=Codes(store, rules, starting_credits=starting, clock=clock),
        credit_requests=CreditRequests(store, rules, starting_credits=starting, clock=clock),
        purchases=_purchases(base, tell_operator),
        rules=rules,
        preferences=preferences,
        proposals=Proposals(store, base.titles, clock=clock),
        templates=Templates(store, builtin=builtin_templates, clock=clock),
        usage=Reports(store, clock=clock),
        member_data=_member_data(base, awaiting),
        operator_alerts=OperatorAlerts(store, tell_operator),
        breaker=base.breaker,
        pricing=base.pricing,
        once=Once(store, base.lease),
        sandbox=sandbox,
        direct_messages=settings.direct_messages,
        allowed_servers=settings.allowed_server_ids,
    )


def _ordering(base: _Base) -> Ordering:
    settings = base.settings
    return Ordering(
        base.store,
        base.clips,
        base.fetcher,
        base.breaker,
        pricing=base.pricing,
        default_span_seconds=settings.default_span_seconds,
        starting_credits=settings.starting,
        limits=base.limits,
        budgets=base.budgets,
        confirm_from_credits=settings.confirm_from_credits,
        clock=base.clock,
        wake=base.work.set,
        titles=base.titles,
        metrics=base.metrics,
    )


def _purchases(base: _Base, tell_operator: TellOperator) -> Purchases:
    return Purchases(
        base.store,
        sold=base.settings.credits_by_sku,
        starting_credits=base.settings.starting,
        clock=base.clock,
        tell_operator=tell_operator,
    )


def _awaiting(base: _Base, give_up: Callable[[Job], Awaitable[Job | None]]) -> AwaitingImages:
    return AwaitingImages(base.store, base.lease, clock=base.clock, wake=base.work.set, end=give_up)


def _member_data(base: _Base, awaiting: AwaitingImages) -> MemberData:
    return MemberData(
        base.store,
        images=base.images,
        clips=base.clips,
        retention_days=base.settings.retention_days,
        clock=base.clock,
        give_up_waiting=awaiting.give_all_up,
    )


def _messenger(base: _Base, client: discord.Client, *, sandbox: bool) -> Messenger:
    return Messenger(
        client,
        clock=base.clock,
        pricing=base.pricing,
        sandbox=sandbox,
        operator_channel=base.settings.operator_channel_id,
        metrics=base.metrics,
    )


def _pipeline(
    base: _Base,
    supplier: ImageSupplier,
    messenger: Messenger,
    delays: Delays,
    poll_schedule: PollSchedule,
    stop_seconds: float,
) -> Pipeline:
    settings = base.settings
    base.store.listen(locks.WORK, base.work.set)
    return Pipeline(
        store=base.store,
        supplier=supplier,
        messenger=messenger,
        lease=base.lease,
        breaker=base.breaker,
        closed_models=base.closed_models,
        clips=base.clips,
        images=base.images,
        fitter=base.fitter,
        pricing=base.pricing,
        limits=PipelineLimits(
            supplier_running=settings.supplier_max_running,
            member_running=base.limits.running,
            polls_per_second=settings.supplier_polls_per_second,
            submits_per_second=settings.supplier_submits_per_second,
            awaiting_ms=longest_ms(settings.retention_days),
            warn_balance_micros=int(settings.supplier_balance_warn_usd * MICROS),
            least_balance_micros=int(settings.supplier_stop_usd * MICROS),
            stop_seconds=stop_seconds,
        ),
        delays=delays,
        poll_schedule=poll_schedule,
        work=base.work,
        clock=base.clock,
        metrics=base.metrics,
    )


def _maintenance(base: _Base, pipeline: Pipeline) -> Mapping[str, Run]:
    settings, steps, lease = base.settings, pipeline.steps, base.lease
    database, days = settings.database, settings.retention_days
    retention = Retention(base.store, steps, lease, images=base.images, clips=base.clips, days=days)
    backups = Backups(
        steps,
        pipeline.messenger,
        lease,
        lambda path: back_up(whole(database, near=settings.data_dir), path),
        folder=settings.backups,
        every_hours=settings.backup_hours,
        keep=settings.backup_keep,
    )
    models = ModelCheck(base.store, steps, lease, pipeline.supplier, pipeline.messenger.tell_operator, base.pricing)
    return {"retention": retention.run, "backups": backups.run, "models": models.run}


def _endpoints(base: _Base, pipeline: Pipeline, gateway: Gateway | None) -> StatusEndpoints:
    return StatusEndpoints(
        base.store,
        base.breaker,
        base.metrics,
        LedgerAudit(base.store, pipeline.steps, base.lease, base.metrics),
        gateway=gateway,
        clock=base.clock,
        host=base.settings.http_host,
        port=base.settings.http_port,
    )


async def _learn_from_past(store: Store, poll_schedule: PollSchedule) -> PollSchedule:
    """Teach the schedule how long the images before the restart took, which is in the database."""
    for recipe, seconds in reversed(await store.read(jobs.past(limit=REMEMBERED))):
        poll_schedule.learn(recipe, seconds)
    return poll_schedule


def settle_memory() -> None:
    """Keep the garbage collector from walking the objects that are loaded by now and stay, and make full passes rare.

    A full pass over 10,000 waiting images holds the event loop for 0.3 s, and in a burst of orders they came one after
    another: an order's p99 was 400 ms, and is 70 ms with this (`bench/waiting.py`). Objects without cycles are freed at
    once in any case, and hardly any of our objects make cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)


async def serve(app: App, token: str) -> None:
    """Run until a signal to stop, or until a part ends; then raise the error that ended it.

    A second signal quits at once. Raises `bot.status.http_server.PortUnusable`.
    """
    stopping = asyncio.Event()

    def on_signal(number: int) -> None:
        if stopping.is_set():
            os._exit(128 + number)  # what is committed is safe, and nothing else is worth waiting for
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
    # The endpoints close last: /readyz says 503 while jobs are finished.
    async with app.endpoints, app.client:
        signalled = asyncio.create_task(stopping.wait(), name="signal")
        serving = asyncio.create_task(_serve(app, token), name="serving")
        await asyncio.wait({signalled, serving}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping: each job finishes the step it is in")
        await app.stop()
        await app.client.close()
        signalled.cancel()
        if not serving.done():
            serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def _warn(app: App) -> None:
    """Log what the operator should know of the bounds on the money: each in one line."""
    settings, application = app.settings, app.client.application
    if settings.stops_at_the_warning and settings.supplier_stop_usd:
        log.warning(
            "SUPPLIER_BALANCE_WARN_USD also stops new orders, because SUPPLIER_BALANCE_STOP_USD is not set: "
            "set it, and the first only warns"
        )
    is_public = application is not None and bool(application.bot_public)
    chosen = bool(settings.allowed_servers)
    for words in bounds_missing(
        settings.budgets(from_before=app.from_before), from_before=app.from_before, is_public=is_public, chosen=chosen
    ):
        log.warning("%s", words)


async def _serve(app: App, token: str) -> None:
    """Log in, then begin the work: delivering needs the application's id, which is known after the login."""
    await log_in(app.client, token)
    _warn(app)
    settle_memory()
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
