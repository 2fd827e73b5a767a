"""The pages of `HTTP_PORT`: /healthz says if the process is alive, /readyz if it can work, /metrics gives numbers."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Generic, Literal, Protocol, Self, TypeVar

from bot.domain.errors import StorageError
from bot.domain.job import UnderWay
from bot.services.jobs.circuit_breaker import CircuitBreaker
from bot.services.maintenance.ledger_audit import LedgerAudit
from bot.status.http_server import Response, serve_pages
from bot.storage.engine.store import Store
from bot.storage.processes import open_jobs
from bot.telemetry.metrics import TEXT_FORMAT, Metrics, Now

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
TICKS = 60  # so many lags of the event loop are remembered
STILL_SECONDS = 30.0  # without a tick of the event loop: then the process hangs, and should be restarted
CACHED_SECONDS = 3.0  # how old an answer of the database may be, so that many scrapes cost no more than one
PATIENCE_SECONDS = 3.0  # a page waits no longer for the database

FINE = "ok"

Check = Literal["database", "gateway", "running"]

T = TypeVar("T")


class Gateway(Protocol):
    """The connection of a process to Discord's gateway."""

    @property
    def connected(self) -> bool: ...

    @property
    def latency(self) -> float:
        """In seconds; NaN where it is not known."""
        ...

    @property
    def guilds(self) -> Sequence[object]: ...


class StatusEndpoints:
    """Serves the pages on `host` and `port` inside `async with`. `port` None: serves none.

    `gateway` None: this process has none, and is ready without one. Entering raises
    `bot.status.http_server.PortUnusable`.
    """

    def __init__(
        self,
        store: Store,
        breaker: CircuitBreaker,
        metrics: Metrics,
        ledger_audit: LedgerAudit,
        *,
        gateway: Gateway | None,
        clock: Callable[[], int],
        host: str,
        port: int | None,
    ) -> None:
        self._store = store
        self._breaker = breaker
        self._metrics = metrics
        self._ledger_audit = ledger_audit
        self._gateway = gateway
        self._clock = clock
        self._host = host
        self._port = port
        self._name = f"readyz {secrets.token_hex(8)}"  # unique among the processes that share the database
        self._stopping = False
        self._ticked_at = 0.0
        self._lags_seconds = deque([0.0], maxlen=TICKS)
        self._writable = CachedProbe(self._try_to_write)
        self._under_way = CachedProbe(self._look_at_the_books)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        if self._port is not None:
            pages = {"/healthz": self.healthz, "/readyz": self.readyz, "/metrics": self.metrics}
            self._ticked_at = _seconds()
            async with AsyncExitStack() as opening:
                for probe in (self._writable, self._under_way):
                    opening.callback(probe.forget)
                await opening.enter_async_context(serve_pages(pages, host=self._host, port=self._port))
                for work in (self._tick(), self._ledger_audit.run()):
                    opening.callback(asyncio.create_task(work, name="status").cancel)
                self._open = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def stop(self) -> None:
        """The process is about to stop: /readyz says from now on that it is not ready."""
        self._stopping = True

    # --- the pages ------------------------------------------------------------------------------------------

    async def healthz(self) -> Response:
        """Says whether the event loop runs. Discord and the database are not asked: a restart would repair neither."""
        still_seconds = _seconds() - self._ticked_at
        if still_seconds < STILL_SECONDS:
            return _page(HTTPStatus.OK, [FINE])
        return _page(HTTPStatus.SERVICE_UNAVAILABLE, [f"the event loop has stood still for {still_seconds:.0f} s"])

    async def readyz(self) -> Response:
        problems = await self._problems()
        fine = all(problem is None for problem in problems.values())
        lines = [f"{check}: {problem or FINE}" for check, problem in problems.items()]
        return _page(HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE, lines)

    async def metrics(self) -> Response:
        problems, under_way = await asyncio.gather(self._problems(), self._under_way.get())
        latency = self._gateway.latency if self._gateway else math.nan
        now = Now(
            at=self._clock(),
            ready={check: problem is None for check, problem in problems.items()},
            sales_open=self._breaker.tripped_for is None,
            under_way=under_way,
            loop_lag_seconds=max(self._lags_seconds),
            gateway_latency_seconds=latency if math.isfinite(latency) else None,
            servers=len(self._gateway.guilds) if self._gateway else None,
        )
        return Response(body=self._metrics.page(now), content_type=TEXT_FORMAT)

    # --- what the pages read ------------------------------------------------------------------------------

    async def _problems(self) -> dict[Check, str | None]:
        """What is wrong with each part of the process; None where nothing is."""
        found: dict[Check, str | None] = {}
        written = await self._writable.get()
        if written is None:
            found["database"] = f"does not answer within {PATIENCE_SECONDS:.0f} s"
        else:
            found["database"] = None if written else "can't be written; the log says why"
        if self._gateway is not None:
            found["gateway"] = None if self._gateway.connected else "not connected to Discord"
        found["running"] = "stopping: what is begun is finished, nothing new is taken" if self._stopping else None
        return found

    async def _try_to_write(self) -> bool:
        try:
            await self._store.run(open_jobs.write_nothing(self._name, now=self._clock()))
        except StorageError as error:
            log.warning("not ready: the database can't be written: %s", error)
            return False
        return True

    async def _look_at_the_books(self) -> UnderWay | None:
        try:
            return await self._store.read(open_jobs.under_way())
        except StorageError as error:
            log.warning("/metrics lacks what is in the database: %s", error)
            return None

    async def _tick(self) -> None:
        while True:
            due = _seconds() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self._ticked_at = _seconds()
            self._lags_seconds.append(max(0.0, self._ticked_at - due))


class CachedProbe(Generic[T]):
    """Asks at most every `CACHED_SECONDS`, and never twice at a time; in between it gives the last answer."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked_at = -math.inf
        self._task: asyncio.Task[T] | None = None

    async def get(self) -> T | None:
        """The answer; None where it does not come in time. The next caller waits for the same answer."""
        if self._task is None or (self._task.done() and _seconds() - self._asked_at >= CACHED_SECONDS):
            self._asked_at = _seconds()
            self._task = asyncio.ensure_future(self._ask())
        await asyncio.wait({self._task}, timeout=PATIENCE_SECONDS)
        return self._task.result() if self._task.done() else None

    def forget(self) -> None:
        if self._task:
            self._task.cancel()


def _page(status: HTTPStatus, lines: Sequence[str]) -> Response:
    return Response(status=status, body="".join(f"{line}\n" for line in lines).encode())


def _seconds() -> float:
    return asyncio.get_running_loop().time()
