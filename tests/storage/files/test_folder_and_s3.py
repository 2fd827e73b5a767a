"""A folder and an S3 bucket keep the same promises about clips and images: each test runs on both."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.errors import FilesUnavailable
from bot.storage.files.base import Files
from bot.storage.files.folder import Folder
from bot.storage.files.s3 import S3Files
from tests.support.buckets import Buckets, a_place

HOUR_MS = 3_600_000
LARGE = os.urandom(6_000_000)  # more than the size from which S3 clients send in parts


@dataclass
class Place:
    """A place under test. `elsewhere`: the same place in another process. `leave` puts a foreign file there."""

    files: Files
    elsewhere: Files
    leave: Callable[[str], None]


def a_folder(path: Path) -> Place:
    def leave(name: str) -> None:
        path.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"a stranger's")

    return Place(Folder(path), Folder(path), leave)


def a_bucket(buckets: Buckets) -> Place:
    bucket = buckets.new()
    place = a_place(buckets.url, bucket, prefix="of/a-bot")

    def leave(name: str) -> None:
        buckets.put(bucket, f"of/a-bot/images/{name}", b"a stranger's")

    return Place(S3Files(place, "images"), S3Files(place, "images"), leave)


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path, buckets: Buckets) -> Place:
    return a_folder(tmp_path / "images") if request.param == "folder" else a_bucket(buckets)


@pytest.fixture
def files(place: Place) -> Files:
    return place.files


def in_an_hour() -> int:
    return int(time.time() * 1000) + HOUR_MS


async def test_what_is_kept_is_read_back_and_may_be_kept_again(files: Files) -> None:
    for data in (b"first", b"second", b"", LARGE):
        await files.keep("900.png", data)
        assert await files.read("900.png") == data
    assert await files.older_than(in_an_hour()) == ["900.png"]


async def test_what_one_process_keeps_another_one_reads(place: Place) -> None:
    await place.files.keep("900.png", b"an image")
    assert await place.elsewhere.has("900.png")
    assert await place.elsewhere.read("900.png") == b"an image"
    await place.elsewhere.erase("900.png")
    assert not await place.files.has("900.png")


async def test_a_file_that_is_not_kept_is_none_and_gone_however_often_it_is_erased(files: Files) -> None:
    for _ in range(2):
        assert await files.read("900.png") is None
        assert not await files.has("900.png")
        await files.erase("900.png")
    await files.keep("900.png", b"an image")
    assert await files.has("900.png")
    await files.erase("900.png")
    assert await files.read("900.png") is None


async def test_many_who_keep_the_same_name_at_once_leave_one_whole_file(files: Files) -> None:
    whole = [bytes([number]) * 100_000 for number in range(8)]
    await asyncio.gather(*(files.keep("900.png", data) for data in whole))
    assert await files.read("900.png") in whole
    assert await files.older_than(in_an_hour()) == ["900.png"]


async def test_only_what_is_older_is_found_and_erased(files: Files) -> None:
    before = int(time.time() * 1000) - HOUR_MS
    await files.keep("900.png", b"an image")
    assert await files.older_than(before) == []
    assert not await files.erase_if_older("900.png", before)
    assert await files.has("900.png")
    assert await files.older_than(in_an_hour()) == ["900.png"]
    assert await files.erase_if_older("900.png", in_an_hour())
    assert not await files.erase_if_older("900.png", in_an_hour())
    assert await files.older_than(in_an_hour()) == []


async def test_all_that_is_kept_is_named_once(files: Files) -> None:
    kept = [f"{number}.png" for number in range(100, 112)]
    for name in kept:
        await files.keep(name, b"an image")
    assert sorted([name async for name in files.names()]) == kept


async def test_where_nothing_was_ever_kept_nothing_is_old(files: Files) -> None:
    assert [name async for name in files.names()] == []
    assert await files.older_than(in_an_hour()) == []
    assert not await files.erase_if_older("900.png", in_an_hour())
    assert await files.erase_remains(in_an_hour()) == 0


async def test_what_is_not_ours_is_not_listed_and_whole_files_are_no_remains(place: Place) -> None:
    place.leave("NOTES.md")
    place.leave(".hidden")
    await place.files.keep("900.png", b"an image")
    assert [name async for name in place.files.names()] == ["900.png"]
    assert await place.files.older_than(in_an_hour()) == ["900.png"]
    assert await place.files.erase_remains(in_an_hour()) == 0
    assert await place.files.read("900.png") == b"an image"


@pytest.mark.parametrize("name", ["../900.png", "/etc/passwd", "a/b", "", ".hidden", "A.png", "900.png\x00"])
async def test_a_name_that_is_not_ours_is_never_touched(files: Files, name: str) -> None:
    acts = [files.read(name), files.has(name), files.keep(name, b"x"), files.erase(name), files.erase_if_older(name, 0)]
    for act in acts:
        with pytest.raises(ValueError, match="not a name of ours"):
            await act


# --- a folder alone -----------------------------------------------------------------------------------


async def test_a_write_that_fails_leaves_the_old_file_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Folder(tmp_path)
    await files.keep("900.png", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(FilesUnavailable, match="No space left"):
            await files.keep("900.png", b"new")
    assert await files.read("900.png") == b"old"
    assert len(list(tmp_path.iterdir())) == 1


async def test_writes_leave_nothing_beside_the_files(tmp_path: Path) -> None:
    files = Folder(tmp_path)
    await asyncio.gather(*(files.keep("900.png", bytes([number])) for number in range(8)))
    assert [path.name for path in tmp_path.iterdir()] == ["900.png"]
