"""The metrics of a process. docs/operators/seeing.md explains their names. Each label has a fixed set of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, get_args

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.domain.job import Job, JobState, ReleaseReason, UnderWay
from bot.version import VERSION

Rung = Literal["answer", "channel", "direct"]  # the way by which an image reached its member
NoCode = Literal["unsent", "dropped", "too_slow"]  # how an exchange ended without an HTTP status

PREFIX = "stillframe_"
TEXT_FORMAT = CONTENT_TYPE_PLAIN_0_0_4
DELIVERED = "delivered"  # the outcome beside the reasons of a release
MICROS = 1_000_000

JOB_SECONDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_800, 3_600)
SUPPLIER_SECONDS = (2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
ACKNOWLEDGED_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)  # Discord waits for 3 s

_CODES = frozenset({*HTTPStatus, *range(520, 531)})  # with the codes of Cloudflare, which is in front of both services


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What is true at the moment of a scrape. A value that is None is unknown, or not of this process, and left out."""

    at: int | None = None  # Unix milliseconds
    ready: Mapping[str, bool]
    sales_open: bool | None = None
    under_way: UnderWay | None = None
    loop_lag_seconds: float | None = None
    gateway_latency_seconds: float | None = None
    servers: int | None = None


NOTHING = Now(ready={})


