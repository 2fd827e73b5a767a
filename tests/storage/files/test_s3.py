"""Files in an S3 bucket: the requests that are sent, and which error comes how soon when the store fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from bot.domain.errors import FilesUnavailable
from bot.storage.files.s3 import S3Files
from tests.support.buckets import KEY_ID, SECRET, Buckets, a_place, a_refusal, an_answer, serve_answers

LATER = 4_000_000_000_000  # Unix milliseconds
LIMIT_SECONDS = 0.4
SLACK_SECONDS = 0.4  # for a busy machine
NOWHERE = "http://127.0.0.1:9"
FOUND = an_answer("200 OK", "an image", ETag='"1"', Last_Modified="Sat, 28 Nov 2026 18:15:21 GMT")
FIRST_BYTE = an_answer(
    "206 Partial Content", "a", ETag='"1"', Last_Modified="Sat, 28 Nov 2026 18:15:21 GMT", Content_Range="bytes 0-0/8"
)
DONE = an_answer("200 OK", ETag='"1"')

ACTS: dict[str, Callable[[S3Files], Awaitable[object]]] = {
    "keep": lambda files: files.keep("900.png", b"x" * 3_000_000),
    "read": lambda files: files.read("900.png"),
    "has": lambda files: files.has("900.png"),
    "erase": lambda files: files.erase("900.png"),
    "older_than": lambda files: files.older_than(LATER),
    "names": lambda files: anext(files.names()),
    "erase_if_older": lambda files: files.erase_if_older("900.png", LATER),
}
every_act = pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)


def hasty(url: str, bucket: str = "stills") -> S3Files:
    return S3Files(a_place(url, bucket), "images", look_seconds=LIMIT_SECONDS, move_seconds=LIMIT_SECONDS)


async def trouble(act: Callable[[S3Files], Awaitable[object]], files: S3Files) -> FilesUnavailable:
    """The error that is raised. It must come within the time limit."""
    began = time.monotonic()
    with pytest.raises(FilesUnavailable) as error:
        await act(files)
    assert time.monotonic() - began < LIMIT_SECONDS + SLACK_SECONDS
    return error.value


async def test_objects_stand_under_the_prefix_and_the_folder(buckets: Buckets) -> None:
    bucket = buckets.new()
    for prefix in ("", "of/a-bot"):
        place = a_place(buckets.url, bucket, prefix=prefix)
        await S3Files(place, "images").keep("900.png", b"an image")
        await S3Files(place, "clips").keep("a" * 64, b"a clip")
    assert buckets.keys(bucket) == [
        f"clips/{'a' * 64}", "images/900.png", f"of/a-bot/clips/{'a' * 64}", "of/a-bot/images/900.png",
    ]  # fmt: skip


async def test_a_listing_of_many_pages_is_read_to_its_end(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    files = S3Files(a_place(buckets.url, buckets.new()), "images")
    names = [f"{number}.png" for number in range(100, 108)]
    await asyncio.gather(*(files.keep(name, b"an image") for name in names))
    assert sorted(await files.older_than(LATER)) == names
    assert sorted([name async for name in files.names()]) == names


async def test_a_large_file_is_one_request_so_that_nothing_is_left_of_a_part() -> None:
    async with serve_answers(DONE) as server:
        await S3Files(a_place(server.url), "images").keep("900.png", bytes(20_000_000))
    assert server.lines == ["PUT /stills/images/900.png"]


async def test_one_file_is_erased_by_its_own_request_which_every_store_knows() -> None:
    async with serve_answers(an_answer("204 No Content")) as server:
        await hasty(server.url).erase("900.png")
    assert server.lines == ["DELETE /stills/images/900.png"]


async def test_what_the_library_refuses_of_the_environment_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_CHECKSUM_ALGORITHM", "md5")
    with pytest.raises(FilesUnavailable, match="md5"):
        hasty(NOWHERE)


# --- keys ---------------------------------------------------------------------------------------------


async def test_our_keys_are_sent_without_what_the_environment_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA-OF-THE-MACHINE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-machine")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-of-the-machine")
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)
    async with serve_answers(FIRST_BYTE) as server:
        assert await S3Files(a_place(server.url), "images").has("900.png")
        assert await S3Files(a_place(server.url, ours=False), "images").has("900.png")
    ours, ambient = server.requests
    assert f"Credential={KEY_ID}/" in ours
    assert "token-of-the-machine" not in ours
    assert "Credential=AKIA-OF-THE-MACHINE/" in ambient
    assert "token-of-the-machine" in ambient


async def test_without_any_keys_the_machine_is_asked_for_its_role(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = an_answer("403 Forbidden")
    async with serve_answers(refused) as metadata, serve_answers(FIRST_BYTE) as server:
        monkeypatch.setenv("AWS_METADATA_ENDPOINT", metadata.url)
        with pytest.raises(FilesUnavailable, match="no keys, and the machine has no role") as error:
            await S3Files(a_place(server.url, ours=False), "images").has("900.png")
    assert error.value.because == "keys"
    assert (metadata.lines, server.lines) == (["PUT /latest/api/token"], [])


@every_act
async def test_keys_that_are_refused_are_named_as_the_trouble_and_not_shown(
    buckets: Buckets, act: Callable[[S3Files], Awaitable[object]]
) -> None:
    bucket = buckets.new()
    with buckets.asking_for_keys():
        told = await trouble(act, hasty(buckets.url, bucket))
    assert told.because == "keys"
    assert KEY_ID not in str(told)
    assert SECRET not in str(told)


# --- a store that is not there, or not as it should be ------------------------------------------------


@every_act
async def test_a_bucket_that_does_not_exist_is_not_a_file_that_is_gone(
    buckets: Buckets, act: Callable[[S3Files], Awaitable[object]], request: pytest.FixtureRequest
) -> None:
    if "erase_if_older" in request.node.name:  # it begins with a HEAD request, whose answer has no code
        assert not await hasty(buckets.url, "no-such-bucket").erase_if_older("900.png", LATER)
        return
    told = await trouble(act, hasty(buckets.url, "no-such-bucket"))
    assert told.because == "bucket"
    assert "NoSuchBucket: " in told.detail


@every_act
async def test_a_store_that_is_down_is_an_error_within_the_limit(
    act: Callable[[S3Files], Awaitable[object]],
) -> None:
    assert (await trouble(act, hasty(NOWHERE))).because == "network"


@every_act
async def test_a_store_that_hangs_is_an_error_within_the_limit_and_is_let_go(
    act: Callable[[S3Files], Awaitable[object]],
) -> None:
    async with serve_answers() as server:
        assert (await trouble(act, hasty(server.url))).because == "network"
        await asyncio.wait_for(server.left.wait(), 30)


@pytest.mark.parametrize("act", [ACTS["read"], ACTS["has"], ACTS["keep"]], ids=["read", "has", "keep"])
async def test_a_proxy_that_finds_no_store_does_not_make_a_file_gone(
    act: Callable[[S3Files], Awaitable[object]],
) -> None:
    async with serve_answers(an_answer("404 Not Found", "<html>default backend</html>")) as server:
        assert "404" in (await trouble(act, hasty(server.url))).detail


async def test_what_the_store_says_is_passed_on_in_its_words() -> None:
    words = "The region 'us-east-1' is wrong; expecting 'eu-west-1'"
    async with serve_answers(a_refusal("400 Bad Request", "AuthorizationHeaderMalformed", words)) as server:
        told = await trouble(ACTS["read"], hasty(server.url))
    assert (told.detail, told.because) == (f"AuthorizationHeaderMalformed: {words}", None)


async def test_a_store_that_stumbles_is_asked_again() -> None:
    stumble = a_refusal("503 Slow Down", "SlowDown")
    async with serve_answers(stumble, FOUND) as server:
        assert await S3Files(a_place(server.url), "images").read("900.png") == b"an image"
    async with serve_answers(stumble, stumble, DONE) as server:
        await S3Files(a_place(server.url), "images").keep("900.png", b"an image")
    assert server.lines == ["PUT /stills/images/900.png"] * 3


async def test_half_a_file_is_an_error_and_never_a_file() -> None:
    async with serve_answers(FOUND[:-4]) as server:
        assert (await trouble(ACTS["read"], hasty(server.url))).detail
