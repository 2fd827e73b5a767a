"""The composition root: settings to resources to services to bot. The order of opening is the order of need."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from pydantic import SecretStr

from bot.client import Services, StillframeBot, log_in, stay_connected
from bot.courier import Courier
from bot.media.fetch import Fetcher
from bot.media.fit import Fitter
from bot.providers.atlas import open_atlas
from bot.services.checkpoints import Checkpoints
from bot.services.credits import Credits
from bot.services.delivery import Delivery
from bot.services.imagine import Imagine
from bot.services.pace import Pace
from bot.services.results import Results
from bot.services.supply import Supply
from bot.services.worker import Worker
from bot.settings import Settings
from bot.storage.files import Files
from bot.storage.sqlite import SqliteStore, open_sqlite

log = logging.getLogger(__name__)

PATIENT = Pace()
STOP_SECONDS = 20.0  # how long a stop waits for what is being done


@dataclass(frozen=True, slots=True)
class App:
    bot: StillframeBot
    worker: Worker
    store: SqliteStore


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def open_app(
    settings: Settings, *, api_key: SecretStr, sandbox: bool = False, pace: Pace = PATIENT
) -> AsyncIterator[App]:
    """Everything but the connection to Discord. `sandbox` marks every result as made by the stand-in.

    Raises `bot.domain.errors.StorageError` where the database can't be had.
    """
    clips, images = Files(settings.data_dir / "clips"), Files(settings.data_dir / "images")
    pricing, fitter, work = settings.pricing, Fitter(), asyncio.Event()
    fetcher = Fetcher(trusted_origin=settings.atlascloud_base_url)
    async with (
        open_sqlite(settings.database_path) as store,
        open_atlas(base_url=settings.atlascloud_base_url, api_key=api_key, fetch=fetcher.download) as supplier,
    ):
        credits = Credits(store, starting_credits=settings.starting_credits, clock=unix_ms)
        imagine = Imagine(
            store,
            clips,
            fetcher,
            credits,
            pricing=pricing,
            default_span_seconds=settings.default_span_seconds,
            starting_credits=settings.starting_credits,
            clock=unix_ms,
            wake=work.set,
        )
        results = Results(store, images=images, fitter=fitter)
        bot = StillframeBot(Services(imagine, results, credits, pricing, sandbox))
        courier = Courier(bot, clock=unix_ms, sandbox=sandbox)
        checkpoints = Checkpoints(store, courier, clock=unix_ms)
        worker = Worker(
            store,
            checkpoints,
            Supply(checkpoints, supplier, courier, clips=clips, images=images, fitter=fitter, pace=pace),
            Delivery(checkpoints, courier, images=images, fitter=fitter, pace=pace),
            work=work,
            supplier_limit=settings.supplier_max_running,
            stop_seconds=STOP_SECONDS,
        )
        yield App(bot, worker, store)


async def serve(app: App, token: str) -> None:
    """Run until a signal to stop, or until something ends it (then raise what that was)."""
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    async with app.bot:
        signalled = asyncio.create_task(stopping.wait(), name="signal")
        serving = asyncio.create_task(_serve(app, token), name="serving")
        await asyncio.wait({signalled, serving}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping: each job finishes the step it is in")
        await app.worker.stop()
        await app.bot.close()
        signalled.cancel()
        if not serving.done():
            serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def _serve(app: App, token: str) -> None:
    """The worker begins only when we are logged in: delivering needs the application's id."""
    await log_in(app.bot, token)
    worker = asyncio.create_task(app.worker.run(), name="worker")
    gateway = asyncio.create_task(stay_connected(app.bot), name="gateway")
    try:
        ended, _ = await asyncio.wait({worker, gateway}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        worker.cancel()
        gateway.cancel()
