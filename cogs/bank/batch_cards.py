"""The cards of giving credits to many members: the question, the progress, the result, and the undo."""

from __future__ import annotations

import discord

from bot.discord.cards.base import BUSY, CALM, DONE, Button, Card, Row, small, text
from bot.domain.bank import Batch, Tally
from bot.domain.wallet import REASON_LIMIT
from bot.text import escape, units
from bot.text.i18n import number, tr, trn

GIVE_ID = "batch-give:{batch_id}"
LEAVE_ID = "batch-leave:{batch_id}"
UNDO_ID = "batch-undo:{batch_id}"


def asked(batch: Batch, *, left_out: int, without_you: bool = False) -> Card:
    """`left_out` counts bots, and ids of users who are not in this server. `without_you`: the asker was on the list."""
    title = trn(
        "Give {credits} to {count} member?", "Give {credits} to {count} members, {total} in all?", batch.count
    ).format(**_facts(batch, batch.count))
    words = f"### {title}\n{_reason(batch.reason)}"
    if left_out:
        words += "\n" + trn(
            "{count} more is left out: a bot, or not in this server.",
            "{count} more are left out: bots, or not in this server.",
            left_out,
        ).format(count=number(left_out))
    if without_you:
        words += "\n" + tr("You are left out: a credit manager gives nothing to the own wallet.")
    leave = Button(label=tr("Leave it"), custom_id=LEAVE_ID.format(batch_id=batch.id))
    return Card(CALM, text(words), small(tr("Nothing has been given yet.")), Row(_give_button(batch), leave))


def left(*, begun: bool) -> Card:
    if begun:
        return Card(CALM, text(tr("Too late to leave it: it has begun. Its card in the log can take it back.")))
    return Card(CALM, text(tr("Left. No credits were moved.")))


def giving(batch: Batch, tally: Tally) -> Card:
    """Shows the progress. The button stays, because a restart may interrupt the work."""
    words = tr("Giving: {seen} of {count}.").format(seen=number(tally.seen), count=number(batch.count))
    hint = tr("Should this stop, press Give again: nobody gets it twice.")
    return Card(BUSY, text(words), small(hint), Row(_give_button(batch)))


def given(batch: Batch, tally: Tally) -> Card:
    """Shows the result, with a button that undoes it. The moderator and the log get the same card."""
    words = trn(
        "**+{credits}** to {count} member.", "**+{credits}** to each of {count} members, {total} in all.", tally.done
    ).format(**_facts(batch, tally.done))
    lines = [words if tally.done else tr("Nothing more was given."), _reason(batch.reason)]
    if tally.skipped:
        lines.append(tr("{count} had got it already.").format(count=number(tally.skipped)))
    undo = Button(label=tr("Undo"), custom_id=UNDO_ID.format(batch_id=batch.id))
    return Card(DONE, text("\n".join(lines)), small(_by(batch.actor)), Row(undo))


def undo_words(batch: Batch) -> str:
    """What the form of the undo says first."""
    return trn(
        "This takes {credits} back from the {count} member who got them, unless they are spent.",
        "This takes {credits} back from each of the {count} members who got them. Whoever has spent them is left out.",
        batch.count,
    ).format(**_facts(batch, batch.count))


def taking_back(batch: Batch, tally: Tally) -> Card:
    words = tr("Taking back: {seen} of {count}.").format(seen=number(tally.seen), count=number(batch.count))
    return Card(BUSY, text(words), small(tr("Should this stop, press Undo again: nothing is taken twice.")))


def taken_back(batch: Batch, tally: Tally, *, actor_id: int, reason: str) -> Card:
    words = trn(
        "**−{credits}** from {count} member.",
        "**−{credits}** from each of {count} members, {total} in all.",
        tally.done,
    ).format(**_facts(batch, tally.done))
    lines = [words if tally.done else tr("Nothing was taken back."), _reason(reason)]
    if tally.skipped:
        lines.append(
            trn(
                "{count} is left out: it was taken back before, or is spent.",
                "{count} are left out: it was taken back before, or is spent.",
                tally.skipped,
            ).format(count=number(tally.skipped))
        )
    return Card(DONE, text("\n".join(lines)), small(_by(actor_id)))


def _give_button(batch: Batch) -> Button:
    return Button(label=tr("Give"), style=discord.ButtonStyle.primary, custom_id=GIVE_ID.format(batch_id=batch.id))


def _facts(batch: Batch, count: int) -> dict[str, str]:
    return {
        "credits": units.credits(batch.amount),
        "count": number(count),
        "total": units.credits(batch.amount * count),
    }


def _reason(reason: str) -> str:
    return tr("Reason: {reason}").format(reason=escape.inline(reason, REASON_LIMIT))


def _by(actor_id: int) -> str:
    return tr("by {member}").format(member=f"<@{actor_id}>")
