"""The select of other shapes under a result. It asks first, with the total, and orders each shape as a job."""

from __future__ import annotations

import logging
from typing import Annotated, Any

import discord
from pydantic import BeforeValidator

from bot.discord.cards import actions
from bot.domain.errors import AlreadyOrdered, DiscordUnavailable, StillframeError
from bot.domain.job import Job
from bot.domain.order import Order
from bot.domain.recipe import Shape
from bot.domain.wallet import Balance
from bot.text import refusals
from cogs.orders.place_order import PostedCard, place_order
from cogs.results import shapes_cards
from cogs.results.show_job import check_may_use
from cogs.shared.answers import DISCORD_TROUBLE, quietly
from cogs.shared.buttons import JOB_ID, Button, DynamicSelect, JobButton, check_price, pressed_privately
from cogs.shared.caller import caller_of, check_may_post, services_of
from cogs.shared.choices import chosen

log = logging.getLogger(__name__)


class ShapesSelect(DynamicSelect, template=actions.SHAPES_ID.format(job_id=JOB_ID)):
    """The select opens the question with the total. It charges nothing by itself."""

    job_id: str

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        services, shapes = services_of(interaction), chosen(self.item, Shape)
        job, balance = await _check(interaction, self.job_id, len(shapes))
        card = shapes_cards.asking(
            job, shapes, balance, services.pricing, order_id=interaction.id, private=pressed_privately(interaction)
        )
        await interaction.response.send_message(view=card, ephemeral=True)


class ShapesButton(
    JobButton,
    template=shapes_cards.GO_ID.format(
        job_id=JOB_ID, order_id=r"(?P<order_id>[0-9]{1,20})", private="(?P<private>[01])", shapes="(?P<chosen>[0-9:,]+)"
    ),
):
    """The button under the question, which only the member who pays can see, orders the shapes."""

    order_id: str
    private: bool
    chosen: Annotated[list[Shape], BeforeValidator(lambda text: text.split(","))]

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        job, _ = await _check(interaction, self.job_id, len(self.chosen), pressed=self.item)
        if await services_of(interaction).ordering.job(self.order_id):
            raise AlreadyOrdered
        await interaction.response.edit_message(view=shapes_cards.under_way(self.chosen))
        await self._order_all(interaction, job)

    async def _order_all(self, interaction: discord.Interaction[Any], job: Job) -> None:
        """Order the shapes one after another. After an error the rest is left out: it would fail in the same way."""
        count, because = 0, ""
        try:
            for shape in self.chosen:
                await self._order(interaction, job, shape, order_id=None if count else self.order_id)
                count += 1
        except StillframeError as error:
            log.warning("job %s: %d of its shapes were not ordered: %s", job.id, len(self.chosen) - count, error)
            because = refusals.say(error)
        card = shapes_cards.ordered(self.chosen[:count], self.chosen[count:], because)
        await quietly(interaction, interaction.edit_original_response(view=card))

    async def _order(
        self, interaction: discord.Interaction[Any], job: Job, shape: Shape, *, order_id: str | None
    ) -> None:
        """Post the card of the job first: the card's id names the job, so a crash can't leave one without the other.

        Raises the `Refusal` that fits, `DiscordUnavailable` and `DatabaseUnavailable`; then nothing was held.
        """
        try:
            card = await interaction.followup.send(
                view=shapes_cards.ordering(job.recipe.prompt, shape), ephemeral=self.private, wait=True
            )
        except DISCORD_TROUBLE as error:
            raise DiscordUnavailable(detail=str(error)) from error
        order = Order(
            recipe=job.recipe.evolve(shape=shape), private=self.private, spoiler=job.spoiler, made_from=job.id
        )
        posted = PostedCard(card.id, lambda waiting: card.edit(view=waiting))
        try:
            placed = await place_order(interaction, order, job_id=order_id or str(card.id), card=posted)
            if not placed.created:
                raise AlreadyOrdered
        except StillframeError:
            await quietly(interaction, card.delete())
            raise


async def _check(
    interaction: discord.Interaction[Any], job_id: str, count: int, *, pressed: Button | None = None
) -> tuple[Job, Balance]:
    """Check that `count` images may be made of the job at the button's price. Raises the `Refusal` that fits."""
    caller, ordering = caller_of(interaction), services_of(interaction).ordering
    check_may_post(caller)
    facts, job = await ordering.facts_of_job(caller, job_id)
    await check_may_use(interaction, job)
    if pressed:
        check_price(pressed, ordering.price(job.recipe) * count)
    await ordering.check_files(job.recipe)
    return job, await ordering.check_balance(caller, facts, job.recipe, count=count)
