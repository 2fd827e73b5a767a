"""The steps before an order is placed: the bot looks at its files, and may ask whether to make it at this price."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import discord

from bot.discord import cards
from bot.domain.admission import OrderFacts
from bot.domain.errors import MomentRefusal, NotEnoughCredits, Refusal, StillframeError, StorageError
from bot.domain.order import Order
from bot.domain.proposal import Proposed
from bot.domain.recipe import Recipe, Reference
from bot.text import refusals
from cogs.orders import proposal_cards
from cogs.orders.images import thumbnails, thumbnails_on
from cogs.orders.place_order import PostedCard, place_order
from cogs.shared.answers import AnswerLost, answer, quietly
from cogs.shared.caller import caller_of, check_may_post, services_of

log = logging.getLogger(__name__)


class Looked(NamedTuple):
    """A recipe with the files that were read, and why others are left out: the member is asked then."""

    recipe: Recipe
    left_out: tuple[str, ...] = ()


Look = Callable[[Recipe], Awaitable[Looked]]
NO_PICTURES: Mapping[Reference, str] = {}


async def order_image(
    interaction: discord.Interaction[Any],
    order: Order,
    facts: OrderFacts,
    *,
    look: Look | None = None,
    confirm: bool = False,
    doubt: MomentRefusal | None = None,
    remark: str = "",
) -> None:
    """Answer an interaction that has no answer yet: place the order, or ask the member first.

    `facts`: read for this interaction. `look`: reads the files that the order names and returns the recipe with them,
    which takes longer than Discord waits for an answer. `confirm`: ask at any price. `doubt`: ask which moment it is.
    `remark`: what a card that asks says as well.
    Raises the `Refusal` that fits; then nothing was held.
    """
    check_may_post(caller_of(interaction))
    asks = confirm or doubt is not None or services_of(interaction).ordering.asks(facts, order.recipe)
    if look or asks:
        services_of(interaction).ordering.check_admission(caller_of(interaction), facts, order.recipe)
    if look:
        await services_of(interaction).ordering.check_video(order.recipe)
        await _order_after_a_look(interaction, order, facts, look, asks=asks, doubt=doubt, remark=remark)
        return
    await services_of(interaction).ordering.check_files(order.recipe)
    if not asks:
        await place_order(interaction, order)
        return
    proposed = await _propose(interaction, order, doubt, remark)
    with suppress(AnswerLost):
        if await answer(interaction, await asking_card(interaction, proposed, facts), private=True):
            await illustrate(interaction, proposed)


async def _order_after_a_look(
    interaction: discord.Interaction[Any],
    order: Order,
    facts: OrderFacts,
    look: Look,
    *,
    asks: bool,
    doubt: MomentRefusal | None,
    remark: str,
) -> None:
    """Answer first, then read the files, and go on only when all of them are fine."""
    caller, services = caller_of(interaction), services_of(interaction)
    try:
        await services.ordering.check_balance(caller, facts, order.recipe)
    except NotEnoughCredits:
        if not asks:  # where the member is asked, the card says it, and what can be done about it
            raise
    with suppress(AnswerLost):
        checking = cards.checking(order.recipe.prompt)
        message_id = await answer(interaction, checking, private=order.private or asks)
        if message_id is None:
            return
        try:
            recipe, left_out = await look(order.recipe)
            ready = order.model_copy(update={"recipe": recipe})
            if asks:
                proposed = await _propose(interaction, ready, doubt, remark, left_out)
                card = await asking_card(interaction, proposed, facts)
                await quietly(interaction, interaction.edit_original_response(view=card))
                await illustrate(interaction, proposed)
            elif left_out:
                await _ask_instead(interaction, await _propose(interaction, ready, doubt, remark, left_out), facts)
            else:
                posted = PostedCard(message_id, lambda card: interaction.edit_original_response(view=card))
                await place_order(interaction, ready, card=posted)
        except StillframeError:
            await quietly(interaction, interaction.delete_original_response())  # the reason is shown privately
            raise


async def _propose(
    interaction: discord.Interaction[Any],
    order: Order,
    doubt: MomentRefusal | None,
    remark: str,
    left_out: tuple[str, ...] = (),
) -> Proposed:
    proposals, caller = services_of(interaction).proposals, caller_of(interaction)
    if doubt is None:
        return await proposals.propose(caller, order, remark=remark, left_out=left_out)
    question = refusals.say(doubt)
    return await proposals.propose(caller, order, readings=doubt.readings, question=question, left_out=left_out)


async def _ask_instead(interaction: discord.Interaction[Any], proposed: Proposed, facts: OrderFacts) -> None:
    """Ask after a look that has left files out of an order that is not asked about else, in a private message."""
    await interaction.followup.send(view=await asking_card(interaction, proposed, facts), ephemeral=True)
    await quietly(interaction, interaction.delete_original_response())


async def asking_card(
    interaction: discord.Interaction[Any],
    proposed: Proposed,
    facts: OrderFacts | None = None,
    *,
    pictures: Mapping[Reference, str] = NO_PICTURES,
    price_was: int | None = None,
) -> cards.Card:
    """Build the card that asks whether to make the image.

    `facts`: those of this interaction, where they are read already. `price_was`: the price that was shown before.
    `pictures`: the references that the message will show.
    """
    caller, services = caller_of(interaction), services_of(interaction)
    recipe = proposed.proposal.recipe
    balance = await services.ordering.balance(caller, facts or await services.ordering.facts(caller))
    lacking = services.ordering.lacking(caller, balance, recipe)
    return proposal_cards.proposal(proposed, balance, services.pricing, lacking, pictures=pictures, price_was=price_was)


async def ask_again(
    interaction: discord.Interaction[Any],
    proposed: Proposed,
    facts: OrderFacts | None = None,
    *,
    price_was: int | None = None,
) -> None:
    """Change the asking card on which something was pressed. It keeps the pictures that it shows. As `asking_card`."""
    pictures, files = thumbnails_on(interaction.message, proposed.proposal.recipe.references)
    card = await asking_card(interaction, proposed, facts, pictures=pictures, price_was=price_was)
    await interaction.response.edit_message(view=card, attachments=files)


async def illustrate(interaction: discord.Interaction[Any], proposed: Proposed) -> None:
    """Add the video's title and the references' pictures once the card is there. They may fail or be late.

    A card that asks which moment is meant has neither.
    """
    if proposed.proposal.readings:
        return
    proposals = services_of(interaction).proposals
    try:
        entitled = await proposals.name_video(proposed)
        pictures, files = await thumbnails(interaction, proposed.proposal.recipe.references)
        if entitled or files:
            newest = await proposals.find(proposed.id, member_id=proposed.wallet.member_id)
            card = await asking_card(interaction, newest, pictures=pictures)
            await quietly(interaction, interaction.edit_original_response(view=card, attachments=files))
    except Refusal:
        log.info("proposal %s has ended meanwhile", proposed.id)
    except StorageError as error:
        log.warning("proposal %s stays without a title or pictures: %s", proposed.id, error)
