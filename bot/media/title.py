"""What YouTube says of a video by its oEmbed, which needs no key: its title, or that it can't be seen."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlencode

from bot.domain.errors import LinkUnreachable, Refusal, VideoNotShown, VideoNotShownBecause
from bot.domain.recipe import YouTubeVideo
from bot.media.fetch import Download

log = logging.getLogger(__name__)

OEMBED = "https://www.youtube.com/oembed"  # https://oembed.com, section 7.1: YouTube is a provider
TITLE_SECONDS = 1.0
ANSWER_LIMIT_BYTES = 100_000  # an answer has about 1 kB
TITLE_LIMIT = 100  # characters, as YouTube allows
REMEMBERED_SECONDS = 600.0  # the steps of one order ask once
REMEMBERED_LIMIT = 1_000  # videos
SILENT_SECONDS = 30.0  # after an answer that did not come, so that the next orders don't wait for it

EMBEDDING_IS_OFF = 401  # also said of some private videos; the model may read such a video, so it is no refusal
_NOT_SHOWN: dict[int, VideoNotShownBecause] = {403: "private", 404: "missing"}


class Titles:
    """`download` raises a `Refusal` where it fails. `address`: of YouTube's oEmbed. `clock` gives seconds."""

    def __init__(
        self, download: Download, *, address: str = OEMBED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._download = download
        self._address = address
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, str | None]] = OrderedDict()  # until when, and the title
        self._silent_until = clock()

    async def of(self, video: YouTubeVideo) -> str | None:
        """Return the title; None where it can't be had in time, for any reason.

        Raises `VideoNotShown` where YouTube says that the video is private, or that there is none.
        """
        now = self._clock()
        until, title = self._known.get(video.id, (now, None))
        if now < until:
            return title
        if now < self._silent_until:
            return None
        url = f"{self._address}?{urlencode({'format': 'json', 'url': video.url})}"
        try:
            async with asyncio.timeout(TITLE_SECONDS):
                title = _title(await self._download(url, limit_bytes=ANSWER_LIMIT_BYTES))
        except (Refusal, TimeoutError) as error:
            status = error.status if isinstance(error, LinkUnreachable) else None
            if status in _NOT_SHOWN:
                raise VideoNotShown(link=video.short_link, because=_NOT_SHOWN[status]) from error
            log.info("no title of %s: %s", video.id, error)
            if status != EMBEDDING_IS_OFF:
                self._silent_until = now + SILENT_SECONDS
            return None
        self._remember(video, title)
        return title

    def _remember(self, video: YouTubeVideo, title: str | None) -> None:
        self._known[video.id] = (self._clock() + REMEMBERED_SECONDS, title)
        while len(self._known) > REMEMBERED_LIMIT:
            self._known.popitem(last=False)


def _title(answer: bytes) -> str | None:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    title = told.get("title") if isinstance(told, dict) else None
    return title.strip()[:TITLE_LIMIT] or None if isinstance(title, str) else None
