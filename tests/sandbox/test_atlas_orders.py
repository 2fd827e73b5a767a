"""What the stand-in accepts, and what it refuses."""

from __future__ import annotations

import httpx
import pytest

from sandbox.atlas import MODEL, StandIn
from tests.sandbox.standin_seams import (
    BODY,
    CALCULATE,
    SUBMIT,
    UPLOAD,
    YOUTUBE,
    Json,
    make,
    with_clip,
)


def clip_without(key: str) -> Json:
    return {"video_clips": [{name: value for name, value in YOUTUBE.items() if name != key}]}


WRONG: list[Json] = [
    {"prompt": ""},
    {"prompt": " \n"},
    {"prompt": None},
    {"prompt": 5},
    {"prompt": "x" * 20_001},
    {"video_clips": []},
    {"video_clips": [YOUTUBE, YOUTUBE]},
    {"video_clips": YOUTUBE},
    *(clip_without(key) for key in ("url", "start", "ends", "fps")),
    {"video_clips": [{"url": YOUTUBE["url"], "start": 14, "end": 17, "fps": 1}]},
    with_clip(url="ftp://example.org/a.mp4"),
    with_clip(url="not a link"),
    with_clip(start=-1),
    with_clip(start="14"),
    with_clip(start=True),
    with_clip(ends=14),
    with_clip(ends=13.5),
    with_clip(fps=-0.1),
    with_clip(fps=24.5),
    {"images": ["https://example.org/a.png"] * 11},
    {"images": ["data:image/png;base64,AAAA"]},
    {"images": "https://example.org/a.png"},
    {"aspect_ratio": "1:4"},
    {"aspect_ratio": None},
    {"resolution": "1K"},
    {"resolution": "512"},
    {"thinking_level": "HIGH"},
    {"thinking_level": "low"},
    {"enable_web_search": "true"},
    {"enable_web_search": 1},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
async def test_a_wrong_field_is_400_and_costs_nothing(
    standin: StandIn, client: httpx.AsyncClient, changes: Json
) -> None:
    response = await client.post(SUBMIT, json=BODY | changes)
    assert (response.status_code, response.json()["code"]) == (400, 400)
    assert response.json()["msg"]
    assert (standin.submits, standin.charges) == ([], {})


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1, "negative_prompt": "x", "media_resolution": "low"},
        {"video_clips": [], "images": ["https://example.org/a.png"]},
        {"images": ["https://example.org/a.png"] * 10},
        with_clip(start=0, ends=0, fps=0),
        with_clip(start=1.5, ends=2.25, fps=24.0),
        {"aspect_ratio": "21:9", "resolution": "4k", "thinking_level": "minimal", "enable_web_search": True},
    ],
    ids=str,
)
async def test_a_right_body_is_accepted_and_unknown_keys_ignored(client: httpx.AsyncClient, changes: Json) -> None:
    assert (await make(client, **changes))["status"] == "completed"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": MODEL, "input": BODY}, 400),
        ({"prompt": "x"}, 400),
        (BODY | {"model": ""}, 400),
        (BODY | {"model": 7}, 400),
        (BODY | {"model": "google/gemini-3.1-flash-image"}, 404),
        ([BODY], 400),
    ],
    ids=["wrapped", "no model", "blank model", "model a number", "a family", "a list"],
)
async def test_the_body_is_a_flat_object_with_the_model(client: httpx.AsyncClient, body: object, status: int) -> None:
    responses = [await client.post(path, json=body) for path in (SUBMIT, CALCULATE)]
    assert [status, status] == [response.status_code for response in responses]
    assert all(response.json()["msg"] for response in responses)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/plain", b"{}"),
        ("application/json", b"{"),
        ("application/json", b"\xff"),
        ("application/json", b"[" * 99_999),
    ],
)
async def test_what_is_not_json_is_400(client: httpx.AsyncClient, kind: str, content: bytes) -> None:
    response = await client.post(SUBMIT, content=content, headers={"Content-Type": kind})
    assert (response.status_code, response.json()["code"]) == (400, 400)


@pytest.mark.parametrize("hours", ["0", "337", "-1", "1.5", "x", ""])
async def test_a_bad_retention_header_is_400(client: httpx.AsyncClient, hours: str) -> None:
    headers = {"X-AtlasCloud-Object-Expiration-Hours": hours}
    assert (await client.post(SUBMIT, json=BODY, headers=headers)).status_code == 400


async def test_more_than_50_mb_is_413(standin: StandIn, client: httpx.AsyncClient) -> None:
    content = bytes(50_000_001)
    response = await client.post(SUBMIT, content=content, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (413, 413)
    assert (await client.post(UPLOAD, files={"file": ("x.mp4", content, "video/mp4")})).status_code == 413
    assert standin.uploads == []
