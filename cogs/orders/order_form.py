"""Forms that lead to an order: one for the blanks and images of `/imagine`, and one for all that an order needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord

from bot.discord.cards.base import Label, Select, Text
from bot.domain.intent import normalise
from bot.domain.recipe import PROMPT_LIMIT
from bot.domain.styling import Styled
from bot.domain.timecode import TEXT_LIMIT
from bot.text import units
from bot.text.i18n import tr
from cogs.orders.images import images_field, picked_images
from cogs.orders.order_request import OrderRequest, carry_out
from cogs.shared.caller import services_of
from cogs.shared.forms import TITLE_LIMIT, Form

LINK_LIMIT = 2_000  # characters; Discord signs the links to its files, with hundreds of characters
MOMENT_LIMIT = 2 * TEXT_LIMIT + 10  # characters: two times and what stands between, or a link with a time in it
BLANK_TEXT_LIMIT = 1_000  # characters in one blank


class OrderForm(Form):
    """The form goes on with the order of the command that opened it.

    `styled`: the form asks for the blanks of this template; `images`: the form takes images.
    """

    def __init__(
        self, interaction: discord.Interaction[Any], request: OrderRequest, styled: Styled | None, *, images: bool
    ) -> None:
        super().__init__(interaction, tr("Your image"))
        self._request = request
        self._styled = styled
        self._blanks = {
            name: Text(custom_id=f"blank:{number}", max_length=BLANK_TEXT_LIMIT)
            for number, name in enumerate(styled.blanks if styled else (), 1)
        }
        self._images = images_field() if images else None
        for name, blank in self._blanks.items():
            self.add_item(Label(text=name.capitalize()[:TITLE_LIMIT], component=blank))
        if self._images:
            self.add_item(self._images)

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        text = self._request.text
        if self._styled:
            text = self._styled.filled({name: blank.value for name, blank in self._blanks.items()})
        images = picked_images(self._images) if self._images else ()
        await carry_out(interaction, replace(self._request, text=text, images=images))


class MomentForm(Form):
    """The form asks for everything that an order needs, with what is known of it filled in."""

    def __init__(self, interaction: discord.Interaction[Any], request: OrderRequest) -> None:
        super().__init__(interaction, tr("Imagine from this video"))
        self._request = request
        text = request.text
        clip_url = request.clip.url if request.clip else None
        self._video = Text(
            custom_id="video", default=_fitting(text.video or clip_url, LINK_LIMIT), max_length=LINK_LIMIT
        )
        self._start = Text(
            custom_id="start", default=_fitting(text.start, MOMENT_LIMIT), max_length=MOMENT_LIMIT, required=False
        )
        self._end = Text(custom_id="end", default=_fitting(text.end, TEXT_LIMIT), max_length=TEXT_LIMIT, required=False)
        self._prompt = Text(
            custom_id="prompt",
            style=discord.TextStyle.paragraph,
            default=text.prompt or None,
            max_length=PROMPT_LIMIT,
        )
        self._size = Select(custom_id="size", options=self._sizes(interaction))
        self.add_item(Label(text=tr("Video"), description=tr("A link to it."), component=self._video))
        self.add_item(
            Label(text=tr("Start"), description=tr("1:23, 83, 1m23s, or both: 0:14-0:17"), component=self._start)
        )
        self.add_item(Label(text=tr("End"), description=tr("0:17, or +3s after the start"), component=self._end))
        self.add_item(Label(text=tr("What should the image show?"), component=self._prompt))
        self.add_item(Label(text=tr("Size and price"), component=self._size))

    def _sizes(self, interaction: discord.Interaction[Any]) -> list[discord.SelectOption]:
        pricing, text = services_of(interaction).pricing, self._request.text
        row = pricing.models.named(text.model) if text.model else pricing.models.default
        return [
            discord.SelectOption(
                label=f"{size.label} · {units.credits(pricing.size_credits(size, row, search=text.search))}",
                value=size.value,
                default=size.value == (text.size or row.sizes[0]),
            )
            for size in row.sizes
        ]

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        clip = self._request.clip
        video = self._video.value.strip()
        if clip and video != clip.url:  # the member typed another video than the one in the message
            clip = None
        text = replace(
            self._request.text,
            prompt=self._prompt.value,
            video=None if clip else video,
            attached=clip is not None,
            start=self._start.value or None,
            end=self._end.value or None,
            size=self._size.values[0],
        )
        await carry_out(interaction, replace(self._request, text=normalise(text), clip=clip))


def _fitting(text: str | None, limit: int) -> str | None:
    """Leave out a text that is too long for its field, because Discord refuses such a form."""
    return text if text and len(text) <= limit else None
