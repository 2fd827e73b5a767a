"""Each model takes its own fields at its own prices; models vanish, change and fail."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from sandbox.atlas import MODEL, Latency, StandIn, serve
from sandbox.catalogue import MODELS
from tests.sandbox.standin_seams import (
    AN_IMAGE,
    BODY,
    CALCULATE,
    EDIT,
    FLASH,
    KEY,
    PRICES,
    PRO,
    STANDARD,
    START_MICROS,
    SUBMIT,
    TEXT,
    ULTRA,
    YOUTUBE,
    Json,
    body_for,
    fields,
    http,
    make,
    names,
    opened,
    picture,
    plain_get,
    poll,
    price,
    status_of,
    submit,
    upload,
)


@pytest.mark.parametrize("model", MODELS)
async def test_every_model_is_listed_priced_made_and_billed_by_its_own_id(
    standin: StandIn, client: httpx.AsyncClient, model: str
) -> None:
    told = await price(client, body_for(model))
    prediction_id = (await client.post(SUBMIT, json=body_for(model))).json()["data"]["id"]
    ended = await poll(client, prediction_id)
    assert (ended["status"], ended["model"], float(ended["price"])) == ("completed", model, told)
    assert (standin.charges[prediction_id].model, standin.charges[prediction_id].micros) == (
        model,
        round(told * 1_000_000),
    )
    assert [billed for _, billed in standin.account.bill] == [model]
    assert model in await names(client)


@pytest.mark.parametrize(
    ("sent", "usd"),
    [
        (body_for(STANDARD, enable_image_search=True, enable_web_search=True), 0.178),
        (body_for(STANDARD, output_format="png", media_resolution="high"), 0.15),
        (body_for(EDIT, resolution="2k"), 0.12),
        (body_for(TEXT, resolution="4k", enable_image_search=True), 0.174),
        (body_for(f"{FLASH}/edit-developer", resolution="2k"), 0.04),
        (body_for(f"{PRO}/edit", resolution="4k", enable_web_search=True), 0.254),
        (body_for("google/nano-banana/edit-developer", resolution="4k"), 0.019),
        (body_for("google/nano-banana-2-lite/text-to-image-developer"), 0.028),
    ],
    ids=str,
)
async def test_a_price_is_the_models_own(client: httpx.AsyncClient, sent: Json, usd: float) -> None:
    assert await price(client, sent) == usd


async def test_a_discount_of_the_account_shows_beside_the_list_price(client: httpx.AsyncClient) -> None:
    data = (await client.post(CALCULATE, json=body_for(f"{FLASH}/text-to-image-developer"))).json()["data"]
    assert (data["price"], data["origin_price"], data["discount"]) == (0.04, 0.08, 0.5)


@pytest.mark.parametrize(
    "sent",
    [
        body_for(EDIT, images=[]),
        body_for(EDIT, images=AN_IMAGE["images"] * 15),
        body_for(EDIT, video_clips=[YOUTUBE]),
        body_for(EDIT, output_format="default"),
        body_for(TEXT, video_clips=[YOUTUBE]),
        body_for(TEXT, images=AN_IMAGE["images"]),
        body_for(TEXT, output_format="jpg"),
        body_for(STANDARD, images=AN_IMAGE["images"] * 11),
        body_for(STANDARD, enable_image_search="yes"),
        body_for(f"{PRO}/edit", images=AN_IMAGE["images"] * 11),
        body_for(ULTRA, resolution="2k"),
        body_for(ULTRA, output_format="jpeg"),
        body_for("google/nano-banana-2-lite/edit", resolution="2k"),
        body_for("google/nano-banana-2.1/edit", thinking_level="default"),
    ],
    ids=str,
)
async def test_what_one_model_lacks_is_400_whatever_its_siblings_take(
    standin: StandIn, client: httpx.AsyncClient, sent: Json
) -> None:
    assert [await status_of(client, sent, path) for path in (SUBMIT, CALCULATE)] == [400, 400]
    assert (standin.submits, standin.charges) == ([], {})


async def test_edit_without_images_may_also_be_accepted_and_then_fail(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    standin.use("late_validation", times=1)
    response = await client.post(SUBMIT, json=body_for(EDIT, images=[]))
    ended = await poll(client, response.json()["data"]["id"])
    assert (ended["status"], "images" in ended["error"]) == ("failed", True)
    assert standin.balance_micros == START_MICROS


async def test_an_unknown_model_is_404_and_named(standin: StandIn, client: httpx.AsyncClient) -> None:
    for unknown in ("google/nano-banana-3/edit", "google/gemini-3.1-flash-image", MODEL.upper()):
        response = await client.post(SUBMIT, json=BODY | {"model": unknown})
        assert (response.status_code, response.json()["msg"]) == (404, f"model {unknown} not found")
    standin.use("model_unknown", times=1)
    response = await client.post(SUBMIT, json=BODY)
    assert (response.status_code, response.json()["msg"]) == (404, f"model {MODEL} not found")
    assert standin.charges == {}
    assert MODEL in await names(client)


async def test_a_model_goes_after_its_last_order_from_the_catalogue_too(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    standin.use("model_gone")
    first = await submit(client)
    assert await status_of(client, body_for(EDIT)) == 200
    assert {MODEL, EDIT} <= await names(client)
    await submit(client)
    assert MODEL not in await names(client)
    assert [await status_of(client, BODY, path) for path in (SUBMIT, CALCULATE)] == [404, 404]
    assert MODEL not in {row["model"] for row in (await client.get(PRICES)).json()["data"]["rows"]}
    assert (await poll(client, first))["status"] == "completed"
    assert await status_of(client, body_for(EDIT)) == 200
    assert EDIT not in await names(client)
    assert len(standin.charges) == 4


async def test_a_model_is_withdrawn_alone_and_returns(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.catalogue.withdraw(MODEL)
    assert [await status_of(client, BODY), await status_of(client, body_for(EDIT))] == [404, 200]
    standin.catalogue.restore(MODEL)
    assert await status_of(client, BODY) == 200
    with pytest.raises(KeyError):
        standin.catalogue.withdraw("google/never-sold")


async def test_a_field_of_another_model_is_ignored_refused_or_an_internal_error(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    foreign = BODY | {"media_resolution": "low"}
    assert await status_of(client, foreign) == 200
    for name, status in (("foreign_field_400", 400), ("foreign_field_500", 500)):
        standin.use(name)
        for sent in (foreign, body_for(f"{PRO}/edit", thinking_level="high")):
            assert await status_of(client, sent) == status
        assert [await status_of(client, body_for(model)) for model in MODELS] == [200] * len(MODELS)
    assert len(standin.charges) == 1 + 2 * len(MODELS)


async def test_the_media_resolution_of_text_to_image_breaks_the_supplier_though_its_schema_has_it(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    response = await client.post(SUBMIT, json=body_for(TEXT, media_resolution="high"))
    assert (response.status_code, response.json()["code"], standin.charges) == (500, 500, {})
    assert "media_resolution" in await fields(standin, TEXT)


async def test_the_ultra_size_is_4k_where_none_is_given(client: httpx.AsyncClient) -> None:
    usual, small, large = [
        await price(client, body_for(ULTRA, **size)) for size in ({}, {"resolution": "4k"}, {"resolution": "8k"})
    ]
    assert usual == small < large
    assert await price(client, body_for(STANDARD)) == await price(client, body_for(STANDARD, resolution="1k"))


async def test_an_8k_picture_is_a_png_of_more_than_40_mb(client: httpx.AsyncClient) -> None:
    ended = await make(client, **body_for(ULTRA, resolution="8k", video_clips=[]))
    data = (await plain_get(ended["outputs"][0])).content
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.width * image.height // 1_000_000) == ("PNG", 67)
    assert 40_000_000 < len(data) < 64_000_000
    image.verify()


async def test_a_moved_price_is_told_settled_and_billed_but_not_listed(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    before = (await client.get(PRICES)).json()
    standin.use("price_moved", times=1)
    assert await price(client, BODY) == 0.1875
    ended = await make(client)
    assert float(ended["price"]) == 0.1875
    assert list(standin.account.bill.values()) == [187_500]
    assert (standin.balance_micros, standin.charges[ended["id"]].micros) == (START_MICROS - 187_500, 187_500)
    assert await price(client, BODY) == 0.15
    standin.catalogue.move_price(EDIT, 200)
    assert [await price(client, BODY), await price(client, body_for(EDIT))] == [0.15, 0.16]
    assert (await client.get(PRICES)).json() == before


async def image_of(client: httpx.AsyncClient, sent: Json) -> Image.Image:
    ended = await make(client, **sent, video_clips=[])
    assert ended["status"] == "completed", ended["error"]
    image = Image.open(io.BytesIO((await plain_get(ended["outputs"][0])).content))
    image.load()
    return image


async def test_an_edit_is_made_of_its_images_and_words_in_the_format_that_was_asked() -> None:
    async with (
        serve(api_key=KEY, latency=Latency.instant()) as standin,
        http(base_url=standin.base_url, headers={"Authorization": f"Bearer {KEY}"}) as client,
    ):
        violet = await upload(client, picture(), "a.png", "image/png")
        made = await image_of(client, body_for(EDIT, images=[violet]))
        jpeg = await image_of(client, body_for(EDIT, images=[violet, *AN_IMAGE["images"]], output_format="jpeg"))
        words = await image_of(client, body_for(TEXT, aspect_ratio="3:4"))
        assert (made.format, made.size, jpeg.format, words.size) == ("PNG", (1376, 768), "JPEG", (896, 1200))
        red, green, blue = made.getpixel((700, 250))  # type: ignore[misc]  # an RGB picture has three
        assert blue > red > 3 * green
        assert not [request for request in standin.requests if request.path.endswith("a.png")]


@pytest.mark.parametrize("data", [b"not an image", None], ids=["damaged", "gone"])
async def test_an_image_that_cannot_be_read_fails_and_gives_the_money_back(data: bytes | None) -> None:
    async with (
        serve(api_key=KEY, latency=Latency.instant()) as standin,
        http(base_url=standin.base_url, headers={"Authorization": f"Bearer {KEY}"}) as client,
    ):
        gone = f"{standin.base_url}/files/{'0' * 32}/a.png"
        url = gone if data is None else await upload(client, data, "a.png", "image/png")
        ended: dict[str, Any] = await make(client, **body_for(EDIT, images=[url]), video_clips=[])
        assert (ended["status"], "image" in ended["error"]) == ("failed", True)
        assert standin.balance_micros == START_MICROS


async def test_the_bill_is_grouped_by_model() -> None:
    async with opened() as (standin, client):
        for sent in (BODY, body_for(EDIT), body_for(EDIT, resolution="2k")):
            response = await client.post(SUBMIT, json=sent)
            await poll(client, response.json()["data"]["id"])
        (day,) = {day for day, _ in standin.account.bill}
        query = {"start_date": f"{day}", "end_date": f"{day + timedelta(days=1)}", "group_by[]": "model"}
        (bucket,) = (await client.get("/public/v1/model-costs", params=query)).json()["data"]
        assert {row["model"]["name"]: row["amount"]["value"] for row in bucket["results"]} == {
            MODEL: "0.150000",
            EDIT: "0.200000",
        }
