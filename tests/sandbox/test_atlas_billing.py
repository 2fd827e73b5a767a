"""The stand-in's bill, as strict as the documents of model-costs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.atlas import MODEL
from tests.sandbox.standin_seams import Json, make, opened

COSTS = "/public/v1/model-costs"
SEPTEMBER = {"start_date": "2026-09-01", "end_date": "2026-10-01"}


async def test_what_was_charged_today_is_on_the_bill_of_a_day_that_is_not_over() -> None:
    async with opened() as (_, client):
        await make(client)
        await make(client, prompt="[scenario:failed_200] x")
        await make(client, resolution="2k")
        today = datetime.now(UTC).date()
        until = today + timedelta(days=1)
        answer = (await client.get(COSTS, params={"start_date": f"{today}", "end_date": f"{until}"})).json()
    assert (answer["object"], answer["scope"], answer["has_more"], answer["next_page"]) == ("list", "self", False, None)
    (bucket,) = answer["data"]
    assert (bucket["date"], bucket["partial"], bucket["start_at"]) == (f"{today}", True, f"{today}T00:00:00Z")
    assert bucket["results"] == [
        {"object": "model_cost.result", "amount": {"value": "0.340000", "currency": "usd"}},
    ]


async def test_a_bill_has_a_row_for_each_day_and_model_and_is_turned_by_its_own_cursors() -> None:
    async with opened() as (standin, client):
        for day in (1, 2, 30):
            standin.account.book(date(2026, 9, day), MODEL, day * 1_000)
        standin.account.book(date(2026, 9, 2), "other/model", 7)
        standin.account.book(date(2026, 10, 1), MODEL, 1)
        asked = {**SEPTEMBER, "group_by[]": "model", "limit": "2"}
        first = (await client.get(COSTS, params=asked)).json()
        second = (await client.get(COSTS, params={**asked, "page": first["next_page"]})).json()
        elsewhere = await client.get(COSTS, params={**asked, "limit": "3", "page": first["next_page"]})
        by_type = (await client.get(COSTS, params={**SEPTEMBER, "group_by[]": "model_type"})).json()
        filtered = (await client.get(COSTS, params={**SEPTEMBER, "model_ids[]": "other/model"})).json()
        text = (await client.get(COSTS, params={**SEPTEMBER, "model_types[]": "text"})).json()
    assert [(*rows_of(first), first["has_more"]), (*rows_of(second), second["has_more"])] == [
        (("2026-09-01", MODEL, "0.001000"), ("2026-09-02", MODEL, "0.002000"), True),
        (("2026-09-02", "other/model", "0.000007"), ("2026-09-30", MODEL, "0.030000"), False),
    ]
    assert elsewhere.status_code == 400
    assert [bucket["results"][0]["amount"]["value"] for bucket in by_type["data"]] == [
        "0.001000",
        "0.002007",
        "0.030000",
    ]
    assert [bucket["date"] for bucket in filtered["data"]] == ["2026-09-02"]
    assert text["data"] == []


def rows_of(page: Json) -> list[tuple[str, str, str]]:
    return [
        (bucket["date"], row["model"]["name"], row["amount"]["value"])
        for bucket in page["data"]
        for row in bucket["results"]
    ]


@pytest.mark.parametrize(
    "query",
    [
        "start_date=2026-09-01",
        "start_date=2026-09-01&end_date=2026-09-01",
        "start_date=2026-09-02&end_date=2026-09-01",
        "start_date=2026-01-01&end_date=2026-07-01",
        "start_date=1.9.2026&end_date=2026-10-01",
        "start_date=2026-09-01&start_date=2026-09-02&end_date=2026-10-01",
        "start_date=2026-09-01&end_date=2026-10-01&scope=team",
        "start_date=2026-09-01&end_date=2026-10-01&limit=0",
        "start_date=2026-09-01&end_date=2026-10-01&limit=1001",
        "start_date=2026-09-01&end_date=2026-10-01&page=2",
        "start_date=2026-09-01&end_date=2026-10-01&group_by[]=model,api_key",
        "start_date=2026-09-01&end_date=2026-10-01&group_by[]=day",
        "start_date=2026-09-01&end_date=2026-10-01&group_by=model",
        "start_date=2026-09-01&end_date=2026-10-01&model_types[]=sound",
    ],
)
async def test_a_question_that_the_documents_do_not_know_is_refused_in_the_billing_envelope(query: str) -> None:
    async with opened() as (_, client):
        response = await client.get(f"{COSTS}?{query}")
    assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_request_error")
