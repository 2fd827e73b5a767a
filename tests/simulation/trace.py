"""What happened, line by line, in virtual time. The same seed writes the same lines."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from tests.simulation.loop import Clock

TAIL_LINES = 60
_LISTENED_TO = {"bot": logging.INFO, "cogs": logging.INFO, "discord": logging.ERROR, "asyncio": logging.WARNING}
_FORESEEN = ("closed: ",)  # an error by design: the operator is told that the circuit breaker has opened
_DISCORDS = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)  # not ours


class Trace(logging.Handler):
    """`errors` has what was logged as an error, but for `foreseen`. Nothing is heard while a dead process is buried."""

    def __init__(self, clock: Clock, *, foreseen: tuple[type[Exception], ...] = ()) -> None:
        super().__init__()
        self._foreseen = (*_DISCORDS, *foreseen)
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.heard = True
        self._clock = clock

    def note(self, words: str) -> None:
        self.lines.append(f"{self._clock.seconds:10.3f} {words}")

    def emit(self, record: logging.LogRecord) -> None:
        if not self.heard:
            return
        words = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        words += f" <- {error!r}" if error else ""
        ours = not words.startswith(_FORESEEN) and not isinstance(error, self._foreseen)
        if record.levelno >= logging.ERROR and ours:
            self.errors.append(words)
        self.note(f"  log {words}")

    def tail(self) -> str:
        return "\n".join(self.lines[-TAIL_LINES:])

    @contextmanager
    def listening(self) -> Iterator[None]:
        loggers = {logging.getLogger(name): level for name, level in _LISTENED_TO.items()}
        before = {logger: (logger.level, logger.propagate) for logger in loggers}
        try:
            for logger, level in loggers.items():
                logger.addHandler(self)
                logger.setLevel(level)
                logger.propagate = False
            yield
        finally:
            for logger, (level, propagate) in before.items():
                logger.removeHandler(self)
                logger.setLevel(level)
                logger.propagate = propagate
