"""Reports what is logged as an error to Sentry, if a DSN is set. A report holds no more than the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bot.telemetry.log_context import current_log_context
from bot.telemetry.redaction import Redactor
from bot.version import VERSION

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

FLUSH_SECONDS = 2.0  # for the last reports, when the process ends
REPEAT_SECONDS = 300.0  # until the same place in the code is reported again: a full disk logs an error every 2 s
REMEMBERED = 1_000


class SentryMissing(Exception):
    """A DSN is set, but the library is not installed."""


@contextmanager
def reporting(dsn: str | None, redactor: Redactor, *, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Until the block ends, everything that is logged as an error is reported. Raises `SentryMissing`."""
    if dsn is None:
        yield
        return
    if find_spec("sentry_sdk") is None:
        raise SentryMissing
    import sentry_sdk  # noqa: PLC0415  # an extra, and slow to load
    from sentry_sdk.integrations.dedupe import DedupeIntegration  # noqa: PLC0415  # as above
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415  # as above

    sentry_sdk.init(
        dsn,
        release=f"stillframe@{VERSION}",
        default_integrations=False,  # nothing that listens to requests, threads or the command line
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=logging.INFO, event_level=logging.ERROR), DedupeIntegration()],
        before_send=_Gate(redactor, clock),  # personal data is off unless switched on, which newer libraries warn of
        include_local_variables=False,  # they hold tokens, prompts and members
        max_request_body_size="never",
        auto_session_tracking=False,
        send_client_reports=False,
        shutdown_timeout=FLUSH_SECONDS,
    )
    try:
        yield
    finally:
        sentry_sdk.get_client().close(timeout=FLUSH_SECONDS)


class _Gate:
    """Redacts each report and adds the log context. Drops a report whose like was sent within `REPEAT_SECONDS`."""

    def __init__(self, redactor: Redactor, clock: Callable[[], float]) -> None:
        self._redactor = redactor
        self._clock = clock
        self._sent_at: dict[Hashable, float] = {}

    def __call__(self, event: Event, _hint: Hint) -> Event | None:
        report: dict[str, Any] = dict(event)
        if self._was_sent(_place(report)):
            return None
        report["tags"] = {**dict(report.get("tags") or {}), **current_log_context()}
        clean: Any = self._redactor.value(report)
        return clean  # type: ignore[no-any-return]  # the same event, in other words

    def _was_sent(self, place: Hashable) -> bool:
        now, before = self._clock(), self._sent_at.get(place)
        if before is not None and now - before < REPEAT_SECONDS:
            return True
        self._sent_at[place] = now
        if len(self._sent_at) > REMEMBERED:
            del self._sent_at[next(iter(self._sent_at))]
        return False


def _place(report: Mapping[str, Any]) -> Hashable:
    """The place in the code that a report comes from: the format of the log line, and the line that raised."""
    raised = ((report.get("exception") or {}).get("values") or [{}])[-1]
    frame = ((raised.get("stacktrace") or {}).get("frames") or [{}])[-1]
    words = (report.get("logentry") or {}).get("message")
    return report.get("logger"), words, raised.get("type"), frame.get("filename"), frame.get("lineno")
