"""The log: one line for each event, for people or as JSON, with all secrets taken out."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor

from bot.telemetry.redaction import Redactor

_FIRST = ("ts", "level", "logger", "event")  # then the log context, then the error


def set_up_logs(*, level: str, as_json: bool, redactor: Redactor) -> None:
    """Send everything that is logged, by libraries too, through the redactor to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key=_FIRST[0]),
    ]
    render: Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, timestamp_key=_FIRST[0])
    )
    last: list[Processor] = [structlog.processors.format_exc_info, _clean(redactor), render]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "discord.gateway", "aiosqlite"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def _clean(redactor: Redactor) -> Processor:
    """Returns a processor that takes secrets out of each event and puts the fields of `_FIRST` first."""

    def clean(_logger: object, _method: str, event: EventDict) -> EventDict:
        order = sorted(event, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
        return {name: redactor.value(event[name]) for name in order}

    return clean
