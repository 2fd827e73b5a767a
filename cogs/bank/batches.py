"""Giving credits to many members: the bot asks, gives to one after another, shows its progress, and can undo it."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import discord

from bot.discord.acts import note_done
from bot.discord.cards import Card
from bot.domain.bank import Batch, Tally
from bot.text.i18n import number, tr, trn
from cogs.bank import batch_cards
from cogs.bank.members import FoundMembers
from cogs.bank.undo import ReasonForm
from cogs.shared.acts import MakeCard, tell_done
from cogs.shared.answers import DISCORD_TROUBLE
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import check_manager, services_of, wallet_of

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 3.0  # between two edits of one message

BATCH_ID = r"(?P<batch_id>[0-9]{1,25})"


async def ask_for(
    interaction: discord.Interaction[Any], found: FoundMembers, amount: int, reason: str, *, by_role: bool
) -> None:
    """The answer must be deferred already. Raises as `Bank.ask`."""
    batch = Batch(
        id=str(interaction.id),
        guild_id=wallet_of(interaction).guild_id,
        amount=amount,
        reason=reason,
        actor=interaction.user.id,
        count=len(found.member_ids),
    )
    asked = await services_of(interaction).bank.ask(batch, found.member_ids, by_role=by_role)
    without_you = by_role and interaction.user.id in found.member_ids
    card = batch_cards.asked(asked, left_out=found.left_out, without_you=without_you)
    await interaction.edit_original_response(view=card)


class BatchButton(DynamicButton):
    """A button of one list of members. Its template has `BATCH_ID` in it."""

    batch_id: str


class GiveButton(BatchButton, template=batch_cards.GIVE_ID.format(batch_id=BATCH_ID)):
    """Under a list: gives the credits. Pressed again, it goes on where it was interrupted."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        by_role = await check_manager(interaction)
        await interaction.response.defer()
        steps = services_of(interaction).bank.give_all(
            wallet_of(interaction).guild_id, self.batch_id, actor_id=interaction.user.id, by_role=by_role
        )
        batch, tally = await _follow(interaction, steps, batch_cards.giving)
        await _tell(interaction, lambda: batch_cards.given(batch, tally), tally)


class LeaveButton(BatchButton, template=batch_cards.LEAVE_ID.format(batch_id=BATCH_ID)):
    """Under a list: forgets the list."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await check_manager(interaction)
        begun = not await services_of(interaction).bank.leave(wallet_of(interaction).guild_id, self.batch_id)
        await tell_done(interaction, lambda: batch_cards.left(begun=begun), way="change")


class UndoBatchButton(BatchButton, template=batch_cards.UNDO_ID.format(batch_id=BATCH_ID)):
    """Under the result, in the answer and in the log: asks for a reason, and takes all of it back."""

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await check_manager(interaction)
        batch = await services_of(interaction).bank.batch(wallet_of(interaction).guild_id, self.batch_id)
        await interaction.response.send_modal(UndoBatchForm(interaction, batch))


class UndoBatchForm(ReasonForm):
    def __init__(self, interaction: discord.Interaction[Any], batch: Batch) -> None:
        super().__init__(interaction, tr("Take all of it back?"), batch_cards.undo_words(batch))
        self._batch = batch

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await check_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        actor_id, reason = interaction.user.id, self._reason.value
        steps = services_of(interaction).bank.undo_all(
            self._batch.guild_id, self._batch.id, actor_id=actor_id, reason=reason
        )
        batch, tally = await _follow(interaction, steps, batch_cards.taking_back)
        await _tell(interaction, lambda: batch_cards.taken_back(batch, tally, actor_id=actor_id, reason=reason), tally)


async def _follow(
    interaction: discord.Interaction[Any],
    steps: AsyncIterator[tuple[Batch, Tally]],
    card: Callable[[Batch, Tally], Card],
) -> tuple[Batch, Tally]:
    """Goes through the steps, and shows the progress every `PROGRESS_SECONDS`. Gives the last step."""
    shown_at = time.monotonic()
    async for batch, tally in steps:
        last = batch, tally
        if tally.done:
            note_done(interaction, partial(_say_part, tally))
        if time.monotonic() - shown_at >= PROGRESS_SECONDS:
            await _show(interaction, card(batch, tally))
            shown_at = time.monotonic()
    return last


def _say_part(tally: Tally) -> str:
    return trn(
        "It is done for {count} member, and the others wait. The same button goes on where it stopped.",
        "It is done for {count} members, and the others wait. The same button goes on where it stopped.",
        tally.done,
    ).format(count=number(tally.done))


async def _tell(interaction: discord.Interaction[Any], card: MakeCard, tally: Tally) -> None:
    await tell_done(interaction, card, in_log=card if tally.done else None)


async def _show(interaction: discord.Interaction[Any], card: Card) -> None:
    """An error of Discord is only logged: the credits are moved already."""
    try:
        await interaction.edit_original_response(view=card)
    except DISCORD_TROUBLE as error:
        log.warning("server %s: how far a list is could not be shown: %s", interaction.guild_id, error)