class Metrics:
    """What is counted while the bot runs: one for each process, with a registry of its own.

    Each method is quick and never raises. None is told of a member or a server.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, which is of no use
        self.registry = CollectorRegistry()
        self._moment = _Moment()
        self.registry.register(self._moment)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._jobs = self._counter("jobs", "Jobs that ended, by how.", "outcome", (DELIVERED, *ReleaseReason))
        self._job_seconds = self._histogram("job_seconds", "From an order to its image in the channel.", JOB_SECONDS)
        self._charged = self._counter("credits_charged", "Credits that delivered images have cost members.")
        self._deliveries = self._counter("deliveries", "Images shown, by the way they took.", "rung", get_args(Rung))
        self._reencoded = self._counter("image_reencoded", "Images too large for Discord, shown as a smaller copy.")
        self._requests = self._counter("provider_requests", "Requests to the supplier, by HTTP status.", "code")
        self._unknown = self._counter("provider_unknown", "Jobs given up because nobody can tell if they arrived.")
        self._spent = self._counter("provider_spent_usd", "What the images that came have cost us, in US$.")
        self._supplier_seconds = self._histogram(
            "provider_seconds", "From a request sent to its image on our disk.", SUPPLIER_SECONDS
        )
        self._refused = self._counter("discord_errors", "Answers of Discord that were errors, by HTTP status.", "code")
        self._acknowledged = self._histogram(
            "acknowledgement_seconds", "From an interaction to our first answer to it.", ACKNOWLEDGED_SECONDS
        )

    def page(self, now: Now) -> bytes:
        """The page of `/metrics`, in the text format of Prometheus."""
        self._moment.now = now
        return generate_latest(self.registry)

    # --- events ------------------------------------------------------------------------------------------

    def ended(self, job: Job, *, now: int) -> None:
        """The job is delivered or released, and that is committed. `now`: Unix milliseconds."""
        self._jobs.labels(job.release_reason or DELIVERED).inc()
        if job.release_reason is ReleaseReason.UNKNOWN:
            self._unknown.inc()
        if job.release_reason is None:
            self._job_seconds.observe((now - job.created_at) / 1000)
            self._charged.inc(job.charge)

    def bought(self, micros: int, *, seconds: float) -> None:
        """An image was downloaded: its price in US$ 0.000001, and the seconds since its request was sent."""
        self._spent.inc(micros / MICROS)
        self._supplier_seconds.observe(seconds)

    def shown(self, rung: Rung) -> None:
        """An image was shown to its member."""
        self._deliveries.labels(rung).inc()

    def reencoded(self) -> None:
        """An image was too large for Discord, so a smaller copy was made."""
        self._reencoded.inc()

    def supplier_said(self, code: int | NoCode) -> None:
        """The supplier answered with this HTTP status, or the exchange ended without one."""
        self._requests.labels(_label(code)).inc()

    def supplier_has(self, micros: int) -> None:
        """The balance of our account at the supplier, in US$ 0.000001."""
        self._moment.balance_usd = micros / MICROS

    def discord_refused(self, code: int | NoCode) -> None:
        """Discord answered with this HTTP status, which is an error, or the exchange ended without one."""
        self._refused.labels(_label(code)).inc()

    def acknowledged(self, seconds: float) -> None:
        """Discord took our first answer to an interaction, so long after it arrived here."""
        self._acknowledged.observe(seconds)

    def audited(self, findings: int, *, now: int) -> None:
        """All books were checked. `findings`: the broken rules, counted for each wallet, job and month."""
        self._moment.imbalance, self._moment.audited_seconds = findings, now / 1000

    def _counter(self, name: str, words: str, label: str = "", values: tuple[str, ...] = ()) -> Counter:
        """Each of the `values` begins with 0, so that Prometheus sees its first rise."""
        counter = Counter(PREFIX + name, words, [label] if label else [], registry=self.registry)
        for value in values:
            counter.labels(value)
        return counter

    def _histogram(self, name: str, words: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(PREFIX + name, words, buckets=buckets, registry=self.registry)


class _Moment(Collector):
    """The metrics that are read at the moment of a scrape. An unknown one has no line, rather than a zero."""

    def __init__(self) -> None:
        self.now = NOTHING
        self.balance_usd: float | None = None
        self.imbalance: int | None = None
        self.audited_seconds: float | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = self.now
        yield _gauge("build_info", "Which Stillframe this is.", {VERSION: 1}, "version")
        yield _gauge("ready", "1 where /readyz finds nothing wrong, by what it looks at.", now.ready, "check")
        yield _gauge("sales_open", "1 while orders are taken.", now.sales_open)
        yield from self._of_the_books(now)
        yield _gauge("ledger_imbalance", "Broken rules in the last proof of all books: must be 0.", self.imbalance)
        yield _gauge("ledger_audited_timestamp_seconds", "When all books were last proved.", self.audited_seconds)
        yield _gauge("provider_balance_usd", "What is left at the supplier, as last seen.", self.balance_usd)
        yield _gauge(
            "gateway_latency_seconds", "Between a heartbeat and Discord's answer.", now.gateway_latency_seconds
        )
        yield _gauge("servers", "Discord servers that the bot is in.", now.servers)
        yield _gauge(
            "loop_lag_seconds", "How late the event loop was, at most, in the last minute.", now.loop_lag_seconds
        )

    def _of_the_books(self, now: Now) -> Iterator[GaugeMetricFamily]:
        jobs: dict[str, int] = {}
        credits = queue = oldest = None
        if now.under_way:
            jobs = {state: now.under_way.jobs.get(state, 0) for state in JobState if not state.ended}
            credits, queue = now.under_way.credits_held, jobs[JobState.HELD]
            oldest = 0.0 if now.under_way.oldest_at is None else max(0, (now.at or 0) - now.under_way.oldest_at) / 1000
        yield _gauge("jobs_open", "Jobs that have not ended, by state.", jobs, "state")
        yield _gauge("queue_depth", "Jobs that wait for their turn.", queue)
        yield _gauge(
            "oldest_open_job_seconds", "How long ago the oldest of them was ordered; 0: there is none.", oldest
        )
        yield _gauge("credits_held", "Credits set aside for open jobs.", credits)


def _gauge(name: str, words: str, value: float | Mapping[str, float] | None, label: str = "") -> GaugeMetricFamily:
    family = GaugeMetricFamily(PREFIX + name, words, labels=[label] if label else [])
    if isinstance(value, Mapping):
        for key, each in value.items():
            family.add_metric([key], float(each))
    elif value is not None:
        family.add_metric([], float(value))
    return family


def _label(code: int | NoCode) -> str:
    return str(int(code)) if code in _CODES else code if isinstance(code, str) else "other"
