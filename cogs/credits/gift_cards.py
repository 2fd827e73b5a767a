"""The cards of credits that members give each other, or redeem by a code."""

from __future__ import annotations

from bot.discord.cards.base import DONE, Card, text
from bot.domain.wallet import REASON_LIMIT, Entry
from bot.text import escape, units
from bot.text.i18n import number, tr


def given(giver_id: int, taker_id: int, amount: int, reason: str) -> Card:
    """The receipt of both members, posted in the channel."""
    words = tr("{giver} gave {taker} **{credits}**.\nReason: {reason}").format(
        giver=f"<@{giver_id}>",
        taker=f"<@{taker_id}>",
        credits=units.credits(amount),
        reason=escape.inline(reason, REASON_LIMIT),
    )
    return Card(DONE, text(words))


def tipped(giver_id: int, taker_id: int, amount: int, link: str) -> Card:
    """`link` leads to the message with the image."""
    words = tr("{giver} tipped {taker} **{credits}** for [this image]({link}).").format(
        giver=f"<@{giver_id}>", taker=f"<@{taker_id}>", credits=units.credits(amount), link=link
    )
    return Card(DONE, text(words))


def redeemed(entry: Entry) -> Card:
    words = tr("**+{amount}** from the code. You have {credits}.\nReason: {reason}").format(
        amount=number(entry.posted_delta),
        credits=units.credits(entry.after.available),
        reason=escape.inline(entry.reason, REASON_LIMIT),
    )
    return Card(DONE, text(words))
