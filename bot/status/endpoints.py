"""What the pages of `HTTP_PORT` say: /healthz of the process, /readyz of what it needs, /metrics of everything."""

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

BEAT_SECONDS = 1.0
BEATS = 60  # that are remembered
STILL_SECONDS = 30.0  # without a beat: then the process hangs, and should be started anew
KEPT_SECONDS = 3.0  # how old an answer of the database may be, so that no number of scrapes can hurt it
PATIENCE_SECONDS = 3.0  # with the database; whoever asks for a page waits no longer

FINE = "ok"

Check = Literal["database", "gateway", "running"]

T = TypeVar("T")


class Gateway(Protocol):
    """Of a process that has a connection to Discord's gateway."""

    @property
    def connected(self) -> bool: ...

    @property
    def latency(self) -> float:
        """Seconds; not a number where nobody knows."""
        ...

    @property
    def guilds(self) -> Sequence[object]: ...


class StatusEndpoints:
    """`async with`: the pages are there, on `host` and `port`. `port` None: there are none, and nothing is done.

    `gateway` None: this process has none, and is ready without. Raises `bot.status.http_server.PortUnusable` on
    entering.
    """

    def __init__(
        self,
        store: Store,
        breaker: CircuitBreaker,
        metrics: Metrics,
        auditor: LedgerAudit,
        *,
        gateway: Gateway | None,
        clock: Callable[[], int],
        host: str,
        port: int | None,
    ) -> None:
        self._store = store
        self._breaker = breaker
        self._metrics = metrics
        self._auditor = auditor
        self._gateway = gateway
        self._clock = clock
        self._host = host
        self._port = port
        self._name = f"readyz {secrets.token_hex(8)}"  # of this process, among those that share the database
        self._stopping = False
        self._beat_at = 0.0
        self._lags_seconds = deque([0.0], maxlen=BEATS)
        self._writable = CachedProbe(self._try_to_write)
        self._under_way = CachedProbe(self._look_at_the_books)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        if self._port is not None:
            pages = {"/healthz": self.healthz, "/readyz": self.readyz, "/metrics": self.metrics}
            self._beat_at = _seconds()
            async with AsyncExitStack() as opening:
                for kept in (self._writable, self._under_way):
                    opening.callback(kept.forget)
                await opening.enter_async_context(serve_pages(pages, host=self._host, port=self._port))
                for work in (self._beat(), self._auditor.run()):
                    opening.callback(asyncio.create_task(work, name="seeing").cancel)
                self._open = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def stop(self) -> None:
        """The process is about to stop: it is not ready from now on, and says so for as long as it lives."""
        self._stopping = True

    # --- the pages ------------------------------------------------------------------------------------------

    async def healthz(self) -> Response:
        """Does the event loop turn? Neither Discord nor the database is asked: a restart would mend neither."""
        still_seconds = _seconds() - self._beat_at
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

    # --- what they are made of ------------------------------------------------------------------------------

    async def _problems(self) -> dict[Check, str | None]:
        """What is wrong, by what was looked at; None where nothing is."""
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

    async def _beat(self) -> None:
        while True:
            due = _seconds() + BEAT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)
            self._beat_at = _seconds()
            self._lags_seconds.append(max(0.0, self._beat_at - due))


class CachedProbe(Generic[T]):
    """An answer that is asked for at most every few seconds, and never twice at a moment."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked_at = -math.inf
        self._task: asyncio.Task[T] | None = None

    async def get(self) -> T | None:
        """None where none comes in time. It is waited for, not asked for anew, by whoever comes next."""
        if self._task is None or (self._task.done() and _seconds() - self._asked_at >= KEPT_SECONDS):
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
