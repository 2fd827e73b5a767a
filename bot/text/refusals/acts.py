"""Refusals about rights, finished images, forms and the queue."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain import errors as e
from bot.text.escape import inline
from bot.text.i18n import mark, number, tr, trn
from bot.text.refusals.base import FREE, free, try_again
from bot.text.refusals.commands import example
from bot.text.units import credits

# As Discord's own apps name them, in its settings of a channel.
_RIGHTS = {
    "View Channel": mark("View Channel"),
    "Send Messages": mark("Send Messages"),
    "Send Messages In Threads": mark("Send Messages In Threads"),
    "Attach Files": mark("Attach Files"),
    "Embed Links": mark("Embed Links"),
    "Read Message History": mark("Read Message History"),
}


def rights(missing: Iterable[str]) -> str:
    return ", ".join(tr(_RIGHTS.get(right, right)) for right in missing)


def about_rights(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.CannotPostHere(missing=missing):
            return free(
                tr(
                    "I may not post images here (missing: {rights}). "
                    "Ask a moderator to allow it, or use another channel."
                ).format(rights=rights(missing))
            )
        case e.CannotPostThere(channel_id=channel_id, missing=missing):
            return tr(
                "I may not post in {channel} (missing: {rights}). Allow it in the channel's settings, "
                "then try again. Nothing was changed."
            ).format(channel=f"<#{channel_id}>", rights=rights(missing))
        case e.NotAgeRestricted():
            return tr(
                "This image is marked as not safe for work, so I show it only in an age-restricted channel. "
                "Use `/job` there."
            )
        case e.NotAModerator():
            return tr(
                "This command is for those who may manage the server. Nothing was changed; ask one of them to do it."
            )
        case e.NotInAServer():
            return tr("This command works in a server, where your credits are.")
        case e.NotYours():
            return tr("This belongs to somebody else: only its owner can do that.")
    return None


def about_results(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.ImageGone():
            return tr("This image is no longer kept here. You can make a new one with `/imagine`.")
        case e.FileGone(name=name):
            return free(
                tr(
                    "{name} is no longer kept here, and this image can't be made again without it. "
                    "Use `/imagine` and attach it once more."
                ).format(name=inline(name))
            )
        case e.NotFinished():
            return tr("This image is still being delivered. Please try again in a few seconds.")
        case e.ImageWaits():
            return tr(
                "This image is made, and could not be shown. It waits in `/history` for its member, who can show it "
                "or give it up there."
            )
        case e.ImageOnItsWay():
            return tr(
                "The bot is trying to show this image just now, so nothing was changed. "
                "Look again in a minute with `/history`."
            )
        case e.AlreadyReported():
            return tr("You have reported this image already. Those who look after this bot can read it.")
        case e.AlreadyPosted(link=link):
            return tr("This image is in this channel already, at {link}.").format(link=link)
        case e.BeingPosted():
            return tr("This image is being posted in this channel. Look again in a minute.")
        case e.JobUnknown(text=text):
            return tr(
                "I know no image of yours or of this channel's by {text}. Give the job number that stands "
                "under an image, the link of its message, or its file's name."
            ).format(text=inline(text))
    return None


def about_forms(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.ProposalGone():
            return tr("This order has ended. {free} To make the image, run the command again.").format(free=tr(FREE))
        case e.ChoiceLost():
            return free(tr("This choice has ended. Use the menu of the message again."))
        case e.SearchLost():
            return tr("These pages are from too long ago. Use `/history` again.")
        case e.FormLost():
            return tr(
                "This form was opened too long ago, or before I was restarted. {free} Please open it again."
            ).format(free=tr(FREE))
        case e.FormSent():
            return tr("I have had this form already, and do nothing twice: `/history` has your images.")
        case e.PressUnknown():
            return tr("I don't know this button or choice any more. {free} Use the command again.").format(
                free=tr(FREE)
            )
        case e.TypedLost():
            return tr(
                "What you typed is not here any more: it is kept for a quarter of an hour, or until I am restarted. "
                "{free} Please begin again."
            ).format(free=tr(FREE))
        case e.WrongCommand(right=right):
            return free(
                tr(
                    "Your Discord app shows this command as it was before a change. Use it like this: `{example}` "
                    "If you still see the old one, close the app and open it again."
                ).format(example=example(right))
            )
    return None


def about_the_queue(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.LineFull(limit=limit):
            return free(
                trn(
                    "You have {limit} image under way already, which is as many as one member may have here. "
                    "Order the next one when it is finished.",
                    "You have {limit} images under way already, which is as many as one member may have here. "
                    "Order the next one when one of them is finished.",
                    limit,
                ).format(limit=number(limit))
            )
        case e.TooLateToCancel(ended=True):
            return tr("There is nothing to cancel any more: this one has ended.")
        case e.TooLateToCancel(cost=cost):
            return tr(
                "Too late to stop: the image service is already working on it, and can't be told to stop. "
                "If it finishes, you get the image ({price}); if it fails, the credits come back."
            ).format(price=credits(cost))
        case e.ImagesUnderWay(count=count):
            return trn(
                "You have {count} image under way. Cancel it, or wait until it is here; then try again. "
                "Nothing was deleted.",
                "You have {count} images under way. Cancel them, or wait until they are here; then try again. "
                "Nothing was deleted.",
                count,
            ).format(count=number(count))
        case e.Restarting():
            return try_again(tr("I am just restarting."))
        case e.SalesPaused():
            return tr(
                "No new images are made just now; whoever runs the bot knows. {free} Please try again later."
            ).format(free=tr(FREE))
    return None
