"""Traces discord.py's HTTP session for the metrics: errors, and how long the first answer to an interaction took."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from types import SimpleNamespace

import aiohttp

from bot.telemetry.metrics import Metrics

UNANSWERED_LIMIT = 1_000  # arrivals that are remembered; an answer comes in seconds or never

_FIRST_ANSWER = re.compile(r"/interactions/(?P<id>\d+)/[^/]+/callback")


class DiscordTrace:
    """Give `trace` to the client as its `http_trace`. `clock` gives seconds."""

    def __init__(self, metrics: Metrics | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics or Metrics()
        self._clock = clock
        self._arrived: dict[int, float] = {}
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._on_answer)
        self.trace.on_request_exception.append(self._on_failure)

    def arrived(self, interaction_id: int) -> None:
        """An interaction has arrived, whose first answer is to be timed."""
        self._arrived.setdefault(interaction_id, self._clock())
        if len(self._arrived) > UNANSWERED_LIMIT:
            del self._arrived[next(iter(self._arrived))]

    async def _on_answer(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, heard: aiohttp.TraceRequestEndParams
    ) -> None:
        status = heard.response.status
        if status >= HTTPStatus.BAD_REQUEST:
            self._metrics.discord_refused(status)
        elif answer := _FIRST_ANSWER.search(heard.url.path):
            arrived = self._arrived.pop(int(answer["id"]), None)
            if arrived is not None:
                self._metrics.acknowledged(self._clock() - arrived)

    async def _on_failure(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, lost: aiohttp.TraceRequestExceptionParams
    ) -> None:
        gave_up = isinstance(lost.exception, TimeoutError | asyncio.CancelledError)  # by us
        unsent = isinstance(lost.exception, aiohttp.ClientConnectorError)
        self._metrics.discord_refused("too_slow" if gave_up else "unsent" if unsent else "dropped")
