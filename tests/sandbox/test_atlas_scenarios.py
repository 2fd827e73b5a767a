"""Every scenario of the facts' section 12, by its name."""

from __future__ import annotations

import base64
import io

import httpx
import pytest
from PIL import Image

from sandbox.atlas import SCENARIOS, Latency, StandIn
from tests.sandbox.standin_seams import (
    BODY,
    PREDICTION,
    PRICE_MICROS,
    START_MICROS,
    SUBMIT,
    Json,
    make,
    opened,
    picture,
    plain_get,
    poll,
    submit,
)

COMPLETED = {
    "ok": "completed",
    "ok_succeeded": "succeeded",
    "sync_filled": "completed",
    "completed_empty": "completed",
    "nsfw_true": "completed",
    "url_dead": "completed",
    "out_object": "completed",
    "out_base64": "completed",
    "out_datauri": "completed",
    "out_string": "completed",
    "out_images": "completed",
    "out_drafts": "completed",
    "out_words": "completed",
    "ok_done": "done",
    "square_output": "completed",
    "jpeg_named_png": "completed",
    "huge_output": "completed",
    "small_output": "completed",
    "price_late": "completed",
    "price_never": "completed",
    "price_number": "completed",
    "hostile_urls_get": "completed",
    "late_validation": "completed",
    "submit_slow": "completed",
    "model_gone": "completed",
    "foreign_field_400": "completed",
    "foreign_field_500": "completed",
    "schema_moved": "completed",
}
FAILED = {
    "failed_200": ("failed", [200, 200], 1),
    "failed_500": ("failed", [500, 500], 1),
    "failed_flip": ("failed", [200, 500], 1),
    "moderated_1039": ("failed", [200, 200], 1039),
    "refused_google": ("failed", [200, 200], None),
    **dict.fromkeys(
        (
            "overloaded",
            "moderation_down",
            "too_many_tokens",
            "bad_image",
            "beyond_the_end",
            "video_refused",
            "no_image",
        ),
        ("failed", [200, 200], None),
    ),
    "timeout_state": ("timeout", [200, 200], None),
    "upstream_retired": ("failed", [200, 200], 1),
}
REFUSED = {f"submit_{status}": status for status in (401, 402, 403, 404, 413, 429, 451, 500, 502, 503, 504)}
REFUSED["model_unknown"] = 404
STUMBLING = {"fresh_404": [404, 404], "fresh_400": [400, 400], "poll_502_html": [502], "poll_429": [429, 429]}
TOLD_BELOW = {"never", "submit_accept_then_reset", "msg_vs_message", "legacy_ids"}
TOLD_OF_MODELS = {"price_moved", "ultra_8k"}  # in test_atlas_models.py


def test_every_scenario_is_told_here() -> None:
    assert sorted(SCENARIOS) == sorted({*COMPLETED, *FAILED, *REFUSED, *STUMBLING, *TOLD_BELOW, *TOLD_OF_MODELS})


@pytest.mark.parametrize(("name", "status"), COMPLETED.items())
async def test_these_complete_and_are_charged(name: str, status: str) -> None:
    async with opened(slow_submit_seconds=0.01) as (standin, client):
        standin.use(name, times=1)
        ended = await make(client)
        assert (status, "charged") == (ended["status"], standin.charges[ended["id"]].state)
        assert standin.balance_micros == START_MICROS - PRICE_MICROS


@pytest.mark.parametrize(("name", "ending"), FAILED.items())
async def test_these_fail_and_give_the_money_back(
    standin: StandIn, client: httpx.AsyncClient, name: str, ending: tuple[str, list[int], int | None]
) -> None:
    status, reads, code = ending
    prediction_id = await submit(client, prompt=f"A poster [scenario:{name}]")
    responses = [await client.get(PREDICTION + prediction_id) for _ in reads]
    data = responses[0].json()["data"]
    assert reads == [response.status_code for response in responses]
    assert (status, code, None) == (data["status"], data["error_code"], data["outputs"])
    assert data["error"]
    assert "price" not in data
    assert standin.charges[prediction_id].state == "released"
    assert standin.balance_micros == START_MICROS


@pytest.mark.parametrize(("name", "status"), REFUSED.items())
async def test_these_refuse_a_submission_and_charge_nothing(
    standin: StandIn, client: httpx.AsyncClient, name: str, status: int
) -> None:
    response = await client.post(SUBMIT, json=BODY, headers={"X-Sandbox-Scenario": name})
    assert status == response.status_code
    assert standin.charges == {}
    assert [submission.id for submission in standin.submits] == [None]
    assert "Retry-After" not in response.headers
    if status == 502:
        assert "text/html" in response.headers["Content-Type"]
    else:
        envelope = response.json()
        assert (status, None) == (envelope["code"], envelope["data"])
        assert envelope["msg"]
        assert response.headers["X-Request-ID"] == envelope["request_id"]


