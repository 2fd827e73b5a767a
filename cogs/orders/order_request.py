"""What somebody asks for, as it came from a command or a form, carried on to an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import discord

from bot.domain.errors import FileTooLarge, LinkUnreachable, TooManyReferences
from bot.domain.order import Draft, Order, Quote
from bot.domain.recipe import REFERENCES_LIMIT, VIDEO_FILE_LIMIT_BYTES, Recipe, Reference, Video, YouTubeVideo
from cogs.orders.images import read_images
from cogs.orders.order_flow import order, order_after
from cogs.orders.place_order import DISCORD_TROUBLE
from cogs.shared.caller import check_may_post, services_of, wallet_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """`clip` stands in for the link. `images` go along as references, beside those in the tray. `ask` first."""

    order: Order
    clip: discord.Attachment | None
    images: Sequence[discord.Attachment] = ()
    private: bool
    spoiler: bool
    ask: bool


def check_open(interaction: discord.Interaction) -> None:
    """Before anything else is said. Raises `NotInAServer`, `Restarting`, `SalesPaused`."""
    wallet_of(interaction)
    services_of(interaction).breaker.check()


def check(interaction: discord.Interaction, request: OrderRequest) -> Quote:
    """What can be told at once. Raises the `Refusal` that fits."""
    check_open(interaction)
    quote = services_of(interaction).ordering.quote(request.order)
    if request.clip and request.clip.size > VIDEO_FILE_LIMIT_BYTES:
        raise FileTooLarge(limit_bytes=VIDEO_FILE_LIMIT_BYTES, size_bytes=request.clip.size)
    check_may_post(interaction)
    return quote


async def carry_out(interaction: discord.Interaction, request: OrderRequest) -> None:
    """Raises the `Refusal` that fits; then nothing was held."""
    draft = check(interaction, request).draft
    tray = await services_of(interaction).references.tray(interaction.user.id)
    count = len(tray) + len(request.images)
    if count > REFERENCES_LIMIT:
        raise TooManyReferences(count=count, limit=REFERENCES_LIMIT)
    if isinstance(draft.video, YouTubeVideo) and not request.images:
        await order(
            interaction,
            _recipe(draft, draft.video, tray),
            private=request.private,
            spoiler=request.spoiler,
            from_tray=bool(tray),
            ask=request.ask,
        )
        return
    await order_after(
        interaction,
        partial(_look, interaction, request, draft, tray),
        draft,
        private=request.private,
        spoiler=request.spoiler,
        from_tray=bool(tray),
        ask=request.ask,
    )


async def _look(
    interaction: discord.Interaction, request: OrderRequest, draft: Draft, tray: Sequence[Reference]
) -> Recipe:
    """At the files: raises the `Refusal` of the first that can't be used."""
    video = await _video(interaction, request.clip, draft)
    return _recipe(draft, video, [*tray, *await read_images(interaction, request.images)])


async def _video(interaction: discord.Interaction, clip: discord.Attachment | None, draft: Draft) -> Video:
    ordering = services_of(interaction).ordering
    if clip is None:
        return await ordering.check_link(draft)
    try:
        data = await clip.read()
    except DISCORD_TROUBLE as error:
        raise LinkUnreachable(host="Discord", because="broken") from error
    return await ordering.keep_clip(data, name=clip.filename)


def _recipe(draft: Draft, video: Video, references: Sequence[Reference]) -> Recipe:
    once = tuple(dict.fromkeys(references))
    return draft.recipe(video).model_copy(update={"references": once})
