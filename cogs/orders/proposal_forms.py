"""The forms that change an order before the member says yes: its words and its moment, its images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.discord.cards.base import Label, Text
from bot.domain.intent import normalise
from bot.domain.models import Models, fitted
from bot.domain.order import OrderText, read_prompt
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import PROMPT_LIMIT, Recipe, Reference, linked_by
from bot.domain.timecode import typed_span
from bot.text import refusals
from bot.text.i18n import tr
from cogs.orders.images import images_field, into_tray, picked_images, read_images, thumbnails
from cogs.orders.order_flow import ask_again, asking_card
from cogs.orders.order_form import LINK_LIMIT, MOMENT_LIMIT
from cogs.shared.caller import caller_of, services_of
from cogs.shared.forms import Form

Change = Callable[[Proposal], Proposal]

SETTLED: dict[str, Any] = {"readings": (), "question": ""}  # no doubt is left about the moment


async def change_recipe(
    interaction: discord.Interaction, proposal_id: str, how: Callable[[Recipe], Recipe]
) -> Proposed:
    """Change the recipe of the proposal, as `change` does."""
    return await change(interaction, proposal_id, lambda found: found.model_copy(update={"recipe": how(found.recipe)}))


async def change(interaction: discord.Interaction, proposal_id: str, how: Change) -> Proposed:
    """Change the proposal. Raises `ProposalGone`, `AlreadyOrdered`, `NotYours`, and what `how` raises."""

    def changed(found: Proposal) -> Proposal:
        return how(found).model_copy(update={"token": interaction.token})

    return await services_of(interaction).proposals.change(proposal_id, changed, member_id=interaction.user.id)


class WordsForm(Form):
    def __init__(self, interaction: discord.Interaction[Any], proposed: Proposed) -> None:
        super().__init__(interaction, tr("Edit"))
        self._proposal_id = proposed.id
        recipe = proposed.proposal.recipe
        self._prompt = Text(
            custom_id="prompt", style=discord.TextStyle.paragraph, default=recipe.prompt, max_length=PROMPT_LIMIT
        )
        self._moment = (
            Text(custom_id="moment", default=typed_span(recipe.clip.span), max_length=MOMENT_LIMIT)
            if recipe.clip
            else None
        )
        self.add_item(Label(text=tr("Prompt"), component=self._prompt))
        if self._moment:
            self.add_item(Label(text=tr("Start - end"), description=tr("0:14-0:17, or whole"), component=self._moment))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        trim = services_of(interaction).ordering.trim

        def reworded(found: Proposal) -> Proposal:
            recipe = found.recipe.evolve(prompt=read_prompt(self._prompt.value))
            if not self._moment or recipe.clip is None or self._moment.value.strip() == typed_span(recipe.clip.span):
                return found.model_copy(update={"recipe": recipe})
            trimmed, doubt = trim(recipe, self._moment.value)
            asked = {"readings": doubt.readings, "question": refusals.say(doubt)} if doubt else SETTLED
            return found.model_copy(update={"recipe": trimmed, **asked})

        proposed = await change(interaction, self._proposal_id, reworded)
        await ask_again(interaction, proposed)


class VideoForm(Form):
    """The form adds a video to an order that has none. The model changes with it, and so does the price."""

    def __init__(self, interaction: discord.Interaction[Any], proposed: Proposed) -> None:
        super().__init__(interaction, tr("Add a video"))
        self._proposal_id = proposed.id
        self._video = Text(custom_id="video", max_length=LINK_LIMIT)
        self._moment = Text(custom_id="moment", max_length=MOMENT_LIMIT, required=False)
        self.add_item(Label(text=tr("Video"), description=tr("A link to it."), component=self._video))
        self.add_item(Label(text=tr("Start - end"), description=tr("0:14-0:17, or whole"), component=self._moment))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()  # the card stays while the video is looked at
        services, caller = services_of(interaction), caller_of(interaction)
        facts = await services.ordering.facts(caller, proposal_id=self._proposal_id)
        found = await services.proposals.check(facts.proposed, self._proposal_id, member_id=caller.member_id)
        models, recipe = services.pricing.models, found.proposal.recipe
        row = models.pick(
            facts.models_wanted,
            has_video=True,
            images=len(recipe.references),
            forbidden=facts.standing.policy.forbidden_models,
        ).row
        typed = OrderText(
            prompt=recipe.prompt, model=row.key, video=self._video.value.strip(), start=self._moment.value or None
        )
        read, doubt = services.ordering.understand_or_ask(normalise(typed))
        wanted = recipe.evolve(clip=read.clip)
        wanted = fitted(wanted, row) or wanted.evolve(model=row.key)
        models.check(wanted)
        await services.ordering.check_video(wanted)
        if link := linked_by(wanted):
            await services.ordering.check_link(link)
        asked = {"readings": doubt.readings, "question": refusals.say(doubt)} if doubt else SETTLED
        update = {"recipe": wanted, "remark": "", **asked}
        proposed = await change(interaction, self._proposal_id, lambda now: now.model_copy(update=update))
        pictures, files = await thumbnails(interaction, wanted.references)
        card = await asking_card(interaction, proposed, pictures=pictures)
        await interaction.edit_original_response(view=card, attachments=files)


class ImagesForm(Form):
    def __init__(self, interaction: discord.Interaction[Any], proposed: Proposed) -> None:
        super().__init__(interaction, tr("Add images"))
        self._proposal_id = proposed.id
        self._images = images_field()
        self.add_item(self._images)

    async def keep_files(self, interaction: discord.Interaction[Any], /) -> Sequence[str]:
        return await into_tray(interaction, picked_images(self._images))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()  # the card stays while the images are read
        images = await read_images(interaction, picked_images(self._images))
        models = services_of(interaction).pricing.models

        def added(found: Proposal) -> Proposal:
            recipe = _with_images(models, found.recipe, images.references)
            return found.model_copy(update={"recipe": recipe, "left_out": images.left_out})

        proposed = await change(interaction, self._proposal_id, added)
        pictures, files = await thumbnails(interaction, proposed.proposal.recipe.references)
        card = await asking_card(interaction, proposed, pictures=pictures)
        await interaction.edit_original_response(view=card, attachments=files)


def _with_images(models: Models, recipe: Recipe, images: Sequence[Reference]) -> Recipe:
    """Add the images. A model that draws from words alone gives way to one that takes images. Raises `ModelRefusal`."""
    longer = recipe.with_references(*images)
    if recipe.clip is None and not models.get(recipe.model).images[1]:
        picked = models.pick([recipe.model], has_video=False, images=len(longer.references))
        return fitted(longer, picked.row) or models.with_references(recipe, *images)
    return models.with_references(recipe, *images)
