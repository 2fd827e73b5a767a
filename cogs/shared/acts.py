"""The answer after a commit. All commands, forms and buttons that have changed something tell it here.

What is done is never said to have failed: an answer whose connection breaks is sent once more, then looked for, and at
last goes to the member directly. An act with credits whose answer is not confirmed keeps its mark in the database, and
the same act within ten minutes is asked about.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from functools import partial
from typing import Any, Literal

import discord
from discord import ui

from bot.discord.acts import Act, Say, it_is_done, note_done
from bot.discord.cards import bank as bank_cards
from bot.discord.cards.base import Card, small
from bot.domain.bank import LedgerMove
from bot.domain.errors import DoneBefore, QuestionClosed, StorageError
from bot.text import escape, refusals
from bot.text.i18n import tr
from cogs.shared.answers import DISCORD_TROUBLE, tell_directly
from cogs.shared.buttons import DynamicButton
from cogs.shared.caller import bot_of, services_of
from cogs.shared.server_log import tell_log

log = logging.getLogger(__name__)

TRIES = 2
ALREADY_ANSWERED = 40060  # Discord's: the interaction has an answer
UNKNOWN_INTERACTION = 10062  # Discord's: it waited 3 s, and takes no answer any more

MakeCard = Callable[[], Card]
Way = Literal["public", "private", "change"]


class _Reached(Enum):
    ARRIVED = auto()
    GONE = auto()  # Discord has said that it takes no answer
    UNKNOWN = auto()


class _Mark:
    """The mark of an act in the database. Where it can't be written, the worst is one question too many."""

    def __init__(self, interaction: discord.Interaction[Any], act_id: str | None, code: str | None) -> None:
        self._acts = services_of(interaction).acts
        self._act_id = act_id
        self._code = code

    async def lose(self) -> None:
        """The answer is not confirmed yet. This is written before the next try, because a try takes its time."""
        if self._act_id:
            await self._write(self._acts.lose(self._act_id, code=self._code))

    async def confirm(self) -> None:
        if self._act_id:
            await self._write(self._acts.confirm(self._act_id))

    async def _write(self, change: Awaitable[None]) -> None:
        try:
            await change
        except StorageError as error:
            log.warning("act %s stays marked as it is: %s", self._act_id, error)


async def tell_done(
    interaction: discord.Interaction[Any],
    card: MakeCard,
    *,
    way: Way = "private",
    mentions: discord.AllowedMentions | None = None,
    without_files: bool = False,
    done: Say = it_is_done,
    act_id: str | None = None,
    directly: MakeCard | None = None,
    in_log: MakeCard | None = None,
    code: str | None = None,
) -> None:
    """Answer an interaction whose work is committed.

    `way`: a new message, or a change of the message whose button was pressed; a deferred answer is edited.
    `without_files`: a changed message keeps none of its files. `done`: a sentence for an error in here.
    `act_id`: the mark of the act, which goes when the answer arrives. `directly`: the card of a direct message, where
    it is another one. `in_log`: what the server's log is told. `code`: kept where the answer with it is lost.
    """
    note_done(interaction, done)
    shown: dict[str, Any] = {"view": card(), "allowed_mentions": mentions or discord.AllowedMentions.none()}
    if without_files:
        shown["attachments"] = []
    mark = _Mark(interaction, act_id, code)
    reached = await _deliver(interaction, shown, way, mark)
    if reached is not _Reached.ARRIVED:
        log.warning("interaction %s: its answer is not confirmed; the member is told directly", interaction.id)
        message = _for_direct(interaction, (directly or card)(), done())
        if await tell_directly(interaction.client, interaction.user.id, message) and reached is _Reached.GONE:
            reached = _Reached.ARRIVED
    if reached is _Reached.ARRIVED:
        await mark.confirm()
    if in_log:
        await tell_log(interaction, in_log)


async def tell_moves(
    interaction: discord.Interaction[Any], card: MakeCard, moved: Sequence[LedgerMove], *, act_id: str | None = None
) -> None:
    """Answer a moderator who has moved credits, and tell the server's log the same."""
    await tell_done(interaction, card, done=lambda: say_entries(moved), act_id=act_id, in_log=card)


def say_entries(moved: Sequence[LedgerMove]) -> str:
    """Say what was done by the numbers of its entries, for an error that comes before the card."""
    numbers = ", ".join(tr("entry {entry}").format(entry=each.entry.id) for each in moved)
    return tr("It is done: {entries}.").format(entries=numbers)


async def do_once(interaction: discord.Interaction[Any], act: Act, *, once_more: str | None = None) -> None:
    """Do an act, or ask whether to do it once more. `act` checks rights itself, because a button may do it later."""
    try:
        await act(interaction, once_more)
    except DoneBefore as before:
        bot_of(interaction).questions.ask(before.act_id, interaction.user.id, act)
        await interaction.response.send_message(
            view=bank_cards.done_before(refusals.say(before), before.act_id), ephemeral=True
        )


class OnceMoreButton(DynamicButton, template=bank_cards.ONCE_MORE_ID.format(act_id=r"(?P<act_id>[0-9]{1,25})")):
    """Under the question: does the act once more, for the actor who was asked."""

    act_id: str

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        act = bot_of(interaction).questions.take(self.act_id, interaction.user.id)
        if act is None:
            raise QuestionClosed
        await do_once(interaction, act, once_more=self.act_id)


async def _deliver(interaction: discord.Interaction[Any], shown: dict[str, Any], way: Way, mark: _Mark) -> _Reached:
    if interaction.response.is_done():
        return _Reached.ARRIVED if await _edited(interaction, shown) else _Reached.GONE
    respond = interaction.response
    if way == "change":
        send = partial(respond.edit_message, **shown)
    else:
        send = partial(respond.send_message, **shown, ephemeral=way == "private")
    for _ in range(TRIES):
        try:
            await send()
        except DISCORD_TROUBLE as error:
            log.warning("interaction %s: no word that our answer was taken: %s", interaction.id, error)
            await mark.lose()
            code = error.code if isinstance(error, discord.HTTPException) else 0
            if code == ALREADY_ANSWERED:
                break
            if code == UNKNOWN_INTERACTION:
                return _Reached.GONE
        else:
            return _Reached.ARRIVED
    return _Reached.ARRIVED if await _edited(interaction, shown) else _Reached.UNKNOWN


async def _edited(interaction: discord.Interaction[Any], shown: dict[str, Any]) -> bool:
    """Edit the answer that Discord has. It may be repeated, because the same edit twice is one."""
    for _ in range(TRIES):
        try:
            await interaction.edit_original_response(**shown)
        except DISCORD_TROUBLE as error:
            log.warning("interaction %s: its answer could not be edited: %s", interaction.id, error)
        else:
            return True
    return False


def _for_direct(interaction: discord.Interaction[Any], card: Card, done: str) -> Card:
    """The card with what was done and the name of the server, and without its buttons, which work only there."""
    where = escape.isolated(escape.plain(interaction.guild.name)) if interaction.guild else ""
    for container in card.children:
        if isinstance(container, ui.Container):
            for item in list(container.children):
                if isinstance(item, ui.ActionRow):
                    container.remove_item(item)
            container.add_item(small(f"{where} · {done}" if where else done))
    return card
