"""The one door to an order: whatever it came by, it is placed here, and answered with its card."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.discord import cards
from bot.domain.job import Placed
from bot.domain.order import Order
from cogs.orders.moderator_alerts import alert_moderators
from cogs.shared.caller import caller_of, services_of

log = logging.getLogger(__name__)

DISCORD_TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError)


class AnswerLost(Exception):
    """Discord may or may not have taken our answer."""


@dataclass(frozen=True, slots=True)
class PostedCard:
    """A message of ours that is there already, and that the image will take the place of."""

    id: int
    edit: Callable[[cards.Card], Coroutine[Any, Any, object]]


async def place_order(
    interaction: discord.Interaction[Any], order: Order, *, job_id: str | None = None, card: PostedCard | None = None
) -> Placed:
    """Hold the credits, show the card that waits, and let the job start: nothing is left to look at.

    `job_id`: where another interaction names the job. `card`: where one is posted already; else it is our answer.
    The same order once more changes nothing: its job is on its way, its answer stands. Raises as `Ordering.place`.
    """
    ordering = services_of(interaction).ordering
    message_id = card.id if card else None
    placed = await ordering.place(caller_of(interaction), order, job_id=job_id, message_id=message_id)
    if not placed.created:
        return placed
    waiting = cards.waiting(placed.job, placed.place)
    if card:
        await quietly(interaction, card.edit(waiting))
    else:
        try:
            message_id = await answer(interaction, waiting, private=order.private)
        except AnswerLost:
            ordering.look_for_answer()
            return placed
    if message_id is None:
        await ordering.withdraw(placed.job.id)
    else:
        await ordering.answered(placed.job.id, message_id)  # only now may the image take the card's place
        await alert_moderators(interaction, placed)
    return placed


async def answer(interaction: discord.Interaction[Any], card: cards.Card, *, private: bool) -> int | None:
    """The id of our answer; None where Discord certainly did not take it.

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


async def quietly(interaction: discord.Interaction[Any], change: Awaitable[object]) -> None:
    """A card that can't be changed just now must not fail a command that has done its work."""
    try:
        await change
    except DISCORD_TROUBLE as error:
        log.warning("interaction %s: its card could not be changed: %s", interaction.id, error)
