"""The suggestions while a member types an option. They are a help only: they never fail, and never come too late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import discord
from discord import app_commands

from bot.domain.discord_limits import CHOICE_LIMIT, CHOICES_LIMIT
from bot.domain.errors import ModelUnknown, StillframeError
from bot.domain.models import Model
from bot.domain.pricing import Pricing
from bot.domain.recipe import Recipe, YouTubeVideo, name_of
from bot.text import escape, units
from cogs.shared.caller import caller_of, services_of, wallet_of

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


async def models(interaction: discord.Interaction, typed: str) -> list[Choice]:
    """Suggest the models that this server allows, each with what it is good for and its lowest price."""
    forbidden, _ = await _model_facts(interaction)
    pricing = services_of(interaction).pricing
    labels = {row.key: _model_label(row, pricing) for row in pricing.models.offered if row.key not in forbidden}
    return _matching(labels, typed)


async def all_models(interaction: discord.Interaction, typed: str) -> list[Choice]:
    """The same without the rules of the server, for those who set them."""
    pricing = services_of(interaction).pricing
    return _matching({row.key: _model_label(row, pricing) for row in pricing.models.offered}, typed)


async def sizes(interaction: discord.Interaction, typed: str) -> list[Choice]:
    row, pricing = await _row(interaction), services_of(interaction).pricing
    search = bool(interaction.namespace.search)
    prices = {size: units.credits(pricing.size_credits(size, row, search=search)) for size in row.sizes}
    return _matching({size.value: f"{size.label} - {price}" for size, price in prices.items()}, typed)


async def shapes(interaction: discord.Interaction, typed: str) -> list[Choice]:
    row = await _row(interaction)
    return _matching({shape.value: f"{shape} - {units.purpose(shape)}" for shape in row.shapes}, typed)


async def thinking(interaction: discord.Interaction, typed: str) -> list[Choice]:
    row = await _row(interaction)
    return _matching({level.value: units.thinking_label(level) for level in row.thinking}, typed)


OF_IMAGINE = {
    "video": videos,
    "style": styles,
    "model": models,
    "size": sizes,
    "shape": shapes,
    "thinking": thinking,
}


async def _row(interaction: discord.Interaction) -> Model:
    """The model that the member has typed before, else the one that the order will take."""
    services, given = services_of(interaction), interaction.namespace
    named = str(given.model or "")
    known = services.pricing.models
    with suppress(ModelUnknown):
        if named:
            return known.named(named)
    forbidden, wanted = await _model_facts(interaction)
    has_video = bool(given.video or given.clip) or not any(wanted)
    return known.pick(wanted, has_video=has_video, images=0, forbidden=forbidden).row


async def _model_facts(interaction: discord.Interaction) -> tuple[Collection[str], Sequence[str | None]]:
    """What the server forbids, and the member's and the server's defaults; nothing where the database is late."""
    found = await _or_nothing(services_of(interaction).ordering.model_wishes(caller_of(interaction)))
    return found or ((), ())


def _model_label(row: Model, pricing: Pricing) -> str:
    price = units.credits(pricing.size_credits(row.sizes[0], row))
    parts = (row.label, units.good_for(row.good_for), price)
    return " - ".join(filter(None, parts))


def _matching(labels: Mapping[str, str], typed: str) -> list[Choice]:
    word = typed.strip().casefold()
    return [
        Choice(name=_cut(label, CHOICE_LIMIT), value=value)
        for value, label in labels.items()
        if word in f"{value} {label}".casefold()
    ][:CHOICES_LIMIT]


async def _templates(interaction: discord.Interaction, typed: str) -> Sequence[tuple[str, str]]:
    wallet = wallet_of(interaction)
    templates = services_of(interaction).templates
    return await templates.suggest(typed, guild_id=wallet.guild_id, member_id=wallet.member_id)


async def _or_nothing(looking: Awaitable[T]) -> T | tuple[()]:
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
