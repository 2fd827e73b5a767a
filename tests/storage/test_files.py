"""Files on disk: whole or not at all, and only under names of ours."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.domain.errors import FilesUnavailable
from bot.storage.folder import Folder


async def test_what_is_kept_is_read_back_and_may_be_kept_again(tmp_path: Path) -> None:
    files = Folder(tmp_path / "images")
    for data in (b"first", b"second"):
        await files.keep("900.png", data)
        assert await files.read("900.png") == data
    assert [path.name for path in (tmp_path / "images").iterdir()] == ["900.png"]


async def test_a_file_that_is_not_kept_is_none(tmp_path: Path) -> None:
    assert await Folder(tmp_path).read("900.png") is None


async def test_many_who_keep_the_same_name_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    files = Folder(tmp_path)
    whole = [bytes([number]) * 100_000 for number in range(8)]
    await asyncio.gather(*(files.keep("900.png", data) for data in whole))
    assert await files.read("900.png") in whole
    assert len(list(tmp_path.iterdir())) == 1


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


@pytest.mark.parametrize("name", ["../900.png", "/etc/passwd", "a/b", "", ".hidden", "A.png", "900.png\x00"])
async def test_a_name_that_is_not_ours_is_never_touched(tmp_path: Path, name: str) -> None:
    files = Folder(tmp_path / "images")
    with pytest.raises(ValueError, match="not a name of ours"):
        await files.read(name)
    with pytest.raises(ValueError, match="not a name of ours"):
        await files.keep(name, b"x")
