"""Undoing an entry of the books: a form says what the undo will move, and asks for the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.discord.cards import bank as bank_cards
from bot.discord.cards.base import Text
from bot.domain.bank import Undoing
from bot.domain.wallet import REASON_LIMIT
from bot.text.i18n import tr
from cogs.shared.acts import tell_moves
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import check_manager, services_of, wallet_of
from cogs.shared.forms import Form


async def open_undo(interaction: discord.Interaction[Any], entry_id: int, *, reason: str = "") -> None:
    """Raises `NoSuchEntry`, `NotUndoable` and `AlreadyUndone`."""
    undoing = await services_of(interaction).bank.would_undo(wallet_of(interaction).guild_id, entry_id)
    await interaction.response.send_modal(UndoForm(interaction, entry_id, undoing, reason=reason))


class ReasonForm(Form):
    """A form that says what will happen, and asks for the reason."""

    def __init__(self, interaction: discord.Interaction[Any], title: str, words: str, *, reason: str = "") -> None:
        super().__init__(interaction, title)
        self._reason = Text(custom_id="reason", max_length=REASON_LIMIT, default=reason or None)
        self.add_item(ui.TextDisplay(words))
        self.add_item(
            ui.Label(text=tr("Reason"), description=tr("Kept, and shown to the member."), component=self._reason)
        )


class UndoForm(ReasonForm):
    def __init__(
        self, interaction: discord.Interaction[Any], entry_id: int, undoing: Sequence[Undoing], *, reason: str
    ) -> None:
        title = tr("Undo entry {entry}?").format(entry=entry_id)
        super().__init__(interaction, title, bank_cards.undo_words(undoing), reason=reason)
        self._entry_id = entry_id

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        by_role = await check_manager(interaction)
        made = await services_of(interaction).bank.undo(
            wallet_of(interaction).guild_id,
            self._entry_id,
            actor_id=interaction.user.id,
            reason=self._reason.value,
            by_role=by_role,
        )
        await tell_moves(interaction, lambda: bank_cards.moved(made, undoing=self._entry_id), made)


class UndoEntryButton(DynamicButton, template=bank_cards.UNDO_ID.format(entry_id=r"(?P<entry_id>[0-9]{1,18})")):
    """Under an entry, in the answer and in the log: opens the form."""

    entry_id: int

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await check_manager(interaction)
        await open_undo(interaction, self.entry_id)
