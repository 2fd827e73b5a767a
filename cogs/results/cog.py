"""The buttons under a job's card. Their custom id finds them again after a restart."""

from __future__ import annotations

import io
from typing import Any

import discord

from bot.discord import cards
from bot.discord.acts import it_is_done, note_done
from bot.discord.cards import actions, details
from bot.discord.client import StillframeBot
from bot.discord.media import says
from bot.domain.admission import OrderFacts
from bot.domain.errors import ImageGone
from bot.domain.job import Job
from bot.domain.order import Order
from bot.domain.recipe import Recipe, Size
from bot.text import refusals
from cogs.orders.order_flow import order_image
from cogs.orders.place_order import place_order
from cogs.orders.references import show_tray
from cogs.results.forms import DeleteForm, EditForm, ReportForm, TrimForm, moderated_server
from cogs.results.shapes import ShapesButton, ShapesSelect
from cogs.results.show_job import check_may_use, post_again
from cogs.shared.acts import tell_done
from cogs.shared.buttons import JOB_ID, Button, JobButton, check_price, pressed_privately
from cogs.shared.caller import caller_of, check_may_post, is_here, is_moderator, services_of, wallet_of


class ShareButton(JobButton, template=cards.SHARE_ID.format(job_id=JOB_ID)):
    """The button under a private result shows it to all members in the channel."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        job = await services_of(interaction).result_actions.own(self.job_id, member_id=interaction.user.id)
        await post_again(interaction, job)


class CancelJobButton(JobButton, template=cards.CANCEL_ID.format(job_id=JOB_ID)):
    """The button under a card that waits or works cancels the job, for its owner and for moderators."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        found = await services_of(interaction).ordering.job(self.job_id)
        job = await services_of(interaction).ordering.cancel(
            self.job_id,
            member_id=interaction.user.id,
            moderator=found is not None and is_moderator(interaction) and is_here(interaction, found),
            message_id=interaction.message.id if interaction.message else None,
        )
        pricing = services_of(interaction).pricing
        await tell_done(interaction, lambda: cards.released(job, pricing, to_member=job.private), way="change")


class WhyNotButton(JobButton, template=actions.WHY_NOT_ID.format(job_id=JOB_ID)):
    """The button under a public card without an image tells its member alone why there is none."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        job = await services_of(interaction).result_actions.own(self.job_id, member_id=interaction.user.id)
        if job.release_reason is None:
            raise ImageGone
        card = cards.released(job, services_of(interaction).pricing, to_member=True)
        await interaction.response.send_message(view=card, ephemeral=True)


class AgainButton(JobButton, template=actions.AGAIN_ID.format(job_id=JOB_ID)):
    """The button orders the same recipe once more. The price is on its label, so it asks nothing more."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        facts, job = await _open(interaction, self.job_id)
        await _make(interaction, facts, job, job.recipe, self.item)


class SizeButton(JobButton, template=actions.SIZE_ID.format(size="(?P<size>2k|4k)", job_id=JOB_ID)):
    """The button orders the same recipe in another size, at the price on its label."""

    size: Size

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        facts, job = await _open(interaction, self.job_id)
        await _make(interaction, facts, job, job.recipe.evolve(size=self.size), self.item)


