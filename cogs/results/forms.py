"""The forms under a result: another wording, another moment, and the two that ask before something is done."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any

import discord
from discord import ui

from bot.discord.acts import it_is_done, note_done
from bot.discord.cards import actions, details
from bot.discord.cards.base import Label, Select, Text
from bot.domain.errors import VideoMissing
from bot.domain.job import Job
from bot.domain.models import Model
from bot.domain.order import Order, Understood, read_prompt
from bot.domain.pricing import Pricing
from bot.domain.recipe import PROMPT_LIMIT, Recipe, Shape, Size, Thinking
from bot.domain.timecode import TEXT_LIMIT, ends_of, typed_span
from bot.services.orders.ordering import Ordering
from bot.text import units
from bot.text.i18n import ENGLISH, speaking, tr
from cogs.orders.order_flow import order_image
from cogs.orders.order_form import MOMENT_LIMIT
from cogs.shared.acts import tell_done
from cogs.shared.answers import DISCORD_TROUBLE, quietly
from cogs.shared.caller import caller_of, is_moderator, services_of
from cogs.shared.choices import one_of
from cogs.shared.forms import Form

log = logging.getLogger(__name__)

REASON_LIMIT = 500  # characters of the reason in a report
ANY_SHAPE = "auto"


class _Remake(Form):
    """The form changes the recipe of a job and orders another image with it."""

    def __init__(
        self, interaction: discord.Interaction[Any], title: str, job: Job, *, private: bool, remark: str
    ) -> None:
        """`remark`: why it is for another model than that of the image; then the member is asked at any price."""
        super().__init__(interaction, title)
        self._job = job
        self._private = private
        self._remark = remark

    def edited(self, ordering: Ordering) -> Understood:
        """Return the changed recipe. Raises the `Refusal` that says what is wrong with a field."""
        raise NotImplementedError

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        ordering, job = services_of(interaction).ordering, self._job
        recipe, doubt = self.edited(ordering)
        order = Order(recipe=recipe, private=self._private, spoiler=job.spoiler, made_from=job.id)
        facts = await ordering.facts(caller_of(interaction))
        await order_image(interaction, order, facts, confirm=bool(self._remark), doubt=doubt, remark=self._remark)


class EditForm(_Remake):
    def __init__(self, interaction: discord.Interaction[Any], job: Job, *, private: bool, remark: str) -> None:
        super().__init__(interaction, tr("Edit"), job, private=private, remark=remark)
        recipe, pricing = job.recipe, services_of(interaction).pricing
        row = pricing.models.get(recipe.model)
        self._prompt = Text(
            custom_id="prompt", style=discord.TextStyle.paragraph, default=recipe.prompt, max_length=PROMPT_LIMIT
        )
        self._moment = (
            Text(custom_id="moment", default=typed_span(recipe.clip.span), max_length=MOMENT_LIMIT)
            if recipe.clip
            else None
        )
        self._shape = Select(custom_id="shape", options=_shapes(recipe.shape, row))
        self._size = Select(custom_id="size", options=_sizes(recipe, pricing))
        self._thinking = Select(custom_id="thinking", options=_thinking(recipe.thinking, row)) if row.thinking else None
        self.add_item(Label(text=tr("Prompt"), component=self._prompt))
        if self._moment:
            self.add_item(Label(text=tr("Start - end"), description=tr("0:14-0:17, or whole"), component=self._moment))
        self.add_item(Label(text=tr("Shape"), component=self._shape))
        self.add_item(Label(text=tr("Size and price"), component=self._size))
        if self._thinking:
            self.add_item(Label(text=tr("Thinking"), component=self._thinking))

    def edited(self, ordering: Ordering) -> Understood:
        shape, size = one_of(self._shape, str), one_of(self._size, Size)
        recipe = self._job.recipe.evolve(
            prompt=read_prompt(self._prompt.value),
            shape=None if shape == ANY_SHAPE else one_of(self._shape, Shape),
            size=size,
        )
        if self._thinking:
            recipe = recipe.evolve(thinking=one_of(self._thinking, Thinking))
        if self._moment and self._moment.value.strip():
            return ordering.trim(recipe, self._moment.value)
        return Understood(recipe)


class TrimForm(_Remake):
    def __init__(self, interaction: discord.Interaction[Any], job: Job, *, private: bool, remark: str) -> None:
        super().__init__(interaction, tr("Trim"), job, private=private, remark=remark)
        clip = job.recipe.clip
        if clip is None:
            raise VideoMissing
        price = actions.price_of(job.recipe, services_of(interaction).pricing)
        now = tr("Now: {span}. Another moment costs {price}.").format(span=units.span(clip), price=units.credits(price))
        start, end = ends_of(clip.span)
        self._start = Text(custom_id="start", default=start, max_length=MOMENT_LIMIT)
        self._end = Text(custom_id="end", default=end, max_length=TEXT_LIMIT, required=False)
        self.add_item(ui.TextDisplay(now))
        self.add_item(Label(text=tr("Start"), description=tr("1:23, 83, 1m23s, or whole"), component=self._start))
        self.add_item(
            Label(text=tr("End"), description=tr("0:17, or +3s. Left as it is, the length stays."), component=self._end)
        )

    def edited(self, ordering: Ordering) -> Understood:
        return ordering.trim(self._job.recipe, self._start.value, self._end.value)


class DeleteForm(Form):
    """The form asks once before the image is deleted. It has no fields, only words."""

    def __init__(self, interaction: discord.Interaction[Any], job: Job) -> None:
        super().__init__(interaction, tr("Delete this image?"))
        self._job_id = job.id
        words = tr(
            "Every message that shows it goes: here, where it was shared, in the gallery. The file is erased for good. "
            "{no_refund}"
        ).format(no_refund=details.no_refund(job))
        self.add_item(ui.TextDisplay(words))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        taken_down = await services_of(interaction).result_actions.delete(
            self._job_id, member_id=interaction.user.id, moderator_of=moderated_server(interaction)
        )
        note_done(interaction, it_is_done)
        pressed = interaction.message
        gone = pressed.id if pressed and await _gone(interaction.delete_original_response()) else None
        left = await services_of(interaction).showings.remove(taken_down.messages, gone=gone)
        card = details.taken_down(taken_down.job, left)
        await quietly(interaction, interaction.followup.send(view=card, ephemeral=True))


class ReportForm(Form):
    def __init__(self, interaction: discord.Interaction[Any], job: Job) -> None:
        super().__init__(interaction, tr("Report this image"))
        self._job = job
        self._reason = Text(custom_id="reason", style=discord.TextStyle.paragraph, max_length=REASON_LIMIT)
        self.add_item(Label(text=tr("What is wrong with it?"), component=self._reason))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        reason, member_id = self._reason.value, interaction.user.id
        link = interaction.message.jump_url if interaction.message else ""
        with speaking(ENGLISH):  # the operator reads it, and all other notes to the operator are in English
            words = details.report(self._job, reporter_id=member_id, reason=reason, link=link)
        await services_of(interaction).result_actions.report(self._job, member_id=member_id, reason=reason, words=words)
        await tell_done(interaction, details.report_taken)


def moderated_server(interaction: discord.Interaction[Any]) -> int | None:
    """Return the server where the member may take down images of others; None where the member may not."""
    return interaction.guild_id if is_moderator(interaction) else None


async def _gone(deletion: Coroutine[Any, Any, None]) -> bool:
    """Delete the message. Returns False where Discord does not let us."""
    try:
        await deletion
    except discord.NotFound:
        return True
    except DISCORD_TROUBLE as error:
        log.warning("a message of an image that was taken down could not be deleted: %s", error)
        return False
    return True


def _shapes(chosen: Shape | None, row: Model) -> list[discord.SelectOption]:
    picked = discord.SelectOption(label=tr("The model picks"), value=ANY_SHAPE, default=chosen is None)
    return [
        picked,
        *(
            discord.SelectOption(label=f"{shape} - {units.purpose(shape)}", value=shape.value, default=shape is chosen)
            for shape in row.shapes
        ),
    ]


def _sizes(recipe: Recipe, pricing: Pricing) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=f"{size.label} - {units.credits(pricing.credits(recipe.evolve(size=size)))}",
            value=size.value,
            default=size is recipe.size,
        )
        for size in pricing.models.get(recipe.model).sizes
    ]


def _thinking(chosen: Thinking, row: Model) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=units.thinking_label(thinking), value=thinking.value, default=thinking is chosen)
        for thinking in row.thinking
    ]
