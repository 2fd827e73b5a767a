"""A stand-in for the supplier: its HTTP interface on loopback, as strict as section 12 of the contract asks.

    async with serve(api_key="apikey-test", latency=Latency.instant()) as standin:
        standin.use("failed_500", times=1)
        ...  # talk to standin.base_url
        assert standin.violations == []

One submission can also ask for a scenario itself: `[scenario:failed_500]` in the prompt, or the header
`X-Sandbox-Scenario: failed_500`. Left out: webhooks, and the routes that `prediction` has superseded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from sandbox.catalogue import MODEL
from sandbox.drawing import Draw, draw
from sandbox.latency import Latency
from sandbox.routes import application
from sandbox.scenarios import SCENARIOS
from sandbox.standin import StandIn

__all__ = ["MODEL", "SCENARIOS", "Latency", "StandIn", "serve"]

REALISTIC = Latency()
SHUTDOWN_SECONDS = 0.2  # for answers under way when the stand-in closes
SLOW_SUBMIT_SECONDS = 70.0  # longer than a client waits


@asynccontextmanager
async def serve(
    *,
    api_key: str | None = None,
    latency: Latency = REALISTIC,
    balance_usd: str = "125.50",
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int = 0,
    slow_submit_seconds: float = SLOW_SUBMIT_SECONDS,
    draw: Draw = draw,
) -> AsyncIterator[StandIn]:
    """A running stand-in. `api_key` None takes any key; `port` 0 picks a free one; `seed` is for the latencies.
    `draw` makes the images; load tests give a cheaper one.
    """
    standin = StandIn(latency=latency, balance_usd=balance_usd, seed=seed, draw=draw)
    app = application(standin, api_key=api_key, slow_submit_seconds=slow_submit_seconds)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        standin.base_url = f"http://{host}:{runner.addresses[0][1]}"
        yield standin
    finally:
        await runner.cleanup()
        await standin.close()