class EditButton(JobButton, template=actions.EDIT_ID.format(job_id=JOB_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        facts, job = await _open(interaction, self.job_id)
        form = EditForm(
            interaction, job, private=pressed_privately(interaction), remark=other_model(interaction, facts, job)
        )
        await interaction.response.send_modal(form)


class TrimButton(JobButton, template=actions.TRIM_ID.format(job_id=JOB_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        facts, job = await _open(interaction, self.job_id)
        form = TrimForm(
            interaction, job, private=pressed_privately(interaction), remark=other_model(interaction, facts, job)
        )
        await interaction.response.send_modal(form)


class ReferenceButton(JobButton, template=actions.REFERENCE_ID.format(job_id=JOB_ID)):
    """The button puts the image into the tray of the member who presses it, for the next order."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        services = services_of(interaction)
        job = await check_may_use(interaction, await services.result_actions.open_to(interaction.user.id, self.job_id))
        await interaction.response.defer(ephemeral=True, thinking=True)
        data = await services.result_actions.image(job)
        reference = await services.references.keep(data, name=f"{job.id}.png")
        tray = await services.references.collect(wallet_of(interaction), [reference])
        note_done(interaction, it_is_done)
        fits = reference.sha256 in {each.sha256 for each in tray}
        await show_tray(interaction, [] if fits else [details.tray_full()])


class DetailsButton(JobButton, template=actions.DETAILS_ID.format(job_id=JOB_ID)):
    """The button shows the details to each member who can see the image."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        job = await check_may_use(interaction, await services_of(interaction).result_actions.find(self.job_id))
        # Answer first: the whole image is read for the facts that are stored in it, and it may be kept far away.
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await services_of(interaction).result_actions.details(self.job_id)
        models = services_of(interaction).pricing.models
        moderator = is_moderator(interaction) and is_here(interaction, job)
        card, written = details.details(found, models, moderator=moderator), details.command_file(found.job)
        files = [discord.File(io.BytesIO(written.encode()), details.COMMAND_FILE)] if written else []
        await interaction.edit_original_response(view=card, attachments=files)


class DeleteImageButton(JobButton, template=actions.DELETE_ID.format(job_id=JOB_ID)):
    """The button opens the form that deletes the image, for its owner and for moderators."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        job = await services_of(interaction).result_actions.deletable(
            self.job_id, member_id=interaction.user.id, moderator_of=moderated_server(interaction)
        )
        await interaction.response.send_modal(DeleteForm(interaction, job))


class ReportButton(JobButton, template=actions.REPORT_ID.format(job_id=JOB_ID)):
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        job = await services_of(interaction).result_actions.reportable(self.job_id, member_id=interaction.user.id)
        await check_may_use(interaction, job)
        await interaction.response.send_modal(ReportForm(interaction, job))


async def _open(interaction: discord.Interaction[Any], job_id: str) -> tuple[OrderFacts, Job]:
    """Return the job from which another one is to be made, as it can be ordered today; its files are still kept.

    Raises `CannotPostHere`, `NotYours`, `ImageGone`, `FileGone`.
    """
    caller, ordering = caller_of(interaction), services_of(interaction).ordering
    check_may_post(caller)
    facts, job = await ordering.facts_of_job(caller, job_id)
    await check_may_use(interaction, job)
    await ordering.check_files(job.recipe)
    return facts, job


async def _make(
    interaction: discord.Interaction[Any], facts: OrderFacts, job: Job, recipe: Recipe, pressed: Button
) -> None:
    """Order the recipe. Another model than that of the image is asked about first, unless its card names it."""
    check_price(pressed, services_of(interaction).ordering.price(recipe))
    private = pressed_privately(interaction)
    order = Order(recipe=recipe, private=private, spoiler=job.spoiler, made_from=job.id)
    if remark := other_model(interaction, facts, job):
        await order_image(interaction, order, facts, confirm=True, remark=remark)
    else:
        await place_order(interaction, order)


def other_model(interaction: discord.Interaction[Any], facts: OrderFacts, job: Job) -> str:
    """Say that the buttons order another model than that of the image. Empty where they don't, or the card says it."""
    pricing, was = services_of(interaction).pricing, facts.job or job
    if was.recipe.model == job.recipe.model:
        return ""
    if interaction.message and says(interaction.message, actions.remark_on_model(was, pricing)):
        return ""
    return refusals.instead_of(pricing.models.get(was.recipe.model).label, pricing.models.get(job.recipe.model).label)


async def setup(bot: StillframeBot) -> None:
    bot.add_dynamic_items(
        AgainButton,
        EditButton,
        TrimButton,
        SizeButton,
        ShapesSelect,
        ShapesButton,
        ReferenceButton,
        DetailsButton,
        ShareButton,
        DeleteImageButton,
        ReportButton,
        CancelJobButton,
        WhyNotButton,
    )
