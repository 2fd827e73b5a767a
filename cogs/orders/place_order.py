"""`place_order` is the only way to an order: each button, form and command places it here and shows its card."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord import cards
from bot.discord.acts import note_done
from bot.domain.errors import StorageError
from bot.domain.job import Placed
from bot.domain.order import Order
from bot.text.i18n import tr
from cogs.orders.moderator_alerts import alert_moderators
from cogs.shared.answers import AnswerLost, answer, quietly
from cogs.shared.caller import caller_of, services_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PostedCard:
    """A message of ours that is posted already; the image will replace its card."""

    id: int
    edit: Callable[[cards.Card], Coroutine[Any, Any, object]]


async def place_order(
    interaction: discord.Interaction[Any], order: Order, *, job_id: str | None = None, card: PostedCard | None = None
) -> Placed:
    """Hold the credits, show the card that waits, and let the job start. All checks of files are done before.

    `job_id`: the id of the job, where another interaction gives it. `card`: a card that is posted already; without one
    the card is our answer.
    The same order once more changes nothing: its job is under way and its answer stays. Raises as `Ordering.place`.
    """
    ordering = services_of(interaction).ordering
    message_id = card.id if card else None
    placed = await ordering.place(caller_of(interaction), order, job_id=job_id, message_id=message_id)
    if not placed.created:
        return placed
    note_done(interaction, lambda: tr("Your order is placed: you find it in `/history`."))
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
        try:
            await ordering.answered(placed.job.id, message_id)  # from here on the image may take the card's place
        except StorageError as error:
            log.warning("job %s: its answer could not be written down; it is looked for: %s", placed.job.id, error)
            ordering.look_for_answer()
        await alert_moderators(interaction, placed)
    return placed
