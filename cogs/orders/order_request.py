"""An order as a member gave it: the options as typed and the files. It is carried on to the order that they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.domain.admission import OrderFacts
from bot.domain.errors import FileTooLarge, LinkUnreachable
from bot.domain.models import Models, Picked
from bot.domain.order import Order, OrderText, Understood, read_prompt
from bot.domain.recipe import VIDEO_FILE_LIMIT_BYTES, AttachedVideo, Recipe, linked_by
from bot.text import refusals
from cogs.orders.images import read_images
from cogs.orders.order_flow import Looked, order_image
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.caller import caller_of, check_may_post, services_of


@dataclass(frozen=True, slots=True)
class ShownClip:
    """A video that a message shows without having it as an attachment. `size`: unknown until it is read."""

    url: str
    filename: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class KeptClip:
    """The clip of an earlier image. In the form, its name stands for the link."""

    video: AttachedVideo
    size: int = 0

    @property
    def url(self) -> str:
        return self.video.name


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """The options and the files of an order.

    `clip` stands in for the link. `images` are used as references, after those in the tray.
    """

    text: OrderText
    clip: discord.Attachment | ShownClip | KeptClip | None = None
    images: Sequence[discord.Attachment] = ()


def check_open(interaction: discord.Interaction[Any]) -> None:
    """Check first of all that orders are taken here. Raises `NotInAServer`, `Restarting`, `SalesPaused`."""
    caller_of(interaction)
    services_of(interaction).breaker.check()


def check(interaction: discord.Interaction[Any], request: OrderRequest) -> Understood:
    """Check what can be checked without the database. Raises the `Refusal` that fits."""
    check_open(interaction)
    understood = services_of(interaction).ordering.understand_or_ask(request.text)
    check_clip(request)
    check_may_post(caller_of(interaction))
    return understood


def check_clip(request: OrderRequest) -> None:
    """Raises `FileTooLarge`, where Discord says how large the clip is."""
    if request.clip and request.clip.size > VIDEO_FILE_LIMIT_BYTES:
        raise FileTooLarge(limit_bytes=VIDEO_FILE_LIMIT_BYTES, size_bytes=request.clip.size)


async def carry_out(interaction: discord.Interaction[Any], request: OrderRequest) -> None:
    """Check the request and order the image. Raises the `Refusal` that fits; then nothing was held."""
    if request.text.model or not lacks_video(request.text):  # else the model decides what it lacks
        check(interaction, request)
    check_open(interaction)
    read_prompt(request.text.prompt)
    ordering, models = services_of(interaction).ordering, services_of(interaction).pricing.models
    facts = interaction.extras[OrderFacts] = await ordering.facts(caller_of(interaction))
    tray = await ordering.still_kept(facts.tray)
    picked = _pick(request.text, facts, models, images=len(tray) + len(request.images))
    text = replace(request.text, model=picked.row.key)
    recipe, doubt = check(interaction, replace(request, text=text))
    models.check_count(recipe, len(tray) + len(request.images))
    order = Order(
        recipe=models.with_references(recipe, *tray),
        private=facts.private if text.private is None else text.private,
        spoiler=facts.spoiler if text.spoiler is None else text.spoiler,
        from_tray=bool(tray),
    )

    async def look(recipe: Recipe) -> Looked:
        """Read the files. Raises the `Refusal` of the first that the order can't do without."""
        read = await _read_video(interaction, request.clip, recipe)
        images = await read_images(interaction, request.images)
        return Looked(models.with_references(read, *images.references), images.left_out)

    has_files = request.clip or request.images or linked_by(recipe)
    await order_image(
        interaction,
        order,
        facts,
        look=look if has_files else None,
        confirm=text.confirm or not picked.expected,
        doubt=doubt,
        remark=remark_on(picked),
    )


def lacks_video(text: OrderText) -> bool:
    return not (text.video or text.attached)


def _pick(text: OrderText, facts: OrderFacts, models: Models, *, images: int) -> Picked:
    """Pick the row of the order. One that the member named gives way only where it can't be used now.

    Raises `ModelUnknown`.
    """
    named = models.named(text.model) if text.model else None
    if named and named.offered:
        return Picked(named, True, named)
    return models.pick(
        [named.key] if named else facts.models_wanted,
        has_video=not lacks_video(text),
        images=images,
        forbidden=facts.standing.policy.forbidden_models,
    )


def remark_on(picked: Picked) -> str:
    """Say why the order is for another model than was wanted. Empty where it is not, or where the card says enough."""
    if picked.expected or picked.first.offered:
        return ""
    return refusals.instead_of(picked.first.label, picked.row.label)


async def _read_video(
    interaction: discord.Interaction[Any], clip: discord.Attachment | ShownClip | KeptClip | None, recipe: Recipe
) -> Recipe:
    ordering = services_of(interaction).ordering
    if isinstance(clip, KeptClip):
        again = recipe.evolve(video=clip.video)
        await ordering.check_files(again)
        return again
    if isinstance(clip, ShownClip):
        return recipe.evolve(video=await ordering.keep_shown_clip(clip.url, name=clip.filename))
    if clip is None:
        if link := linked_by(recipe):
            await ordering.check_link(link)
        return recipe
    try:
        data = await clip.read()
    except DISCORD_TROUBLE as error:
        raise LinkUnreachable(host="Discord", because="broken") from error
    return recipe.evolve(video=await ordering.keep_clip(data, name=clip.filename))
