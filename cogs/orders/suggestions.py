"""The suggestions while a member types an option. They are a help only: they never fail, and never come too late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterator, Sequence
from typing import TypeVar

import discord
from discord import app_commands

from bot.domain.discord_limits import CHOICE_LIMIT, CHOICES_LIMIT
from bot.domain.errors import StillframeError
from bot.domain.recipe import Recipe, YouTubeVideo, name_of
from bot.text import escape
from cogs.shared.caller import services_of, wallet_of

log = logging.getLogger(__name__)

Choice = app_commands.Choice[str]
T = TypeVar("T")

SUGGESTING_SECONDS = 2.0  # Discord waits for 3 s
PROMPT_HINT = 50  # characters of a prompt in a choice
LINK_HINT = 40  # characters of a link in a choice


async def videos(interaction: discord.Interaction, typed: str) -> list[Choice]:
    """Suggest the member's last videos. The text that is typed stands first, so that Enter sends it as it is."""
    recipes = await _or_nothing(services_of(interaction).history.recent_videos(interaction.user.id))
    text = typed.strip()
    if len(text) > CHOICE_LIMIT:  # no choice can carry it, and Enter would send another one in its place
        return []
    own = [Choice(name=text, value=text)] if text else []
    return [*own, *_video_choices(recipes, text)][:CHOICES_LIMIT]


async def styles(interaction: discord.Interaction, typed: str) -> list[Choice]:
    found = await _or_nothing(_templates(interaction, typed))
    return [Choice(name=label[:CHOICE_LIMIT], value=value) for label, value in found if len(value) <= CHOICE_LIMIT]


async def _templates(interaction: discord.Interaction, typed: str) -> Sequence[tuple[str, str]]:
    wallet = wallet_of(interaction)
    templates = services_of(interaction).templates
    return await templates.suggest(typed, guild_id=wallet.guild_id, member_id=wallet.member_id)


async def _or_nothing(looking: Awaitable[Sequence[T]]) -> Sequence[T]:
    try:
        async with asyncio.timeout(SUGGESTING_SECONDS):
            return await looking
    except (StillframeError, TimeoutError) as error:
        log.info("no suggestions: %s", error)
        return ()


def _video_choices(recipes: Sequence[Recipe], typed: str) -> Iterator[Choice]:
    for recipe in recipes:
        if recipe.clip is None:
            continue
        video = recipe.clip.video
        link = video.short_link if isinstance(video, YouTubeVideo) else name_of(video)
        prompt = " ".join(escape.plain(recipe.prompt).split())
        if typed.casefold() in f"{prompt} {link}".casefold() and link != typed and len(link) <= CHOICE_LIMIT:
            label = f"{escape.isolated(_cut(prompt, PROMPT_HINT))} · {_cut(link.partition('://')[2], LINK_HINT)}"
            yield Choice(name=label, value=link)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
