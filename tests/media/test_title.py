"""A title is what YouTube says, if it says it in time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from bot.domain.errors import LinkUnreachable, UnreachableBecause, VideoNotShown
from bot.domain.recipe import YouTubeVideo
from bot.media import title
from bot.media.fetch import Download
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


def failing(status: int | None, asked: list[str] | None = None) -> Download:
    async def download(url: str, *, limit_bytes: int) -> bytes:
        if asked is not None:
            asked.append(url)
        because: UnreachableBecause = "connect" if status is None else "status"
        raise LinkUnreachable(host="www.youtube.com", because=because, status=status)

    return download


@pytest.mark.parametrize("status", [None, 400, 401, 429, 500])
async def test_a_server_that_fails_gives_no_title(status: int | None) -> None:
    """401 is said of a video that may not be embedded, which can be read all the same."""
    assert await Titles(failing(status)).of(SONG) is None


@pytest.mark.parametrize(("status", "because"), [(403, "private"), (404, "missing")])
async def test_a_video_that_youtube_does_not_show_is_refused(status: int, because: str) -> None:
    with pytest.raises(VideoNotShown) as refused:
        await Titles(failing(status)).of(SONG)
    assert (refused.value.link, refused.value.because) == ("https://youtu.be/dQw4w9WgXcQ", because)


async def test_a_title_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def download(url: str, *, limit_bytes: int) -> bytes:
        await asyncio.sleep(60)
        return b""

    monkeypatch.setattr(title, "TITLE_SECONDS", 0.01)
    assert await Titles(download).of(SONG) is None


async def test_a_title_is_asked_for_once_in_ten_minutes() -> None:
    asked, now = [], [0.0]

    async def download(url: str, *, limit_bytes: int) -> bytes:
        asked.append(url)
        return b'{"title": "A song"}'

    titles = Titles(download, clock=lambda: now[0])
    assert [await titles.of(SONG) for _ in range(3)] == ["A song"] * 3
    assert len(asked) == 1
    now[0] += title.REMEMBERED_SECONDS
    assert await titles.of(SONG) == "A song"
    assert len(asked) == 2


@pytest.mark.parametrize(("status", "silent"), [(None, True), (500, True), (401, False), (404, False)])
async def test_a_server_that_does_not_answer_is_left_alone_for_half_a_minute(
    status: int | None, *, silent: bool
) -> None:
    asked: list[str] = []
    now = [0.0]
    titles = Titles(failing(status, asked), clock=lambda: now[0])
    for _ in range(2):
        with suppress(VideoNotShown):
            await titles.of(SONG)
    assert len(asked) == (1 if silent else 2)
    now[0] += title.SILENT_SECONDS
    with suppress(VideoNotShown):
        await titles.of(SONG)
    assert len(asked) == (2 if silent else 3)
