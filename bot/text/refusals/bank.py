"""Refusals about giving credits to many members, and about the periods of exports and searches."""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.escape import inline
from bot.text.i18n import number, tr


def about_batches(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.NoCreditsForBots():
            return tr("Bots order no images, so they have no credits. No credits were moved.")
        case e.NobodyToGive():
            return tr(
                "There is no member of this server among them, bots aside. Name members as mentions or by their ids, "
                "with spaces between. No credits were moved."
            )
        case e.TooManyToGive(limit=limit, looked_through=True):
            return tr(
                "This server has more than {limit} members, and I don't look through as many for a role. "
                "Name them with `/bank grant-list`. No credits were moved."
            ).format(limit=number(limit))
        case e.TooManyToGive(limit=limit):
            return tr(
                "That is more than {limit} members, which is as many as get credits in one go. "
                "Name them in parts with `/bank grant-list`. No credits were moved."
            ).format(limit=number(limit))
        case e.MembersHidden():
            return tr(
                "Discord does not tell me who has a role: for that, whoever runs the bot must switch on the Server "
                "Members Intent in Discord's developer portal. Without it, name the members with `/bank grant-list`. "
                "No credits were moved."
            )
        case e.MembersUnanswered():
            return tr(
                "Discord did not answer when I asked it about the members. No credits were moved. "
                "Please try again in a minute."
            )
        case e.BatchGone():
            return tr(
                "This list is no longer here: it was left, or waited for more than a day. "
                "No credits were moved. Run the command again."
            )
    return None


def about_periods(error: e.StillframeError) -> str | None:
    match error:
        case e.NotADate(text=text, option=option):
            return tr(
                "I can't read {text} as `{option}`. Write a day as `2026-11-22`, `today` or `yesterday`, "
                "or how long ago: `7d`, `2w`."
            ).format(text=inline(text), option=tr(option))
        case e.PeriodEmpty():
            return tr("`until` is not after `since`, so there is nothing between them. Swap them, or leave one out.")
        case e.PeriodTooLong(limit=limit):
            return tr("That is more than {limit} months. Ask for a shorter period, and for the rest after it.").format(
                limit=number(limit)
            )
    return None
