"""Placing an order from whatever it came by (a command, a button, a form), and answering with its card."""

from __future__ import annotations

import logging
from collections.abc import Awaitable

import aiohttp
import discord

from bot.discord import cards
from bot.domain.job import NewJob, Placed
from bot.domain.recipe import Recipe
from cogs.orders.moderator_alerts import notice
from cogs.shared.caller import asker_of, services_of, wallet_of

log = logging.getLogger(__name__)

DISCORD_TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError)


class AnswerLost(Exception):
    """Discord may or may not have taken our answer."""


def new_job(
    interaction: discord.Interaction,
    recipe: Recipe,
    *,
    private: bool,
    spoiler: bool = False,
    made_from: str | None = None,
    job_id: str | None = None,
    message_id: int | None = None,
) -> NewJob:
    """Who uses it pays. `job_id`: where it is not this interaction that names the job; `message_id`: our answer, where
    it is there already. Raises `NotInAServer`.
    """
    return NewJob(
        id=job_id or str(interaction.id),
        wallet=wallet_of(interaction),
        channel_id=interaction.channel_id or 0,
        private=private,
        recipe=recipe,
        cost=services_of(interaction).ordering.price(recipe),
        token=interaction.token,
        file_limit_bytes=interaction.filesize_limit,
        locale=interaction.locale.value,
        spoiler=spoiler,
        made_from=made_from,
        message_id=message_id,
        asker=asker_of(interaction),
    )


async def place_and_answer(interaction: discord.Interaction, new: NewJob) -> Placed:
    """Hold the credits, answer with the card that waits, and let the job start: nothing is left to look at.

    The same order once more changes nothing: its job is on its way, its answer stands. Raises as `Ordering.place`.
    """
    ordering = services_of(interaction).ordering
    placed = await ordering.place(new)
    if placed.created:
        try:
            message_id = await answer(interaction, cards.waiting(placed.job, placed.place), private=new.private)
        except AnswerLost:  # the job waits a few seconds, and then the worker finds out
            return placed
        if message_id is None:
            await ordering.withdraw(new.id)
        else:
            await ordering.answered(new.id, message_id)
            await notice(interaction, placed)
    return placed


async def answer(interaction: discord.Interaction, card: cards.Card, *, private: bool) -> int | None:
    """The id of our answer; None where Discord certainly did not take it. Raises `AnswerLost` where nobody knows."""
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


async def quietly(interaction: discord.Interaction, change: Awaitable[object]) -> None:
    """A card that can't be changed just now must not fail a command that has done its work."""
    try:
        await change
    except DISCORD_TROUBLE as error:
        log.warning("interaction %s: its card could not be changed: %s", interaction.id, error)
