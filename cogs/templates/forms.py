"""The form of templates: it asks for the words of a new one. Those that are used open the form of an order."""

from __future__ import annotations

from typing import Any

import discord
from discord import TextStyle, ui

from bot.discord.cards.base import Text
from bot.domain.recipe import PROMPT_LIMIT, Recipe
from bot.domain.template import BLANKS_LIMIT, BLURB_LIMIT, Template, read_frame
from bot.text.i18n import tr
from cogs.shared.acts import tell_done
from cogs.shared.caller import services_of, wallet_of
from cogs.shared.forms import Form
from cogs.templates import cards as template_cards


class SaveForm(Form):
    """Shows the prompt of an image, for the member to put blanks into."""

    def __init__(self, interaction: discord.Interaction[Any], name: str, recipe: Recipe) -> None:
        super().__init__(interaction, tr("Save as a template"))
        self._name = name
        self._recipe = recipe
        self._frame = Text(custom_id="frame", style=TextStyle.paragraph, default=recipe.prompt, max_length=PROMPT_LIMIT)
        self._blurb = Text(custom_id="blurb", required=False, max_length=BLURB_LIMIT)
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
