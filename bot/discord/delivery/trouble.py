"""What an error of Discord means for a message that is to be shown: too large, wait, or refused in this place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import aiohttp
import discord

from bot.domain.errors import DiscordUnavailable

log = logging.getLogger(__name__)

TROUBLE = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError, discord.RateLimited)
ANY_TROUBLE = (*TROUBLE, discord.HTTPException)
TOO_LARGE = 40005  # Discord: request entity too large
LONGEST_BAN_SECONDS = 3_600.0  # whatever the header says, one request an hour finds out whether it is over


def is_too_large(error: discord.HTTPException) -> bool:
    return error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == TOO_LARGE


def is_refusal(error: discord.HTTPException) -> bool:
    """Discord will not do this. False for a rate limit, and where Discord itself is out of order."""
    return error.status != HTTPStatus.TOO_MANY_REQUESTS and error.status < HTTPStatus.INTERNAL_SERVER_ERROR


class Exchanges:
    """Requests for jobs, each within its time. After a ban by Cloudflare, which is for all, none is sent until its end.

    Discord counts refused requests by IP address, and bans it after 10,000 in ten minutes. A ban is a 429 that does not
    come from Discord itself (it has no `Via`); its `Retry-After` says for how many seconds. discord.py does not wait.
    """

    def __init__(self) -> None:
        self._banned_until = 0.0  # by the loop's clock

    @asynccontextmanager
    async def exchange(self, seconds: float) -> AsyncIterator[None]:
        """Raises `DiscordUnavailable`, and `discord.HTTPException` for a refusal alone."""
        left = self._banned_until - asyncio.get_running_loop().time()
        if left > 0:
            raise DiscordUnavailable(detail="Cloudflare lets no request pass yet", wait_seconds=left)
        try:
            async with asyncio.timeout(seconds):
                yield
        except TROUBLE as error:
            raise DiscordUnavailable(detail=f"{type(error).__name__}: {error}") from error
        except discord.HTTPException as error:
            if is_refusal(error):
                raise
            raise DiscordUnavailable(detail=str(error), wait_seconds=self._ban(error)) from error

    def _ban(self, error: discord.HTTPException) -> float:
        """Note how long Cloudflare keeps us out. Returns the seconds; 0 where it is no ban, or has no end."""
        headers = error.response.headers
        if error.status != HTTPStatus.TOO_MANY_REQUESTS or "Via" in headers:
            return 0.0
        try:
            seconds = min(float(headers.get("Retry-After", 0)), LONGEST_BAN_SECONDS)
        except ValueError:
            return 0.0
        log.warning("Cloudflare lets no request pass for %.0f s; all jobs wait", seconds)
        self._banned_until = max(self._banned_until, asyncio.get_running_loop().time() + seconds)
        return seconds
