"""The buttons and selects under an image. Each one that costs credits names its price."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from bot.discord.cards.base import Button, Row
from bot.domain.job import Job, LineLimits
from bot.domain.pricing import Pricing
from bot.domain.recipe import Recipe, Shape
from bot.text import units
from bot.text.i18n import number, tr

AGAIN_ID = "again:{job_id}"
EDIT_ID = "edit:{job_id}"
TRIM_ID = "trim:{job_id}"
SIZE_ID = "size:{size}:{job_id}"
SHAPES_ID = "shapes:{job_id}"
STAR_ID = "star:{job_id}"
REFERENCE_ID = "reference:{job_id}"
DETAILS_ID = "details:{job_id}"
SHARE_ID = "share:{job_id}"
DELETE_ID = "delete:{job_id}"
REPORT_ID = "report:{job_id}"
WHY_NOT_ID = "why-not:{job_id}"

SHAPES_AT_ONCE = LineLimits().under_way  # the answer tells of a lower limit of the operator


def rows(job: Job, pricing: Pricing, *, shared: bool = False) -> list[Row]:
    """Empty for a deleted image. `shared`: the owner of a private image shows it to all members."""
    if job.deleted:
        return []
    recipe = pricing.models.today(job.recipe)
    others = [shape for shape in pricing.models.get(recipe.model).shapes if shape is not recipe.shape]
    shapes = [_shapes(job, others, pricing)] if others else []
    share = [Row(_button(tr("Share in this channel"), SHARE_ID, job))] if job.private and not shared else []
    return [_pay(job, pricing), *shapes, _keep(job), *share]


def retry(job: Job, pricing: Pricing, *, why: bool) -> Row:
    """Under an order that ended without an image: the same order again, or with other words. `why`: and the reason."""
    same = number(price_of(job.recipe, pricing))
    row = Row(
        _button(tr("Try again ({price})").format(price=same), AGAIN_ID, job, discord.ButtonStyle.primary),
        _button(tr("Edit ({price})").format(price=same), EDIT_ID, job),
    )
    if why:
        row.add_item(_button(tr("Why?"), WHY_NOT_ID, job))
    return row


def price_of(recipe: Recipe, pricing: Pricing) -> int:
    """The price of the same recipe again, in credits, as it can be ordered today."""
    return pricing.credits(pricing.models.today(recipe))


def remark_on_model(job: Job, pricing: Pricing) -> str:
    """Say that the model of the job is not offered now, and what the buttons order instead. Else empty."""
    models = pricing.models
    now = models.get(models.today(job.recipe).model)
    if now.key == job.recipe.model and now.offered:
        return ""
    label = models.get(job.recipe.model).label
    if not now.offered:
        return tr("{model} is not offered now, and no other model here makes this.").format(model=label)
    return tr("{model} is not offered now. The buttons order {other}.").format(model=label, other=now.label)


def _pay(job: Job, pricing: Pricing) -> Row:
    same = number(price_of(job.recipe, pricing))
    row = Row(
        _button(tr("Again ({price})").format(price=same), AGAIN_ID, job, discord.ButtonStyle.primary),
        _button(tr("Edit ({price})").format(price=same), EDIT_ID, job),
    )
    if job.recipe.clip:
        row.add_item(_button(tr("Trim ({price})").format(price=same), TRIM_ID, job))
    recipe = pricing.models.today(job.recipe)
    for size in pricing.models.get(recipe.model).larger_than(recipe.size):
        price = number(pricing.credits(recipe.evolve(size=size)))
        row.add_item(Button(label=f"{size.label} ({price})", custom_id=SIZE_ID.format(size=size, job_id=job.id)))
    return row


def _shapes(job: Job, others: Sequence[Shape], pricing: Pricing) -> Row:
    each = number(price_of(job.recipe, pricing))
    return Row(
        ui.Select[ui.LayoutView](
            custom_id=SHAPES_ID.format(job_id=job.id),
            placeholder=tr("Other shapes ({price} each)").format(price=each),
            max_values=min(len(others), SHAPES_AT_ONCE),
            options=[
                discord.SelectOption(label=shape.value, value=shape.value, description=units.purpose(shape))
                for shape in others
            ],
        )
    )


def _keep(job: Job) -> Row:
    return Row(
        Button(label=tr("Star"), emoji="⭐", custom_id=STAR_ID.format(job_id=job.id)),
        _button(tr("Use as reference"), REFERENCE_ID, job),
        _button(tr("Details"), DETAILS_ID, job),
        _button(tr("Delete"), DELETE_ID, job),
        _button(tr("Report"), REPORT_ID, job),
    )


def _button(label: str, custom_id: str, job: Job, style: discord.ButtonStyle = discord.ButtonStyle.secondary) -> Button:
    return Button(label=label, style=style, custom_id=custom_id.format(job_id=job.id))
