"""Logs: one line an event, for people or as JSON, without secrets by construction."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, Processor

REDACTED = "[redacted]"
SHORTEST_SECRET = 8  # characters; a shorter one is a mistake, and would black out half of every line

# What leaks most easily: interaction and webhook tokens in URLs, bearer keys, signed CDN parameters.
_PATTERNS = (
    re.compile(r"(?<=/webhooks/)(\d+)/[\w.\-]{20,}"),
    re.compile(r"(?<=/interactions/)(\d+)/[\w.\-]{20,}"),
    re.compile(r"(?i)bearer\s+\S+"),
    re.compile(r"apikey-[\w\-]+"),
    re.compile(r"(?<=[?&])(ex|is|hm)=[0-9a-fA-F]+"),
)


def set_up_logs(*, level: str, as_json: bool, secrets: Iterable[str]) -> None:
    """Everything that anything logs goes through here, to standard error. `secrets` never appear in it."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = (
        [structlog.processors.format_exc_info, _redact(secrets), structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.processors.format_exc_info, _redact(secrets), structlog.dev.ConsoleRenderer(colors=False)]
    )
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


def _redact(secrets: Iterable[str]) -> Processor:
    known = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]

    def clean(text: str) -> str:
        for secret in known:
            text = text.replace(secret, REDACTED)
        for pattern in _PATTERNS:
            text = pattern.sub(REDACTED, text)
        return text

    def redact(_logger: object, _method: str, event: EventDict) -> EventDict:
        return {name: clean(value) if isinstance(value, str) else value for name, value in event.items()}

    return redact
