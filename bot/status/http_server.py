"""A tiny HTTP server for the operator: a few pages to GET, nothing else.

It uses aiohttp's server, which discord.py needs anyway. That server limits the request line and the headers, and ends
a connection whose request is not complete in time.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)

REQUEST_SECONDS = 5.0  # for a request to be complete, and for the next one on the same connection
SHUTDOWN_SECONDS = 1.0  # for answers under way
BACKLOG = 16  # connections that wait to be accepted
PLAIN_TEXT = "text/plain; charset=utf-8"
UNFIT = "something is wrong with this page; the log says what"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int = 200
    body: bytes
    content_type: str = PLAIN_TEXT


class PortUnusable(Exception):
    """The port is in use, or this process may not use it."""

    def __init__(self, *, host: str, port: int, reason: str) -> None:
        super().__init__(f"{host}:{port}: {reason}")
        self.host = host
        self.port = port
        self.reason = reason


Pages = Mapping[str, Callable[[], Awaitable[Response]]]  # by path


@asynccontextmanager
async def serve_pages(pages: Pages, *, host: str, port: int) -> AsyncIterator[None]:
    """Serve the pages until the block ends. Raises `PortUnusable`."""
    from aiohttp import web  # noqa: PLC0415  # 2 MB, for the processes that have a port

    app = web.Application()
    for path, make in pages.items():
        app.router.add_get(path, _answering(make))  # and HEAD; all else is 404 or 405
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_quiet(),
        keepalive_timeout=REQUEST_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
        handle_signals=False,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
        except OSError as error:
            raise PortUnusable(host=host, port=port, reason=error.strerror or str(error)) from error
        log.info("pages for whoever runs this: %s on http://%s:%d", ", ".join(pages), host, port)
        yield
    finally:
        await runner.cleanup()


def _answering(make: Callable[[], Awaitable[Response]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    from aiohttp import web  # noqa: PLC0415  # as above

    async def answer(_request: web.Request) -> web.Response:
        try:
            page = await make()
        except Exception:
            log.exception("a page could not be made")
            page = Response(status=500, body=UNFIT.encode())
        headers = {"Content-Type": page.content_type, "Cache-Control": "no-store", "Server": "stillframe"}
        return web.Response(status=page.status, body=page.body, headers=headers)

    return answer


def _quiet() -> logging.Logger:
    """A logger that drops what aiohttp logs of malformed requests: any client of the port can cause such errors."""
    logger = logging.getLogger(f"{__name__}.requests")
    logger.setLevel(logging.CRITICAL)
    return logger
