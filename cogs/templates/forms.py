"""The forms of templates: one asks for the blanks of a template, the other for the words of a new one."""

from __future__ import annotations

from typing import Any

import discord
from discord import TextStyle, ui

from bot.domain.order import OrderText
from bot.domain.recipe import PROMPT_LIMIT, Recipe
from bot.domain.template import BLANKS_LIMIT, BLURB_LIMIT, PROMPT_BLANK, Template, read_frame
from bot.text import escape
from bot.text.i18n import tr
from cogs.orders.order_request import OrderRequest, carry_out
from cogs.shared.acts import tell_done
from cogs.shared.caller import services_of, wallet_of
from cogs.shared.forms import TITLE_LIMIT, Form
from cogs.templates import cards as template_cards

VALUE_LIMIT = 500  # characters in a blank that is not the prompt
EXAMPLE_LINK = "https://youtu.be/dQw4w9WgXcQ"
EXAMPLE_MOMENT = "0:14-0:17"

Field = ui.TextInput[ui.Modal]


class UseForm(Form):
    """Asks for a video, a moment, and the template's blanks.

    A template with `BLANKS_LIMIT` blanks leaves no room for the moment. The member then writes it behind the link,
    where it is understood in every form.
    """

    def __init__(self, interaction: discord.Interaction[Any], template: Template) -> None:
        super().__init__(interaction, escape.plain(template.name))
        self._template = template
        self._video = Field(custom_id="video", placeholder=EXAMPLE_LINK)
        self._moment = Field(custom_id="moment", placeholder=EXAMPLE_MOMENT, required=False)
        if len(template.blanks) < BLANKS_LIMIT:
            self.add_item(ui.Label(text=tr("Video link"), component=self._video))
            self.add_item(ui.Label(text=tr("From and to"), component=self._moment))
        else:
            self._video.placeholder = f"{EXAMPLE_LINK} {EXAMPLE_MOMENT}"
            self.add_item(ui.Label(text=tr("Video link, from and to"), component=self._video))
        self._values = {name: _field_of(name, f"blank:{number}") for number, name in enumerate(template.blanks)}
        for name, field in self._values.items():
            label = tr("What the image should show") if name == PROMPT_BLANK else escape.plain(name)
            self.add_item(ui.Label(text=label[:TITLE_LIMIT], component=field))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        link, _, behind = self._video.value.strip().partition(" ")
        text = OrderText(
            prompt=self._template.fill({name: field.value for name, field in self._values.items()}),
            video=link,
            start=self._moment.value or behind or None,
            shape=self._template.shape,
            size=self._template.size,
        )
        await carry_out(interaction, OrderRequest(text=text))


class SaveForm(Form):
    """Shows the prompt of an image, for the member to put blanks into."""

    def __init__(self, interaction: discord.Interaction[Any], name: str, recipe: Recipe) -> None:
        super().__init__(interaction, tr("Save as a template"))
        self._name = name
        self._recipe = recipe
        self._frame = Field(
            custom_id="frame", style=TextStyle.paragraph, default=recipe.prompt, max_length=PROMPT_LIMIT
        )
        self._blurb = Field(custom_id="blurb", required=False, max_length=BLURB_LIMIT)
        blanks = tr("Put what changes in brackets, such as [HERO]: up to {limit} blanks.")
        self.add_item(ui.Label(text=tr("Words"), description=blanks.format(limit=BLANKS_LIMIT), component=self._frame))
        self.add_item(ui.Label(text=tr("What it is good for"), component=self._blurb))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        wallet = wallet_of(interaction)
        template = Template(
            name=self._name,
            frame=read_frame(self._frame.value),
            shape=self._recipe.shape,
            size=self._recipe.size,
            blurb=" ".join(self._blurb.value.split())[:BLURB_LIMIT],
        )
        await services_of(interaction).templates.save(template, guild_id=wallet.guild_id, member_id=wallet.member_id)
        await tell_done(interaction, lambda: template_cards.saved(template))


def _field_of(blank: str, custom_id: str) -> Field:
    if blank == PROMPT_BLANK:
        return Field(custom_id=custom_id, style=TextStyle.paragraph, max_length=PROMPT_LIMIT)
    return Field(custom_id=custom_id, max_length=VALUE_LIMIT)
