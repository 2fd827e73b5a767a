"""Answers to an interaction over a network that may fail: what is known of an answer, and edits that may be lost."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any

import aiohttp
import discord

from bot.discord.cards.base import Card

log = logging.getLogger(__name__)

DISCORD_TROUBLE = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)


def is_certain(error: BaseException) -> bool:
    """Say whether Discord certainly did not do what it was asked for."""
    if not isinstance(error, discord.HTTPException) or error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return False
    return error.status < HTTPStatus.INTERNAL_SERVER_ERROR


class AnswerLost(Exception):
    """Discord may or may not have taken our answer."""


async def answer(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> int | None:
    """Return the id of our answer, or None where Discord certainly did not take it.

    Raises `AnswerLost` where Discord may have taken it.
    """
    try:
        sent = await interaction.response.send_message(view=card, ephemeral=private)
    except DISCORD_TROUBLE as error:
        # Whatever the last try met, an earlier one may have been taken: discord.py repeats a 5xx and a 429 by itself.
        log.warning("interaction %s: no word that our answer was taken: %s", interaction.id, error)
    else:
        return sent.message_id
    try:
        return (await interaction.original_response()).id
    except discord.NotFound:
        return None
    except DISCORD_TROUBLE as error:
        raise AnswerLost from error


async def think(interaction: discord.Interaction[Any], *, private: bool) -> int:
    """Answer that the bot is at work. Returns the id of the answer. Raises what discord.py raises."""
    sent = await interaction.response.defer(thinking=True, ephemeral=private)
    return sent.message_id if sent and sent.message_id else (await interaction.original_response()).id


async def quietly(interaction: discord.Interaction[Any], change: Awaitable[object]) -> None:
    """Only log an error of the edit: a card that can't be changed must not fail a command that has done its work."""
    try:
        await change
    except DISCORD_TROUBLE as error:
        log.warning("interaction %s: its card could not be changed: %s", interaction.id, error)


async def tell_directly(bot: discord.Client, member_id: int, card: Card) -> bool:
    """Send a direct message. Returns False where it did not arrive; a member may take none from us."""
    try:
        channel = await bot.create_dm(discord.Object(member_id))
        await channel.send(view=card)
    except DISCORD_TROUBLE as error:
        log.info("member %s could not be told directly: %s", member_id, error)
        return False
    return True
