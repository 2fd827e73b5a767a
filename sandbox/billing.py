"""Answers questions about the supplier's bill, by docs/public-api/model-costs.

The pages leave two cases open: here a day without costs has no bucket, and a cursor is only good for the question that
it came from.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sandbox.ledger import MICROS
from sandbox.validation import Refused

DAYS_LIMIT = 180
IDS_LIMIT = 100
GROUPS: tuple[list[str], ...] = (
    [],
    ["model_type"],
    ["model"],
)  # the supplier can also group by `api_key`; the stand-in has one key

Json = dict[str, object]
Bill = Mapping[tuple[date, str], int]


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    start_date: date
    end_date: date
    scope: Literal["self", "account"] = "self"
    group_by: Annotated[list[str], Field(alias="group_by[]")] = []
    model_types: Annotated[list[Literal["text", "image", "video"]], Field(alias="model_types[]", max_length=3)] = []
    model_ids: Annotated[list[str], Field(alias="model_ids[]", max_length=IDS_LIMIT)] = []
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    page: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Question:
        if not timedelta(0) < self.end_date - self.start_date <= timedelta(days=DAYS_LIMIT):
            raise ValueError(f"the range must cover 1 to {DAYS_LIMIT} days")
        if self.group_by not in GROUPS:
            raise ValueError("group_by[] must be model_type or model, repeated and not joined by commas")
        return self


def read_question(given: Mapping[str, list[str]]) -> Question:
    """All the values of each name. Raises `Refused`."""
    try:
        return Question.model_validate(
            {name: values if name.endswith("[]") or len(values) > 1 else values[0] for name, values in given.items()}
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def costs(question: Question, bill: Bill, *, now: datetime, request_id: str) -> Json:
    """The costs that answer a question. Raises `Refused` for a cursor of another question."""
    rows = _rows(question, bill)
    start = _place(question, len(rows))
    shown = rows[start : start + question.limit]
    following = start + question.limit
    return {
        "object": "list",
        "scope": question.scope,
        "data": [
            _bucket(day, [row for row_day, row in shown if row_day == day], now)
            for day in dict.fromkeys(day for day, _ in shown)
        ],
        "has_more": following < len(rows),
        "next_page": _cursor(question, following) if following < len(rows) else None,
        "request_id": request_id,
    }


def _rows(question: Question, bill: Bill) -> list[tuple[date, Json]]:
    """Every model is an image model here."""
    wanted = {
        (day, model): micros
        for (day, model), micros in bill.items()
        if question.start_date <= day < question.end_date
        and (not question.model_ids or model in question.model_ids)
        and (not question.model_types or "image" in question.model_types)
    }
    if question.group_by == ["model"]:
        return [(day, _row(wanted[day, model], model)) for day, model in sorted(wanted)]
    days = sorted({day for day, _ in wanted})
    totals = {day: sum(micros for (each, _), micros in wanted.items() if each == day) for day in days}
    kind: Json = {"model_type": "image"} if question.group_by else {}
    return [(day, _row(totals[day]) | kind) for day in days]


def _row(micros: int, model: str | None = None) -> Json:
    row: Json = {
        "object": "model_cost.result",
        "amount": {"value": f"{Decimal(micros) / MICROS:.6f}", "currency": "usd"},
    }
    if model is None:
        return row
    named: Json = {"id": f"ms-{model}", "name": model, "type": "image", "status": "active"}
    return row | {"model_type": "image", "model": named}


def _bucket(day: date, rows: Sequence[Json], now: datetime) -> Json:
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(days=1)
    return {
        "object": "model_cost.bucket",
        "date": day.isoformat(),
        "start_at": _iso(start),
        "end_at": _iso(end),
        "covered_until": _iso(min(end, now)),
        "partial": now < end,
        "results": list(rows),
    }


def _cursor(question: Question, place: int) -> str:
    asked = question.model_dump_json(exclude={"page"})
    return base64.urlsafe_b64encode(f"{place} {asked}".encode()).decode()


def _place(question: Question, rows: int) -> int:
    if question.page is None:
        return 0
    for place in range(question.limit, rows, question.limit):
        if question.page == _cursor(question, place):
            return place
    raise Refused(400, "page: not a cursor of this question")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