@pytest.mark.parametrize(("name", "statuses"), STUMBLING.items())
async def test_these_stumble_at_the_first_polls(
    standin: StandIn, client: httpx.AsyncClient, name: str, statuses: list[int]
) -> None:
    standin.use(name, times=1)
    prediction_id = await submit(client)
    first = [await client.get(PREDICTION + prediction_id) for _ in statuses]
    assert statuses == [response.status_code for response in first]
    assert all("Retry-After" not in response.headers for response in first)
    assert (await poll(client, prediction_id))["status"] == "completed"


async def test_never_stays_processing_and_keeps_its_reservation(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.use("never")
    prediction_id = await submit(client)
    words = [(await poll(client, prediction_id))["status"] for _ in range(6)]
    assert words == ["created", "processing", "pending", "processing", "processing", "processing"]
    assert standin.charges[prediction_id].state == "reserved"


async def test_a_reset_after_accepting_has_charged(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.use("submit_accept_then_reset", times=1)
    with pytest.raises(httpx.ReadError):
        await client.post(SUBMIT, json=BODY)
    (prediction_id,) = standin.charges
    assert (await poll(client, prediction_id))["status"] == "completed"
    assert [prediction_id] == [submission.id for submission in standin.submits]
    assert standin.balance_micros == START_MICROS - PRICE_MICROS


async def test_a_slow_submit_has_charged_before_it_replies() -> None:
    async with opened(slow_submit_seconds=30) as (standin, client):
        standin.use("submit_slow", times=1)
        with pytest.raises(httpx.ReadTimeout):
            await client.post(SUBMIT, json=BODY, timeout=0.2)
        assert len(standin.charges) == 1


async def test_the_text_of_an_error_is_in_three_places_in_turn(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.use("msg_vs_message")
    first, second, third = [(await client.post(SUBMIT, json=BODY)).json() for _ in range(3)]
    assert ("msg" in first, "message" in first) == (True, False)
    assert ("msg" in second, "message" in second) == (False, True)
    assert {"error", "request_id"} == third.keys()
    assert third["error"]["message"]
    assert standin.charges == {}


async def test_old_replies_have_the_id_on_top_under_two_names(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.use("legacy_ids")
    replies = [(await client.post(SUBMIT, json=BODY)).json() for _ in range(2)]
    assert list(standin.charges) == [replies[0]["id"], replies[1]["predictionId"]]
    assert not any("data" in reply for reply in replies)


async def test_a_filled_reply_is_terminal_already(standin: StandIn, client: httpx.AsyncClient) -> None:
    data = (await client.post(SUBMIT, json=BODY, headers={"X-Sandbox-Scenario": "sync_filled"})).json()["data"]
    assert (data["status"], len(data["outputs"])) == ("completed", 1)


async def test_sync_mode_holds_the_request_until_the_image_is_there() -> None:
    async with opened(latency=Latency.fixed(0.1)) as (_, client):
        data = (await client.post(SUBMIT, json=BODY | {"enable_sync_mode": True})).json()["data"]
        assert data["status"] == "completed"


async def test_an_empty_completion_is_a_list_then_null_and_charged(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.use("completed_empty")
    assert [(await make(client))["outputs"] for _ in range(2)] == [[], None]
    assert [charge.state for charge in standin.charges.values()] == ["charged", "charged"]


async def test_unsafe_is_one_bool_per_output(client: httpx.AsyncClient) -> None:
    assert (await make(client, prompt="[scenario:nsfw_true] x"))["has_nsfw_contents"] == [True]


async def test_a_dead_url_answers_404(client: httpx.AsyncClient) -> None:
    (url,) = (await make(client, prompt="[scenario:url_dead] x"))["outputs"]
    assert (await plain_get(url)).status_code == 404


async def test_an_output_can_be_an_object(client: httpx.AsyncClient) -> None:
    (output,) = (await make(client, prompt="[scenario:out_object] x"))["outputs"]
    assert picture() == (await plain_get(output["url"])).content


@pytest.mark.parametrize(
    ("changes", "before"),
    [
        ({"prompt": "[scenario:out_base64] x"}, ""),
        ({"enable_base64_output": True}, ""),
        ({"prompt": "[scenario:out_datauri] x"}, "data:image/png;base64,"),
    ],
)
async def test_an_output_can_be_text(client: httpx.AsyncClient, changes: Json, before: str) -> None:
    (text,) = (await make(client, **changes))["outputs"]
    assert text.startswith(before)
    assert picture() == base64.b64decode(text.removeprefix(before), validate=True)


async def test_outputs_can_be_a_text_an_object_or_drafts_before_the_image(client: httpx.AsyncClient) -> None:
    url = (await make(client, prompt="[scenario:out_string] x"))["outputs"]
    (image,) = (await make(client, prompt="[scenario:out_images] x"))["outputs"]["images"]
    draft, final, lost = (await make(client, prompt="[scenario:out_drafts] x"))["outputs"]
    assert [picture()] * 3 == [(await plain_get(each)).content for each in (url, image["url"], final)]
    assert Image.open(io.BytesIO((await plain_get(draft)).content)).size == (36, 36)
    assert (await plain_get(lost)).status_code == 404


async def test_a_jpeg_can_be_named_png(client: httpx.AsyncClient) -> None:
    (url,) = (await make(client, prompt="[scenario:jpeg_named_png] x"))["outputs"]
    assert url.endswith(".png")
    assert Image.open(io.BytesIO((await plain_get(url)).content)).format == "JPEG"


async def test_a_huge_output_is_a_whole_png_over_26_mb(client: httpx.AsyncClient) -> None:
    (url,) = (await make(client, prompt="[scenario:huge_output] x"))["outputs"]
    data = (await plain_get(url)).content
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.format == "PNG"
    assert len(data) > 26 * 1024 * 1024


@pytest.mark.parametrize(
    ("name", "prices"),
    [
        ("ok", ["0.15", "0.15", "0.15"]),
        ("price_late", [None, None, "0.15"]),
        ("price_never", [None, None, None]),
        ("price_number", [0.15, 0.15, 0.15]),
    ],
)
async def test_the_price_comes_at_once_late_never_or_as_a_number(
    standin: StandIn, client: httpx.AsyncClient, name: str, prices: list[object]
) -> None:
    standin.use(name)
    prediction_id = await submit(client)
    assert prices == [(await poll(client, prediction_id)).get("price") for _ in prices]


async def test_following_the_hostile_address_with_the_key_is_a_violation(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    reply = (await client.post(SUBMIT, json=BODY | {"prompt": "[scenario:hostile_urls_get] x"})).json()
    address = httpx.URL(reply["data"]["urls"]["get"])
    assert address.host != httpx.URL(standin.base_url).host
    await plain_get(str(address))
    assert standin.violations == []
    assert (await client.get(address)).status_code == 401
    assert [f"the key was sent where it must not go: GET {address.path}"] == standin.violations


async def test_late_validation_accepts_what_is_wrong_and_fails_it(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.use("late_validation")
    ended = await make(client, resolution="8k")
    assert (ended["status"], ended["error_code"]) == ("failed", 1)
    assert "resolution" in ended["error"]
    assert standin.balance_micros == START_MICROS


async def test_without_a_scenario_the_address_is_the_standins_own(standin: StandIn, client: httpx.AsyncClient) -> None:
    ended = await make(client)
    assert f"{standin.base_url}{PREDICTION}{ended['id']}" == ended["urls"]["get"]


async def test_use_counts_only_submissions_that_ask_for_nothing_themselves(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    standin.use("failed_200", times=1)
    standin.use("timeout_state", times=1)
    prompts = ["[scenario:nsfw_true] x", "a", "b", "c"]
    assert [(await make(client, prompt=prompt))["status"] for prompt in prompts] == [
        "completed",
        "failed",
        "timeout",
        "completed",
    ]


async def test_a_header_goes_before_a_prompt(standin: StandIn, client: httpx.AsyncClient) -> None:
    await client.post(
        SUBMIT, json=BODY | {"prompt": "[scenario:never] x"}, headers={"X-Sandbox-Scenario": "failed_200"}
    )
    assert [submission.scenario for submission in standin.submits] == ["failed_200"]


async def test_a_refused_body_uses_up_no_scenario(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.use("failed_200", times=1)
    await client.post(SUBMIT, json=BODY | {"prompt": ""})
    assert (await make(client))["status"] == "failed"


async def test_an_unknown_scenario_is_named_with_those_there_are(standin: StandIn, client: httpx.AsyncClient) -> None:
    with pytest.raises(ValueError, match=r"'nonsense'.*failed_500"):
        standin.use("nonsense")
    response = await client.post(SUBMIT, json=BODY | {"prompt": "[scenario:nonsense]"})
    assert response.status_code == 400
    assert "failed_500" in response.json()["msg"]
