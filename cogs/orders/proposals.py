"""The buttons and selects of the card that asks first. Their custom id finds them again after a restart."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import discord

from bot.discord.client import StillframeBot
from bot.domain.errors import AlreadyOrdered
from bot.domain.order import at
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import Recipe, Shape, Size
from bot.domain.timecode import LONG_FRAME_RATE
from cogs.orders import proposal_cards
from cogs.orders.order_flow import ask_again
from cogs.orders.place_order import place_order
from cogs.orders.proposal_forms import SETTLED, ImagesForm, VideoForm, WordsForm, change, change_recipe
from cogs.shared.acts import tell_done
from cogs.shared.answers import quietly
from cogs.shared.buttons import DynamicButton, DynamicSelect
from cogs.shared.caller import caller_of, check_may_post, services_of
from cogs.shared.choices import one_of

PROPOSAL_ID = r"(?P<proposal_id>[0-9]{1,25})"
PRICE_READ = r"(?P<price_read>[0-9]{1,12})"


class _ProposalButton(DynamicButton):
    proposal_id: str


class CreateButton(
    _ProposalButton,
    template=proposal_cards.CREATE_ID.format(id=PROPOSAL_ID, credits=PRICE_READ),
):
    """The button that says yes. It orders at the price that the member read; another price is shown first."""

    price_read: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await _order(interaction, self.proposal_id, self.price_read)


class MomentButton(
    _ProposalButton,
    template=proposal_cards.MOMENT_ID.format(id=PROPOSAL_ID, moment="(?P<moment>[0-9-]{5,26})", credits=PRICE_READ),
):
    """The button that says which moment is meant, and yes."""

    moment: str
    price_read: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await _order(interaction, self.proposal_id, self.price_read, self.moment)


async def _order(
    interaction: discord.Interaction[Any], proposal_id: str, price_read: int, moment: str | None = None
) -> None:
    """Order what the card says. Where it no longer says that, show it as it is now."""
    caller, services = caller_of(interaction), services_of(interaction)
    facts = await services.ordering.facts(caller, proposal_id=proposal_id)
    proposed = await services.proposals.check(facts.proposed, proposal_id, member_id=caller.member_id)
    order = proposed.proposal
    reading = next((each for each in order.readings if proposal_cards.key_of(each) == moment), None)
    still_asked = bool(reading) if moment else not order.readings
    price = services.ordering.price(order.recipe)
    if price != price_read or not still_asked:
        await ask_again(interaction, proposed, facts, price_was=None if price == price_read else price_read)
        return
    if reading:
        order = order.model_copy(update={"recipe": at(order.recipe, reading), **SETTLED})
    check_may_post(caller)
    await services.ordering.check_files(order.recipe)
    placed = await place_order(interaction, order, job_id=proposed.id)
    if not placed.created:  # this is the second press
        raise AlreadyOrdered
    if interaction.message:
        await quietly(interaction, _close(interaction, interaction.message.id, proposed))


def _close(interaction: discord.Interaction[Any], card_id: int, proposed: Proposed) -> Coroutine[Any, Any, object]:
    """Change the card through the interaction that showed it, because the answer to this press is another message."""
    shown_by = discord.Webhook.partial(interaction.application_id, proposed.proposal.token, client=interaction.client)
    return shown_by.edit_message(card_id, view=proposal_cards.ordered(), attachments=[])


class CancelProposalButton(_ProposalButton, template=proposal_cards.CANCEL_ID.format(id=PROPOSAL_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        proposals = services_of(interaction).proposals
        await proposals.find(self.proposal_id, member_id=interaction.user.id)
        await proposals.forget(self.proposal_id)
        await tell_done(interaction, proposal_cards.cancelled, way="change", without_files=True)


class WordsButton(_ProposalButton, template=proposal_cards.WORDS_ID.format(id=PROPOSAL_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        proposed = await services_of(interaction).proposals.find(self.proposal_id, member_id=interaction.user.id)
        await interaction.response.send_modal(WordsForm(interaction, proposed))


class VideoButton(_ProposalButton, template=proposal_cards.VIDEO_ID.format(id=PROPOSAL_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        proposed = await services_of(interaction).proposals.find(self.proposal_id, member_id=interaction.user.id)
        await interaction.response.send_modal(VideoForm(interaction, proposed))


class ImagesButton(_ProposalButton, template=proposal_cards.IMAGES_ID.format(id=PROPOSAL_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        proposed = await services_of(interaction).proposals.find(self.proposal_id, member_id=interaction.user.id)
        await interaction.response.send_modal(ImagesForm(interaction, proposed))


class WithoutImagesButton(_ProposalButton, template=proposal_cards.WITHOUT_ID.format(id=PROPOSAL_ID)):
    """The button leaves the reference images out of this order. Those of the tray stay in it."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        def without(found: Proposal) -> Proposal:
            recipe = found.recipe.evolve(references=())
            return found.model_copy(update={"recipe": recipe, "from_tray": False, "left_out": ()})

        await ask_again(interaction, await change(interaction, self.proposal_id, without))


class FramesButton(_ProposalButton, template=proposal_cards.FRAMES_ID.format(id=PROPOSAL_ID)):
    """The button that lets the model look at a long stretch with fewer frames a second."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        def slower(recipe: Recipe) -> Recipe:
            return recipe.evolve(frame_rate=LONG_FRAME_RATE) if recipe.clip else recipe

        await ask_again(interaction, await change_recipe(interaction, self.proposal_id, slower))


class _ProposalSelect(DynamicSelect):
    proposal_id: str

    async def change(self, interaction: discord.Interaction[Any], **changes: Any) -> None:
        proposed = await change_recipe(interaction, self.proposal_id, lambda recipe: recipe.evolve(**changes))
        await ask_again(interaction, proposed)


class SizeSelect(_ProposalSelect, template=proposal_cards.SIZE_ID.format(id=PROPOSAL_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await self.change(interaction, size=one_of(self.item, Size))


class ShapeSelect(_ProposalSelect, template=proposal_cards.SHAPE_ID.format(id=PROPOSAL_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        models = one_of(self.item, str) == proposal_cards.MODELS_SHAPE
        await self.change(interaction, shape=None if models else one_of(self.item, Shape))


async def setup(bot: StillframeBot) -> None:
    bot.add_dynamic_items(
        CreateButton,
        MomentButton,
        CancelProposalButton,
        FramesButton,
        WithoutImagesButton,
        WordsButton,
        VideoButton,
        ImagesButton,
        SizeSelect,
        ShapeSelect,
    )
