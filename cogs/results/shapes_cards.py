"""The cards of several shapes of one image: what they cost together, each while it is ordered, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from bot.discord.cards.actions import price_of
from bot.discord.cards.base import CALM, DONE, SORRY, Card, small, text
from bot.discord.cards.jobs import NOT_YET
from bot.domain.job import Job
from bot.domain.pricing import Pricing
from bot.domain.recipe import Shape
from bot.domain.wallet import Balance
from bot.text import escape, units
from bot.text.i18n import number, tr, trn

# The id has at most 100 characters: two ids of 20 digits and seven shapes. `order_id` names the first job, so that a
# second press finds it.
GO_ID = "shapes-go:{job_id}:{order_id}:{private}:{shapes}"


def asking(
    job: Job, shapes: Sequence[Shape], balance: Balance, pricing: Pricing, *, order_id: int, private: bool
) -> Card:
    total = price_of(job.recipe, pricing) * len(shapes)
    title = trn(
        "{count} image, {price} in all - you have {available}",
        "{count} images, {price} in all - you have {available}",
        len(shapes),
    ).format(count=number(len(shapes)), price=units.credits(total), available=number(balance.available))
    go = ui.Button[ui.LayoutView](
        label=tr("Create ({price})").format(price=number(total)),
        style=discord.ButtonStyle.primary,
        custom_id=GO_ID.format(job_id=job.id, order_id=order_id, private=int(private), shapes=",".join(shapes)),
    )
    lines = "\n".join(f"- {shape} ({units.purpose(shape)})" for shape in shapes)
    after = tr("{left} are left after that. Each is charged only when it is here.").format(
        left=units.credits(balance.available - total)
    )
    return Card(CALM, text(f"### {title}\n{lines}"), small(after), ui.ActionRow(go))


def ordering(prompt: str, shape: Shape) -> Card:
    """Build the card of one shape while it is being ordered; nothing is held for it yet."""
    title = tr("Ordering {shape} …").format(shape=shape)
    return Card(CALM, text(f"### {title}\n{escape.block(prompt)}"), small(tr(NOT_YET)))


def under_way(shapes: Sequence[Shape]) -> Card:
    """Build the card that replaces the question at once."""
    return Card(CALM, text(tr("Ordering {shapes} …").format(shapes=", ".join(shapes))))


def ordered(placed: Sequence[Shape], left_out: Sequence[Shape], because: str) -> Card:
    """Build the card that says which shapes were ordered. `because` says in words why the rest was not."""
    done = tr("Ordered: {shapes}.").format(shapes=", ".join(placed))
    if not left_out:
        return Card(DONE, text(done))
    rest = tr("Not ordered: {shapes}.").format(shapes=", ".join(left_out))
    return Card(SORRY, text("\n".join([*([done] if placed else []), f"{rest} {because}"])))
