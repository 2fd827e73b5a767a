"""Asks the supplier once a day whether the rows of models are still true, and tells the operator what is new."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime

from bot.domain.errors import SupplierError, SupplierRejected
from bot.domain.model_check import EXAMPLE, Checked, Finding, Quoted, Trouble, price_findings, sample, to_check
from bot.domain.models import Model, Prices
from bot.domain.pricing import Pricing
from bot.domain.recipe import Recipe
from bot.providers.base import ImageSupplier, Submission, SupplierPrice
from bot.services.jobs.job_steps import JobSteps, StopRequested
from bot.services.maintenance.periodic import run_periodically
from bot.services.processes.lease import ProcessLease
from bot.storage.engine.store import Store
from bot.storage.processes import shared_state

log = logging.getLogger(__name__)

START_PAUSE_SECONDS = 60.0  # the start itself has enough to do
PAUSE_SECONDS = 24 * 3_600.0
SOURCE = "the supplier's /calculate"
TOLD = "models checked"  # the name of the shared state: what the operator was told last, as JSON
_PICTURE = "https://example.com/picture.png"  # a question about a price reads no file


async def check_models(
    supplier: ImageSupplier, rows: Iterable[Model], pricing: Pricing, *, today: date
) -> list[Checked]:
    """Ask about each row. It costs nothing. Raises `SupplierError` where the supplier does not answer."""
    catalogue = await supplier.catalogue()
    return [await _check(supplier, catalogue, row, pricing, today) for row in rows]


async def _check(
    supplier: ImageSupplier, catalogue: Mapping[str, str | None], row: Model, pricing: Pricing, today: date
) -> Checked:
    if row.wire_id not in catalogue:
        return Checked(row, (Finding(row.key, Trouble.VANISHED, f"the supplier does not list {row.wire_id}"),), None)
    schema = catalogue[row.wire_id]
    lines = await supplier.misfits(row, schema) if schema else ()
    findings = [Finding(row.key, Trouble.NARROWED, line) for line in lines]
    try:
        quoted = await _quote(supplier, row, today)
    except SupplierRejected as error:
        unpriced = Finding(row.key, Trouble.UNPRICED, f"the supplier names no price: {error.detail}")
        return Checked(row, (*findings, unpriced), None)
    return Checked(row, (*findings, *price_findings(row, quoted, pricing)), quoted)


async def _quote(supplier: ImageSupplier, row: Model, today: date) -> Quoted:
    """Ask for each size, then for each addition to the first one."""
    plain = {size: await _ask(supplier, row, sample(row, size)) for size in row.sizes}
    account = {size: price.price_micros for size, price in plain.items()}
    first = sample(row, row.sizes[0])
    base = _listed(plain[row.sizes[0]])

    async def addition(recipe: Recipe) -> int:
        return _listed(await _ask(supplier, row, recipe)) - base

    clip = -await addition(first.evolve(clip=None)) if row.videos else 0
    prices = Prices(
        as_of=today,
        source=SOURCE,
        image={size: _listed(price) - clip for size, price in plain.items()},
        clip=clip,
        web_search=await addition(first.evolve(search=True)) if row.web_search else 0,
        image_search=await addition(first.evolve(image_search=True)) if row.image_search else 0,
    )
    return Quoted(prices, account)


async def _ask(supplier: ImageSupplier, row: Model, recipe: Recipe) -> SupplierPrice:
    needs_picture = row.images[0] or (row.videos and recipe.clip is None)
    return await supplier.price(
        Submission(
            recipe=recipe,
            model=row,
            video_url=EXAMPLE.url if recipe.clip else None,
            reference_urls=(_PICTURE,) if needs_picture else (),
        )
    )


def _listed(price: SupplierPrice) -> int:
    """The list price; or what this account pays, where that is more. A discount may end any day."""
    return max(price.price_micros, price.list_price_micros or 0)


class ModelCheck:
    """`run` goes on until `JobSteps.stop`."""

    def __init__(
        self,
        store: Store,
        steps: JobSteps,
        lease: ProcessLease,
        supplier: ImageSupplier,
        tell_operator: Callable[[str], Awaitable[None]],
        pricing: Pricing,
    ) -> None:
        self._store = store
        self._steps = steps
        self._lease = lease
        self._supplier = supplier
        self._tell_operator = tell_operator
        self._pricing = pricing

    async def run(self) -> None:
        with suppress(StopRequested):
            await self._steps.pause(START_PAUSE_SECONDS)
            await run_periodically(
                self.check,
                leader_lock="models",
                pause_seconds=PAUSE_SECONDS,
                cut_short="a check of the models was cut short",
                steps=self._steps,
                lease=self._lease,
            )

    async def check(self) -> None:
        """Tell the operator what is true now and was not at the last check. Raises `StorageError`."""
        today = datetime.fromtimestamp(self._steps.now() / 1000, UTC).date()
        rows = tuple(row for row in to_check(self._pricing.models.rows) if row.offered)
        try:
            checked = await check_models(self._supplier, rows, self._pricing, today=today)
        except SupplierError as error:
            log.info("the models can't be checked: %s", error)
            return
        lines = [str(finding) for each in checked for finding in each.findings]
        told = await self._store.read(shared_state.get(TOLD))
        known: list[str] = json.loads(told) if told else []
        if await self._store.run(shared_state.put(TOLD, json.dumps(lines))):
            for line in lines:
                if line not in known:
                    log.error("model %s", line)
                    await self._tell_operator(f"Model {line}. No price changes by itself: `stillframe models check`.")
