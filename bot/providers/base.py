"""The protocol of an image supplier, and its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.domain.failure import Failure
from bot.domain.models import Model
from bot.domain.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A recipe, its row, and the addresses where the supplier can read its video and its references."""

    recipe: Recipe
    model: Model
    video_url: str | None = None
    reference_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputUrl:
    url: str


@dataclass(frozen=True, slots=True)
class OutputBytes:
    """An image that came inside the answer (base64 or a data URI), decoded."""

    data: bytes


Output = OutputUrl | OutputBytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not finished. Also for status words that we do not know, until our own deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """`outputs`: as they came; of several, the last is the finished one, and those before it may be drafts.

    `unsafe` None means that the supplier did not say. `price_micros`: US$ 0.000001; often known only later.
    """

    outputs: tuple[Output, ...]
    unsafe: bool | None
    price_micros: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Ended without an image. `detail` is for our log only."""

    failure: Failure
    detail: str


Prediction = Waiting | Completed | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    prediction_id: str
    prediction: Prediction
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierPrice:
    """What the supplier would charge this account, in US$ 0.000001."""

    price_micros: int
    list_price_micros: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierBalance:
    """What is left on the supplier's account, in US$ 0.000001."""

    available_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierCost:
    """What the supplier charged for one model on one UTC day, in US$ 0.000001. `partial`: the day may still grow."""

    day: date
    model: str
    micros: int
    partial: bool


class ImageSupplier(Protocol):
    """Every method raises only `bot.domain.errors.SupplierError` (and `FileTooLarge`, `BrokenImage` for a download)."""

    async def submit(self, submission: Submission) -> Submitted:
        """Send it ONCE. `SupplierBusy` and `SupplierRejected` mean that nothing was accepted; `SupplierClosed` the
        same, for the operator's reasons; `ContentRefused` that the filter refused it at once; `SubmitUnknown` that
        it may have been accepted and paid."""
        ...

    async def poll(self, prediction_id: str, *, age_seconds: float) -> Prediction:
        """Free and repeatable. `age_seconds` since the submit: a 404 in the first 30 s only means "not yet".
        Raises `SupplierUnreachable` (look again), `PredictionLost`, `SupplierClosed`."""
        ...

    async def upload(self, data: bytes, *, name: str, content_type: str) -> str:
        """Lend a file to the supplier; the URL is good for minutes. Repeatable."""
        ...

    async def download(self, output: Output) -> bytes:
        """The image's bytes as they came, without the key. Repeatable."""
        ...

    async def price(self, submission: Submission) -> SupplierPrice: ...

    async def catalogue(self) -> Mapping[str, str | None]:
        """The address of each model's schema, by wire id. Free."""
        ...

    async def misfits(self, row: Model, schema: str) -> tuple[str, ...]:
        """What the row offers and the schema at that address does not have, in one line each. Free."""
        ...

    async def balance(self) -> SupplierBalance: ...
