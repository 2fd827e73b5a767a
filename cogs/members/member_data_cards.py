"""The cards of `/mydata`: what is kept about a member, its export, and what deleting it means."""

from __future__ import annotations

import discord
from discord import ui

from bot.discord.cards.base import CALM, DONE, SORRY, Button, Card, Row, small, text
from bot.domain.member_data import DataFile, DataSummary
from bot.text.i18n import number, tr, trn

EXPORT_ID = "mydata:export"
ASK_ID = "mydata:ask"
DELETE_ID = "mydata:delete"


def shown(kept: DataSummary, *, retention_days: int) -> Card:
    """`kept` counts all servers together."""
    lines = [*_images(kept, retention_days), *_beside(kept), *_books(kept)]
    where = tr(
        "All of this is on the disk of whoever runs this bot. To make an image, its prompt, video and references go "
        "to Atlas Cloud and Google; the image service keeps its own copy of an image for up to 14 days. What stands "
        "in channels is kept by Discord."
    )
    return Card(
        CALM,
        text(f"### {tr('What is kept about you')}\n" + "\n".join(f"- {line}" for line in lines)),
        small(where),
        Row(
            Button(label=tr("Export"), custom_id=EXPORT_ID),
            Button(label=tr("Delete …"), custom_id=ASK_ID, style=discord.ButtonStyle.danger),
        ),
    )


def _images(kept: DataSummary, retention_days: int) -> list[str]:
    if not kept.images:
        return [tr("No orders of images")]
    orders = trn(
        "{count} order of an image since {since}: prompt, link, settings, price and how it ended",
        "{count} orders of images since {since}: prompt, link, settings, price and how each ended",
        kept.images,
    ).format(count=number(kept.images), since=f"<t:{(kept.since or 0) // 1000}:d>")
    files = trn("{count} image file", "{count} image files", kept.files).format(count=number(kept.files))
    return [orders, f"{files}; {_how_long(retention_days)}"]


def _how_long(retention_days: int) -> str:
    if not retention_days:
        return tr("images, clips and references are kept until you delete them")
    return trn(
        "images, clips and references are erased after {days} day",
        "images, clips and references are erased after {days} days",
        retention_days,
    ).format(days=number(retention_days))


def _beside(kept: DataSummary) -> list[str]:
    """A line for each kind of data of which the member has some."""
    counted = [
        (kept.references, trn("{count} image in your tray", "{count} images in your tray", kept.references)),
        (
            kept.proposals,
            trn("{count} order that waits for your yes", "{count} orders that wait for your yes", kept.proposals),
        ),
        (kept.templates, trn("{count} template", "{count} templates", kept.templates)),
        (
            kept.published,
            trn("{count} of them shown to a server", "{count} of them shown to a server", kept.published),
        ),
        (kept.favourites, trn("{count} favourite", "{count} favourites", kept.favourites)),
        (kept.reports, trn("{count} report of an image", "{count} reports of images", kept.reports)),
        (kept.requests, trn("{count} request for credits", "{count} requests for credits", kept.requests)),
        (kept.blocks, trn("{count} note of a block", "{count} notes of blocks", kept.blocks)),
    ]
    lines = [words.format(count=number(count)) for count, words in counted if count]
    return [*lines, tr("Your `/preferences`")] if kept.preferences else lines


def _books(kept: DataSummary) -> list[str]:
    if not kept.wallets:
        return []
    wallets = trn("{count} wallet", "{count} wallets", kept.wallets).format(count=number(kept.wallets))
    entries = trn("{count} entry in the credit books", "{count} entries in the credit books", kept.entries)
    return [f"{wallets}, {entries.format(count=number(kept.entries))}"]


def part(part: DataFile) -> Card:
    """The file `file_name(part)` must be sent with the card."""
    if part.number == 1 and part.last:
        title = tr("Your data")
    else:
        title = tr("Your data, part {number}").format(number=number(part.number))
    words = tr("That is all.") if part.last else tr("More follows.")
    return Card(DONE if part.last else CALM, text(f"### {title}\n{words}"), ui.File(f"attachment://{file_name(part)}"))


def file_name(part: DataFile) -> str:
    return f"stillframe-data-{part.number}.json"


def ask() -> Card:
    """Asks before deleting, and says all that deleting means."""
    goes = tr(
        "**Goes, in all servers, for ever:** your prompts, links, clips, references and images; your tray, templates "
        "(also those that a server shows), favourites and preferences; what you wrote in reports and requests; and "
        "the words of every reason in your statement. Messages that show your images are deleted in the next minutes, "
        "where Discord lets me."
    )
    stays = tr(
        "**Stays:** your credits, and the credit books as numbers: amounts, times, jobs, who gave. Moderators' notes "
        "of blocks."
    )
    waits = tr("An image that could not be shown to you yet is given up first: its credits come back.")
    service = tr("The image service keeps its own copies for up to 14 days; we can't take them back.")
    button = Button(label=tr("Delete all of it"), custom_id=DELETE_ID, style=discord.ButtonStyle.danger)
    return Card(
        SORRY, text(f"### {tr('Delete your data?')}\n{goes}\n\n{stays}\n\n{waits}"), small(service), Row(button)
    )


def deleting() -> Card:
    return Card(CALM, text(tr("Deleting …")))


def deleted(count: int) -> Card:
    images = trn("{count} image is forgotten", "{count} images are forgotten", count).format(count=number(count))
    words = tr("Your data is deleted: {images}, with everything that stood beside. Your credits are as they were.")
    return Card(DONE, text(words.format(images=images)))
