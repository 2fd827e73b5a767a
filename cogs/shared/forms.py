"""The base of all forms, and the way back to one that was refused. The client answers a form of an earlier process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import discord
from discord import ui

from bot.discord.acts import done_so_far
from bot.discord.cards import forms as form_cards
from bot.discord.client import FORM_SECONDS, StillframeBot, answer_error, begin_context, check_interaction
from bot.discord.kept_forms import Reopen, WayBack
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import bot_of

TITLE_LIMIT = 45  # characters, Discord's for a modal's title and a label's text


class Form(ui.Modal):
    """A subclass adds its fields, and handles them in `submitted`.

    An error raised there is told to the member, with a button that opens the form again with what was typed.
    """

    _facts: tuple[Any, ...]
    _options: dict[str, Any]

    def __new__(cls, _interaction: discord.Interaction[Any], *facts: Any, **options: Any) -> Self:
        """Remember what the form is made of, to make it again."""
        form = super().__new__(cls)
        form._facts, form._options = facts, options
        return form

    def __init__(self, interaction: discord.Interaction[Any], title: str) -> None:
        """`interaction` opens the form."""
        bot = bot_of(interaction)
        super().__init__(title=title[:TITLE_LIMIT], custom_id=bot.form_id(), timeout=FORM_SECONDS)

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        raise NotImplementedError

    def again(self, interaction: discord.Interaction[Any]) -> Form:
        """Make the form once more, with the same fields or more of them."""
        return type(self)(interaction, *self._facts, **self._options)

    async def keep_files(self, _interaction: discord.Interaction[Any], /) -> Sequence[str]:
        """Keep the uploaded files of a form that was refused, and say where. A form with such a field has its own."""
        return ()

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        begin_context(interaction)
        check_interaction(interaction)
        try:
            await self.submitted(interaction)
        except Exception:
            await self._keep(interaction)
            raise
        bot_of(interaction).sent_forms.note(self.custom_id, interaction.id)

    async def on_error(  # type: ignore[override]  # as ui.Modal documents it; its base class is a view's
        self, interaction: discord.Interaction[Any], error: Exception
    ) -> None:
        await answer_error(interaction, error)

    async def _keep(self, interaction: discord.Interaction[Any]) -> None:
        texts = {each.custom_id: [each.value] for each in self.walk_children() if isinstance(each, ui.TextInput)}
        chosen = {each.custom_id: each.values for each in self.walk_children() if isinstance(each, ui.Select)}
        files = any(isinstance(each, ui.FileUpload) for each in self.walk_children())
        if not (texts or chosen or files) or done_so_far(interaction) is not None:
            return

        def reopen(later: discord.Interaction[Any]) -> Form:
            form = self.again(later)
            _fill_in(form, {**texts, **chosen})
            return form

        notes = await self.keep_files(interaction)
        keep_form(interaction, reopen, [text for (text,) in texts.values()], notes)


def keep_form(
    interaction: discord.Interaction[Any], reopen: Reopen, typed: Iterable[str], notes: Sequence[str] = ()
) -> None:
    """Keep what leads back to a refused form or command; the answer to the error gets a button for it."""
    if done_so_far(interaction) is None:
        form_id = bot_of(interaction).kept_forms.keep(interaction.user.id, reopen, typed)
        interaction.extras[WayBack] = WayBack(form_id, tuple(notes))


class FormAgainButton(DynamicButton, template=form_cards.AGAIN_ID.format(form_id=r"(?P<form_id>[0-9a-f]{12})")):
    """The button under a refusal opens the form again, for the member who filled it in."""

    form_id: str

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        reopen = bot_of(interaction).kept_forms.find(self.form_id, interaction.user.id)
        await interaction.response.send_modal(reopen(interaction))


def _fill_in(form: Form, typed: Mapping[str, Sequence[str]]) -> None:
    for field in form.walk_children():
        match field:
            case ui.TextInput(custom_id=custom_id) if custom_id in typed:
                (field.default,) = typed[custom_id]
            case ui.Select(custom_id=custom_id) if typed.get(custom_id):
                for option in field.options:
                    option.default = option.value in typed[custom_id]


async def setup(bot: StillframeBot) -> None:
    bot.add_dynamic_items(FormAgainButton)
