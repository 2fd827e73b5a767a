"""The stand-in lets in, remembers, answers and keeps the books as the contract says."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from sandbox.atlas import MODEL, Latency, StandIn, serve
from tests.sandbox.standin_seams import (
    BALANCE,
    BODY,
    CALCULATE,
    KEY,
    PREDICTION,
    PRICE_MICROS,
    START_MICROS,
    SUBMIT,
    UPLOAD,
    Json,
    http,
    make,
    opened,
    plain_get,
    poll,
    submit,
)

ANYWHERE = [("POST", SUBMIT), ("GET", PREDICTION + "x"), ("POST", UPLOAD), ("GET", BALANCE), ("GET", "/api/v1/models")]


@pytest.mark.parametrize("agent", [None, "", "Python-urllib/3.11"])
@pytest.mark.parametrize(("method", "path"), ANYWHERE)
async def test_stock_agents_are_stopped_by_the_firewall(
    client: httpx.AsyncClient, method: str, path: str, agent: str | None
) -> None:
    request = client.build_request(method, path)
    del request.headers["User-Agent"]
    if agent is not None:
        request.headers["User-Agent"] = agent
    response = await client.send(request)
    assert (response.status_code, response.text) == (403, "error code: 1010")
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer wrong", f"Basic {KEY}", KEY])
async def test_a_bad_key_is_401_with_the_envelope(client: httpx.AsyncClient, key: str) -> None:
    response = await client.post(SUBMIT, json=BODY, headers={"Authorization": key})
    assert response.status_code == 401
    assert {"code": 401, "msg": "unauthorized", "request_id": response.headers["X-Request-ID"], "data": None} == (
        response.json()
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/api/v1/model/generateimage"),
        ("GET", SUBMIT),
        ("POST", BALANCE),
        ("GET", "/elsewhere/x"),
    ],
)
async def test_an_unknown_path_is_401_whatever_the_key(client: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await client.request(method, path)).status_code == 401


async def test_the_billing_interface_has_an_envelope_of_its_own(client: httpx.AsyncClient) -> None:
    response = await client.get(BALANCE, headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401
    assert {"type", "code", "message", "param"} == response.json()["error"].keys()


async def test_any_key_will_do_where_none_is_set() -> None:
    async with opened(api_key=None) as (_, client):
        assert (await client.get(BALANCE, headers={"Authorization": "Bearer whatever"})).status_code == 200
        assert (await client.get(BALANCE, headers={"Authorization": ""})).status_code == 401


async def test_the_catalogue_needs_no_key(standin: StandIn) -> None:
    catalogue = (await plain_get(f"{standin.base_url}/api/v1/models")).json()
    assert (catalogue["code"], catalogue["data"][0]["model"]) == ("200", MODEL)


async def test_every_request_is_remembered_without_its_key(standin: StandIn, client: httpx.AsyncClient) -> None:
    await client.get(BALANCE)
    await client.get(BALANCE, headers={"authorization": f"Bearer {KEY}"})
    await plain_get(f"{standin.base_url}/api/v1/models")
    assert [(request.method, request.path, request.with_key) for request in standin.requests] == [
        ("GET", BALANCE, True),
        ("GET", BALANCE, True),
        ("GET", "/api/v1/models", False),
    ]
    assert not any(KEY in str(request) for request in standin.requests)
    assert standin.requests[0].headers["user-agent"].startswith("python-httpx/")


async def test_every_answer_has_an_id_of_its_own(client: httpx.AsyncClient) -> None:
    responses = [await client.request(method, path) for method, path in [*ANYWHERE, ("GET", "/files/x/y")]]
    assert len(responses) == len({response.headers["X-Request-ID"] for response in responses})


async def test_a_submission_is_answered_as_the_contract_says(standin: StandIn, client: httpx.AsyncClient) -> None:
    standin.use("never")
    reply = (await client.post(SUBMIT, json=BODY)).json()
    data = reply["data"]
    assert (reply["code"], reply["message"]) == (200, "")
    assert (
        data["model"],
        data["status"],
        data["outputs"],
        data["has_nsfw_contents"],
        data["error"],
    ) == (MODEL, "processing", None, None, "")
    assert len(data["id"]) == 32
    assert set(data["id"]) <= set("0123456789abcdef")


async def test_two_posts_are_two_charges(standin: StandIn, client: httpx.AsyncClient) -> None:
    first, second = await submit(client), await submit(client)
    assert first != second
    assert [first, second] == list(standin.charges)
    assert [charge.micros for charge in standin.charges.values()] == [PRICE_MICROS, PRICE_MICROS]
    assert standin.balance_micros == START_MICROS - 2 * PRICE_MICROS


async def test_submissions_are_remembered_whole(standin: StandIn, client: httpx.AsyncClient) -> None:
    prediction_id = await submit(client, prompt="A poster [scenario:never]", seed=3)
    (submission,) = standin.submits
    assert (prediction_id, "A poster [scenario:never]", "never") == (
        submission.id,
        submission.prompt,
        submission.scenario,
    )
    assert submission.body == BODY | {"prompt": "A poster [scenario:never]", "seed": 3}
    assert 0 <= asyncio.get_running_loop().time() - submission.time < 10


async def test_the_balance_falls_with_a_reservation_and_returns_with_a_failure(
    standin: StandIn, client: httpx.AsyncClient
) -> None:
    async def amounts() -> tuple[str, str]:
        balance = (await client.get(BALANCE)).json()
        assert (balance["object"], balance["available"]["currency"]) == ("balance", "usd")
        return balance["available"]["value"], balance["frozen"]["value"]

    assert await amounts() == ("125.500000", "0.000000")
    await submit(client, prompt="[scenario:never] x", resolution="4k", enable_web_search=True)
    assert await amounts() == ("125.256000", "0.244000")
    await make(client, prompt="[scenario:failed_200] x")
    assert await amounts() == ("125.256000", "0.244000")
    await make(client)
    assert await amounts() == ("125.106000", "0.244000")


async def test_what_the_balance_cannot_pay_is_402() -> None:
    async with opened(balance_usd="0.20") as (standin, client):
        await submit(client)
        response = await client.post(SUBMIT, json=BODY)
        assert (response.status_code, response.json()["code"]) == (402, 402)
        assert standin.balance_micros == 50_000
        assert len(standin.charges) == 1


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({}, 0.15),
        ({"resolution": "2k"}, 0.19),
        ({"resolution": "4k"}, 0.23),
        ({"enable_web_search": True}, 0.164),
        ({"video_clips": [], "images": ["https://example.org/a.png"]}, 0.08),
    ],
)
async def test_calculate_tells_the_price_and_creates_nothing(
    standin: StandIn, client: httpx.AsyncClient, changes: Json, price: float
) -> None:
    data = (await client.post(CALCULATE, json=BODY | changes)).json()["data"]
    assert (price, price, "usd") == (data["price"], data["origin_price"], data["currency"])
    assert (standin.submits, standin.charges) == ([], {})


async def test_an_unknown_prediction_is_404(client: httpx.AsyncClient) -> None:
    response = await client.get(PREDICTION + "0" * 32)
    assert (response.status_code, response.json()["code"]) == (404, 404)


async def test_the_slash_at_the_end_makes_no_difference(client: httpx.AsyncClient) -> None:
    prediction_id = await submit(client)
    with_slash = await client.get(f"{PREDICTION}{prediction_id}/")
    assert (await client.get(PREDICTION + prediction_id)).json() == with_slash.json()


async def test_a_prediction_runs_for_its_latency_and_is_charged_without_a_poll() -> None:
    async with opened(latency=Latency.fixed(0.3)) as (standin, client):
        prediction_id = await submit(client)
        assert (await poll(client, prediction_id))["status"] == "created"
        assert standin.charges[prediction_id].state == "reserved"
        await asyncio.sleep(0.4)
        assert standin.charges[prediction_id].state == "charged"
        ended = await poll(client, prediction_id)
        assert (ended["status"], ended["latency_ms"]) == ("completed", 300)


async def test_the_usual_latency_is_seeded_and_grows_with_the_work() -> None:
    async def latencies(seed: int, **changes: object) -> list[float]:
        async with opened(latency=Latency(median_seconds=0.001), seed=seed) as (_, client):
            ended = [await submit(client, **changes) for _ in range(20)]
            await asyncio.sleep(0.05)
            return [(await poll(client, prediction_id))["latency_ms"] for prediction_id in ended]

    usual = await latencies(1)
    assert usual == await latencies(1)
    assert sum(usual) < sum(await latencies(1, resolution="4k", thinking_level="high"))


async def test_closing_waits_for_nobody() -> None:
    started = time.monotonic()
    async with http(headers={"Authorization": f"Bearer {KEY}"}) as client:
        async with serve(latency=Latency.fixed(60), slow_submit_seconds=60) as standin:
            standin.use("submit_slow", times=1)
            waiting = asyncio.create_task(client.post(standin.base_url + SUBMIT, json=BODY))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waiting), 0.2)
            assert len(standin.charges) == 1
        with pytest.raises(httpx.HTTPError):
            await waiting
    assert time.monotonic() - started < 10
