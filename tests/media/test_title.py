"""A title is what YouTube says, if it says it in time."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.errors import LinkUnreachable
from bot.domain.recipe import YouTubeVideo
from bot.media import title
from bot.media.title import Titles

SONG = YouTubeVideo(id="dQw4w9WgXcQ")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b'{"title": "A song", "author_name": "Ann"}', "A song"),
        (b'{"title": "  "}', None),
        (b'{"title": 7}', None),
        (b'{"error": "x"}', None),
        (b'["title"]', None),
        (b"Not Found", None),
        (b"\xff\xfe", None),
        (b"[" * 50_000, None),
        (b'{"title": "' + b"x" * 500 + b'"}', "x" * 100),
    ],
)
async def test_a_title_is_read_or_there_is_none(answer: bytes, found: str | None) -> None:
    async def download(url: str, *, limit_bytes: int) -> bytes:
        return answer

    assert found == await Titles(download).of(SONG)


async def test_a_server_that_fails_gives_no_title() -> None:
    async def download(url: str, *, limit_bytes: int) -> bytes:
        raise LinkUnreachable(host="www.youtube.com", because="status", status=404)

    assert await Titles(download).of(SONG) is None


async def test_a_title_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def download(url: str, *, limit_bytes: int) -> bytes:
        await asyncio.sleep(60)
        return b""

    monkeypatch.setattr(title, "TITLE_SECONDS", 0.01)
    assert await Titles(download).of(SONG) is None
