"""The form of an order: it asks for what the order lacks, and for what can't be typed as an option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.discord.cards.base import Label, Select, Text
from bot.domain.errors import BadOption, ModelLacks
from bot.domain.intent import normalise
from bot.domain.models import Model
from bot.domain.order import OrderText
from bot.domain.recipe import PROMPT_LIMIT
from bot.domain.styling import Styled
from bot.domain.template import PROMPT_BLANK
from bot.domain.timecode import TEXT_LIMIT
from bot.text import escape, units
from bot.text.i18n import tr
from cogs.orders.images import images_field, into_tray, picked_images
from cogs.orders.order_request import OrderRequest, carry_out, check
from cogs.shared.caller import services_of
from cogs.shared.choices import one_of
from cogs.shared.forms import TITLE_LIMIT, Form

FIELDS_LIMIT = 5  # Discord's, in one form
LINK_LIMIT = 2_000  # characters; Discord signs the links to its files, with hundreds of characters
MOMENT_LIMIT = 2 * TEXT_LIMIT + 10  # characters: two times and what stands between, or a link with a time in it
BLANK_TEXT_LIMIT = 1_000  # characters in one blank that is not the prompt


def lacks_video(interaction: discord.Interaction[Any], text: OrderText) -> bool:
    """Say whether the model of the order needs a video, and none is given. Raises `ModelUnknown`."""
    return bool(_row(interaction, text).videos) and not (text.video or text.attached)


def without_refused_option(request: OrderRequest, error: Exception) -> OrderRequest:
    """Leave out an option that was refused and has no field: the card that asks has what it is without it."""
    match error:
        case BadOption(option=option) | ModelLacks(option=option) if hasattr(request.text, option):
            without: dict[str, Any] = {option: None}
            return replace(request, text=replace(request.text, confirm=True, **without))
        case _:
            return request


class OrderForm(Form):
    """The form goes on with the order of the command, the button or the menu that opened it.

    `styled`: the form asks for the blanks of this template. `images`: it takes images. `everything`: it asks also for
    what is known. What is known is filled in.
    Five fields may not hold it all: first the size with its price is left to the card that asks, then the moment shares
    a field or stands behind the link, and at last the images are left to that card.
    """

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        request: OrderRequest,
        styled: Styled | None = None,
        *,
        images: bool = False,
        everything: bool = False,
    ) -> None:
        super().__init__(interaction, escape.plain(styled.template.name) if styled else tr("Your image"))
        self._request = request
        self._styled = styled
        text = request.text
        whole = not styled and (everything or not (images and text.prompt))
        asks_video = whole or everything or lacks_video(interaction, text)
        self._blanks = {
            name: _blank_field(name, f"blank:{number}")
            for number, name in enumerate(styled.blanks if styled else (), 1)
        }
        self._prompt = _prompt_field("prompt", text.prompt or None) if whole else None
        room = FIELDS_LIMIT - len(self._blanks) - bool(self._prompt) - asks_video
        self._images = images_field() if images and room else None
        fitting = ("start", "end", "size")[: room - bool(self._images)] if asks_video else ()
        self._video = self._video_field() if asks_video else None
        self._start = self._moment_field("start", text.start, MOMENT_LIMIT) if "start" in fitting else None
        self._end = self._moment_field("end", text.end, TEXT_LIMIT) if "end" in fitting else None
        self._size = self._size_field(interaction) if "size" in fitting else None
        self._asks_size = asks_video and not self._size
        self._add_fields()

    def check_rest(self, interaction: discord.Interaction[Any]) -> None:
        """Check what has no field here, before the form is filled in for nothing. Raises the `Refusal` that fits."""
        text = self._styled.sketched() if self._styled else self._request.text
        if self._prompt:
            text = replace(text, prompt="-")
        if self._video:
            text = replace(text, video=None, attached=True, start=None, end=None)
        check(interaction, replace(self._request, text=text))

    def _add_fields(self) -> None:
        if self._video:
            where = tr("A link to it. Leave it empty to make an image without a video.")
            if not self._start:
                where = tr("A link, and behind it the moment: 0:14-0:17. Or leave it empty.")
            self.add_item(Label(text=tr("Video"), description=where, component=self._video))
        if self._start:
            both = tr("1:23, 83, 1m23s, or both: 0:14-0:17")
            self.add_item(Label(text=tr("Start"), description=both, component=self._start))
        if self._end:
            self.add_item(Label(text=tr("End"), description=tr("0:17, or +3s after the start"), component=self._end))
        if self._prompt:
            self.add_item(Label(text=tr("What should the image show?"), component=self._prompt))
        for name, blank in self._blanks.items():
            label = tr("What should the image show?") if name == PROMPT_BLANK else escape.plain(name.capitalize())
            self.add_item(Label(text=label[:TITLE_LIMIT], component=blank))
        if self._images:
            self.add_item(self._images)
        if self._size:
            self.add_item(Label(text=tr("Size and price"), component=self._size))

    def _video_field(self) -> Text:
        clip = self._request.clip
        known = self._request.text.video or (clip.url if clip else None)
        return Text(custom_id="video", default=_fitting(known, LINK_LIMIT), max_length=LINK_LIMIT, required=False)

    def _moment_field(self, name: str, known: str | None, limit: int) -> Text:
        return Text(custom_id=name, default=_fitting(known, limit), max_length=limit, required=False)

    def _size_field(self, interaction: discord.Interaction[Any]) -> Select:
        text, styled = self._request.text, self._styled
        pricing, row = services_of(interaction).pricing, _row(interaction, text)
        chosen = text.size or (styled.template.size.value if styled else row.sizes[0].value)
        options = [
            discord.SelectOption(
                label=f"{size.label} · {units.credits(pricing.size_credits(size, row, search=text.search))}",
                value=size.value,
                default=size.value == chosen,
            )
            for size in row.sizes
        ]
        return Select(custom_id="size", options=options)

    def again(self, interaction: discord.Interaction[Any]) -> Form:
        """Ask for everything, because what was refused may have had no field."""
        images = bool(self._images)
        return OrderForm(interaction, self._typed(), self._styled, images=images, everything=True)

    async def keep_files(self, interaction: discord.Interaction[Any], /) -> Sequence[str]:
        return await into_tray(interaction, self._picked)

    @property
    def _picked(self) -> Sequence[discord.Attachment]:
        return picked_images(self._images) if self._images else ()

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        request = self._typed()
        if self._styled:
            styled = replace(self._styled, order=request.text)
            filled = styled.filled({name: blank.value for name, blank in self._blanks.items()})
            request = replace(request, text=filled)
        await carry_out(interaction, request)

    def _typed(self) -> OrderRequest:
        """Return the request with what stands in the fields. What has no field stays as it was given."""
        text, clip = self._request.text, self._request.clip
        if self._prompt:
            text = replace(text, prompt=self._prompt.value)
        if self._video:
            video = self._video.value.strip()
            if clip and video != clip.url:  # the member typed another video than the one in the message
                clip = None
            text = replace(text, video=None if clip else video or None, attached=clip is not None)
        if self._start:
            text = replace(text, start=self._start.value or None)
        if self._end:
            text = replace(text, end=self._end.value or None)
        if self._size:
            text = replace(text, size=one_of(self._size, str))
        text = replace(text, confirm=text.confirm or self._asks_size)
        return replace(self._request, text=normalise(text), clip=clip, images=self._picked)


def _row(interaction: discord.Interaction[Any], text: OrderText) -> Model:
    models = services_of(interaction).pricing.models
    return models.named(text.model) if text.model else models.default


def _prompt_field(custom_id: str, known: str | None) -> Text:
    return Text(custom_id=custom_id, style=discord.TextStyle.paragraph, default=known, max_length=PROMPT_LIMIT)


def _blank_field(name: str, custom_id: str) -> Text:
    return (
        _prompt_field(custom_id, None)
        if name == PROMPT_BLANK
        else Text(custom_id=custom_id, max_length=BLANK_TEXT_LIMIT)
    )


def _fitting(text: str | None, limit: int) -> str | None:
    """Leave out a text that is too long for its field, because Discord refuses such a form."""
    return text if text and len(text) <= limit else None
