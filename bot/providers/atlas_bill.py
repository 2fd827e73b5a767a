"""Atlas Cloud's bill: what to ask, and its pages in. Pure: nothing here knows HTTP.

By www.atlascloud.ai/docs/public-api/model-costs. Unlike elsewhere nothing unexpected is passed over: a total with gaps
is no total.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field, ValidationError

from bot.providers.atlas_wire import JsonObject
from bot.providers.base import SupplierCost

DAYS_LIMIT = 180  # in one question
ROWS = 1_000  # in a page, at most

_MICROS_PER_USD = 1_000_000


@dataclass(frozen=True, slots=True)
class BillPage:
    """`following` is the cursor of the next one, None at the end."""

    costs: tuple[SupplierCost, ...]
    following: str | None


class _Amount(BaseModel):
    value: Annotated[Decimal, Field(allow_inf_nan=False, max_digits=18, decimal_places=6)]
    currency: Literal["usd"]


class _Model(BaseModel):
    """Recorded rows have the model's public id as `name`, beside an `id` of the supplier's own; only it has a slash."""

    id: str = ""
    name: str = ""

    @property
    def public_name(self) -> str:
        return next((each for each in (self.name, self.id) if "/" in each), self.name or self.id)


class _Row(BaseModel):
    amount: _Amount
    model: _Model | None = None


class _Bucket(BaseModel):
    date: date
    results: list[_Row]
    partial: bool = False


class _Answer(BaseModel):
    data: list[_Bucket]
    has_more: bool
    next_page: str | None = None


def query(first: date, until: date, page: str | None) -> str:
    """By day and model; `until` is not in it. Of the key's own user, which needs no rights over a whole account."""
    asked = {
        "start_date": first.isoformat(),
        "end_date": until.isoformat(),
        "scope": "self",
        "group_by[]": "model",
        "limit": str(ROWS),
    }
    return urlencode(asked | {"page": page} if page else asked)


def read_page(payload: JsonObject) -> BillPage | None:
    """Reads a page; None for anything unexpected."""
    try:
        answer = _Answer.model_validate(payload)
    except ValidationError:
        return None
    if answer.has_more and not answer.next_page:
        return None
    costs = tuple(
        SupplierCost(
            day=bucket.date,
            model=row.model.public_name if row.model else "",
            micros=int(row.amount.value * _MICROS_PER_USD),
            partial=bucket.partial,
        )
        for bucket in answer.data
        for row in bucket.results
    )
    return BillPage(costs, answer.next_page if answer.has_more else None)
