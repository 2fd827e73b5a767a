"""Refusals because credits are missing, or can't be moved so."""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.i18n import either, mark, number, tr
from bot.text.refusals.base import free
from bot.text.units import credits, moment

# The labels from `Pricing.cheaper_than` that are not bare sizes.
_CHOICES = {
    "1K without web search": mark("1K without web search"),
    "2K without web search": mark("2K without web search"),
    "4K without web search": mark("4K without web search"),
}


def about_payments(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.NotEnoughCredits():
            return free(_not_enough_credits(error))
        case e.BadAmount(amount=amount, limit=limit):
            return tr(
                "{amount} is not an amount I can give: it must be from 1 to {limit}. No credits were moved."
            ).format(amount=number(amount), limit=number(limit))
        case e.NumberTooLarge(name=name, value=value):
            return tr("`{name}` can't be {value}: no number here is as large. Nothing was changed.").format(
                name=name, value=number(value)
            )
        case e.ReasonMissing():
            return tr("A reason is needed: the member will read it in the statement. No credits were moved.")
        case e.PriceChanged(price=price):
            return free(
                tr("The price has changed since this button was made: it costs {price} now. Use Edit to order it.")
            ).format(price=credits(price))
        case e.AlreadyOrdered():
            return tr("You have said yes already: this image is under way, and is charged only once.")
    return None


def _not_enough_credits(error: e.NotEnoughCredits) -> str:
    words = (
        tr(
            "This costs {price}. You have {available}, and {held} more on hold for images being made, "
            "so you need another {missing}."
        )
        if error.held
        else tr("This costs {price} and you have {available}, so you need another {missing}.")
    )
    words = words.format(
        price=credits(error.needed),
        available=number(error.available),
        held=number(error.held),
        missing=number(error.needed - error.available),
    )
    if error.starting_at is not None:
        words += " " + tr("Your starting credits come {when}: your Discord account is new.").format(
            when=moment(error.starting_at)
        )
    if not error.cheaper:
        return f"{words} {tr('A moderator can give you credits.')}"
    choices = either(
        [
            tr("{choice} for {price}").format(choice=tr(_CHOICES.get(label, label)), price=number(price))
            for label, price in error.cheaper
        ]
    )
    return words + " " + tr("You could make it in {choices}.").format(choices=choices)


def about_entries(error: e.StillframeError) -> str | None:
    match error:
        case e.NotEnoughToTake(amount=amount, available=available, held=0):
            return tr("That would move {amount}, and there are {available}. No credits were moved.").format(
                amount=credits(amount), available=number(available)
            )
        case e.NotEnoughToTake(amount=amount, available=available, held=held):
            return tr(
                "That would move {amount}, and there are {available}; {held} more are on hold for images being made. "
                "No credits were moved."
            ).format(amount=credits(amount), available=number(available), held=number(held))
        case e.NoSuchEntry(entry_id=entry_id):
            return tr(
                "This server has no entry {entry}. Its number is in the statement and in the log. "
                "No credits were moved."
            ).format(entry=entry_id)
        case e.NotUndoable(entry_id=entry_id):
            return tr(
                "Entry {entry} is part of an order under way, or a counter-entry itself, and can't be undone. "
                "To give the price of an image back, undo the entry that charged it. No credits were moved."
            ).format(entry=entry_id)
        case e.AlreadyUndone(entry_id=entry_id):
            return tr("Entry {entry} was undone before. Nothing was moved a second time.").format(entry=entry_id)
    return None
