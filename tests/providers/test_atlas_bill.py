"""The bill: what was charged by day and model, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from bot.domain.errors import SupplierClosed, SupplierError, SupplierRejected, SupplierUnreachable
from bot.providers import atlas
from bot.providers.base import SupplierCost
from tests.providers.atlas_seams import (
    BASE_URL,
    DROPPED,
    FIREWALL,
    HTML,
    MODEL,
    NOTHING_SENT,
    TOO_SLOW,
    Atlas,
    Reply,
    an_atlas,
    kind,
    meaning,
    reply,
)

FIRST, UNTIL = date(2026, 11, 1), date(2026, 12, 1)
ERROR = {"error": {"type": "x", "code": "x", "message": "no", "param": None}, "request_id": "req-9"}


def a_row(value: Any = "0.150000", *, name: str = MODEL, currency: str = "usd") -> dict[str, Any]:
    return {
        "object": "model_cost.result",
        "model": {"id": f"ms-{name}", "name": name},
        "amount": {"value": value, "currency": currency},
    }


def a_bucket(day: str = "2026-11-02", *rows: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {"object": "model_cost.bucket", "date": day, "partial": False, "results": list(rows), **changes}


def a_page(*buckets: Any, following: str | None = None, **changes: Any) -> Reply:
    page = {"object": "list", "data": list(buckets), "has_more": following is not None, "next_page": following}
    return reply(200, {**page, **changes})


async def read(supplier: Atlas) -> list[SupplierCost]:
    return [cost async for page in supplier.supplier.costs(FIRST, UNTIL) for cost in page]


async def test_costs_are_asked_by_day_and_model_and_read_to_the_last_page() -> None:
    async with an_atlas(
        a_page(a_bucket("2026-11-01", a_row("0.300000"), a_row("0.014000", name="other/model")), following="c/1="),
        a_page(a_bucket("2026-11-02", a_row("1.230001"), partial=True)),
    ) as supplier:
        costs = await read(supplier)
    assert costs == [
        SupplierCost(day=date(2026, 11, 1), model=MODEL, micros=300_000, partial=False),
        SupplierCost(day=date(2026, 11, 1), model="other/model", micros=14_000, partial=False),
        SupplierCost(day=date(2026, 11, 2), model=MODEL, micros=1_230_001, partial=True),
    ]
    first, second = supplier.requests
    assert (first.method, str(first.url.copy_with(query=None))) == ("GET", f"{BASE_URL}/public/v1/model-costs")
    asked = {
        "start_date": "2026-11-01",
        "end_date": "2026-12-01",
        "scope": "self",
        "group_by[]": "model",
        "limit": "1000",
    }
    assert [dict(first.url.params), dict(second.url.params)] == [asked, asked | {"page": "c/1="}]


@pytest.mark.parametrize(
    ("row", "model"),
    [
        (a_row() | {"model": {"id": MODEL, "name": "Nano Banana 2"}}, MODEL),
        (a_row() | {"model": {"id": "other/model"}}, "other/model"),
        (a_row() | {"model": None}, ""),
        ({"amount": {"value": "0.1", "currency": "usd"}}, ""),
    ],
)
async def test_a_model_is_known_by_its_public_name_wherever_that_stands(row: dict[str, Any], model: str) -> None:
    async with an_atlas(a_page(a_bucket("2026-11-02", row))) as supplier:
        assert [cost.model for cost in await read(supplier)] == [model]


async def test_days_without_costs_and_credits_given_back_are_part_of_a_bill() -> None:
    async with an_atlas(a_page(a_bucket("2026-11-01"), a_bucket("2026-11-02", a_row("-0.150000")))) as supplier:
        assert [cost.micros for cost in await read(supplier)] == [-150_000]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(a_page(a_bucket("2026-11-02", a_row("much"))), id="not_a_number"),
        pytest.param(a_page(a_bucket("2026-11-02", a_row("NaN"))), id="nan"),
        pytest.param(a_page(a_bucket("2026-11-02", a_row("1e300"))), id="endless"),
        pytest.param(a_page(a_bucket("2026-11-02", a_row("0.15", currency="eur"))), id="euros"),
        pytest.param(a_page(a_bucket("2026-11-02", {"model": {"name": MODEL}})), id="no_amount"),
        pytest.param(a_page(a_bucket("yesterday", a_row())), id="not_a_day"),
        pytest.param(a_page({"date": "2026-11-02"}), id="no_rows"),
        pytest.param(a_page(a_bucket(), has_more=True), id="more_without_a_cursor"),
        pytest.param(reply(200, {"has_more": False}), id="no_data"),
        pytest.param(reply(200, HTML), id="html"),
    ],
)
async def test_a_page_that_is_not_understood_is_no_bill_rather_than_a_smaller_one(page: Reply) -> None:
    async with an_atlas(page) as supplier:
        with pytest.raises(SupplierUnreachable):
            await read(supplier)


async def test_a_bill_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "COST_PAGES_LIMIT", 3)
    async with an_atlas(a_page(following="again")) as supplier:
        with pytest.raises(SupplierUnreachable):
            await read(supplier)
    assert len(supplier.requests) == 3


@pytest.mark.parametrize(
    ("answer", "expected", "tries"),
    [
        pytest.param(reply(400, ERROR), SupplierRejected(), 1, id="400"),
        pytest.param(reply(401, ERROR), SupplierClosed(because="key"), 1, id="401"),
        pytest.param(reply(403, ERROR), SupplierClosed(because="forbidden"), 1, id="403"),
        pytest.param(reply(403, FIREWALL), SupplierUnreachable(), 1, id="403_firewall"),
        pytest.param(reply(404, ERROR), SupplierUnreachable(), 1, id="404"),
        pytest.param(reply(429, ERROR), SupplierUnreachable(), 3, id="429"),
        pytest.param(reply(502, HTML), SupplierUnreachable(), 3, id="502"),
        *(pytest.param(error, SupplierUnreachable(), 3, id=kind(error)) for error in (*NOTHING_SENT, *DROPPED)),
        *(pytest.param(error, SupplierUnreachable(), 1, id=kind(error)) for error in TOO_SLOW),
    ],
)
async def test_a_page_is_tried_again_where_that_may_help(answer: Reply, expected: SupplierError, tries: int) -> None:
    async with an_atlas(answer) as supplier:
        with pytest.raises(SupplierError) as caught:
            await read(supplier)
    assert (meaning(caught.value), len(supplier.requests)) == (meaning(expected), tries)


async def test_a_page_that_was_refused_for_the_moment_is_asked_for_again() -> None:
    async with an_atlas(reply(429, headers={"Retry-After": "20"}), a_page(a_bucket("2026-11-02", a_row()))) as supplier:
        assert len(await read(supplier)) == 1
    assert supplier.pauses == [20]
