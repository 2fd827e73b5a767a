"""A stand-in for YouTube's oEmbed: each video has a title, but for those whose id begins with a word of `ANSWERS`."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

OEMBED = "/oembed"
SLOW_SECONDS = 5.0  # longer than the bot waits
ANSWERS = {
    "private": (403, "Forbidden"),
    "missing": (404, "Not Found"),
    "noembed": (401, "Unauthorized"),
    "toomany": (429, "Too Many Requests"),
    "slow": (200, ""),
}


async def oembed(request: web.Request) -> web.Response:
    """Answer as YouTube does: JSON, or one or two plain words."""
    address = urlsplit(request.query.get("url", ""))
    video_id = parse_qs(address.query).get("v", [""])[0]
    word = next((word for word in ANSWERS if video_id.startswith(word)), "")
    status, words = ANSWERS.get(word, (200, ""))
    if word == "slow":
        await asyncio.sleep(SLOW_SECONDS)
    if words or not video_id:
        return web.Response(status=status if video_id else 400, text=words or "Bad Request")
    return web.json_response({"title": f"Sandbox video {video_id}", "author_name": "Sandbox", "type": "video"})
