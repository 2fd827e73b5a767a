"""Refusals about gifts, codes, requests for credits, and acts that were done before."""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.escape import inline
from bot.text.i18n import number, tr, trn
from bot.text.units import credits, moment


def about_giving(error: e.StillframeError) -> str | None:
    match error:
        case e.OwnWallet():
            return tr(
                "You manage credits by a role, and that gives nothing to your own wallet. Ask another manager, or a "
                "member who may manage the server."
            )
        case e.OverManagersLimit(amount=amount, limit=limit):
            return tr("A credit manager may give up to {limit} at once here, and this would be {amount}.").format(
                limit=credits(limit), amount=number(amount)
            )
        case e.ManagersDayOver(amount=amount, left=left, limit=limit):
            return tr(
                "A credit manager may give up to {limit} a day here. Today you may give another {left}, and this would "
                "be {amount}. A member who may manage the server has no such limit."
            ).format(limit=credits(limit), left=number(left), amount=number(amount))
        case e.WalletFull(limit=limit, amount=amount, room=None):
            return tr("A wallet may have up to {limit} here, and with {amount} more that one would have more.").format(
                limit=credits(limit), amount=number(amount)
            )
        case e.WalletFull(limit=limit, amount=amount, room=int(room)):
            return tr("A wallet may have up to {limit} here. Another {room} would fit, and this is {amount}.").format(
                limit=credits(limit), room=number(room), amount=number(amount)
            )
    return None


def about_gifts(error: e.StillframeError) -> str | None:  # noqa: C901, PLR0911  # one flat table
    match error:
        case e.GiftsOff():
            return tr("The moderators of this server have switched gifts off.")
        case e.GiftToSelf():
            return tr("Credits can't be given to oneself. Choose somebody else.")
        case e.GiftToStranger():
            return tr("Whoever is not in this server can't use its credits. Choose a member.")
        case e.GiftTooLarge(amount=amount, limit=limit):
            return tr("One gift may be up to {limit} here, and this would be {amount}.").format(
                limit=credits(limit), amount=number(amount)
            )
        case e.GiftsOfTheDay(left=0, limit=limit):
            return tr(
                "You have given {limit} today, which is as much as one member may here. Try again tomorrow."
            ).format(limit=credits(limit))
        case e.GiftsOfTheDay(left=left, limit=limit):
            return tr("You may give another {left} today, of {limit} a day.").format(
                left=number(left), limit=credits(limit)
            )
        case e.TooNewHere():
            return _too_new(error)
        case e.NotEnoughToGive():
            return _not_enough(error)
        case e.NoResultHere():
            return tr(
                "This message shows no image that I made here for a member. Choose one that does, and tip its maker."
            )
        case e.NotAnAmount(text=text):
            return tr("I can't read {text} as a number of credits. Write it in figures, such as `50`.").format(
                text=inline(text)
            )
    return None


def _not_enough(error: e.NotEnoughToGive) -> str:
    words = (
        tr(
            "You want to give {amount}, and have {available} to give. {starting} of your credits are starting credits, "
            "which are for your own images. An allowance and what is on hold can't be given either."
        )
        if error.starting
        else tr(
            "You want to give {amount}, and have {available} to give: only credits of your own can be given away, "
            "not an allowance, nor what is on hold."
        )
    )
    return words.format(
        amount=credits(error.amount), available=number(error.available), starting=number(error.starting)
    )


def _too_new(error: e.TooNewHere) -> str:
    if not error.member_days:
        words = tr(
            "For gifts and codes this server asks for a Discord account of at least {account_days} days. "
            "Yours is old enough {when}. No credits were moved."
        )
    elif not error.account_days:
        words = tr(
            "For gifts and codes this server asks for at least {member_days} days of membership. "
            "You have them {when}. No credits were moved."
        )
    else:
        words = tr(
            "For gifts and codes this server asks for a Discord account of at least {account_days} days and "
            "{member_days} days of membership. You have both {when}. No credits were moved."
        )
    return words.format(
        account_days=number(error.account_days), member_days=number(error.member_days), when=moment(error.old_enough_at)
    )


def about_codes(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.CodeUnknown():
            return tr("This server has no such code. Look at it once more: each code has 16 letters and figures.")
        case e.CodeExpired(at=at):
            return tr("This code could be used until {when}. Ask whoever gave it to you for another one.").format(
                when=f"<t:{at // 1000}:f>"
            )
        case e.CodeWithdrawn():
            return tr("This code was withdrawn by the moderators.")
        case e.CodeUsedUp():
            return tr("This code has been used by as many members as it was made for.")
        case e.CodeUsedBefore():
            return tr("You have used this code before: it is in your `/credits statement`.")
        case e.NoSuchCode(number=code):
            return tr("This server has no code number {number}. `/codes list` shows their numbers.").format(number=code)
        case e.TooManyTries(until=until):
            return tr("These were too many codes that do not exist. Try again {when}.").format(when=moment(until))
    return None


def about_acts(error: e.StillframeError) -> str | None:
    match error:
        case e.DoneBefore(numbered=numbered, number=done, minutes=minutes):
            what = tr("entry {entry}") if numbered == "entry" else tr("code {number}")
            return trn(
                "This was done a minute ago ({what}): once more?",
                "This was done {count} minutes ago ({what}): once more?",
                minutes,
            ).format(count=number(minutes), what=what.format(entry=done, number=done))
        case e.QuestionClosed():
            return tr(
                "This question is closed. Look at the statement first; if it is to be done once more, give the "
                "command again."
            )
    return None


def about_requests(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.RequestsOff():
            return tr("This server has no channel for requests. Ask one of the moderators directly. Nothing was sent.")
        case e.AlreadyAsked(amount=amount, at=at, again_at=again_at):
            return tr(
                "You have asked for {amount} {when}, and the moderators have not answered yet. "
                "You may ask again {again}. Nothing was sent."
            ).format(amount=credits(amount), when=moment(at), again=moment(again_at))
        case e.RequestNotSent():
            return tr(
                "Your request could not be posted in the moderators' channel. Ask one of them directly, "
                "and say that I may not write there. Nothing was sent."
            )
        case e.RequestDecided(decided_by=None):
            return tr("This request has ended: its member may have asked anew since. No credits were moved.")
        case e.RequestDecided(decided_by=moderator, given=None):
            return tr("This request was answered before: {moderator} said no. No credits were moved.").format(
                moderator=f"<@{moderator}>"
            )
        case e.RequestDecided(decided_by=moderator, given=given):
            return tr(
                "This request was answered before: {moderator} gave {amount}. No more credits were moved."
            ).format(moderator=f"<@{moderator}>", amount=credits(given or 0))
    return None
