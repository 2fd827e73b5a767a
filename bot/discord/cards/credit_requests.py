"""The cards of a request for credits: the button that begins it, the moderators' card, and the answer."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.discord.cards.base import BUSY, CALM, DONE, Button, Card, Row, text
from bot.domain.credit_request import CreditRequest
from bot.domain.wallet import REASON_LIMIT, Balance
from bot.text import escape, units
from bot.text.i18n import number, tr

ASK_ID = "ask:{amount}"
APPROVE_ID = "request:approve:{id}:{amount}"
DENY_ID = "request:deny:{id}"


def lacking(words: str, amount: int) -> Card:
    """A refusal for lack of credits, with a button that asks for the `amount` that is missing."""
    ask = Button(label=tr("Ask for credits"), custom_id=ASK_ID.format(amount=amount))
    return Card(CALM, text(words), Row(ask))


def asked(request: CreditRequest, balance: Balance, amounts: Sequence[int]) -> Card:
    """For the moderators, with a button for each of the `amounts`."""
    return Card(
        BUSY,
        text(_words(request)),
        text(tr("Has now: {credits}.").format(credits=units.credits(balance.available))),
        Row(
            *(
                Button(
                    label=tr("Give {amount}").format(amount=number(amount)),
                    style=discord.ButtonStyle.success,
                    custom_id=APPROVE_ID.format(id=request.id, amount=amount),
                )
                for amount in amounts
            ),
            Button(label=tr("Deny"), custom_id=DENY_ID.format(id=request.id)),
        ),
    )


def decided(request: CreditRequest, after: Balance | None) -> Card:
    """Takes the place of the moderators' card. `after`: the balance, where credits were given."""
    moderator = f"<@{request.decided_by}>"
    if request.given is None or after is None:
        return Card(CALM, text(_words(request)), text(tr("{moderator} said no.").format(moderator=moderator)))
    words = tr("{moderator} gave **{credits}** ({before} → {after}).").format(
        moderator=moderator,
        credits=units.credits(request.given),
        before=number(after.available - request.given),
        after=number(after.available),
    )
    return Card(DONE, text(_words(request)), text(words))


def sent(request: CreditRequest) -> Card:
    """For the member who asked."""
    words = tr(
        "Your request for {credits} is with the moderators. If they give you some, it is in your `/credits statement`."
    )
    return Card(CALM, text(words.format(credits=units.credits(request.amount))))


def answer(request: CreditRequest, server: str) -> Card:
    """For the member, in a direct message."""
    if request.given is None:
        words = tr("The moderators of {server} said no to your request for {asked}.").format(
            server=escape.inline(server), asked=units.credits(request.amount)
        )
        return Card(CALM, text(words))
    words = tr("The moderators of {server} gave you **{given}**. You asked for {asked}.").format(
        server=escape.inline(server), given=units.credits(request.given), asked=number(request.amount)
    )
    return Card(DONE, text(words))


def _words(request: CreditRequest) -> str:
    return tr("{member} asks for **{credits}**.\nFor: {words}").format(
        member=f"<@{request.wallet.member_id}>",
        credits=units.credits(request.amount),
        words=escape.inline(request.words, REASON_LIMIT),
    )
