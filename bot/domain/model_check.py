"""What the supplier says of a row, held against the row. Nothing here changes a price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.models import Model, ModelState, Prices
from bot.domain.pricing import Pricing
from bot.domain.recipe import Clip, Recipe, Size, Span, YouTubeVideo

MICROS = 1_000_000
EXAMPLE = YouTubeVideo(id="aqz-KE-bpKQ")  # Big Buck Bunny; a question about a price reads no video
_CLIP = Clip(video=EXAMPLE, span=Span(start=0, end=3), frame_rate=1)


class Trouble(StrEnum):
    VANISHED = "vanished"  # the supplier's catalogue does not have the model
    NARROWED = "narrowed"  # the model takes less than the row offers
    UNPRICED = "unpriced"  # the supplier names no price
    MOVED = "moved"  # a price is another than the row's
    LOSS = "loss"  # an image costs more than members pay for it


@dataclass(frozen=True, slots=True)
class Finding:
    """`words`: in one line, for the operator."""

    key: str
    trouble: Trouble
    words: str

    def __str__(self) -> str:
        return f"{self.key}: {self.words}"


@dataclass(frozen=True, slots=True)
class Quoted:
    """What the supplier would charge, in US$ 0.000001: at list price or more, and this account for whole images."""

    prices: Prices
    account: Mapping[Size, int]


@dataclass(frozen=True, slots=True)
class Checked:
    """A row and what was found. `quoted`: None where the supplier named no price."""

    row: Model
    findings: tuple[Finding, ...]
    quoted: Quoted | None

    @property
    def confirmable(self) -> bool:
        return self.quoted is not None and not any(
            each.trouble in {Trouble.VANISHED, Trouble.NARROWED, Trouble.UNPRICED} for each in self.findings
        )


def to_check(rows: tuple[Model, ...]) -> tuple[Model, ...]:
    """The rows that are on or wait to be confirmed."""
    return tuple(row for row in rows if row.state in {ModelState.ON, ModelState.UNCONFIRMED})


def sample(row: Model, size: Size) -> Recipe:
    """The cheapest recipe of a size that the row makes, for a question about its price."""
    clip = _CLIP if row.videos else None
    return Recipe(model=row.key, prompt="A lighthouse at dawn", clip=clip, size=size)


def price_findings(row: Model, quoted: Quoted, pricing: Pricing) -> Iterator[Finding]:
    if row.prices is not None:
        moved = [
            f"{name} costs US$ {_usd(now)}, the row says {_usd(before)}"
            for name, before, now in _pairs(row.prices, quoted.prices, row)
            if now != before
        ]
        if moved:
            yield Finding(row.key, Trouble.MOVED, "; ".join(moved))
    losses = [size.label for size, micros in quoted.account.items() if micros > _brings(row, size, pricing)]
    if losses and row.offered:
        yield Finding(row.key, Trouble.LOSS, f"{', '.join(losses)} costs more than members pay for it")


def _pairs(before: Prices, now: Prices, row: Model) -> Iterator[tuple[str, int, int]]:
    for size in row.sizes:
        yield size.label, before.image.get(size, 0), now.image[size]
    for name, has in (("clip", bool(row.videos)), ("web_search", row.web_search), ("image_search", row.image_search)):
        if has:
            yield name.replace("_", " "), getattr(before, name), getattr(now, name)


def _brings(row: Model, size: Size, pricing: Pricing) -> int:
    """What members pay for the sample, in US$ 0.000001."""
    return pricing.credits(sample(row, size)) * MICROS // pricing.credits_per_usd


def _usd(micros: int) -> str:
    return f"{micros / MICROS:.6f}".rstrip("0").rstrip(".")
