"""`stillframe reconcile` compares what our jobs should have cost with what the supplier says it charged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from pydantic import SecretStr
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bot.cli.bill_comparison import EARLIER, TOLERANCE_MICROS, Comparison, Cost, Day, compare
from bot.cli.output import CommandOutput, dollars, plain, table, when
from bot.media.fetch import Fetcher
from bot.providers.atlas import open_atlas
from bot.providers.base import SupplierCost
from bot.settings import Settings
from bot.storage.credits.sent import SubmittedJob, sent
from bot.storage.database import read_once

LINES_SHOWN = 20  # of each list; --json has all


async def compare_with_bill(
    settings: Settings, api_key: SecretStr, first: date, last: date, *, progress: Console, now: datetime
) -> CommandOutput:
    """Compare the days from the first to the last, both included. Raises `SupplierError`."""
    until = last + timedelta(days=1)
    script = sent(since=_ms(first - EARLIER), until=_ms(until))
    jobs = await read_once(settings.database, script)
    bill = await _read_bill(settings, api_key, first, until, progress=progress)
    found = compare(jobs, bill, first, last, pricing=settings.pricing, today=now.astimezone(UTC).date())
    return CommandOutput(found.fits, _shown(found), _facts(found))


async def _read_bill(
    settings: Settings, api_key: SecretStr, first: date, until: date, *, progress: Console
) -> list[SupplierCost]:
    base_url = settings.atlascloud_base_url
    fetch = Fetcher(trusted_origin=base_url).download
    costs: list[SupplierCost] = []
    async with open_atlas(base_url=base_url, api_key=api_key, fetch=fetch) as supplier:
        async for page in _with_progress(supplier.costs(first, until), first, until, progress):
            costs += page
    return costs


async def _with_progress(
    pages: AsyncIterator[tuple[SupplierCost, ...]], first: date, until: date, console: Console
) -> AsyncIterator[tuple[SupplierCost, ...]]:
    """Show a progress bar where `console` is a terminal. The pages come in the order of their days."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading the supplier's bill", total=(until - first).days)
        async for page in pages:
            if page:
                bar.update(task, completed=(page[-1].day - first).days + 1)
            yield page


def _ms(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000


# --- Shown --------------------------------------------------------------------------------------------


def _shown(found: Comparison) -> list[Table | Text]:
    tables = [_days_table(model, days) for model, days in groupby(found.days, lambda day: day.model)]
    if found.others:
        tables.append(_others_table(found.others))
    if found.in_doubt:
        tables.append(_in_doubt_table(found.in_doubt))
    if found.unusual:
        tables.append(_unusual_table(found.unusual))
    return [*tables, *map(Text, _verdict(found))]


def _days_table(model: str, days: Iterable[Day]) -> Table:
    columns = ("images", "made for", "or up to", "billed", "not explained")
    shown = table(f"{model}, US$", "day (UTC)", *columns, "", right=columns)
    for day in days:
        mark = "[dim]not over[/dim]" if day.open else "[green]fits[/green]" if day.fits else "[red]differs[/red]"
        shown.add_row(
            f"{day.day}",
            f"{day.images:,}",
            dollars(day.least_micros),
            dollars(day.most_micros) if day.most_micros != day.least_micros else "",
            dollars(day.billed_micros),
            dollars(day.unexplained_micros) if day.unexplained_micros else "",
            mark,
        )
    return shown


def _others_table(others: Sequence[SupplierCost]) -> Table:
    shown = table("Other models, US$", "day (UTC)", "model", "billed", right=("billed",))
    for row in others[:LINES_SHOWN]:
        shown.add_row(f"{row.day}", plain(row.model or "not named"), dollars(row.micros))
    shown.caption = _more(others)
    return shown


def _in_doubt_table(costs: Sequence[Cost]) -> Table:
    shown = table("Possibly paid, US$", "job", "sent (UTC)", "why", "price", right=("job", "sent (UTC)", "price"))
    for cost in costs[:LINES_SHOWN]:
        shown.add_row(cost.job.id, when(cost.job.submitted_at), _why(cost.job), dollars(cost.micros))
    shown.caption = _more(costs)
    return shown


def _unusual_table(costs: Sequence[Cost]) -> Table:
    columns = ("job", "sent (UTC)", "price", "on the list")
    shown = table("Prices that are not those of the list, US$", *columns, right=columns)
    for cost in costs[:LINES_SHOWN]:
        shown.add_row(cost.job.id, when(cost.job.submitted_at), dollars(cost.micros), dollars(cost.list_micros))
    shown.caption = _more(costs)
    return shown


def _more(lines: Sequence[object]) -> str | None:
    return f"and {len(lines) - LINES_SHOWN:,} more: see --json" if len(lines) > LINES_SHOWN else None


def _why(job: SubmittedJob) -> str:
    return job.release_reason.value.replace("_", " ") if job.release_reason else f"still {job.state.value}"


def _verdict(found: Comparison) -> Iterable[str]:
    made, billed = dollars(found.made_micros), dollars(found.billed_micros)
    yield f"Images: {found.images:,}, made for US$ {made}. Billed: US$ {billed}."
    if found.unpriced:
        yield f"Counted at the list price, since the supplier did not tell theirs: {found.unpriced:,}."
    wrong = list(dict.fromkeys(str(day.day) for day in found.days if not day.fits))
    if wrong:
        yield f"The bill does not fit the books on {', '.join(wrong)}."
    else:
        yield f"The bill fits the books, from {found.first} to {found.last}."


def _facts(found: Comparison) -> dict[str, object]:
    return {
        "ok": found.fits,
        "from": f"{found.first}",
        "to": f"{found.last}",
        "tolerance_micros": TOLERANCE_MICROS,
        "days": [
            {
                "day": f"{day.day}",
                "model": day.model,
                "images": day.images,
                "least_micros": day.least_micros,
                "most_micros": day.most_micros,
                "billed_micros": day.billed_micros,
                "unexplained_micros": day.unexplained_micros,
                "open": day.open,
                "fits": day.fits,
            }
            for day in found.days
        ],
        "other_models": [
            {"day": f"{row.day}", "model": row.model, "billed_micros": row.micros} for row in found.others
        ],
        "possibly_paid": [_cost_facts(cost) for cost in found.in_doubt],
        "unusual_prices": [_cost_facts(cost) for cost in found.unusual],
        "images": found.images,
        "made_micros": found.made_micros,
        "billed_micros": found.billed_micros,
        "unpriced_images": found.unpriced,
    }


def _cost_facts(cost: Cost) -> dict[str, object]:
    return {
        "job": cost.job.id,
        "guild": str(cost.job.wallet.guild_id),
        "member": str(cost.job.wallet.member_id),
        "model": cost.job.recipe.model,
        "sent_ms": cost.job.submitted_at,
        "why": _why(cost.job),
        "micros": cost.micros,
        "list_micros": cost.list_micros,
    }
