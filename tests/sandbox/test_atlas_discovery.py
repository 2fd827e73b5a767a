"""What the stand-in tells about its models: schemas and prices."""

from __future__ import annotations

import httpx
import pytest

from sandbox.atlas import MODEL, StandIn
from sandbox.catalogue import MODELS
from tests.sandbox.standin_seams import (
    BODY,
    CALCULATE,
    EDIT,
    PRICES,
    TEXT,
    ULTRA,
    body_for,
    fields,
    plain_get,
    status_of,
)


@pytest.mark.parametrize("model", MODELS)
async def test_a_schema_names_what_its_model_takes(standin: StandIn, client: httpx.AsyncClient, model: str) -> None:
    found = await fields(standin, model)
    allowed = {name: each["enum"] for name, each in found.items() if name != "model" and "enum" in each}
    broken = MODELS[model].breaks_on
    for name, values in allowed.items():
        for value in values:
            assert await status_of(client, body_for(model, **{name: value}), CALCULATE) == (
                500 if name in broken else 200
            )
        assert name in broken or await status_of(client, body_for(model, **{name: "other"}), CALCULATE) == 400
    standin.use("foreign_field_400")
    flags = {name: True for name, each in found.items() if each["type"] == "boolean"}
    assert await status_of(client, body_for(model, **flags)) == 200


async def test_a_schema_says_what_is_required(standin: StandIn) -> None:
    async def required(model: str) -> set[str]:
        name = model.replace("/", "-")
        answer = (await plain_get(f"{standin.base_url}/model/schema/{name}.json")).json()
        return {*answer["components"]["schemas"]["Input"]["required"]} - {"model", "prompt"}

    assert [await required(model) for model in (MODEL, EDIT, TEXT)] == [{"video_clips"}, {"images"}, set()]
    assert (await plain_get(f"{standin.base_url}/model/schema/google-never-sold.json")).status_code == 404


async def test_a_schema_that_moved_has_lost_a_value_and_so_have_its_orders(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    standin.use("schema_moved")
    assert (await fields(standin, MODEL))["resolution"]["enum"] == ["1k", "2k"]
    assert (await fields(standin, "google/nano-banana/edit"))["aspect_ratio"]["enum"][-1] == "16:9"
    assert [await status_of(client, BODY | {"resolution": size}) for size in ("2k", "4k")] == [200, 400]
    standin.use("ok")
    standin.catalogue.narrow(EDIT, "thinking_level", "minimal")
    assert (await fields(standin, EDIT))["thinking_level"]["enum"] == ["default", "high"]
    assert (await fields(standin, MODEL))["thinking_level"]["enum"] == ["default", "high", "minimal"]
    assert await status_of(client, body_for(EDIT, thinking_level="minimal")) == 400


async def test_the_key_shown_to_the_schemas_host_is_a_violation(standin: StandIn, client: httpx.AsyncClient) -> None:
    assert (await client.get("/model/schema/google-nano-banana-2-edit.json")).status_code == 400
    assert len(standin.violations) == 1


async def test_the_price_list_has_base_total_and_addon_rows_and_asks_for_a_quote_where_it_has_no_number(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    rows = (await client.get(PRICES)).json()["data"]["rows"]
    mine = {row["row_id"]: row for row in rows if row["model"] == EDIT}
    assert {row_id: row["official_price"] for row_id, row in mine.items() if "4k" not in row_id} == {
        "resolution-1k-base": "0.08",
        "resolution-1k-enable_web_search-total": "0.094",
        "resolution-1k-enable_image_search-total": "0.094",
        "resolution-2k-base": "0.12",
        "resolution-2k-enable_web_search-total": "0.134",
        "resolution-2k-enable_image_search-total": "0.134",
        "enable_web_search-addon": "0.014",
        "enable_image_search-addon": "0.014",
    }
    assert mine["resolution-2k-enable_web_search-total"]["quote_defaults"] == {
        "resolution": "2k",
        "enable_web_search": True,
    }
    assert {row["price_role"] for row in rows} == {"base", "total", "addon"}
    assert {(row["requires_quote"], row["official_price"] is None) for row in rows} == {(True, True), (False, False)}
    assert all(row["requires_quote"] for row in rows if row["model"] == ULTRA)
    assert (await plain_get(standin.base_url + PRICES)).status_code == 401
