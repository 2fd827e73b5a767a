"""The card of all that is known about one image, and the answers to Delete, Report and Edit."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.discord.cards.base import CALM, Card, small, text
from bot.discord.cards.jobs import facts_of, source_link
from bot.domain.job import Job, JobState
from bot.domain.models import Models
from bot.domain.recipe import (
    FIRST_MODEL,
    AttachedVideo,
    Clip,
    Recipe,
    Thinking,
    VideoLink,
    YouTubeVideo,
    attached_to,
)
from bot.domain.result_action import Details, Moments
from bot.domain.showing import Showing
from bot.domain.timecode import typed_span
from bot.text import escape, units
from bot.text.i18n import number, tr, trn

COMMAND_LIMIT = 2_000  # characters: what a message box takes, so what can be pasted into it
LINKS_SHOWN = 10  # of messages that could not be deleted
COMMAND_FILE = "command.txt"
PROMPT_SHOWN = 600  # characters, where the command that repeats it stands beside it in a file


def details(found: Details, models: Models, *, moderator: bool) -> Card:
    """A text that `command_file` gives must be sent with the card. `moderator`: also show the operator's cost."""
    job = found.job
    written = command(job)
    items: list[ui.Item[ui.LayoutView]] = [text("### " + tr("Details"))]
    if command_file(job) is None:
        items.append(text(tr("The same order again, as a command:") + f"\n```\n{written}\n```"))
    else:
        items.append(text(escape.block(job.recipe.prompt, PROMPT_SHOWN)))
        items.append(text(tr("The same order again, as a command, is in this file:")))
        items.append(ui.File[ui.LayoutView](f"attachment://{COMMAND_FILE}"))
    items.append(text("\n".join([*_recipe(job.recipe, models), *_charge(job, models, moderator=moderator)])))
    items.append(text(_times(found.moments)))
    items.append(small("\n".join(_numbers(found))))
    return Card(CALM, *items)


def command(job: Job) -> str:
    """The command that gives the same order, without its files, which the text of a command can't hold."""
    recipe, clip = job.recipe, job.recipe.clip
    options = {
        "prompt": recipe.prompt,
        "model": recipe.model if recipe.model != FIRST_MODEL else None,
        "video": _link(clip) if clip else None,
        "start": typed_span(clip.span) if clip else None,
        "shape": recipe.shape,
        "size": recipe.size,
        "frames": f"{clip.frame_rate:g}" if clip and clip.frame_rate != 1 else None,
        "thinking": recipe.thinking if recipe.thinking is not Thinking.DEFAULT else None,
        "search": "True" if recipe.search else None,
        "image_search": "True" if recipe.image_search else None,
        "private": "True" if job.private else None,
        "spoiler": "True" if job.spoiler else None,
    }
    return " ".join(["/imagine", *(f"{name}:{value}" for name, value in options.items() if value is not None)])


def command_file(job: Job) -> str | None:
    """The command, where it is too long for a card, or a card would show it changed. Else None."""
    written = command(job)
    shown_as_it_is = escape.plain(written) == written
    return None if shown_as_it_is and len(written) <= COMMAND_LIMIT else written


def taken_down(job: Job, left: Sequence[Showing]) -> Card:
    """`left`: the messages that could not be deleted."""
    words = [tr("The image is deleted, and its file is erased."), *not_deleted(left)]
    if job.image and job.image.output_url:
        words.append(tr("The image service keeps its own copy for up to 14 days."))
    return Card(CALM, text(" ".join([*words, no_refund(job)])))


def not_deleted(left: Sequence[Showing]) -> list[str]:
    """The sentences about messages that could not be deleted."""
    words = []
    links = [each.link for each in left if each.message_id and not each.ephemeral]
    if links:
        shown = " ".join(links[:LINKS_SHOWN]) + (" …" if len(links) > LINKS_SHOWN else "")
        words.append(
            tr("Discord does not let me delete: {links} I try again for a day; a moderator can do it by hand.").format(
                links=shown
            )
        )
    if any(each.ephemeral for each in left):
        words.append(
            tr("An answer that one member alone sees still shows it; Discord lets only that member dismiss it.")
        )
    return words


def no_refund(job: Job) -> str:
    if job.state is JobState.RELEASED:
        return tr("Nothing was charged for it.")
    return trn("Its {price} is not given back.", "Its {price} are not given back.", job.charge).format(
        price=units.credits(job.charge)
    )


def tray_full() -> str:
    return tr("Your tray is full, so this image is not in it. Take one out first.")


def report_taken() -> Card:
    return Card(CALM, text(tr("Thank you. Those who look after this bot will read your report, and nobody else.")))


def report(job: Job, *, reporter_id: int, reason: str, link: str) -> str:
    """The words of a report for the operator."""
    return tr("{reporter} reports an image of {owner}: {link}\nReason: {reason}\nJob {id}").format(
        reporter=f"<@{reporter_id}>",
        owner=f"<@{job.wallet.member_id}>",
        link=link,
        reason=escape.inline(reason, len(reason)) if reason.strip() else "-",
        id=job.id,
    )


def _link(clip: Clip) -> str | None:
    match clip.video:
        case YouTubeVideo(id=video_id):
            return f"https://youtu.be/{video_id}"
        case VideoLink(url=url):
            return url
        case AttachedVideo():
            return None


def _recipe(recipe: Recipe, models: Models) -> list[str]:
    lines = [f"{source_link(recipe)} · {models.get(recipe.model).label} · {facts_of(recipe)}"]
    if video := attached_to(recipe):
        name = escape.inline(video.name)
        lines.append(tr("With the command, attach {name} as `clip`.").format(name=name))
    return lines


def _charge(job: Job, models: Models, *, moderator: bool) -> list[str]:
    gift = job.state is JobState.RELEASED
    lines = [
        tr("Nothing was charged for it.") if gift else tr("Price: {price}").format(price=units.credits(job.charge))
    ]
    if moderator and job.image and job.image.price_micros is not None:
        dollars = number(job.image.price_micros / 1_000_000)
        lines.append(tr("The image service charged the operator US${price}.").format(price=dollars))
    if models.get(job.recipe.model).larger_than(job.recipe.size):
        lines.append(
            tr("A larger size is a new image of the same recipe: the model can't enlarge this one. Expect differences.")
        )
    return lines


def _times(moments: Moments) -> str:
    lines = [tr("Ordered {time}.").format(time=f"<t:{moments.ordered // 1000}:f>")]
    steps = (
        (moments.submitted, tr("Sent to the image service after {seconds} s.")),
        (moments.ready, tr("Ready after {seconds} s.")),
        (moments.shown, tr("Shown after {seconds} s.")),
    )
    lines += [words.format(seconds=number(_seconds(moments.ordered, at))) for at, words in steps if at is not None]
    return " ".join(lines)


def _seconds(since: int, at: int) -> float:
    return round((at - since) / 1000, 1)


def _numbers(found: Details) -> list[str]:
    job = found.job
    lines = [tr("Job {id}").format(id=job.id)]
    if job.prediction_id:
        lines.append(tr("Prediction {id}").format(id=escape.inline(job.prediction_id)))
    lines.append(_credentials(found.content_credentials))
    if job.made_from:
        where = found.made_from
        link = f": {job.link_to(where.channel_id, where.message_id)}" if where else ""
        lines.append(tr("Made from job {id}").format(id=job.made_from) + link)
    return lines


def _credentials(present: bool | None) -> str:
    if present is None:
        return tr("The file is no longer kept here.")
    return (
        tr("Content Credentials are present in the original file.")
        if present
        else tr("Content Credentials are absent in the original file.")
    )
