"""The title of a YouTube video, from YouTube's oEmbed, which needs no key. Nothing waits long for it."""

from __future__ import annotations

import asyncio
import json
import logging
from urllib.parse import urlencode

from bot.domain.errors import Refusal
from bot.domain.recipe import YouTubeVideo
from bot.media.fetch import Download

log = logging.getLogger(__name__)

OEMBED = "https://www.youtube.com/oembed"  # https://oembed.com, section 7.1: YouTube is a provider
TITLE_SECONDS = 1.0
ANSWER_LIMIT_BYTES = 100_000  # an answer has about 1 kB
TITLE_LIMIT = 100  # characters, as YouTube allows


class Titles:
    """`download` raises a `Refusal` where it fails."""

    def __init__(self, download: Download) -> None:
        self._download = download

    async def of(self, video: YouTubeVideo) -> str | None:
        """Returns the title; None where it can't be had in time, for any reason."""
        url = f"{OEMBED}?{urlencode({'format': 'json', 'url': video.url})}"
        try:
            async with asyncio.timeout(TITLE_SECONDS):
                return _title(await self._download(url, limit_bytes=ANSWER_LIMIT_BYTES))
        except (Refusal, TimeoutError) as error:
            log.info("no title of %s: %s", video.id, error)
            return None


def _title(answer: bytes) -> str | None:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    title = told.get("title") if isinstance(told, dict) else None
    return title.strip()[:TITLE_LIMIT] or None if isinstance(title, str) else None
