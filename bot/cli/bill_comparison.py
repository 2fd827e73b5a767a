"""Compares our jobs with the supplier's bill, model by model and day by day.

A job that may have been paid for, or that was being made at midnight, gives its days a least and a most cost; a bill
between the two fits. Whole days are judged; one that is not over, or that the supplier still counts, is only shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.domain.job import ReleaseReason
from bot.domain.models import Models
from bot.domain.pricing import Pricing
from bot.providers.base import SupplierCost
from bot.storage.credits.sent import SubmittedJob

TOLERANCE_MICROS = 10_000  # a day: more than any rounding, less than the cheapest thing on the price list (web search)
EARLIER = timedelta(days=1)  # an image ordered before the period may be on its bill

# The supplier charges at the end, and gives the reservation of a failed one back (docs/billing/refunds). So these are
# in doubt, where it knew of the job; `unknown` is the one where we can't tell even that.
IN_DOUBT = frozenset({ReleaseReason.TIMED_OUT, ReleaseReason.NO_IMAGE, ReleaseReason.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of a job, billed on a day from `first` to `last`. `surely` is False where the bill may not have it."""

    job: SubmittedJob
    micros: int
    list_micros: int
    surely: bool
    first: date
    last: date

    @property
    def unusual(self) -> bool:
        return self.job.price_micros not in {None, self.list_micros}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of one model. `least_micros` counts what was surely made, `most_micros` what may have been.

    `open`: the day is not over.
    """

    day: date
    model: str
    images: int
    least_micros: int
    most_micros: int
    billed_micros: int
    open: bool

    @property
    def unexplained_micros(self) -> int:
        """Above zero, the supplier charged more than our books explain; below, less."""
        return self.billed_micros - min(max(self.billed_micros, self.least_micros), self.most_micros)

    @property
    def fits(self) -> bool:
        return self.open or abs(self.unexplained_micros) <= TOLERANCE_MICROS


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`days` leaves out those without jobs and costs. `others`: what the account paid for models that are
    no rows of ours.

    `made_micros`: for the images of these days. `unpriced`: how many of them are counted at the list price.
    """

    first: date
    last: date
    days: tuple[Day, ...]
    others: tuple[SupplierCost, ...]
    in_doubt: tuple[Cost, ...]
    unusual: tuple[Cost, ...]
    made_micros: int
    unpriced: int

    @property
    def images(self) -> int:
        return sum(day.images for day in self.days)

    @property
    def billed_micros(self) -> int:
        return sum(day.billed_micros for day in self.days)

    @property
    def fits(self) -> bool:
        return all(day.fits for day in self.days)


def compare(
    jobs: Sequence[SubmittedJob],
    bill: Sequence[SupplierCost],
    first: date,
    last: date,
    *,
    pricing: Pricing,
    today: date,
) -> Comparison:
    costs = [cost for job in jobs if (cost := _cost(job, pricing)) and first <= cost.last]
    made = [cost for cost in costs if cost.surely and cost.last <= last]
    names = _names(pricing.models)
    billed = Counter[tuple[str, date]]()
    for row in bill:
        if row.model in names:
            billed[names[row.model], row.day] += row.micros
    by_name: defaultdict[str, list[Cost]] = defaultdict(list)
    for cost in costs:
        by_name[_name_of(cost.job, pricing.models, names)].append(cost)
    growing = {row.day for row in bill if row.partial}
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    days = (
        _day(day, name, by_name[name], billed[name, day], open=day in growing or day >= today)
        for name in dict.fromkeys([*names.values(), *by_name])
        for day in every
    )
    return Comparison(
        first=first,
        last=last,
        days=tuple(day for day in days if day.billed_micros or day.most_micros),
        others=tuple(row for row in bill if row.model not in names),
        in_doubt=tuple(cost for cost in costs if not cost.surely),
        unusual=tuple(cost for cost in costs if cost.unusual),
        made_micros=sum(cost.micros for cost in made),
        unpriced=sum(cost.job.price_micros is None for cost in made),
    )


def _names(models: Models) -> dict[str, str]:
    """Name each row by the key under which its costs are summed up; rows that share a name on the bill share a key."""
    names: dict[str, str] = {}
    for row in models.rows:
        name = next((names[wire_id] for wire_id in row.wire_ids if wire_id in names), row.key)
        names |= dict.fromkeys(row.wire_ids, name)
    return names


def _name_of(job: SubmittedJob, models: Models, names: Mapping[str, str]) -> str:
    return names.get(models.get(job.recipe.model).wire_id, job.recipe.model)


def _cost(job: SubmittedJob, pricing: Pricing) -> Cost | None:
    """None for a job that was surely not paid for."""
    if not (job.made or _in_doubt(job)):
        return None
    list_micros = pricing.supplier_micros(job.recipe)
    return Cost(
        job=job,
        micros=list_micros if job.price_micros is None else job.price_micros,
        list_micros=list_micros,
        surely=job.made,
        first=_day_of(job.submitted_at),
        last=date.max if job.settled_at is None else _day_of(job.settled_at),
    )


def _in_doubt(job: SubmittedJob) -> bool:
    if not job.state.ended or job.release_reason is ReleaseReason.UNKNOWN:
        return True
    return job.prediction_id is not None and job.release_reason in IN_DOUBT


def _day(
    day: date,
    model: str,
    costs: Iterable[Cost],
    billed_micros: int,
    *,
    open: bool,  # noqa: A002  # as its field
) -> Day:
    on_it = [cost for cost in costs if cost.first <= day <= cost.last]
    certain = [cost for cost in on_it if cost.surely and cost.first == cost.last]
    return Day(
        day=day,
        model=model,
        images=sum(cost.surely and cost.last == day for cost in on_it),
        least_micros=sum(cost.micros for cost in certain),
        most_micros=sum(cost.micros for cost in on_it),
        billed_micros=billed_micros,
        open=open,
    )


def _day_of(ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).date()
