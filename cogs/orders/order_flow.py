"""One way to an image for every way in: asks first where the price calls for it, else places the order at once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import discord

from bot.discord import cards
from bot.domain.errors import NotEnoughCredits, Refusal, StillframeError, StorageError
from bot.domain.job import NewJob, Placed
from bot.domain.order import Draft
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import Recipe, Reference
from cogs.orders import proposal_cards
from cogs.orders.images import thumbnails, thumbnails_on
from cogs.orders.moderator_alerts import notice
from cogs.orders.place_order import AnswerLost, answer, new_job, place_and_answer, quietly
from cogs.shared.caller import owed_to, services_of, wallet_of

log = logging.getLogger(__name__)

Look = Callable[[], Awaitable[Recipe]]


async def order(
    interaction: discord.Interaction,
    recipe: Recipe,
    *,
    private: bool,
    spoiler: bool = False,
    made_from: str | None = None,
    from_tray: bool = False,
    ask: bool = False,
) -> None:
    """The answer to an interaction that has none yet. `ask`: also where the price does not call for it.

    Raises the `Refusal` that fits; then nothing was held.
    """
    services = services_of(interaction)
    await services.ordering.check_files(recipe)
    wanted = Proposal(
        recipe=recipe,
        private=private,
        spoiler=spoiler,
        made_from=made_from,
        from_tray=from_tray,
        token=interaction.token,
    )
    if not ask and not await services.proposals.asks(interaction.user.id, services.ordering.price(recipe)):
        await place(interaction, wanted)
        return
    services.breaker.check()
    proposed = await propose(interaction, wanted)
    with suppress(AnswerLost):
        if await answer(interaction, await card_of(interaction, proposed), private=True):
            await illustrate(interaction, proposed)


async def order_after(
    interaction: discord.Interaction,
    look: Look,
    draft: Draft,
    *,
    private: bool,
    spoiler: bool,
    from_tray: bool,
    ask: bool,
) -> None:
    """As `order`, where `look` takes longer than Discord waits: answer first, and order only when all is fine."""
    services = services_of(interaction)
    price = services.pricing.credits(draft.size, search=draft.search)
    asks = ask or await services.proposals.asks(interaction.user.id, price)
    try:
        owed = await owed_to(interaction)
        await services.ordering.check(wallet_of(interaction), size=draft.size, search=draft.search, owed=owed)
    except NotEnoughCredits:
        if not asks:  # else the card says it, with what can be done about it
            raise
    with suppress(AnswerLost):
        message_id = await answer(interaction, cards.checking(draft.prompt), private=private or asks)
        if message_id is None:
            return
        try:
            wanted = Proposal(
                recipe=await look(), private=private, spoiler=spoiler, from_tray=from_tray, token=interaction.token
            )
            if asks:
                proposed = await propose(interaction, wanted)
                card = await card_of(interaction, proposed)
                await quietly(interaction, interaction.edit_original_response(view=card))
                await illustrate(interaction, proposed)
            else:
                await _place_after_looking(interaction, wanted, message_id)
        except StillframeError:
            await quietly(interaction, interaction.delete_original_response())  # the reason follows, privately
            raise


async def place(interaction: discord.Interaction, wanted: Proposal, *, job_id: str | None = None) -> Placed:
    """Raises as `Ordering.place`."""
    placed = await place_and_answer(interaction, _job_of(interaction, wanted, job_id=job_id))
    await _empty_tray(interaction, wanted, placed)
    return placed


async def propose(interaction: discord.Interaction, wanted: Proposal) -> Proposed:
    return await services_of(interaction).proposals.propose(
        str(interaction.id), wallet_of(interaction), interaction.channel_id or 0, wanted
    )


async def card_of(
    interaction: discord.Interaction,
    proposed: Proposed,
    *,
    pictures: Mapping[Reference, str] | None = None,
    price_was: int | None = None,
) -> cards.Card:
    """`pictures`: the references that the message shows; without them, those that it shows already."""
    services = services_of(interaction)
    balance = await services.credits.balance(wallet_of(interaction), owed=await owed_to(interaction))
    recipe = proposed.proposal.recipe
    lacking = services.ordering.lacking(balance, size=recipe.size, search=recipe.search)
    shown = thumbnails_on(interaction.message, recipe.references) if pictures is None else pictures
    return proposal_cards.proposal(proposed, balance, services.pricing, lacking, pictures=shown, price_was=price_was)


async def illustrate(interaction: discord.Interaction, proposed: Proposed) -> None:
    """The video's title and the references' pictures, once the card is there: niceties, which may fail or be late."""
    proposals = services_of(interaction).proposals
    try:
        entitled = await proposals.name_video(proposed)
        pictures, files = await thumbnails(interaction, proposed.proposal.recipe.references)
        if entitled or files:
            newest = await proposals.find(proposed.id, member_id=proposed.wallet.member_id)
            card = await card_of(interaction, newest, pictures=pictures)
            await quietly(interaction, interaction.edit_original_response(view=card, attachments=files))
    except Refusal:
        log.info("proposal %s has ended meanwhile", proposed.id)
    except StorageError as error:
        log.warning("proposal %s stays without a title or pictures: %s", proposed.id, error)


async def _place_after_looking(interaction: discord.Interaction, wanted: Proposal, message_id: int) -> None:
    ordering = services_of(interaction).ordering
    placed = await ordering.place(_job_of(interaction, wanted, message_id=message_id))
    if placed.created:
        card = cards.waiting(placed.job, placed.place)
        await quietly(interaction, interaction.edit_original_response(view=card))
        await ordering.answered(placed.job.id, message_id)  # only now may the image take the card's place
    await _empty_tray(interaction, wanted, placed)
    await notice(interaction, placed)


def _job_of(
    interaction: discord.Interaction, wanted: Proposal, *, job_id: str | None = None, message_id: int | None = None
) -> NewJob:
    return new_job(
        interaction,
        wanted.recipe,
        private=wanted.private,
        spoiler=wanted.spoiler,
        made_from=wanted.made_from,
        job_id=job_id,
        message_id=message_id,
    )


async def _empty_tray(interaction: discord.Interaction, wanted: Proposal, placed: Placed) -> None:
    if not wanted.from_tray or not placed.created:
        return
    try:
        await services_of(interaction).references.clear(interaction.user.id)
    except StorageError as error:  # the order is placed: nothing that comes after may fail it
        log.warning("job %s: the tray it was made from stays full: %s", placed.job.id, error)
